"""What the README promises of a call, on real sockets and in real time, judged at the far end's ear."""

import asyncio
import importlib.util
import json
import random
from base64 import b64decode
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from runtime_bank import KEY, Babbler, environ, open_house

from ivr.catalog.sayas import say_as
from ivr.media.format import MULAW_8K
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.speech.voices import open_voice
from ivr.testing.ear import dead_air
from ivr.testing.provider import Behaviour, FakeProvider
from ivr.testing.voices import babble
from ivr.trace.events import BargedIn, FirstAudio, Listening, LookupEnded, SynthesisEnded, SynthesisStarted
from ivr.trace.sound import SeamJoined, SegmentEnded, SegmentStarted, Strategy

RATE = 24000
"""What the http voice asks for."""
CLIP, STREAM, FILLER, HOLD, FALLBACK = (
    Strategy.CLIP,
    Strategy.STREAM,
    Strategy.FILLER,
    Strategy.HOLD,
    Strategy.FALLBACK,
)


@pytest.fixture
async def provider():
    speak = cache(lambda text: (babble(text, RATE), RATE))
    async with FakeProvider(speak, api_key=KEY) as it:
        yield it


@asynccontextmanager
async def hosted(bank_root, *providers, lookups=None, **settings):
    """The bank, speaking through ``providers``; the environment chooses them, as an operator would."""
    project = load(bank_root, environ(",".join(provider.url for provider in providers), **settings))
    voice = open_voice(**project.settings.voice.options())
    try:
        async with open_house(project, voice, lookups) as house:
            yield house
    finally:
        await voice.aclose()


def turn(line):
    """How each segment after the key was voiced, up to the next question; a loop that goes on counts once."""
    voiced = []
    utterance = line.of(SynthesisStarted)[0].segment.partition(".")[0]
    for event in line.of(SegmentStarted):
        if event.utterance == utterance and event.strategy not in voiced[-1:]:
            voiced.append(event.strategy)
    return voiced


def after_key(line):
    """What was heard after the (first) key."""
    heard = line.far_end.heard
    return heard.timeline(line.far_end.cleared[0][0], heard.stop)


def seams(line):
    """The joins of the turn at which audio came in time."""
    return [seam for seam in line.of(SeamJoined) if seam.slack is None or seam.slack > 0]


def assert_no_seam_is_heard(line):
    joins = seams(line)
    assert [seam.gap for seam in joins] == [0] * len(joins)
    assert max(seam.jump for seam in joins) <= 1
    assert max(abs(seam.level_step) for seam in joins if seam.level_step is not None) <= 1
    assert STREAM in {seam.strategy for seam in joins}


async def ask_for_balance(line):
    """Interrupt the greeting with the key."""
    await line.dialer.wait_heard(0.1)
    await line.press("1")


def assert_first_words_follow_the_start(log):
    """Nothing else passes between the gateway's ``start`` and our first audio, but for the mark that goes with it."""
    events = [(direction, json.loads(message)["event"]) for direction, message, _ in log]
    assert events[: events.index(("in", "start")) + 1] == [("in", "connected"), ("in", "start")]
    assert events[2:4] == [("out", "mark"), ("out", "media")]


