"""Where two runs of one call differ: in what happened, or in when it did within its turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallerSilent,
    CallerSpeaks,
    CoverChosen,
    DialogFailed,
    LocaleChosen,
    LookupEnded,
    LookupStarted,
    NoInput,
    PromptSaid,
    PromptSkipped,
    RecordingEnded,
    RecordingStarted,
    StateEntered,
    SynthesisEnded,
    TraceEvent,
    TransferEnded,
    TransferStarted,
    TurnStarted,
)
from ivr.trace.sound import SegmentStarted, Strategy, Underrun, UtteranceHeard

TOLERANCE = 0.030
"""Seconds: live speech is replayed as a sketch of its loudness, by which it may be a frame shorter or longer."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a caller or an author would notice."""

    kind: str
    what: str
    at: float
    """On the call's clock; of a segment, when it sounds."""
    after: float
    """Seconds since its turn began; of a turn, since the one before."""
    turn: int
    """Counted from 1; 0 before the first."""

    @property
    def key(self) -> tuple[str, str]:
        """By what it is found again in the other run."""
        return self.kind, self.what

    def __str__(self) -> str:
        return f"{self.kind} {self.what}".rstrip()


@dataclass(frozen=True, slots=True)
class Difference:
    """One side is None where that run has no such step. Both have it where only its time differs."""

    recorded: Step | None
    today: Step | None

    @property
    def at(self) -> float:
        """When it shows."""
        return min(step.at for step in (self.recorded, self.today) if step is not None)

    @property
    def turn(self) -> int:
        """In which turn, by the recording where it has the step."""
        step = self.recorded or self.today
        return 0 if step is None else step.turn

    @property
    def late(self) -> float | None:
        """Seconds by which the step is later today, where only its time differs."""
        if self.recorded is None or self.today is None or self.recorded.key != self.today.key:
            return None
        return self.today.after - self.recorded.after


def steps(events: Iterable[TraceEvent]) -> list[Step]:
    """The steps of a call, in order."""
    found: list[Step] = []
    turn, since = 0, 0.0
    for event in events:
        told = _told(event)
        if told is None:
            continue
        at = event.sounds_at if isinstance(event, SegmentStarted) else event.at
        if isinstance(event, TurnStarted):
            turn += 1
        found.append(Step(*told, at, at - since, turn))
        if isinstance(event, TurnStarted):
            since = at
    return found


def differences(
    recorded: Sequence[TraceEvent], today: Sequence[TraceEvent], tolerance: float = TOLERANCE
) -> list[Difference]:
    """All of them, in order of their time; steps that have only changed places within ``tolerance`` are none."""
    ours, theirs = steps(recorded), steps(today)
    matcher = SequenceMatcher(None, [step.key for step in ours], [step.key for step in theirs], autojunk=False)
    found: list[Difference] = []
    gone: list[Step] = []
    new: list[Step] = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            pairs = zip(ours[a:b], theirs[c:d], strict=True)
            found += [Difference(x, y) for x, y in pairs if abs(x.after - y.after) > tolerance]
        else:
            gone += ours[a:b]
            new += theirs[c:d]
    found += _paired(gone, new, tolerance)
    return sorted(found, key=lambda difference: difference.at)


def _paired(gone: list[Step], new: list[Step], tolerance: float) -> list[Difference]:
    """What one run alone has; of one kind in one turn, what has come in its place stands beside it."""
    moved = []
    for step in gone:
        place = next((n for n in new if n.key == step.key and abs(n.after - step.after) <= tolerance), None)
        if place is not None:
            new.remove(place)
            moved.append(step)
    found = []
    for step in (step for step in gone if step not in moved):
        instead = next((n for n in new if (n.kind, n.turn) == (step.kind, step.turn)), None)
        if instead is not None:
            new.remove(instead)
        found.append(Difference(step, instead))
    return found + [Difference(None, step) for step in new]


def _told(event: TraceEvent) -> tuple[str, str] | None:
    return _told_of_dialog(event) or _told_of_lookups(event) or _told_of_sound(event)


def _told_of_dialog(event: TraceEvent) -> tuple[str, str] | None:
    match event:
        case TurnStarted(trigger=trigger):
            return "turn", trigger
        case StateEntered(state=state, why=why):
            return "state", f"{state} ({why})"
        case LocaleChosen(locale=locale):
            return "locale", locale
        case CoverChosen(cover=cover):
            return "cover", cover or "as usual"
        case PromptSaid(prompt=prompt, attempt=attempt):
            return "prompt", prompt if attempt == 1 else f"{prompt}, attempt {attempt}"
        case PromptSkipped(prompt=prompt):
            return "skipped prompt", prompt
        case DialogFailed(error=error):
            return "dialog failed", error
        case CallEnded(reason=reason):
            return "end", reason
    return None


def _told_of_lookups(event: TraceEvent) -> tuple[str, str] | None:
    match event:
        case LookupStarted(name=name):
            return "lookup", name
        case LookupEnded(name=name, outcome=outcome):
            return "lookup", f"{name} {outcome}"
        case TransferStarted(kind=kind):
            return "transfer", f"to a {kind}"
        case TransferEnded(outcome=outcome):
            return "transfer", outcome
    return None


def _told_of_sound(event: TraceEvent) -> tuple[str, str] | None:
    match event:
        case SegmentStarted(strategy=strategy, segment=segment, text=text, private=private):
            if strategy is Strategy.SILENCE:
                return None
            # Personal words are said again as stand-ins, whose words are others.
            words = f" “{text}”" if text and not private else ""
            return "segment", f"{segment} by {strategy}{words}"
        case UtteranceHeard(utterance=utterance):
            return "heard", utterance
        case Underrun(segment=segment):
            return "gap", f"in {segment}"
        case BargedIn(by=by):
            return "barge-in", f"by {by}"
        case NoInput():
            return "no input", ""
        case CallerSpeaks():
            return "caller", "speaks"
        case CallerSilent():
            return "caller", "is silent"
        case RecordingStarted():
            return "recording", "begins"
        case RecordingEnded(why=why):
            return "recording", f"ends: {why}"
        case SynthesisEnded(segment=segment, outcome="failed"):
            return "synthesis failed", segment
    return None
