"""How often a recogniser finds the balance's words: spliced onto a clip in a call, and synthesised as one sentence."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from math import sqrt

import numpy as np

from ivr.call.plan import CallPlan, plan_calls
from ivr.catalog.phrase import Catalogue, Literal, Slot
from ivr.catalog.sayas import say_as
from ivr.catalog.wording import spoken
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.media.clip import make_clip
from ivr.media.edges import trim
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode
from ivr.media.level import level
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.project.project import Project
from ivr.simulator.driver import Answer, Driver
from ivr.speech.synthesizer import SpeechRequest, Synthesizer
from ivr.testing.twilio import RATE, TwilioFarEnd
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import Listening, TraceEvent
from ivr.trace.sound import SegmentEnded, SegmentStarted, Strategy, UtteranceHeard

PHRASE = "balance"
CALLER = "+15550100"
NEAR = 24
"""Sentences with another amount that stand beside the true one."""
_TEENS = {12: 20, **{10 + n: 10 * n for n in range(3, 10)}}
_ALIKE = {**_TEENS, **{ten: teen for teen, ten in _TEENS.items()}}
"""Pairs that listeners, too, take for each other on the telephone."""


def amounts(count: int, seed: int) -> list[Decimal]:
    """Different amounts of one to five digits of dollars; one in ten is below zero."""
    chance = random.Random(seed)
    found: dict[Decimal, None] = {}
    while len(found) < count:
        cents = chance.randrange(10 ** chance.randint(1, 5)) * 100 + chance.randrange(100)
        found[Decimal(cents).scaleb(-2) * (-1 if chance.random() < 0.1 else 1)] = None
    return list(found)


def near_misses(amount: Decimal, count: int = NEAR) -> list[Decimal]:
    """Amounts that differ from ``amount`` in one thing: dollars and cents swapped, thirteen for thirty, one digit."""
    chance = random.Random(str(amount))
    sign = -1 if amount < 0 else 1
    cents = int(abs(amount).scaleb(2))
    changed = [*_confusions(cents), *_digits(cents, chance)]
    found = dict.fromkeys(Decimal(sign * other).scaleb(-2) for other in changed if other not in (cents, 0))
    return list(found)[:count]


def _confusions(cents: int) -> Iterator[int]:
    pairs = f"{cents:0{(len(str(cents)) + 1) // 2 * 2}d}"
    groups = [int(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]
    if len(groups) > 1:
        yield _joined([*groups[:-2], groups[-1], groups[-2]])
    for at, group in enumerate(groups):
        if group in _ALIKE:
            yield _joined([*groups[:at], _ALIKE[group], *groups[at + 1 :]])


def _joined(groups: Sequence[int]) -> int:
    return int("".join(f"{group:02d}" for group in groups))


def _digits(cents: int, chance: random.Random) -> Iterator[int]:
    """First each digit once, then further ones; amounts of few digits have few neighbours and get longer ones."""
    figures = f"{cents:03d}"
    others = [
        int(figures[:at] + figure + figures[at + 1 :])
        for at in range(len(figures))
        for figure in chance.sample("0123456789", 10)
    ]
    rounds = [others[start::10] for start in range(10)]
    yield from chain.from_iterable(rounds)


@dataclass(frozen=True, slots=True)
class Balance:
    """The line of the catalogue whose end is live."""

    catalogue: Catalogue
    literal: Literal
    slot: Slot

    @staticmethod
    def of(project: Project) -> Balance:
        catalogue = project.catalogue()
        literal, slot = catalogue.phrases[PHRASE].parts
        assert isinstance(literal, Literal) and isinstance(slot, Slot)
        return Balance(catalogue, literal, slot)

    def live(self, amount: Decimal) -> str:
        """What the voice is asked for in the call."""
        return spoken(self.slot, amount, self.catalogue.locale).text

    def whole(self, amount: Decimal) -> str:
        """The same sentence, for one synthesis."""
        return self.catalogue.phrases[PHRASE].text.replace(
            f"{{{self.slot.name}:{self.slot.kind}}}", say_as(self.slot.name, self.slot.kind, amount)
        )

    def alternatives(self, amounts: Iterable[Decimal]) -> dict[str, str]:
        return {str(amount): self.whole(amount) for amount in amounts}


Spoken = Mapping[str, tuple[Samples, int]]


async def speak(project: Project, voice: Synthesizer, texts: Iterable[str]) -> Spoken:
    choice = project.settings.voice
    spoken: dict[str, tuple[Samples, int]] = {}
    for text in texts:
        request = SpeechRequest(text, choice.name, project.settings.locale, choice.speed)
        async with aclosing(voice.synthesize(request)) as chunks:
            parts = [chunk async for chunk in chunks]
        spoken[text] = np.concatenate([part.samples for part in parts]), parts[0].rate
    return spoken


def spliced(plan: CallPlan, amount: Decimal, voice: ScriptedVoice, delay: float = 0.6) -> tuple[Samples, int]:
    """The balance's sentence as the gateway received it"""
    far = TwilioFarEnd(parameters={"from": CALLER})
    driver = Driver(plan, TwilioCodec(), far, voice, {"bank.balance": Answer(amount, delay)})
    pressed = []

    def watch(event: TraceEvent, now: float) -> None:
        if isinstance(event, Listening) and len(pressed) < 2:
            pressed.append(now)
            driver.at(now + 0.5, lambda now: far.press("19"[len(pressed) - 1], now))

    driver.watch = watch
    trace = driver.run()
    started = [e for e in trace if isinstance(e, SegmentStarted)]
    live = next(e for e in started if e.strategy is Strategy.STREAM)
    turn = [e for e in started if e.utterance == live.utterance]
    assert [e.strategy for e in turn] == [Strategy.CLIP, Strategy.STREAM], turn
    ended = next(e for e in trace if isinstance(e, SegmentEnded) and e.segment == live.segment)
    start, join, stop = turn[0].sounds_at, live.sounds_at, live.sounds_at + ended.samples / RATE
    assert not far.protocol_errors
    return far.heard.timeline(start, stop), round((join - start) * RATE)


def whole(spoken: tuple[Samples, int], target: float) -> Samples:
    samples, rate = spoken
    clip = make_clip(level(resample(trim(samples, rate), rate, RATE), RATE, target), MULAW_8K)
    return mulaw_decode(clip.payload)


def wilson(found: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a rate (E. B. Wilson, 1927)."""
    share, spread = found / of, z * z / of
    middle = share + spread / 2
    half = z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)