@pytest.mark.skipif(importlib.util.find_spec("espeakng_loader") is None, reason="the embedded voice is not installed")
async def test_the_starter_as_it_ships_says_a_balance_without_a_seam():
    project = load(starter_root(), {})
    voice = open_voice(**project.settings.voice.options())
    logs = {"+15550100": [], "+15550102": []}

    async def one(house, caller):
        async with house.call(caller, on_message=lambda *entry: logs[caller].append(entry)) as line:
            await ask_for_balance(line)
            await line.until(SegmentStarted, lambda event: event.text == "Is there anything else?")
            await line.until(SeamJoined, lambda event: event.before == line.of(SynthesisStarted)[0].segment)
            await asyncio.sleep(0.4)
        return line

    try:
        async with open_house(project, voice, {}) as house:
            lines = await asyncio.gather(*(one(house, caller) for caller in logs))
    finally:
        await voice.aclose()
    for line, log in zip(lines, logs.values(), strict=True):
        assert_first_words_follow_the_start(log)
        (returned,) = line.of(LookupEnded)
        first = [event for event in line.of(FirstAudio) if event.trigger == "digit"]
        assert first[0].strategy == "clip" and first[0].at < returned.at
        before_it_returned = line.far_end.heard.timeline(line.far_end.cleared[0][0], returned.at)
        assert np.abs(before_it_returned).max() > 0.1
        (asked,) = line.of(SynthesisStarted)
        (preamble,) = [event for event in line.of(SegmentEnded) if event.segment == "u3.1"]
        assert returned.at <= asked.at < preamble.at
        assert turn(line) == [CLIP, STREAM]
        assert_no_seam_is_heard(line)
        assert dead_air(line.far_end.heard, line.of()) == []
    # The same words for both, up to the amount.
    same = preamble.samples
    one, other = (np.trim_zeros(after_key(line), "f") for line in lines)
    assert np.array_equal(one[: same - 800], other[: same - 800])
    assert not np.array_equal(one[same : same + 16000], other[same : same + 16000])


async def test_a_hosted_voice_is_asked_once_and_before_its_words_are_due(bank_root, provider):
    provider.behave = Behaviour(first_byte_delay=0.3, pace=3.0)
    amounts = {"a": Decimal("1.05"), "b": Decimal("2.00")}

    async def one(house, caller):
        log = []
        async with house.call(caller, on_message=lambda *entry: log.append(entry)) as line:
            await ask_for_balance(line)
            await line.until(Listening)
        assert_first_words_follow_the_start(log)
        return line

    async def balance(caller):
        await asyncio.sleep(0.6)
        return amounts[caller]

    async with hosted(bank_root, provider, lookups={"bank.balance": balance}) as house:
        lines = await asyncio.gather(*(one(house, caller) for caller in amounts))
        assert sorted(request.json["text"] for request in provider.requests) == [
            "one dollar and five cents.",
            "two dollars.",
        ]
        for line in lines:
            (returned,) = line.of(LookupEnded)
            (asked,) = line.of(SynthesisStarted)
            heard = line.far_end.heard
            key = line.far_end.cleared[0][0]
            assert np.abs(heard.timeline(key, returned.at)).max() > 0.1
            request = next(request for request in provider.requests if request.json["text"] == asked.text)
            preamble = next(event.samples for event in line.of(SegmentEnded) if event.segment == "u3.1")
            assert key < request.received_at < key + preamble / 8000
            assert turn(line) == [CLIP, STREAM]
            assert_no_seam_is_heard(line)
            assert dead_air(heard, line.of()) == []
        a, b = (np.trim_zeros(after_key(line)) for line in lines)
        assert np.array_equal(a[: preamble - 800], b[: preamble - 800])
        assert not np.array_equal(a[preamble : preamble + 8000], b[preamble : preamble + 8000])
        # And when the provider is gone, that is heard.
        await provider.stop()
        without = await one(house, "a")
        assert turn(without) == [CLIP, FALLBACK]
        assert dead_air(without.far_end.heard, without.of()) == []
        c = np.trim_zeros(after_key(without))
        assert np.array_equal(a[: preamble - 800], c[: preamble - 800])
        assert not np.array_equal(a[preamble : preamble + 4000], c[preamble : preamble + 4000])


async def test_a_late_answer_is_covered_and_in_this_order(bank_root, provider):
    async def balance(caller):
        await asyncio.sleep(4.0)
        return 1

    sent = bytearray()

    def collect(direction, message, at):
        if direction == "out" and '"media"' in message:
            sent.extend(b64decode(json.loads(message)["media"]["payload"]))

    async with hosted(bank_root, provider, lookups={"bank.balance": balance}) as house:
        async with house.call(on_message=collect) as line:
            await ask_for_balance(line)
            await line.until(Listening)
        assert turn(line) == [CLIP, FILLER, HOLD, STREAM]
        assert dead_air(line.far_end.heard, line.of()) == []
        clips = house.server._calls.plan("twilio").clips
        places = [sent.find(clips[name].payload) for name in ("balance", "one_moment", "hold", "again")]
        assert -1 not in places and places == sorted(places)
        (amount,) = [event for event in line.of(SegmentStarted) if event.strategy is STREAM]
        assert places[2] < amount.position < places[3]
        assert len(provider.requests) == 1


