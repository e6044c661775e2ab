"""What the demo prints: each thing as it happens, then a line a turn, then the percentiles."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ivr.cli.demo_call import Recording
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallerSilent,
    CallerSpeaks,
    CallStarted,
    DialogFailed,
    DigitHeard,
    FirstAudio,
    LookupEnded,
    LookupStarted,
    RecordingEnded,
    RecordingStarted,
    SynthesisEnded,
    SynthesisStarted,
    TraceEvent,
    TransferEnded,
    TransferStarted,
)
from ivr.trace.jsonl import Mask
from ivr.trace.report import Turn, as_dict, summary, turns
from ivr.trace.sound import FragmentsTaken, SeamJoined, SegmentStarted, Strategy

_STYLES = {
    Strategy.CLIP: "green",
    Strategy.CACHED: "green",
    Strategy.FRAGMENTS: "green",
    Strategy.STREAM: "cyan",
    Strategy.FILLER: "yellow",
    Strategy.HOLD: "yellow",
    Strategy.STILL: "yellow",
    Strategy.FALLBACK: "red",
}


class Show:
    """Prints events while the call goes on."""

    def __init__(self, *, quiet: bool, mask: Mask) -> None:
        self._mask = mask
        self.console = Console(quiet=quiet, highlight=False, soft_wrap=True)
        """Where it prints."""

    def event(self, event: TraceEvent) -> None:
        """Print one, if a person would want to see it."""
        text = told(event, self._mask)
        if text is not None:
            self.console.print(f"[dim]{event.at:7.3f} s[/dim]  {text}")


def told(event: TraceEvent, mask: Mask) -> str | None:
    """One event in words, with rich's markup; None for those that only machines read."""

    def own(text: str) -> str:
        return _safe(mask(text) if getattr(event, "private", False) else text)

    return _heard(event, own) or _spoken(event, own) or _done(event, own)


def _heard(event: TraceEvent, own: Callable[[str], str]) -> str | None:
    match event:
        case CallStarted():
            return "[bold]call[/bold]      answered"
        case FirstAudio(trigger=trigger, ttfa=ttfa, strategy=strategy):
            return f"          first audio {ttfa * 1000:.1f} ms after the {trigger}, by {strategy}"
        case SegmentStarted(strategy=strategy, text=text) if strategy is not Strategy.SILENCE:
            style = _STYLES.get(strategy, "white")
            return f"[{style}]{strategy.value:<9}[/{style}] {own(text) or '(music)'}"
        case SeamJoined(gap=gap, level_step=step, slack=slack):
            level = "" if step is None else f", level step {step:+.1f} LU"
            early = "" if slack is None else f", its audio came {slack:.2f} s early"
            return f"          seam: gap {gap} samples{level}{early}"
    return None


def _spoken(event: TraceEvent, own: Callable[[str], str]) -> str | None:
    match event:
        case DigitHeard(digit=digit):
            return f"[bold magenta]caller[/bold magenta]    presses {own(digit)}"
        case CallerSpeaks():
            return "[bold magenta]caller[/bold magenta]    speaks"
        case CallerSilent():
            return "[bold magenta]caller[/bold magenta]    is silent"
        case BargedIn(heard=heard):
            return f"          interrupts after: “{own(heard)}”"
        case RecordingStarted(longest=longest):
            return f"[red]recording[/red] of {longest:g} s at the most"
        case RecordingEnded(why=why, seconds=seconds):
            return f"[red]recording[/red] of {seconds:.1f} s, over by {why}"
    return None


def _done(event: TraceEvent, own: Callable[[str], str]) -> str | None:
    match event:
        case LookupStarted(name=name):
            return f"[blue]lookup[/blue]    {name} …"
        case LookupEnded(name=name, outcome=outcome, detail=detail):
            return f"[blue]lookup[/blue]    {name} {outcome}: {own(detail)}"
        case SynthesisStarted(text=text, attempt=attempt):
            again = f" (attempt {attempt})" if attempt > 1 else ""
            return f"[blue]synthesis[/blue] of “{own(text)}”{again}"
        case SynthesisEnded(outcome=outcome, detail=detail):
            return f"[blue]synthesis[/blue] {outcome}{': ' + own(detail) if detail else ''}"
        case FragmentsTaken(why=why):
            return f"[blue]fragments[/blue] in place of live words: {why}"
        case TransferStarted(to=to, timeout=timeout):
            return f"[blue]transfer[/blue]  to {own(to)}, which may ring for {timeout:g} s …"
        case TransferEnded(outcome=outcome):
            return f"[blue]transfer[/blue]  ended: {outcome}"
        case DialogFailed(error=error, where=where, detail=detail, what=what):
            return f"[red]dialog[/red]    failed: {error} at {where}: {_safe(what) if what else own(detail)}"
        case CallEnded(reason=reason):
            return f"[bold]call[/bold]      ended: {_safe(reason)}"
    return None


def report(
    recording: Recording, files: Mapping[str, Path], *, as_json: bool, mask: Mask, struck: bool | None = None
) -> None:
    """Print the turns, the percentiles and where the files are; ``struck``: whether the fault, if any, was felt."""
    found = turns(recording.events, mask)
    if as_json:
        answer = as_dict(found) | {"files": {kind: str(path) for kind, path in files.items()}}
        if struck is not None:
            answer["fault_struck"] = struck
        print(json.dumps(answer, indent=2))
        return
    console = Console(highlight=False)
    print_turns(console, found)
    if struck is False:
        why = "no live words were asked of the voice; press keys that lead to some"
        console.print(f"[yellow]the fault did not strike:[/yellow] {why}", soft_wrap=True)
    for kind, path in files.items():
        console.print(f"{kind:<8} {path}", soft_wrap=True)


def print_turns(console: Console, found: tuple[Turn, ...]) -> None:
    """The turns as a table, and the percentiles of time to first audio."""
    console.print()
    console.print(_table(found))
    ttfa = summary(found).ttfa
    if ttfa:
        figures = ", ".join(f"p{percent} {value * 1000:.1f} ms" for percent, value in ttfa.items())
        console.print(f"TTFA over {len(found)} turns: [bold]{figures}[/bold]")


def _table(found: tuple[Turn, ...]) -> Table:
    table = Table(title="turns", title_justify="left", show_lines=True)
    for column in ("after", "first by", "TTFA ms", "seams: gap samples, level LU, slack s", "heard"):
        table.add_column(column, overflow="fold", justify="right" if column == "TTFA ms" else "left")
    for turn in found:
        seams = "\n".join(
            f"{seam.strategy.value}: {seam.gap}"
            + ("" if seam.level_step is None else f", {seam.level_step:+.1f}")
            + ("" if seam.slack is None else f", {seam.slack:.2f}")
            for seam in turn.seams
        )
        ttfa = "" if turn.ttfa is None else f"{turn.ttfa * 1000:.1f}"
        table.add_row(f"{turn.trigger} @ {turn.at:.2f} s", turn.strategy or "", ttfa, seams, _safe(turn.heard))
    return table


def _safe(text: str) -> str:
    return text.replace("[", "\\[")
