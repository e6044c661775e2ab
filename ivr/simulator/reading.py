"""What one simulated call adds to the figures of all: its trace, read once, and the ear's judgement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.simulator.fallbacks import reasons
from ivr.simulator.made import Made
from ivr.simulator.silence import LIMIT
from ivr.simulator.totals import Broken, Quiet, Totals
from ivr.trace.events import (
    BargedIn,
    DialogFailed,
    FirstAudio,
    LookupEnded,
    LookupStarted,
    PromptSaid,
    SynthesisFirstAudio,
    SynthesisStarted,
    TurnStarted,
)
from ivr.trace.report import COVERS
from ivr.trace.sound import SegmentEnded, SegmentStarted, Strategy

LIVE = (Strategy.STREAM, Strategy.CACHED, Strategy.FRAGMENTS)
NO_PROMPT = "(wait)"
"""Stands for turns whose first sound is a cover, before any words were chosen."""


def count(made: Made, totals: Totals) -> None:
    """Add one call; nothing of it is kept."""
    totals.calls += 1
    totals.lengths.add(made.seconds)
    totals.kinds[made.kind] += 1
    totals.outcomes[made.reason or "it did not end"] += 1
    totals.requests += made.requests
    totals.characters += made.characters
    totals.call_characters.add(made.characters)
    for why in _broken(made):
        totals.broken.append(Broken(made.number, made.kind, why))
    for reason in reasons(made.trace):
        totals.fallbacks.add(reason, made.number)
    found = made.silences(LIMIT)
    totals.dead_air.add(sum(each.stop - each.start for each in found))
    for each in found:
        seconds = round(each.stop - each.start, 4)
        totals.quiet.append(Quiet(made.number, made.kind, round(each.start, 4), seconds, each.why))
    _Reading(totals, made.phone.heard.rate).read(made)


def _broken(made: Made) -> Iterator[str]:
    if made.reason is None:
        yield f"it still goes on after {made.seconds:.0f} s"
    for event in made.trace:
        if isinstance(event, DialogFailed):
            yield f"the dialog failed: {event.told}"
    if made.phone.protocol_errors:
        yield f"the far end refused a message: {made.phone.protocol_errors[0]}"
    yield from made.failures


@dataclass(slots=True)
class _Turn:
    prompt: str | None = None
    first: FirstAudio | None = None


class _Reading:
    def __init__(self, totals: Totals, rate: int) -> None:
        self._totals = totals
        self._rate = rate
        self._turn = _Turn()
        self._said: dict[str, PromptSaid] = {}
        """By utterance."""
        self._before: dict[str, int] = {}
        """Samples of clips before any other sound, by utterance, until that begins."""
        self._sounds = 0.0
        """When the segment that is being sent begins to sound."""
        self._words_end = 0.0
        """When the last words that were sent are over; covers are none."""
        self._lookups: dict[str, float] = {}
        self._syntheses: dict[str, float] = {}

    def read(self, made: Made) -> None:
        for event in made.trace:
            match event:
                case TurnStarted():
                    self._close()
                    self._turn = _Turn()
                case FirstAudio():
                    self._turn.first = self._turn.first or event
                case PromptSaid(utterance=utterance, prompt=prompt):
                    self._turn.prompt = self._turn.prompt or prompt
                    self._said[utterance] = event
                    self._before[utterance] = 0
                case BargedIn(at=at):
                    self._words_end = at
                case SegmentStarted():
                    self._begun(event)
                case SegmentEnded() if event.strategy not in COVERS:
                    self._words_end = self._sounds + event.samples / self._rate
                    if event.utterance in self._before and event.strategy is Strategy.CLIP:
                        self._before[event.utterance] += event.samples
                case _:
                    self._asked(event)
        self._close()

    def _begun(self, event: SegmentStarted) -> None:
        strategy, said = event.strategy, self._said.get(event.utterance)
        self._sounds = event.sounds_at
        if strategy is Strategy.SILENCE:
            return
        self._totals.strategies[strategy.value] += 1
        if said is None:
            return
        figures = self._totals.prompt(said.prompt)
        figures.strategies[strategy.value] += 1
        before = self._before.pop(event.utterance, None) if strategy is not Strategy.CLIP else None
        if before is not None:  # before live words, or what covers them
            figures.preamble = max(figures.preamble, round(before / self._rate, 3))
        if strategy in LIVE or strategy is Strategy.FALLBACK:
            late = max(0.0, event.sounds_at - max(said.at, self._words_end))
            figures.late.add(late)
            self._totals.late.add(late)

    def _asked(self, event: object) -> None:
        """Of the voice and of lookups: how long they took."""
        match event:
            case SynthesisStarted(segment=segment, at=at):
                self._syntheses[segment] = at
            case SynthesisFirstAudio(segment=segment, at=at) if segment in self._syntheses:
                self._totals.first_audio.add(at - self._syntheses.pop(segment))
            case LookupStarted(lookup=lookup, at=at):
                self._lookups[lookup] = at
            case LookupEnded(lookup=lookup, name=name, at=at) if lookup in self._lookups:
                self._totals.lookup(name).add(at - self._lookups.pop(lookup))
            case _:
                pass

    def _close(self) -> None:
        first = self._turn.first
        if first is None:
            return
        self._totals.ttfa.add(first.ttfa)
        self._totals.strategy(first.strategy).add(first.ttfa)
        self._totals.prompt(self._turn.prompt or NO_PROMPT).ttfa.add(first.ttfa)
