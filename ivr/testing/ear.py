"""The judge of silence: what the caller heard, against what the project wrote. It never asks playout.

The evidence is the far end's sound alone. From the trace come only words that are not about sound: when the caller
expected something, which pauses the project planned, and what quiet the clips have that were begun.

The caller expects words from the start of the call and from each digit or silence that the dialog answered, until the
dialog listens, records, or has the call transferred; not then, not after speaking into the words, and not after the
end. While a call is transferred the other party is heard: words are expected again once it has come back, and a gateway
that refused it has let the caller wait all the while. In that time every silence over ``threshold`` is dead air unless
one of these explains it:

* quiet inside a clip, which is as long as it is in the clip; the hold loop has it again and again;
* a pause that the project planned, in the order of its prompts, each for one silence that is at most ``threshold``
  longer than it: the quiet edges of two clips stand beside a pause, and long ones of sounds and recordings are added;
* punctuation within live words that were said, in the same way.

A pause explains no silence at the very beginning of a turn, nor at its end unless the caller or the end of the call
cut it there: there is nothing between which to pause. There only a clip's own edge does, which is the project's too.
``path`` moves the beginning of each turn later and its end earlier, because times in a trace are the runtime's and a
word takes that long to the caller. A barge-in makes the pauses that were planned before it void.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ivr.catalog.wording import PAUSES
from ivr.media.quiet import BLOCK
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
from ivr.trace.sound import SegmentStarted, Strategy

_OPENS = frozenset({"answer", "return"})
"""Triggers with which a stream begins."""
_OFF = 3 * BLOCK
"""Seconds by which quiet in a clip may be measured otherwise at the ear: each edge is exact to one block."""
LIVE = frozenset({Strategy.STREAM, Strategy.CACHED, Strategy.FRAGMENTS})
"""Words whose pauses nobody knows but by their punctuation. ``CACHED`` are such words, said once more."""


@dataclass(frozen=True, slots=True)
class DeadAir:
    """Silence that nobody planned, in far-side seconds."""

    start: float
    stop: float
    why: str


@dataclass(slots=True)
class _Clips:
    """The quiet of clips that were begun, in seconds."""

    inside: list[float] = field(default_factory=list)
    looped: list[float] = field(default_factory=list)
    """Inside the hold loop, which may come round to it any number of times."""
    joints: list[float] = field(default_factory=list)
    """At the tail of one clip and the head of the next, where that is long."""
    head: float = 0.0
    tail: float = 0.0
    _begun: bool = False

    def begin(self, quiet: tuple[float, ...], *, again: bool) -> None:
        """One more clip, or live words, which have none."""
        head, *inside, tail = quiet or (0.0, 0.0)
        if not self._begun:
            self.head, self._begun = head, True
        elif self.tail + head:
            self.joints.append(self.tail + head)
        if again:
            self.looped += [*inside, *([tail + head] if tail + head else [])]
        else:
            self.inside += inside
        self.tail = tail

    def explain(self, silence: Silence, *, cut: bool) -> bool:
        """Whether that is quiet inside a clip, which is used up then. ``cut``: only the beginning of it was heard."""
        for known in (self.inside, self.looped):
            for index, seconds in enumerate(known):
                longer = silence.seconds - seconds
                if longer <= _OFF and (cut or longer >= -_OFF):
                    if known is self.inside:
                        del known[index]
                    return True
        return False


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
    """Pauses of punctuation inside live words said."""
    clips: _Clips = field(default_factory=_Clips)

    def begin(self, segment: SegmentStarted) -> None:
        """One more sound in it."""
        if segment.strategy is Strategy.SILENCE:
            return
        self.clips.begin(segment.quiet, again=segment.strategy is Strategy.HOLD)
        if segment.strategy in LIVE:
            self.within += [PAUSES[mark] for mark in segment.text.rstrip()[:-1] if mark in PAUSES]


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
    what the gateway may want to be waited for when a stream begins, in seconds; see ``Capabilities.opening``.
    """
    found: list[DeadAir] = []
    for turn in _turns(trace):
        if turn.stop is not None:
            found += _judge(heard, turn, threshold, path, opening if turn.trigger in _OPENS else 0.0)
    return found


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
            case SegmentStarted() if turn is not None:
                turn.begin(event)
            case _:
                pass


def _judge(heard: Heard, turn: _Turn, threshold: float, path: float, opening: float) -> Iterator[DeadAir]:
    assert turn.stop is not None
    start, stop = turn.start + path, turn.stop - path
    if stop - start <= threshold:
        return
    planned, within, clips = list(turn.pauses), list(turn.within), turn.clips
    for silence in heard.silences(minimum=threshold + BLOCK, start=start, stop=stop):
        last = stop - silence.stop < 2 * BLOCK
        if silence.start - start < BLOCK:
            allowed = max(opening, clips.head)
            if not allowed or silence.seconds > threshold + allowed + BLOCK:
                yield _dead(silence, f"nothing was heard after the {turn.trigger} at {turn.start:.3f} s")
        elif last and not turn.cut:
            if not clips.tail or silence.seconds > threshold + clips.tail + BLOCK:
                yield _dead(silence, f"words of the {turn.trigger} at {turn.start:.3f} s were still to come")
        elif not (
            clips.explain(silence, cut=last)
            or _explained(silence, planned, threshold)
            or _explained(silence, within, threshold)
            or _beside(silence, clips.joints, planned, threshold)
        ):
            yield _dead(silence, f"no pause of that length is planned there, after the {turn.trigger}")


def _explained(silence: Silence, pauses: list[float], threshold: float) -> bool:
    """Use up the first pause that is long enough, and those before it."""
    for index, pause in enumerate(pauses):
        if silence.seconds <= pause + threshold + BLOCK:
            del pauses[: index + 1]
            return True
    return False


def _beside(silence: Silence, joints: list[float], planned: list[float], threshold: float) -> bool:
    """Use up the first joint of clips that is long enough, by itself or with the next pause in it."""
    if _explained(silence, joints, threshold):
        return True
    if planned and _explained(silence, joints, threshold + planned[0]):
        del planned[0]
        return True
    return False


def _dead(silence: Silence, why: str) -> DeadAir:
    return DeadAir(silence.start, silence.stop, why)
