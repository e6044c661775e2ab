"""The list of calls: a row each, with the figures that it can be sorted by and a strip of its strategies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.trace.html.entry import Entry
from ivr.trace.lanes import signed
from ivr.trace.row import milliseconds
from ivr.trace.svg import safe


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and what its cell shows and is sorted by; None has no figure and stands last."""

    name: str
    tip: str
    numeric: bool = True


COLUMNS = (
    Column("call", "the trace's file", numeric=False),
    Column("began", "when the call was answered, by the server's clock", numeric=False),
    Column("length", "seconds of the trace"),
    Column("dead air", "silence that nobody planned, at seams and within words, ms"),
    Column("first audio", "the longest time from a trigger to the first audible sample, ms"),
    Column("covers", "fillers, hold loops and fallbacks that stood in for late words"),
    Column("seams", "joins of two segments, and how many of them a caller may hear"),
    Column("level step", "the largest step of loudness at a seam, LU"),
    Column("turns", "triggers that the caller expects words after"),
    Column("keys", "as the trace has them: stand-ins where they are the caller's", numeric=False),
    Column("ended", "why the call, or its trace, came to its end", numeric=False),
)


def listing(entries: Sequence[Entry]) -> str:
    """The table, in the order given."""
    heads = "".join(
        f'<th scope="col" title="{safe(column.tip)}"{"" if column.numeric else " data-text"}>'
        f'<button type="button">{column.name}</button></th>'
        for column in COLUMNS
    )
    rows = "\n".join(_row(index, each) for index, each in enumerate(entries))
    return (
        '<table id="calls"><caption class="unseen">Calls, the worst first</caption>\n'
        f'<thead><tr>{heads}<th scope="col">strategies</th></tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
    )


def _row(index: int, entry: Entry) -> str:
    figures = entry.figures
    kinds = [
        name
        for name, found in (
            ("gaps", figures.dead_air > 0),
            ("covers", figures.covers),
            ("seams", figures.audible),
            ("sound", entry.sound.wav),
        )
        if found
    ]
    words = " ".join([entry.name, figures.call, figures.ended, *figures.states, *(t.heard for t in figures.turns)])
    cells = "".join(
        f'<td data-v="{safe(value)}"{f" class={style}" if style else ""}>{safe(shown)}</td>'
        for value, shown, style in _cells(entry)
    )
    link = f'<a href="#c{index}" tabindex="-1">{safe(entry.name)}</a>'
    return (
        f'<tr data-kinds="{" ".join(kinds)}" data-words="{safe(words.lower())}">'
        f'<th scope="row" data-v="{safe(entry.name)}">{link}</th>{cells}<td>{entry.strip}</td></tr>'
    )


def _cells(entry: Entry) -> list[tuple[str, str, str]]:
    """Of each column behind the name: by what it is sorted, what is shown, and its style."""
    figures = entry.figures
    covers = sum(figures.covers.values())
    told = ", ".join(f"{count} × {name}" for name, count in figures.covers.items())
    step = figures.level_step
    return [
        (figures.started_at, figures.started_at[:19].replace("T", " ") or "–", "began"),
        _number(figures.length, f"{figures.length:.1f} s"),
        _number(figures.dead_air, milliseconds(figures.dead_air) if figures.gaps else "0", bool(figures.gaps)),
        _number(figures.ttfa, "–" if figures.ttfa is None else milliseconds(figures.ttfa)),
        _number(covers, told or "0"),
        _number(figures.audible, f"{figures.audible} of {figures.seams}", figures.audible > 0),
        _number(None if step is None else abs(step), "–" if step is None else signed(step)),
        _number(len(figures.turns), str(len(figures.turns))),
        (figures.keys, figures.keys or "–", "keys"),
        (figures.ended, figures.ended, ""),
    ]


def _number(value: float | None, shown: str, bad: bool = False) -> tuple[str, str, str]:
    return "" if value is None else f"{value:.6f}", shown, '"number bad"' if bad else "number"
