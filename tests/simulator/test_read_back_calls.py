"""Two hundred calls that read amounts back: nobody is asked to say them, and nothing that is written tells them."""

import os
import random
import re
from decimal import Decimal

import pytest

from ivr.call.plan import plan_calls
from ivr.catalog.sayas import say_as
from ivr.phrases.dynamic import DynamicClips
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.driver import Answer, Driver
from ivr.simulator.emulated import EMULATED, Network
from ivr.simulator.silence import LIMIT
from ivr.testing.ear import dead_air
from ivr.testing.spliced import spliced
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import SynthesisStarted
from ivr.trace.jsonl import line
from ivr.trace.sound import SegmentStarted, Strategy

CALLS = 200
NUMBERS = frozenset(re.findall(r"[a-z]+", " ".join(say_as("n", "number", n) for n in range(1, 100))))
"""Words of numbers, none of which is fixed in the starter's phrases of a balance."""


class Watched:
    """A provider that notes whatever reaches it."""

    def __init__(self):
        self.asked = []

    def begin(self, request, tell):
        self.asked.append(request.text)
        return lambda: None


@pytest.fixture(scope="module")
def project():
    return spliced(load(starter_root(), os.environ), "fragments")


def call(project, gateway, amount, watched, chance, dynamic, voice=None):
    """``voice``: who speaks where ``watched`` is None."""
    there = EMULATED[gateway]
    plan = plan_calls(project, there.capabilities, provider="watched", dynamic=dynamic)
    way = chance.uniform(0.0, 0.1)
    phone = there.far_end({"from": "+15550100"}, Network(way, way))
    answer = Answer(amount, chance.choice([0.05, 0.5, 3.0]))
    driver = Driver(
        plan, there.codec(), phone, voice or ScriptedVoice(), {"bank.balance": answer}, record=True, desk=watched
    )
    for at in (2.0, 14.0):
        driver.at(at, lambda now: phone.press("1", now))
    driver.at(chance.choice([15.0, 26.0]), lambda now: phone.press("9", now))
    driver.run(60.0)
    return driver, phone, way


def tells(text: str, amount: Decimal) -> list[str]:
    """What of ``text`` tells the amount: its digits, or words of numbers."""
    digits = format(amount, ".2f").lstrip("-")
    found = [digits] if re.search(rf"(?<![\d.]){re.escape(digits)}(?!\d)", text) else []
    return found + [word for word in re.findall(r"[a-z]+", text) if word in NUMBERS]


def test_two_hundred_calls_ask_nobody_and_tell_nothing(project):
    watched, dynamic, read = Watched(), DynamicClips(), 0
    for number in range(CALLS):
        chance = random.Random(number)
        amount = Decimal(chance.randrange(11_000, 10**8)) / 100
        gateway = sorted(EMULATED)[number % len(EMULATED)]
        driver = call(project, gateway, amount, watched, chance, dynamic)[0]
        started = [event for event in driver.trace if isinstance(event, SegmentStarted)]
        spoken = [event for event in started if event.strategy is Strategy.FRAGMENTS]
        assert spoken and all(event.text.startswith(say_as("n", "money", amount)) for event in spoken)
        assert not any(isinstance(event, SynthesisStarted) for event in driver.trace)
        read += len(spoken)
        written = [line(event).decode() for event in driver.trace]
        private = [text for text in written if '"private":true' in text or "LookupCame" in text]
        assert [told for text in private for told in tells(text, amount)] == [], number
        assert not any(format(amount, ".2f") in text for text in written), number
    assert watched.asked == []
    assert dynamic.size == 0
    assert read >= 1.5 * CALLS


def test_the_watch_sees_what_a_project_that_streams_asks_for(project):
    watched, chance = Watched(), random.Random(0)
    streams = spliced(project, "stream")
    driver, *_ = call(streams, "twilio", Decimal("1234.56"), watched, chance, DynamicClips())
    assert watched.asked and "thousand" in watched.asked[0]
    assert not any(isinstance(e, SegmentStarted) and e.strategy is Strategy.FRAGMENTS for e in driver.trace)


@pytest.mark.parametrize("mode", ["fragments", "auto"])
def test_no_dead_air_over_any_gateway(project, mode):
    changed, used = spliced(project, mode), set()
    for number in range(48):
        chance = random.Random(number)
        gateway = sorted(EMULATED)[number % len(EMULATED)]
        voice = chance.choice([ScriptedVoice(chance.uniform(0.05, 5.0)), ScriptedVoice(stalls_after=0.0)])
        driver, phone, way = call(changed, gateway, Decimal("98765.43"), None, chance, None, voice)
        used |= {event.strategy.value for event in driver.trace if isinstance(event, SegmentStarted)}
        opening = driver.codec.capabilities.opening
        assert dead_air(phone.heard, driver.trace, threshold=LIMIT, path=way, opening=opening) == [], number
    assert used >= {"fragments"} | ({"stream"} if mode == "auto" else set())
    assert "fallback" not in used
