"""Twenty scenarios in virtual time and over a real websocket in real time: the same trace but for what is stated here.

Of each kind of event the same ones come in the same order, with the same fields but ``LEFT_OUT``; times and positions
agree within ``NOISE``. That fixes the order of any two events that are farther apart than twice that.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
from runtime_bank import NAME, Babbler, House, Line, environ, open_house, render_bank, write_bank

from ivr.call.plan import plan_calls
from ivr.errors import SpeechError
from ivr.media.resample import resample
from ivr.project.load import load
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import EMULATED
from ivr.simulator.simulation import simulate
from ivr.testing.voices import ScriptedVoice, babble
from ivr.trace.events import CallEnded, FirstFrame
from ivr.trace.jsonl import as_dict, unmasked

FRAME = 0.020
NOISE = FRAME + 0.130
"""Seconds: one frame, and what a loop with twenty calls on a busy machine of two cores may be late."""
LEFT_OUT = {
    "call": "the runtime's own id of a call",
    "stream": "the platform's id of a stream",
    "started_at": "wall time, which a simulation sets",
    "heard": "the words up to the ear's position, which may lie on either side of a word's edge",
    "detail": "the text of a lookup's error, which a real one puts its kind and place before",
    "level_step": "of sound behind a cover, which is cut where the answer came",
    "jump": "the same",
}
"""Fields that may differ, and why. Besides, only a shell notes ``FirstFrame``: a simulation takes no time to work."""
TIMES = {"at", "sounds_at", "since", "ttfa", "slack"}
ON_THE_CLOCK = {"at", "sounds_at", "since"}
SAMPLES = {"position", "samples", "gap"}
VOICE = ScriptedVoice(first_audio=0.15, pace=8.0)


class Scripted:
    """A voice by script, in real time."""

    name = NAME

    async def synthesize(self, request):
        loop = asyncio.get_running_loop()
        began = loop.time()
        for delay, part in VOICE(request, 1):
            await asyncio.sleep(began + delay - loop.time())
            if isinstance(part, SpeechError):
                raise part
            if part is not None:
                yield part

    async def warm(self):
        pass

    async def aclose(self):
        pass


AT_ONCE = Answer(Decimal("1.05"), 0.1)


@dataclass(frozen=True)
class Scenario:
    """What the caller does, at which second of the call, and how the lookup ends."""

    name: str
    does: tuple[tuple[float, str], ...]
    """A key, ``hang up`` or ``speak``."""
    answer: Answer = AT_ONCE


def balance(amount: int, delay: float = 0.1) -> Answer:
    """Each its own amount: the server remembers what was said to another call."""
    return Answer(Decimal(amount) / 100, delay)


LATE = Answer(None, 0.3, "the bank is closed")
SCENARIOS = (
    Scenario("a key behind the question", ((4.5, "1"), (13.0, "9")), balance(105)),
    Scenario("a key into the greeting", ((0.3, "1"), (9.0, "9")), balance(211)),
    Scenario("a key into the menu", ((1.6, "1"), (10.0, "9")), balance(322)),
    Scenario("a key into the amount", ((1.0, "1"), (4.3, "9")), balance(433)),
    Scenario("both keys at once", ((1.0, "1"), (1.05, "9")), balance(544)),
    Scenario("goodbye at once", ((0.2, "9"),)),
    Scenario("goodbye behind the question", ((5.0, "9"),)),
    Scenario("a wrong key", ((1.0, "5"), (6.0, "9"))),
    Scenario("three wrong keys", ((1.0, "5"), (5.0, "5"), (9.0, "5"))),
    Scenario("a slow lookup", ((1.0, "1"), (13.0, "9")), balance(655, 2.9)),
    Scenario("a very slow lookup", ((1.0, "1"), (15.0, "9")), balance(766, 6.3)),
    Scenario("a lookup that fails", ((1.0, "1"), (8.0, "9")), LATE),
    Scenario("a lookup that fails late", ((1.0, "1"), (10.0, "9")), Answer(None, 4.1, "the bank is closed")),
    Scenario("an immediate lookup", ((1.0, "1"), (9.0, "9")), balance(877, 0.0)),
    Scenario("a second balance", ((1.0, "1"), (3.2, "1"), (10.5, "9")), balance(988)),
    Scenario("a key into the hold", ((1.0, "1"), (4.6, "9"), (12.0, "9")), balance(199, 5.2)),
    Scenario("hanging up in the greeting", ((0.2, "hang up"),)),
    Scenario("hanging up in a lookup", ((1.0, "1"), (2.7, "hang up")), balance(288, 4.0)),
    Scenario("hanging up behind the question", ((6.0, "hang up"),)),
    Scenario("speaking and silence", ((1.0, "speak"), (7.0, "speak"), (12.0, "hang up"))),
)


@cache
def speech():
    made = resample(babble("a caller who says something else"), 22050, 8000)
    return (made * (10 ** (-16 / 20) / np.sqrt(np.mean(made**2)))).astype(np.float32)


class Caller:
    """In virtual time."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def begin(self, driver, phone):
        for at, what in self.scenario.does:
            if what == "speak":
                driver.say(at, speech())
            elif what == "hang up":
                driver.at(at, phone.hang_up)
            else:
                driver.at(at, lambda now, key=what: phone.press(key, now))

    def see(self, event, now):
        pass


