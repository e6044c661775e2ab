"""The account of one stream: of everything sent, which utterance it belonged to, and when that was heard to its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.gateways.codec import Capabilities
from ivr.playout.cut import Cut
from ivr.playout.heard import Placement, Placements
from ivr.playout.ledger import Ledger
from ivr.playout.marks import OVERDUE
from ivr.playout.segments import Mark, Span
from ivr.timers import earliest
from ivr.trace.sound import MarkResolved, Outcome, SoundEvent, UtteranceHeard

MARK_EVERY = 0.400
"""Seconds of audio after which a mark follows what was sent in one go: useful, and no flood."""


@dataclass(slots=True)
class _End:
    utterance: str
    position: int
    samples: int
    mark: str | None


class Account:
    """Ledger, placements and the ends of utterances, kept together."""

    def __init__(self, rate: int, capabilities: Capabilities) -> None:
        self.ledger = Ledger(rate, capabilities.marks)
        self._rate = rate
        self._can_clear = capabilities.can_clear
        self._most_waiting = round(rate * (capabilities.max_lead + OVERDUE))
        self._mark_after = round(rate * MARK_EVERY)
        self._placements = Placements()
        self._ends: list[_End] = []
        self._sent_of: dict[str, int] = {}
        self._began: dict[str, int] = {}
        """Where the words of each utterance that was not heard to its end begin in all that was sent."""
        self._unmarked = 0

    @property
    def unheard(self) -> tuple[str, ...]:
        """Utterances that were sent to their end and not yet heard to it."""
        return tuple(end.utterance for end in self._ends)

    @property
    def waits(self) -> bool:
        """There are any of those."""
        return bool(self._ends)

    @property
    def full(self) -> bool:
        """The far side's queue holds no more, by the marks that came back."""
        return self.ledger.answers and self.ledger.outstanding > self._most_waiting

    def mark(self, now: float) -> Mark | None:
        """A mark behind all that was sent, where the gateway has marks."""
        self._unmarked = 0
        name = self.ledger.place_mark(now)
        return None if name is None else Mark(name)

    def open(self, placement: Placement) -> None:
        """A segment begins to be sent."""
        self._placements.open(placement)

    def send(self, utterance: str, span: Span, now: float, *, words: bool = True) -> None:
        """More of the segment that was opened last is sent; it is words, or a pause between them."""
        samples = span.samples
        if words:
            self._began.setdefault(utterance, self.ledger.sent)
        self.ledger.send(samples, now)
        self._placements.extend(samples)
        self._sent_of[utterance] = self._sent_of.get(utterance, 0) + samples
        self._unmarked += samples

    def reached(self, utterance: str, seconds: float) -> float | None:
        """When so much of an utterance's words will have been heard, if it goes on; None where none was sent."""
        start = self._began.get(utterance)
        if start is None:
            return None
        position, sent = start + round(seconds * self._rate), self.ledger.sent
        at = self.ledger.when(min(position, sent))
        return None if at is None else at + max(0, position - sent) / self._rate

    def mark_due(self, now: float) -> Mark | None:
        """A mark, if the last one is far enough behind."""
        return self.mark(now) if self._unmarked >= self._mark_after else None

    def close(self) -> int:
        """That segment was sent to its end. Returns how many samples of it were sent."""
        return self._placements.close()

    def finish(self, utterance: str, now: float) -> Mark | UtteranceHeard | None:
        """An utterance was sent to its end: a mark to send behind it, or, where it had no audio, that it is over."""
        samples = self._sent_of.pop(utterance, 0)
        if not samples:
            return UtteranceHeard(utterance, 0, Outcome.PLAYED, now)
        mark = self.mark(now)
        self._ends.append(_End(utterance, self.ledger.sent, samples, None if mark is None else mark.name))
        return mark

    def mark_reached(self, name: str, now: float) -> Iterator[SoundEvent]:
        """A mark came back from the gateway."""
        resolved = self.ledger.mark_reached(name, now)
        if resolved is not None:
            yield from self._resolve(resolved)

    def handle_timer(self, now: float) -> Iterator[SoundEvent]:
        """Give up marks that are overdue; without marks, go by the clock."""
        for resolved in self.ledger.lost(now):
            yield from self._resolve(resolved)
        if (late := self.ledger.late(now)) is not None:
            yield late
        while (at := self._clocked_end()) is not None and now >= at:
            yield self._heard(self._ends[0], Outcome.ESTIMATED, now)

    def next_timer(self) -> float | None:
        """When ``handle_timer`` has something to say, if nothing comes back before."""
        return earliest(self.ledger.next_timer(), self._clocked_end())

    def clear(self, now: float) -> Cut:
        """Nothing more of what was sent is to be heard; where the far side cannot clear, all of it will be."""
        position = self.ledger.clear(now) if self._can_clear else self.ledger.sent
        heard = self._placements.heard(position)
        self._placements.clear()
        self._ends.clear()
        self._sent_of.clear()
        self._began.clear()
        self._unmarked = 0
        return Cut(position, heard, self.ledger.place_mark(now) if self._can_clear else None)

    def _clocked_end(self) -> float | None:
        """When the next utterance ends, where only the clock tells; None while the sound is held."""
        if not self._ends or self._ends[0].mark is not None or self.ledger.held:
            return None
        return self._heard_at(self._ends[0])

    def _resolve(self, resolved: MarkResolved) -> Iterator[SoundEvent]:
        yield resolved
        index = next((i for i, end in enumerate(self._ends) if end.mark == resolved.name), None)
        if index is None:
            return
        at = max(resolved.at - self.ledger.path, 0.0)
        if resolved.outcome is Outcome.ESTIMATED:
            at = min(at, self._heard_at(self._ends[index]))
        for end in self._ends[: index + 1]:
            yield self._heard(end, resolved.outcome, at)

    def _heard(self, end: _End, outcome: Outcome, at: float) -> UtteranceHeard:
        self._ends.remove(end)
        self._began.pop(end.utterance, None)
        self._placements.forget(end.position)
        return UtteranceHeard(end.utterance, end.samples, outcome, at)

    def _heard_at(self, end: _End) -> float:
        return self.ledger.when(end.position) or 0.0
