"""``python -m bench.recognition [--amounts N] [--seed N] [--json]``: how often a recogniser finds the balance's words.

Each amount is said in a call on the heap, by the embedded voice and at the pace of a provider that is now quick and now
just in time, spliced onto the words before it; what the gateway received is judged. Beside it stands the same sentence
synthesised whole, trimmed, levelled and encoded as clips are. Neither is judged by ear: the figures of the two are to
be compared with each other, and with those of sounds that must not be found.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from math import sqrt

import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.call.plan import CallPlan, plan_calls
from ivr.catalog.phrase import Literal, Slot
from ivr.catalog.sayas import say_as
from ivr.catalog.wording import Place, spoken
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode
from ivr.media.samples import Samples
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.starter import starter_root
from ivr.simulator.driver import Answer, Driver
from ivr.simulator.reference import on_the_telephone
from ivr.speech.synthesizer import SpeechRequest
from ivr.speech.voices import open_voice
from ivr.testing.recogniser import Recogniser
from ivr.testing.twilio import RATE, TwilioFarEnd
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import Listening, TraceEvent
from ivr.trace.sound import SegmentEnded, SegmentStarted, Strategy

PHRASE = "balance"
NEAR = 24
"""Sentences with almost the same amount that stand beside the true one."""
FAR = 24
"""Sentences with quite other amounts, where no near one is to help."""
LOOKUP = (0.1, 2.4)
FIRST_AUDIO = (0.02, 0.3)
PACE = (2.0, 8.0)
"""Seconds, seconds, and audio seconds a second, drawn for each call: the amount comes before it is due."""
_TEENS = {12: 20, **{10 + n: 10 * n for n in range(3, 10)}}
_ALIKE = {**_TEENS, **{ten: teen for teen, ten in _TEENS.items()}}
"""Pairs that people, too, take for each other on the telephone."""


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


Spoken = Mapping[str, tuple[Samples, int]]


@dataclass(frozen=True, slots=True)
class Balance:
    """The line of the starter whose end is live."""

    project: Project
    literal: Literal
    slot: Slot

    @staticmethod
    def of(project: Project) -> Balance:
        literal, slot = project.catalogue().phrases[PHRASE].parts
        assert isinstance(literal, Literal) and isinstance(slot, Slot)
        return Balance(project, literal, slot)

    def live(self, amount: Decimal) -> str:
        """What the voice is asked for in the call."""
        settings = self.project.settings
        return spoken(Place(self.slot, PHRASE, settings.locale, settings.readback.currency, True), amount).text

    def whole(self, amount: Decimal) -> str:
        """The same sentence, for one synthesis."""
        words = say_as(self.slot.name, self.slot.kind, amount)
        text = self.project.catalogue().phrases[PHRASE].text
        return text.replace(f"{{{self.slot.name}:{self.slot.kind}}}", words)

    def sentences(self, amounts: Iterable[Decimal]) -> dict[str, str]:
        """By amount, as a recogniser's alternatives."""
        return {str(amount): self.whole(amount) for amount in amounts}


async def speak(project: Project, texts: Iterable[str]) -> Spoken:
    """The voice's own audio and its rate, by text; the project's voice and its real workers."""
    choice = project.settings.voice
    said: dict[str, tuple[Samples, int]] = {}
    voice = open_voice(**choice.options())
    try:
        for text in texts:
            request = SpeechRequest(text, choice.name, project.settings.locale, choice.speed)
            async with aclosing(voice.synthesize(request)) as chunks:
                parts = [chunk async for chunk in chunks]
            said[text] = np.concatenate([part.samples for part in parts]), parts[0].rate
    finally:
        await voice.aclose()
    return said


def calls(project: Project) -> CallPlan:
    """For the project's own voice, whose calibration is in the lock."""
    return plan_calls(project, TWILIO, provider=open_voice(**project.settings.voice.options()).name)


def provider(said: Spoken, seed: str) -> tuple[ScriptedVoice, float]:
    """A voice that says ``said`` with latencies drawn from ``seed``, and seconds that the lookup takes."""
    chance = random.Random(seed)
    delay = chance.uniform(*LOOKUP)
    voice = ScriptedVoice(first_audio=chance.uniform(*FIRST_AUDIO), pace=chance.uniform(*PACE), speak=said.__getitem__)
    return voice, delay


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """The balance's turn as the gateway received it, decoded."""

    samples: Samples
    join: int
    """The first sample of the amount."""


def call(plan: CallPlan, amount: Decimal, voice: ScriptedVoice, delay: float) -> Turn:
    """One call to the starter on the heap, whose caller asks for the balance and then ends it."""
    far_end = TwilioFarEnd(parameters={"from": "+15550100"})
    driver = Driver(plan, TwilioCodec(), far_end, voice, {"bank.balance": Answer(amount, delay)})
    keys = iter("19")

    def press(event: TraceEvent, now: float) -> None:
        if isinstance(event, Listening) and (key := next(keys, None)) is not None:
            driver.at(now + 0.5, lambda now: far_end.press(key, now))

    driver.watch = press
    trace = driver.run()
    assert not far_end.protocol_errors, far_end.protocol_errors
    live = next(event for event in trace if isinstance(event, SegmentStarted) and event.strategy is Strategy.STREAM)
    turn = [event for event in trace if isinstance(event, SegmentStarted) and event.utterance == live.utterance]
    assert [event.strategy for event in turn] == [Strategy.CLIP, Strategy.STREAM], f"a cover sounded: {turn}"
    before, behind = (
        next(each.samples for each in trace if isinstance(each, SegmentEnded) and each.segment == segment.segment)
        for segment in turn
    )
    # Nothing was queued, so what is handed over sounds at once.
    start = turn[0].at
    return Turn(far_end.heard.timeline(start, start + (before + behind) / RATE), before)


