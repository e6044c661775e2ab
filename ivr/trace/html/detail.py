"""One call opened: its picture, its sound and its turns."""

from __future__ import annotations

from ivr.trace.lanes import signed
from ivr.trace.picture import Drawn
from ivr.trace.report import Turn
from ivr.trace.row import LEFT, PLOT, milliseconds
from ivr.trace.svg import safe
from ivr.trace.worst import CallFigures

HEADS = ("after", "at", "first audio", "by", "states", "seams: gap, level step, slack", "covers", "heard")


def detail(figures: CallFigures, drawn: Drawn, about_sound: str) -> str:
    """The part of the page that is shown when its row is opened; ``timeline.js`` adds the player."""
    rows = ";".join(" ".join(f"{number:g}" for number in row) for row in drawn.rows)
    facts = [
        ("call", figures.call),
        ("began", figures.started_at),
        ("length", f"{figures.length:.2f} s"),
        ("dead air", f"{milliseconds(figures.dead_air)} in {_gaps(len(figures.gaps))}" if figures.gaps else "none"),
        ("ended", figures.ended),
        ("sound", about_sound),
    ]
    told = "".join(f"<div><dt>{name}</dt><dd>{safe(text)}</dd></div>" for name, text in facts if text)
    return (
        f'<dl class="facts">{told}</dl>\n<div class="player"></div>\n'
        f'<figure tabindex="0" role="group" aria-label="The picture of the call; its turns stand in the table below" '
        f'data-left="{LEFT:g}" data-plot="{PLOT:g}" data-rows="{rows}">{drawn.svg}</figure>\n{_turns(figures.turns)}'
    )


def _gaps(count: int) -> str:
    return f"{count} gap{'' if count == 1 else 's'}"


def _turns(turns: tuple[Turn, ...]) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    rows = "\n".join(_turn(turn) for turn in turns)
    return (
        f'<table class="turns"><caption>Turns</caption><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{rows or f'<tr><td colspan={len(HEADS)}>none</td></tr>'}</tbody></table>"
    )


def _turn(turn: Turn) -> str:
    seams = "; ".join(
        f"{seam.strategy.value}: {seam.gap} samples"
        + ("" if seam.level_step is None else f", {signed(seam.level_step)} LU")
        + ("" if seam.slack is None else f", {seam.slack:.2f} s")
        for seam in turn.seams
    )
    if turn.underruns:
        seams += f"{'; ' if seams else ''}within words: {', '.join(str(gap) for gap in turn.underruns)} samples"
    cells = (
        "nothing" if turn.ttfa is None else milliseconds(turn.ttfa),
        turn.strategy or "",
        ", ".join(turn.states),
        seams,
        ", ".join(cover.value for cover in turn.covers),
        turn.heard,
    )
    shown = "".join(f"<td>{safe(cell)}</td>" for cell in cells)
    return (
        f'<tr data-at="{turn.at:.3f}"><th scope="row">{safe(turn.trigger)}</th><td class="at">{turn.at:.2f} s</td>'
        f"{shown}</tr>"
    )