# Each way to misbehave is one caller's, told by his amount; all call at once, and none may disturb another.
BUSY = Behaviour(fault="status", status=503)
LATER = Behaviour(fault="status", status=503, first_byte_delay=0.3)
STALLED = Behaviour(fault="stall_after", after=1.0)
DIES = Behaviour(chunk_seconds=1.0, fault="die_after", after=1.1)
"""A second of audio at once; the rest, and the end, come when the words have begun to sound."""
TROUBLES = {
    1: ("no trouble", [Behaviour()], [CLIP, STREAM]),
    2: ("too many requests", [Behaviour(fault="status", status=429, retry_after="30")], [CLIP, FALLBACK]),
    3: ("an error that passes", [BUSY, Behaviour()], [CLIP, STREAM]),
    4: ("an error that stays", [BUSY, BUSY], [CLIP, FALLBACK]),
    5: ("success without audio", [Behaviour(fault="empty")] * 2, [CLIP, FALLBACK]),
    6: ("a truncated body", [Behaviour(fault="truncate_after", after=0.4)] * 2, [CLIP, FALLBACK]),
    7: ("a page in place of audio", [Behaviour(fault="html")] * 2, [CLIP, FALLBACK]),
    8: ("slow", [Behaviour(first_byte_delay=3.5)], [CLIP, FILLER, HOLD, STREAM]),
    9: ("dies in mid-word", [DIES, LATER], [CLIP, STREAM, FILLER, FALLBACK]),
    10: ("stalls in mid-word", [STALLED, BUSY], [CLIP, STREAM, FILLER, FALLBACK]),
    11: ("dies and recovers", [DIES, Behaviour(first_byte_delay=2.0)], [CLIP, STREAM, FILLER, STREAM]),
}
"""By amount over 100: what goes wrong, how each attempt is answered, and what is heard, in this order."""


def in_order(expected, voiced):
    """Whether ``voiced`` is ``expected`` in its order; covers may stand between, for a machine that is slow."""
    rest = iter(voiced)
    return all(strategy in rest for strategy in expected) and set(voiced) - set(expected) <= {FILLER, HOLD}


async def misbehaving(bank_root, provider, numbers, **settings):
    """A call for each of those troubles, all at once; in real life so many in a row open the breaker."""
    sounding = {number: asyncio.Event() for number in numbers}
    scripts = {
        say_as("amount", "money", 100 + number): iter(
            replace(behaviour, hold=sounding[number]) if behaviour is DIES else behaviour
            for behaviour in TROUBLES[number][1]
        )
        for number in numbers
    }
    provider.behave = lambda text, _: next(scripts[text.rstrip(".")])

    async def one(house, number):
        async with house.call(str(number)) as line:
            await ask_for_balance(line)
            if STREAM in TROUBLES[number][2]:
                await line.until(SegmentStarted, lambda event: event.strategy is STREAM)
                sounding[number].set()
            await line.until(Listening)
        return line

    settings = {"IVR_VOICE_STALL": "3s", "IVR_VOICE_BREAKER": "1000", **settings}
    async with hosted(
        bank_root, provider, lookups={"bank.balance": lambda caller: 100 + int(caller)}, **settings
    ) as house:
        return await asyncio.gather(*(one(house, number) for number in numbers))