def simulated(project, scenario: Scenario, name: str = "twilio") -> list[dict]:
    gateway = EMULATED[name]
    plan = plan_calls(project, gateway.capabilities, provider=NAME)
    conditions = Conditions(VOICE, {"bank.balance": scenario.answer})
    return [as_dict(event, unmasked) for event in simulate(plan, gateway, conditions, Caller(scenario), {}).trace]


async def called(house: House, scenario: Scenario, number: int) -> list[dict]:
    async with house.call(str(number)) as line:
        return await real(line, scenario)


async def real(line: Line, scenario: Scenario) -> list[dict]:
    loop = asyncio.get_running_loop()
    began = line.far_end.connected_at
    for at, what in scenario.does:
        await asyncio.sleep(began + at - loop.time())
        if what == "speak":
            await line.dialer.say(speech())
        elif what == "hang up":
            await line.dialer.hang_up()
        else:
            await line.press(what)
    await line.dialer.wait_closed(20.0)
    await line.until(CallEnded)
    origin = line.told._origin[line.told.calls[line.stream]]
    found = []
    for event in line.of():
        data = as_dict(event, unmasked)
        data["at"] -= began
        for name in (ON_THE_CLOCK - {"at"}) & data.keys():
            data[name] += origin - began
        found.append(data)
    return found


def differences(virtual: list[dict], actual: list[dict]) -> list[str]:
    """All that is not the same, in words."""
    kinds: defaultdict[str, tuple[list, list]] = defaultdict(lambda: ([], []))
    for side, events in enumerate((virtual, actual)):
        for event in events:
            if event["event"] != FirstFrame.__name__:
                kinds[event["event"]][side].append(event)
    found = []
    for kind, (these, those) in kinds.items():
        if len(these) != len(those):
            found.append(f"{kind}: {len(these)} simulated, {len(those)} real")
        for one, other in zip(these, those, strict=False):
            found += [
                f"{kind} at {one['at']:.3f}: {name} {one[name]!r} simulated, {other[name]!r} real"
                for name in one
                if name not in LEFT_OUT and not alike(name, one[name], other[name])
            ]
    return found


def alike(name: str, one, other) -> bool:
    if name in TIMES or name in SAMPLES:
        if one is None or other is None:
            return one is other
        return abs(one - other) <= (NOISE if name in TIMES else NOISE * 8000)
    return one == other


async def test_twenty_scenarios_are_the_same_in_virtual_and_in_real_time(tmp_path):
    root = write_bank(tmp_path)
    await render_bank(root, Babbler())
    project = load(root, environ())
    assert len(SCENARIOS) == len({scenario.name for scenario in SCENARIOS}) == 20
    wanted = [simulated(project, scenario) for scenario in SCENARIOS]

    async def lookup(caller: str = ""):
        answer = SCENARIOS[int(caller) % len(SCENARIOS)].answer
        await asyncio.sleep(answer.delay)
        if answer.error is not None:
            raise LookupError(answer.error)
        return answer.value

    async with open_house(project, Scripted(), {"bank.balance": lookup}) as house:
        calls = (called(house, scenario, number) for number, scenario in enumerate(SCENARIOS))
        found = [differences(*both) for both in zip(wanted, await asyncio.gather(*calls), strict=True)]
    for number, scenario in enumerate(SCENARIOS):
        if found[number]:  # once more, alone on the machine as far as that goes, in a house that remembers nothing
            async with open_house(project, Scripted(), {"bank.balance": lookup}) as house:
                again = await called(house, scenario, number + len(SCENARIOS))
            assert differences(wanted[number], again) == [], (scenario.name, found[number])


def test_what_differs_is_found():
    one = {"event": "Asked", "at": 1.0}
    assert differences([one], [{**one, "at": 1.05}]) == []
    assert differences([one], [{**one, "at": 1.2}])
    assert differences([one], [])
    state = {"event": "StateEntered", "at": 1.0, "state": "a"}
    assert differences([state], [{**state, "state": "b"}])
