"""Some of the twenty scenarios, and scenario files, over real sockets of other gateways: as in virtual time.

Over AudioSocket we are the clock and have a lead of 40 ms: a busy machine that wakes later is heard (``Underrun``).
That tells of the machine, and of nothing that the call decided.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from runtime_bank import NAME, Line, open_house, unhurried
from test_same_trace import NOISE, SCENARIOS, VOICE, Scenario, Scripted, differences, real, simulated

from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Answer
from ivr.simulator.scenario.file import read_scenario
from ivr.simulator.scenario.run import Stage
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.audiosocket import AudioSocketFarEnd
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd
from ivr.trace.events import DigitHeard
from ivr.trace.jsonl import as_dict, unmasked
from ivr.trace.sound import Underrun

GATEWAYS = ("twilio", "asterisk/ulaw", "audiosocket")
ELSEWHERE = GATEWAYS[1:]
CHOSEN = ("a key into the amount", "a wrong key", "a lookup that fails", "hanging up in a lookup", "both keys at once")
"""What gateways differ in: sound that is cut, marks, an opening, a hang-up; none takes ten seconds."""
FILES = {
    "a balance": """\
lookups: {bank.balance: {value: 1.05, delay: 100ms}}
steps:
  - phrase: menu
  - wait: 500ms
  - press: 1
  - phrase: again
    within: 20s
  - wait: 500ms
  - press: 9
  - ended: 5s
expect: {states: [welcome, main, balance, again, goodbye], outcome: the dialog ended}
""",
    "no balance": """\
lookups: {bank.balance: {error: closed, delay: 300ms}}
steps:
  - interrupt: {after: 600ms, press: 1}
  - phrase: unavailable
  - wait: 500ms
  - press: 9
  - ended: 5s
expect: {states: [welcome, main, balance, unavailable, again, goodbye]}
""",
}


@asynccontextmanager
async def line(project, gateway: str, answer: Answer) -> AsyncIterator[Line]:
    """A call to a server of its own, whose lookup ends so."""

    async def lookup(caller: str = ""):
        await asyncio.sleep(answer.delay)
        if answer.error is not None:
            raise LookupError(answer.error)
        return answer.value

    serving = unhurried(audiosocket_port=0)
    async with open_house(project, Scripted(), {"bank.balance": lookup}, serving=serving) as house:
        port = house.server.port
        match gateway:
            case "twilio":
                dialer = Dialer(house.url, TwilioFarEnd())
            case "audiosocket":
                address = f"tcp://127.0.0.1:{house.server.audiosocket_port}"
                dialer = Dialer(address, AudioSocketFarEnd(UUID(int=1)))
            case _:
                dialer = Dialer(f"ws://127.0.0.1:{port}/asterisk", AsteriskFarEnd(), subprotocol="media")
        async with dialer:
            yield Line(dialer, dialer.far_end, house.told)


async def differs(project, gateway: str, scenario: Scenario, wanted: list[dict]) -> list[str]:
    async with line(project, gateway, scenario.answer) as call:
        found = await real(call, scenario)
    if gateway == "audiosocket":
        found = [event for event in found if event["event"] != Underrun.__name__]
    return differences(wanted, found)


async def judge(project, wanted: dict[tuple[str, Scenario], list[dict]]) -> None:
    found = await asyncio.gather(*(differs(project, *key, trace) for key, trace in wanted.items()))
    for ((gateway, scenario), trace), first in zip(wanted.items(), found, strict=True):
        if first:  # once more, alone on the machine as far as that goes
            again = await differs(project, gateway, scenario, trace)
            assert again == [], (gateway, scenario.name, first)


async def test_some_of_the_twenty_are_the_same_over_asterisk_and_audiosocket(bank):
    chosen = [scenario for scenario in SCENARIOS if scenario.name in CHOSEN]
    assert len(chosen) == len(CHOSEN)
    pairs = [(name, steady(bank, each, name)) for name in ELSEWHERE for each in chosen]
    await judge(bank, {(name, each): simulated(bank, each, name) for name, each in pairs})


def steady(project, scenario: Scenario, gateway: str) -> Scenario:
    """The same a little later, where a key that comes earlier or later by ``NOISE`` does not lead elsewhere."""
    for step in range(20):
        tried = [moved(scenario, step * 0.05 + by) for by in (-NOISE, 0.0, NOISE)]
        kinds = [Counter(event["event"] for event in simulated(project, each, gateway)) for each in tried]
        if kinds[0] == kinds[1] == kinds[2]:
            return tried[1]
    raise AssertionError(f"{scenario.name}: wherever it begins a little time decides where it goes")


def moved(scenario: Scenario, by: float) -> Scenario:
    return replace(scenario, does=tuple((max(0.0, at + by), what) for at, what in scenario.does))


@pytest.mark.parametrize("name", FILES)
async def test_a_scenario_file_is_the_same_over_every_gateway(name, bank):
    wanted = dict(played(bank, name, gateway) for gateway in GATEWAYS)
    await judge(bank, wanted)


def played(project, name: str, gateway: str) -> tuple[tuple[str, Scenario], list[dict]]:
    """What the file leads to in virtual time; its keys at the times at which its caller pressed them there."""
    (scenario,), problems = read_scenario(FILES[name], "x.yaml", project)
    assert problems == [], problems
    report = Stage(project).run(scenario, conditions=Conditions(VOICE), gateway=gateway)
    assert report.ok, report.failures
    keys = tuple((event.at, event.digit) for event in report.made.trace if isinstance(event, DigitHeard))
    (answer,) = scenario.lookups["bank.balance"]
    trace = [as_dict(event, unmasked) for event in report.made.trace]
    for event in trace:
        event.update({"provider": NAME} if "provider" in event else {})
    return (gateway, Scenario(name, keys, replace(answer))), trace
