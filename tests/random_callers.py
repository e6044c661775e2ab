"""Callers by chance: they know what they are asked, mostly answer it, and do as they like at any instant.

A seed makes a caller, and the world around the call (``random_world``). The same seed makes the same call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from random_world import world
from talker import speech

from ivr.call.plan import CallPlan
from ivr.dialog.listen import KEYS, Listen
from ivr.dialog.requests import Ask, Entered, Record
from ivr.dialog.table import HangUp, Menu, State, Table
from ivr.simulator.conditions import Conditions
from ivr.simulator.draws import Draws
from ivr.simulator.driver import Driver
from ivr.simulator.emulated import EMULATED, Phone
from ivr.simulator.explore_values import Tried
from ivr.simulator.explore_watch import watched
from ivr.simulator.simulation import Simulated, simulate
from ivr.trace.events import (
    Asked,
    CallEnded,
    Listening,
    LookupStarted,
    RecordingStarted,
    TraceEvent,
    TransferStarted,
    TurnStarted,
)

GATEWAYS = (*("twilio", "asterisk/ulaw") * 4, "audiosocket")
"""Over which callers come, in turn."""
LONGEST = 1800.0
"""Virtual seconds within which every caller's call has ended by itself."""
PARTIES = {"from": "+15550100", "to": "+15550199"}
INTERRUPTS = 0.5
"""Of answers: those that begin before the words are over."""


@dataclass(frozen=True)
class Temper:
    """How often a caller does not do what a question takes; shares of 1."""

    silent: float
    nonsense: float
    """Any keys."""
    commands: float
    leaves: float
    """Hangs up instead of an answer."""
    gone: float
    """Does not wait for the end of a lookup, a transfer or a recording."""
    meanwhile: int
    """Keys at any instant."""


TEMPERS = (
    Temper(silent=0.01, nonsense=0.01, commands=0.08, leaves=0.0, gone=0.05, meanwhile=0),
    Temper(silent=0.08, nonsense=0.08, commands=0.10, leaves=0.03, gone=0.10, meanwhile=2),
    Temper(silent=0.30, nonsense=0.30, commands=0.10, leaves=0.03, gone=0.10, meanwhile=6),
)


