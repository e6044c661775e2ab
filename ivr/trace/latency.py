"""How long callers waited for the first audio of a turn, and we for that of a voice: by what made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.trace.events import (
    FirstAudio,
    FirstFrame,
    PromptSaid,
    SynthesisFirstAudio,
    SynthesisStarted,
    TraceEvent,
)
from ivr.trace.report import Percentiles, percentiles
from ivr.trace.sound import SegmentStarted, Strategy

MEMORY = "memory"
"""The provider of what was there before the call."""

UNKNOWN = "unknown"
"""What traces of earlier releases do not tell."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Of one turn, for its first audio."""

    seconds: float
    strategy: str
    prompt: str
    """That it belongs to; empty for what belongs to none, as the fallback phrase."""
    provider: str
    region: str
    """Empty where the provider has but one."""


@dataclass(frozen=True, slots=True)
class VoiceWait:
    """Of one synthesis, from the request to its first audio."""

    seconds: float
    provider: str
    region: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Percentiles in seconds."""

    count: int
    percentiles: Percentiles


def waits(events: Iterable[TraceEvent]) -> tuple[list[Wait], list[VoiceWait]]:
    """Of one call: TTFA is what ``ivr.trace.report`` has, with the shell's own work where it was measured."""
    reading = _Reading([], [], {}, {}, {})
    for event in events:
        reading.see(event)
    return reading.turns, reading.voices


def figures(seconds: Iterable[float]) -> Figures:
    """Of any waits."""
    values = list(seconds)
    return Figures(len(values), percentiles(values))


def grouped(named: Iterable[tuple[str, float]]) -> Mapping[str, Figures]:
    """By name, in the order of the names."""
    groups: dict[str, list[float]] = {}
    for name, seconds in named:
        groups.setdefault(name, []).append(seconds)
    return {name: figures(groups[name]) for name in sorted(groups)}


def histogram(seconds: Sequence[float], edges: Sequence[float]) -> list[int]:
    """How many lie in each class: up to and with each of ``edges`` in turn, and beyond the last."""
    counts = [0] * (len(edges) + 1)
    for value in seconds:
        counts[next((place for place, edge in enumerate(edges) if value <= edge), len(edges))] += 1
    return counts


@dataclass(slots=True)
class _Reading:
    turns: list[Wait]
    voices: list[VoiceWait]
    _prompts: dict[str, str]
    _asked: dict[str, float]
    _made: dict[str, tuple[str, str]]
    _sounding: SegmentStarted | None = None

    def see(self, event: TraceEvent) -> None:
        match event:
            case PromptSaid(utterance=utterance, prompt=prompt):
                self._prompts[utterance] = prompt
            case SynthesisStarted(segment=segment, at=at):
                self._asked[segment] = at
            case SynthesisFirstAudio(segment=segment, provider=provider, region=region, at=at):
                self._made[segment] = (provider or UNKNOWN, region)
                if segment in self._asked:
                    self.voices.append(VoiceWait(at - self._asked.pop(segment), provider or UNKNOWN, region))
            case SegmentStarted() if event.strategy is not Strategy.SILENCE:
                self._sounding = event
            case FirstAudio(ttfa=ttfa, strategy=strategy):
                self.turns.append(self._wait(ttfa, strategy))
            case FirstFrame(took=took) if self.turns:
                last = self.turns[-1]
                self.turns[-1] = Wait(last.seconds + took, last.strategy, last.prompt, last.provider, last.region)

    def _wait(self, ttfa: float, strategy: str) -> Wait:
        begun = self._sounding
        prompt = "" if begun is None else self._prompts.get(begun.utterance, "")
        provider, region = MEMORY, ""
        if begun is not None and strategy == Strategy.STREAM:
            provider, region = self._made.get(begun.segment, (UNKNOWN, ""))
        return Wait(ttfa, strategy, prompt, provider, region)
