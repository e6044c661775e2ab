"""Why the fallback was said in place of words, as a call's trace tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ivr.playout.instead import IMPATIENT
from ivr.trace.events import DialogFailed, LookupEnded, PromptSaid, SynthesisEnded, TraceEvent
from ivr.trace.sound import UNSAYABLE, Abandoned, SegmentStarted, Strategy

_UNTOLD = "it failed"
"""What a trace has where the lookup or the voice tells why."""


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Fallbacks of one reason are counted together."""

    reason: str
    """``unsayable``, ``too late``, ``voice failed``, ``lookup failed``, ``dialog failed``, or what the trace tells."""
    prompt: str
    """In which it was said; empty behind a dialog that failed."""
    detail: str
    """Which slot and why, what the voice or the lookup told; no value of a caller's."""

    def __str__(self) -> str:
        where = f"'{self.prompt}', " if self.prompt else ""
        return f"{where}{self.reason}" + (f": {self.detail}" if self.detail else "")


@dataclass(slots=True)
class Seen:
    """How often, and where to look."""

    count: int = 0
    first: int = 0
    """The number of the first call that said it."""

    def add(self, count: int, first: int) -> None:
        """In any order; it comes out the same."""
        self.count += count
        self.first = min(self.first or first, first)


class Fallbacks:
    """Of some calls."""

    def __init__(self) -> None:
        self.seen: dict[Reason, Seen] = {}

    def add(self, reason: Reason, call: int, count: int = 1) -> None:
        """So many more."""
        self.seen.setdefault(reason, Seen()).add(count, call)

    def merge(self, other: Fallbacks) -> None:
        """All of another."""
        for reason, seen in other.seen.items():
            self.add(reason, seen.first, seen.count)

    def sorted(self) -> list[tuple[Reason, Seen]]:
        """The most frequent first."""
        return sorted(self.seen.items(), key=lambda each: (-each[1].count, each[0]))

    def as_list(self) -> list[dict[str, Any]]:
        """The same for programs."""
        return [{**asdict(reason), **asdict(seen)} for reason, seen in self.sorted()]


def reasons(trace: Sequence[TraceEvent]) -> Iterator[Reason]:
    """Why each fallback of a call was said, in their order."""
    prompts = {event.utterance: event.prompt for event in trace if isinstance(event, PromptSaid)}
    # What stands in for words may be handed over before it is noted that they were given up, and be broken off after.
    given_up = {event.segment: event.why for event in reversed(trace) if isinstance(event, Abandoned)}
    voice: dict[str, str] = {}
    lookup = dialog = ""
    for event in trace:
        match event:
            case SynthesisEnded(segment=segment, outcome="failed", detail=detail):
                voice[segment] = detail
            case LookupEnded(name=name, outcome=outcome) if outcome != "returned":
                lookup = f"{name} {outcome}"
            case DialogFailed():
                dialog = event.told
            case SegmentStarted(utterance=utterance, segment=segment, strategy=Strategy.FALLBACK):
                prompt = prompts.get(utterance, "")
                if segment not in given_up:
                    yield Reason("dialog failed", prompt, dialog)
                else:
                    yield Reason(*_why(given_up[segment], voice.get(segment), lookup, prompt))
            case _:
                pass


def _why(why: str, voice: str | None, lookup: str, prompt: str) -> tuple[str, str, str]:
    if why.startswith(UNSAYABLE):
        return "unsayable", prompt, why.removeprefix(UNSAYABLE).removeprefix(": ")
    if why == IMPATIENT:
        return "too late", prompt, why
    if voice is not None:
        return "voice failed", prompt, voice
    return ("lookup failed", prompt, lookup) if why == _UNTOLD and lookup else (why, prompt, "")
