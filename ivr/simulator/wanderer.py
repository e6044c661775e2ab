"""A caller by chance on a project's own menus: mostly right keys, some wrong ones, silence, interruptions, hang-ups.

What he may press he knows from the dialog's table, as somebody does who has heard the menu. When he acts he decides by
what has happened alone: the dialog has asked, and its last word was heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ivr.catalog.party import TransferOutcome
from ivr.dialog.listen import KEYS
from ivr.dialog.table import Collect, Confirm, Exit, Menu, Record
from ivr.project.profiles.distributions import LogNormal
from ivr.project.project import Project
from ivr.simulator.draws import Draws
from ivr.simulator.driver import Driver
from ivr.simulator.emulated import Phone
from ivr.simulator.mix import Arranged, Visit
from ivr.testing.voices import babble
from ivr.trace.events import Asked, CallEnded, Listening, RecordingStarted, StateEntered, TraceEvent

REACTION = LogNormal(1.2, 0.6)
"""Seconds from the last word to the first key."""
GAP = (0.15, 0.8)
"""Seconds between two keys of one answer."""
MOST_ANSWERS = 8
INTERRUPTS, ERRS, IS_SILENT, LEAVES = 0.25, 0.06, 0.06, 0.08
"""Chances: to press before the words are over, to press a wrong key, to press none; to hang up at some time at all."""
CHANCE = "chance"
"""What this kind of caller is called."""
NUMBERS = tuple(f"+155501{n:02d}" for n in range(8))
CALLED = "+15550199"


@dataclass(frozen=True)
class Wanderers:
    """The kind of caller that there is without any scenario."""

    project: Project
    gateway: str = "twilio"
    name: str = CHANCE

    @property
    def gateways(self) -> Sequence[str]:
        """The one."""
        return (self.gateway,)

    @cached_property
    def exits(self) -> Mapping[str, Exit]:
        """By state; where tables share a name, that of the start dialog."""
        tables = sorted(self.project.tables.values(), key=lambda table: table.name == self.project.settings.start)
        return {name: state.exit for table in tables for name, state in table.states.items()}

    def visit(self, number: int, draws: Draws) -> Visit:
        """See ``Kind``."""
        parameters = {"from": draws.one_of(NUMBERS), "to": CALLED}
        transfers = [(draws.between(2.0, 20.0), draws.one_of(tuple(TransferOutcome))) for _ in range(3)]
        wanderer = Wanderer(self.exits, draws)
        return Visit(
            parameters, self.gateway, lambda _, around: Arranged(wanderer, replace(around, transfers=transfers))
        )


@dataclass
class Wanderer:
    """See the module. ``draws`` are his alone."""

    exits: Mapping[str, Exit]
    draws: Draws
    _driver: Driver = field(init=False)
    _phone: Phone = field(init=False)
    _exit: Exit | None = None
    _answers: int = field(init=False)
    _asked: int = 0
    """Counts what he was asked: what was planned for an earlier question is not done."""
    _pressing: bool = False
    _gone: bool = False

    def begin(self, driver: Driver, phone: Phone) -> None:
        """See ``Caller``."""
        self._driver, self._phone = driver, phone
        self._answers = 1 + int(self.draws.uniform() * MOST_ANSWERS)
        leaves, when = self.draws.chance(LEAVES), self.draws.between(0.0, 60.0)
        if leaves:
            driver.at(when, self._hang_up)

    def see(self, event: TraceEvent, now: float) -> None:
        """See ``Caller``."""
        match event:
            case StateEntered(state=state):
                self._exit = self.exits.get(state)
            case Asked():
                self._asked += 1
                self._pressing = False
                if self.draws.chance(INTERRUPTS):
                    self._answer(now + self.draws.between(0.3, 4.0))
            case Listening() if not self._pressing:
                self._answer(now + self.draws.of(REACTION))
            case RecordingStarted():
                self._speak(now)
            case CallEnded():
                self._gone = True

    def _answer(self, at: float) -> None:
        self._pressing = True
        self._answers -= 1
        if self._answers < 0:
            self._driver.at(at, self._hang_up)
            return
        asked = self._asked
        for key in self._keys():
            self._driver.at(at, lambda now, key=key: self._press(key, asked, now))  # type: ignore[misc]
            at += self.draws.between(*GAP)

    def _keys(self) -> str:
        mood = self.draws.uniform()
        if mood < IS_SILENT:
            return ""
        if mood < IS_SILENT + ERRS:
            return self.draws.one_of(KEYS[:12])
        match self._exit:
            case Menu(options=options):
                return self.draws.one_of(tuple(options))
            case Collect(question=question):
                listen = question.listen
                length = listen.least + int(
                    self.draws.uniform() * (min(listen.most, listen.least + 8) - listen.least + 1)
                )
                return "".join(self.draws.one_of(KEYS[:10]) for _ in range(length)) + listen.end[:1]
            case Confirm(keys=keys):
                return self.draws.one_of(keys)
            case _:
                return self.draws.one_of(KEYS[:12])

    def _press(self, key: str, asked: int, now: float) -> None:
        if asked == self._asked and not self._gone:
            self._phone.press(key, now)

    def _speak(self, now: float) -> None:
        seconds = self.draws.between(1.0, 6.0)
        self._driver.say(now + 0.5, babble("a" * round(seconds / 0.06), self._phone.heard.rate))
        end = self._exit.question.listen.end[:1] if isinstance(self._exit, Record) else ""
        if end and self.draws.chance(0.5):
            asked = self._asked
            self._driver.at(now + seconds + 1.0, lambda now: self._press(end, asked, now))

    def _hang_up(self, now: float) -> None:
        if not self._gone:
            self._gone = True
            self._phone.hang_up(now)