@dataclass
class Chance:
    """One caller; see ``Caller`` of ``ivr.simulator.simulation``."""

    tried: Tried
    seed: int
    _driver: Driver = field(init=False)
    _phone: Phone = field(init=False)
    _listen: Listen | None = None
    _state: str = ""
    _questions: int = 0
    """Counts them: what was planned for an earlier one is not done."""
    _answered: bool = False
    _pressed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Options pressed, by the question."""
    _gone: bool = False

    def __post_init__(self) -> None:
        self._draws = Draws(self.seed, 0)
        self._temper = TEMPERS[self._draws.weighed((6, 3, 2))]
        self._patience = 1 + int(self._draws.uniform() * 20)
        """Questions that are answered; from then on the caller is silent."""

    @property
    def gateway(self) -> str:
        """The one that this call comes by."""
        return GATEWAYS[self.seed % len(GATEWAYS)]

    def begin(self, driver: Driver, phone: Phone) -> None:
        """See ``Caller``."""
        self._driver, self._phone = driver, phone
        draws = Draws(self.seed, 3)
        if draws.chance(0.15):
            driver.at(draws.between(0.0, 60.0), self._hang_up)
        if draws.chance(0.3):
            driver.say(draws.between(0.0, 60.0), speech(round(draws.between(0.2, 8.0), 1), phone.heard.rate))
        for _ in range(self._temper.meanwhile):
            driver.at(draws.between(0.0, 60.0), partial(self._press, draws.one_of(KEYS), None))

    def request(self, request: Any, behind: object = ()) -> None:
        """The dialog asks something of its call; it runs ahead of the trace."""
        match request:
            case Entered(state=state):
                self._state = state
            case Ask(listen=listen) | Record(listen=listen):
                self._listen, self._answered = listen, False
                self._questions += 1
            case _:
                pass

    def see(self, event: TraceEvent, now: float) -> None:
        """See ``Caller``."""
        match event:
            case Asked() if self._draws.chance(INTERRUPTS):
                self._answer(now + self._draws.between(0.05, 4.0))
            case Listening() if not self._answered:
                self._answer(now + self._draws.between(0.05, 2.0))
            case RecordingStarted():
                self._leave_soon(now)
                self._speak(now)
            case LookupStarted():
                self._leave_soon(now)
            case TransferStarted():
                self._leave_soon(now, 4.0)
            case TurnStarted() if self._draws.chance(self._temper.meanwhile / 50):
                # A key that comes together with something else.
                self._driver.at(now, partial(self._press, self._draws.one_of(KEYS), None))
            case CallEnded():
                self._gone = True
            case _:
                pass

    def _answer(self, at: float) -> None:
        self._answered = True
        self._patience -= 1
        if self._patience < 0:
            return
        if self._draws.chance(self._temper.leaves):
            self._driver.at(at, self._hang_up)
            return
        keys, question = self._keys(), self._questions if self._draws.chance(0.9) else None
        for key in keys:
            self._driver.at(at, partial(self._press, key, question))
            at += self._draws.between(0.0, 0.5) if self._draws.chance(0.98) else 4.0

    def _keys(self) -> str:
        listen, temper = self._listen, self._temper
        sane = 1 - temper.silent - temper.nonsense - temper.commands
        mood = self._draws.weighed((temper.silent, temper.nonsense, temper.commands, sane))
        if mood == 0 or listen is None:
            return ""
        if mood == 1:
            return "".join(self._draws.one_of(KEYS) for _ in range(1 + int(self._draws.uniform() * 9)))
        if mood == 2 and listen.commands:
            return self._draws.one_of(sorted(listen.commands))
        tables = self.tried.project.tables.values()
        table, state = next(((t, t.states[self._state]) for t in tables if self._state in t.states), (None, None))
        if listen.options:
            return self._curious(self._going_on(table, state) or sorted(listen.options))
        entries = list(self.tried.entries(listen, state).values())
        entries = [entries[0], *entries, self._digits(listen)]  # constants of a `valid:` come first
        return self._draws.one_of(entries) + listen.end[:1]

    def _going_on(self, table: Table | None, state: State | None) -> list[str]:
        """Options of a menu after which there is more to come, for who does not want to end the call yet."""
        if table is None or state is None or not isinstance(state.exit, Menu) or self._draws.chance(0.1):
            return []
        return [key for key, to in state.exit.options.items() if not isinstance(table.states[to].exit, HangUp)]

    def _curious(self, options: list[str]) -> str:
        """One that this caller has not tried here before, where there is one."""
        here = self._state or " ".join(options)
        least = min(self._pressed[here, option] for option in options)
        chosen = self._draws.one_of([option for option in options if self._pressed[here, option] == least])
        self._pressed[here, chosen] += 1
        return chosen

    def _digits(self, listen: Listen) -> str:
        most = min(listen.most, listen.least + 8)
        length = listen.least + int(self._draws.uniform() * (most - listen.least + 1))
        return "".join(self._draws.one_of(KEYS[:10]) for _ in range(length))

    def _speak(self, now: float) -> None:
        """A message: nothing, a word, some sentences, or more than anybody wants to hear."""
        seconds = self._draws.one_of((0.0, 0.4, 3.0, 3.0, 8.0, 90.0))
        begins = now + self._draws.between(0.1, 3.0)
        if seconds:
            self._driver.say(begins, speech(seconds, self._phone.heard.rate))
        if self._draws.chance(0.4):
            end = self._draws.one_of(self._listen.end) if self._listen and self._listen.end else ""
            key = end if end and self._draws.chance(0.8) else self._draws.one_of(KEYS)
            self._driver.at(begins + seconds + self._draws.between(-2.0, 2.0), partial(self._press, key, None))

    def _leave_soon(self, now: float, times: float = 1.0) -> None:
        if self._draws.chance(self._temper.gone * times):
            self._driver.at(now + self._draws.one_of((0.0, 0.5, 5.0)) * self._draws.uniform(), self._hang_up)

    def _press(self, key: str, question: int | None, now: float) -> None:
        if not self._gone and question in (None, self._questions):
            self._phone.press(key, now)

    def _hang_up(self, now: float) -> None:
        if not self._gone:
            self._gone = True
            self._phone.hang_up(now)


@dataclass(frozen=True)
class Made:
    """One call that was driven to its end."""

    seed: int
    gateway: str
    call: Simulated
    around: Conditions
    opening: float
    """See ``Capabilities.opening``."""


def call(tried: Tried, plans: Mapping[str, CallPlan], seed: int) -> Made:
    """That caller's call; ``plans`` by gateway."""
    caller = Chance(tried, seed)
    around, plan = world(tried, seed), plans[caller.gateway]
    made = simulate(watched(plan, caller.request), EMULATED[caller.gateway], around, caller, PARTIES, LONGEST)
    made.phone.handle_timer(made.seconds + around.network.out + 0.001)
    return Made(seed, caller.gateway, made, around, plan.capabilities.opening)