def whole(project: Project, said: tuple[Samples, int]) -> Samples:
    """A sentence of one synthesis, made and decoded as clips are."""
    samples, rate = said
    return on_the_telephone(samples, rate, project.settings.loudness)


def prompts(project: Project) -> tuple[dict[str, Samples], dict[str, str]]:
    """Every rendered clip, decoded from what gateways get of it, and its words."""
    catalogue = project.catalogue()
    texts = {
        part.clip: part.text
        for phrase in catalogue.phrases.values()
        if phrase.sound is None
        for part in phrase.parts
        if isinstance(part, Literal)
    }
    clips = project.store.clips(MULAW_8K)
    return {name: mulaw_decode(clips[name].payload) for name in texts}, texts


@dataclass(slots=True)
class Tally:
    """How many were found; of the last three, wrongly."""

    amounts: int = 0
    spliced: int = 0
    whole: int = 0
    both: int = 0
    reversed: int = 0
    """Backwards, found as anything."""
    swapped: int = 0
    """Found as an amount that is quite another, while neither the true one nor one near it is to be had."""
    digit: int = 0
    """Found as an amount that differs in one thing, while the true one is not to be had."""


def judge(
    recogniser: Recogniser, balance: Balance, drawn: Sequence[Decimal], turns: Sequence[tuple[Turn, Samples]]
) -> Tally:
    """``turns``: for each amount of ``drawn`` its turn in a call, and its sentence of one synthesis."""
    tally = Tally()
    for place, (amount, (turn, sentence)) in enumerate(zip(drawn, turns, strict=True)):
        near = near_misses(amount)
        recogniser.expect(balance.sentences([amount, *near]))
        spliced = recogniser.hear(turn.samples, RATE) == str(amount)
        one = recogniser.hear(sentence, RATE) == str(amount)
        tally.amounts += 1
        tally.spliced += spliced
        tally.whole += one
        tally.both += spliced and one
        tally.reversed += recogniser.hear(turn.samples[::-1].copy(), RATE) is not None
        far = [other for other in others(drawn, place) if other not in near][:FAR]
        tally.swapped += found_among(recogniser, balance, turn, far[0], far[1:])
        tally.digit += found_among(recogniser, balance, turn, near[place % NEAR], far[1:])
    return tally


def others(drawn: Sequence[Decimal], place: int) -> list[Decimal]:
    return [*drawn[place + 1 :], *drawn[:place]]


def found_among(recogniser: Recogniser, balance: Balance, turn: Turn, claimed: Decimal, far: Iterable[Decimal]) -> bool:
    """Whether a turn is taken for ``claimed``, which stands among ``far`` amounts."""
    recogniser.expect(balance.sentences([claimed, *far]))
    return recogniser.hear(turn.samples, RATE) == str(claimed)


def wilson(found: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a rate (E. B. Wilson, 1927)."""
    share, spread = found / of, z * z / of
    middle = share + spread / 2
    half = z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.recognition")
    parser.add_argument("--amounts", type=int, default=200, help="different amounts (%(default)s)")
    parser.add_argument("--seed", type=int, default=2026, help="they are drawn from it (%(default)s)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.amounts <= FAR + 1:
        parser.error(f"--amounts: {FAR + 2} or more, each is judged beside {FAR} others")
    project = load(starter_root(), {})
    sounds, texts = prompts(project)
    recogniser = Recogniser(texts)
    found = sum(recogniser.hear(sound, RATE) == name for name, sound in sounds.items())
    backwards = sum(recogniser.hear(sound[::-1].copy(), RATE) is not None for sound in sounds.values())
    balance = Balance.of(project)
    drawn = amounts(args.amounts, args.seed)
    said = asyncio.run(speak(project, chain.from_iterable((balance.live(each), balance.whole(each)) for each in drawn)))
    plan = calls(project)
    turns = [
        (call(plan, each, *provider(said, str(each))), whole(project, said[balance.whole(each)])) for each in drawn
    ]
    tally = judge(recogniser, balance, drawn, turns)
    rows = {
        "prompts": (found, len(sounds)),
        "prompts backwards": (backwards, len(sounds)),
        "spliced": (tally.spliced, tally.amounts),
        "whole": (tally.whole, tally.amounts),
        "spliced backwards": (tally.reversed, tally.amounts),
        "swapped": (tally.swapped, tally.amounts),
        "one thing swapped": (tally.digit, tally.amounts),
    }
    only = {"only spliced": tally.spliced - tally.both, "only whole": tally.whole - tally.both}
    if args.json:
        figures = {name: {"found": row[0], "of": row[1], "interval": wilson(*row)} for name, row in rows.items()}
        print(json.dumps({"seed": args.seed, **figures, **only}, indent=2))
    else:
        _print(rows, only)


def _print(rows: Mapping[str, tuple[int, int]], only: Mapping[str, int]) -> None:
    table = Table(title="heard from 8 kHz mu-law", title_justify="left")
    for column in ("what", "found", "of", "rate", "95 % interval"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name, (found, of) in rows.items():
        low, high = wilson(found, of)
        table.add_row(name, str(found), str(of), f"{found / of:.1%}", f"{low:.1%} – {high:.1%}")
    console = Console(highlight=False)
    console.print(table)
    console.print(f"found {' and '.join(f'{name}: {number}' for name, number in only.items())}")


if __name__ == "__main__":
    main()
