"""The judge of silence: what the caller heard, against what the project wrote. It never asks playout.

The evidence is the far end's sound alone. From the trace come only words that are not about sound: when the caller
expected something, and which pauses the project planned.

The caller expects words from the start of the call and from each digit or silence that the dialog answered, until the
dialog listens, records, or has the call transferred; not then, not after speaking into the words, and not after the
end. While a call is transferred the other party is heard: words are expected again once it has come back, and a gateway
that refused it has let the caller wait all the while. In that time every silence over ``threshold`` is dead air unless
one of these explains it:

* a pause that the project planned, in the order of its prompts, each for one silence that is at most ``threshold``
  longer than it: the quiet edges of two clips stand beside a pause;
* punctuation within words that were said, in the same way.

A pause explains no silence at the very beginning of a turn, nor at its end unless the caller or the end of the call
cut it there: there is nothing between which to pause.
``path`` moves the beginning of each turn later and its end earlier, because times in a trace are the runtime's and a
word takes that long to the caller. A barge-in makes the pauses that were planned before it void.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ivr.catalog.wording import PAUSES
from ivr.testing.heard import Heard, Silence
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallStarted,
    Listening,
    PromptSaid,
    RecordingStarted,
    TraceEvent,
    TransferEnded,
    TransferStarted,
    TurnStarted,
)
from ivr.trace.sound import SegmentStarted

BLOCK = 0.010
"""Seconds by which an edge of a measured silence may be off: one block of the measure."""


@dataclass(frozen=True, slots=True)
class DeadAir:
    """Silence that nobody planned, in far-side seconds."""

    start: float
    stop: float
    why: str


@dataclass(slots=True)
class _Turn:
    """A time in which the caller expects words."""

    start: float
    trigger: str
    stop: float | None = None
    cut: bool = False
    """It ended before its words did: by a barge-in, or with the call."""
    pauses: list[float] = field(default_factory=list)
    within: list[float] = field(default_factory=list)
    """Pauses of punctuation inside the words said."""


def dead_air(
    heard: Heard,
    trace: Iterable[TraceEvent],
    *,
    threshold: float = 0.2,
    path: float = 0.0,
    opening: float = 0.0,
) -> list[DeadAir]:
    """Every silence over ``threshold`` seconds that the project did not write; see the module for what it may write.

    ``path`` is the longest way between runtime and caller, in seconds, jitter included. A dialog that waits until its
    words were heard and then says more costs its caller one way and back; give that to ``threshold``. ``opening`` is
    what the gateway may want to be waited for at the beginning, in seconds; see ``Capabilities.opening``.
    """
    found: list[DeadAir] = []
    for turn in _turns(trace):
        if turn.stop is not None:
            found += _judge(heard, turn, threshold, path)
    return [each for each in found if each.start >= opening or each.stop - each.start > threshold + opening]


def _turns(trace: Iterable[TraceEvent]) -> Iterator[_Turn]:
    turn: _Turn | None = None
    asked = 0.0  # when the call was to be transferred
    ahead: list[float] | None = None  # pauses of words that wait for the stream which brings the call back
    for event in trace:
        match event:
            case CallStarted(at=at) | TurnStarted(at=at) if turn is None:
                trigger = "answer" if ahead is None else "return"
                turn = _Turn(at, event.trigger if isinstance(event, TurnStarted) else trigger, pauses=ahead or [])
                ahead = None
            case BargedIn(at=at, by=by):
                # Where the dialog went on listening there is no turn to end.
                if turn is not None:
                    turn.stop, turn.cut = at, True
                    yield turn
                turn = _Turn(at, "digit") if by == "digit" else None
            case Listening(at=at) | RecordingStarted(at=at) | TransferStarted(at=at) | CallEnded(at=at):
                asked = at
                if turn is not None:
                    turn.stop, turn.cut = at, isinstance(event, CallEnded)
                    yield turn
                    turn = None
            case TransferEnded(outcome="refused") if turn is None:
                turn = _Turn(asked, "transfer that was refused")
            case TransferEnded() if turn is None:
                ahead = []
            case PromptSaid(pauses=pauses) if ahead is not None:
                ahead += pauses
            case PromptSaid(pauses=pauses) if turn is not None:
                turn.pauses += pauses
            case SegmentStarted(text=text) if turn is not None:
                turn.within += [PAUSES[mark] for mark in text.rstrip()[:-1] if mark in PAUSES]
            case _:
                pass


def _judge(heard: Heard, turn: _Turn, threshold: float, path: float) -> Iterator[DeadAir]:
    assert turn.stop is not None
    start, stop = turn.start + path, turn.stop - path
    if stop - start <= threshold:
        return
    planned, within = list(turn.pauses), list(turn.within)
    for silence in heard.silences(minimum=threshold + BLOCK, start=start, stop=stop):
        if silence.start - start < BLOCK:
            yield _dead(silence, f"nothing was heard after the {turn.trigger} at {turn.start:.3f} s")
        elif stop - silence.stop < 2 * BLOCK and not turn.cut:
            yield _dead(silence, f"words of the {turn.trigger} at {turn.start:.3f} s were still to come")
        elif not (_explained(silence, planned, threshold) or _explained(silence, within, threshold)):
            yield _dead(silence, f"no pause of that length is planned there, after the {turn.trigger}")


def _explained(silence: Silence, pauses: list[float], threshold: float) -> bool:
    """Use up the first pause that is long enough, and those before it."""
    for index, pause in enumerate(pauses):
        if silence.seconds <= pause + threshold + BLOCK:
            del pauses[: index + 1]
            return True
    return False


def _dead(silence: Silence, why: str) -> DeadAir:
    return DeadAir(silence.start, silence.stop, why)