async def test_whatever_the_provider_does_the_caller_hears_words(bank_root, provider):
    lines = await misbehaving(bank_root, provider, TROUBLES)
    found = {}
    for line, (what, script, expected) in zip(lines, TROUBLES.values(), strict=True):
        voiced = turn(line)
        found[what] = (voiced if not in_order(expected, voiced) else expected, dead_air(line.far_end.heard, line.of()))
        outcomes = [event.outcome for event in line.of(SynthesisEnded)]
        assert outcomes == ["failed"] * (len(script) - 1) + ["done" if STREAM is expected[-1] else "failed"]
    assert found == {what: (expected, []) for what, _, expected in TROUBLES.values()}


async def test_with_covers_off_the_same_troubles_are_heard_as_silence(bank_root, provider):
    lines = await misbehaving(bank_root, provider, (4, 8, 11), IVR_COVER_ENABLED="no")
    refused, slow, died = lines
    # Nothing covers what is late; what failed has its fallback all the same.
    assert [turn(line) for line in lines] == [[CLIP, FALLBACK], [CLIP, STREAM], [CLIP, STREAM]]
    for line in (slow, died):
        assert dead_air(line.far_end.heard, line.of()) != []
    assert [event.outcome for event in refused.of(SynthesisEnded)] == ["failed"] * 2


async def test_with_a_dead_region_the_amount_comes_from_the_next_one(bank_root, provider):
    async def one(dead):
        async with hosted(bank_root, dead, provider, IVR_VOICE_HEDGE="300ms") as house, house.call() as line:
            await ask_for_balance(line)
            amount = await line.until(SegmentStarted, lambda event: event.strategy in (STREAM, FALLBACK))
            await line.dialer.wait_heard(lambda heard: heard.stop > amount.at + 0.4)
            heard = line.far_end.heard
            assert np.abs(heard.timeline(amount.at + 0.1, heard.stop)).max() > 0.1
        assert turn(line) == [CLIP, STREAM]
        assert [event.outcome for event in line.of(SynthesisEnded)] == ["done"]
        assert dead_air(heard, line.of()) == []

    speak = cache(lambda text: (babble(text, RATE), RATE))
    async with FakeProvider(speak, api_key=KEY) as deaf, FakeProvider(speak, api_key=KEY) as gone:
        deaf.behave = Behaviour(fault="stall_after", after=0.0)
        await gone.stop()
        await asyncio.gather(one(deaf), one(gone))
        assert (len(deaf.requests), len(gone.requests)) == (1, 0)
    assert [request.json["text"] for request in provider.requests] == ["one dollar and five cents."] * 2


LATE = 0.100
"""Seconds by which what we believe to be heard may be off."""


async def lateness(most: list[float]) -> None:
    """Watch how late the loop wakes; both ends of the line run on it, and neither can know what it costs the other."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + 0.005
        await asyncio.sleep(0.005)
        most[0] = max(most[0], loop.time() - due)


async def test_what_was_heard_at_a_barge_in_is_known(bank):
    chance = random.Random(20)
    late = [0.0]

    async def one(house, number):
        paths = {"path_out": chance.uniform(0, 0.06), "path_in": chance.uniform(0, 0.06)}
        instant = chance.uniform(0.15, 1.6)
        await asyncio.sleep(0.05 * number)
        async with house.call(**paths) as line:
            await line.dialer.wait_heard(instant)
            await line.press("1")
            barged = await line.until(BargedIn)
            begun = await line.until(SegmentStarted, lambda event: event.at >= barged.at)
            await line.dialer.wait_heard(lambda heard: len(line.far_end.cleared) == 1 and heard.stop > begun.at + 0.2)
        ((cleared, _),) = line.far_end.cleared
        heard = line.far_end.heard
        assert begun.text == "The current balance of your account is,"
        assert np.abs(heard.timeline(cleared, heard.stop)).max() > 0.1
        # This end and that one share a processor: what it took beyond the path is no part of the error.
        return barged.position - heard.played_samples(min(cleared, barged.at + paths["path_out"]))

    async with open_house(bank, Babbler()) as house:
        watching = asyncio.create_task(lateness(late))
        errors = await asyncio.gather(*(one(house, number) for number in range(20)))
        watching.cancel()
    assert max(abs(error) for error in errors) <= MULAW_8K.samples(LATE + late[0]), errors
