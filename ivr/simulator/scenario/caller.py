"""The caller of a scenario: does one step after the other, by what is heard and by the clock."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from math import inf

from ivr.call.plan import CallPlan
from ivr.simulator.driver import Driver
from ivr.simulator.emulated import Network, Phone
from ivr.simulator.scenario.doing import do, unrolled
from ivr.simulator.scenario.model import Step
from ivr.simulator.scenario.patterns import Sayable
from ivr.simulator.scenario.report import Verdict
from ivr.simulator.scenario.situation import Situation, StepFailed, Until, Wake
from ivr.simulator.scenario.telling import told
from ivr.simulator.scenario.words import Words
from ivr.trace.events import BargedIn, CallEnded, NoInput, TraceEvent
from ivr.trace.sound import Abandoned, SegmentEnded, SegmentStarted, SoundWentOn

_TELLING = (SegmentStarted, SegmentEnded, Abandoned, SoundWentOn, BargedIn, NoInput)
"""After which a step may be done."""


class ScriptedCaller:
    """A ``Caller``. One for each call."""

    def __init__(
        self,
        steps: Iterable[Step],
        plan: CallPlan,
        sayable: Sayable,
        way: Network,
        *,
        hangs_up: float | None = None,
        stays: bool = False,
    ) -> None:
        """``hangs_up``: when, whatever the step. ``stays``: behind the last step too, instead of hanging up."""
        self.verdicts: list[Verdict] = []
        self.situation: Situation
        self._steps = tuple(steps)
        self._plan, self._sayable, self._way = plan, sayable, way
        self._hangs_up = hangs_up
        self._stays = stays
        self._driver: Driver
        self._script: Generator[Until, Wake, None] | None = None
        self._until: Until | None = None
        self._looks_at = inf
        """The earliest time for which a look is ordered."""

    def begin(self, driver: Driver, phone: Phone) -> None:
        """See ``Caller``."""
        words = Words(self._sayable.lengths, self._plan.capabilities.out_format.rate, self._way.out)
        rate = self._plan.capabilities.in_format.rate
        self.situation = Situation(phone, self._sayable, words, rate, self._way)
        self._driver = driver
        if self._hangs_up is not None:
            driver.at(self._hangs_up, self._leave)
        self.follow(self._steps)

    def follow(self, steps: Iterable[Step]) -> None:
        """Do these steps from now on, in place of what is left of others; behind the end of the call, at once."""
        self._script = self._follow(unrolled(tuple(steps)))
        self._until = None
        if self.situation.over is None:
            self._look_at(self.situation.now)
        else:
            self._look(self.situation.now)

    @property
    def idle(self) -> bool:
        """All steps are done, or one has failed."""
        return self._script is None

    def see(self, event: TraceEvent, now: float) -> None:
        """See ``Caller``."""
        self.situation.see(event)
        if isinstance(event, CallEnded):
            self._look(now)
        elif isinstance(event, _TELLING):
            self._look_at(now)

    def _leave(self, now: float) -> None:
        self.situation.now = now
        self.situation.hang_up()

    def _follow(self, script: list[tuple[Step, str]]) -> Generator[Until, Wake, None]:
        situation = self.situation
        failed = False
        for step, note in script:
            what = told(step) + note
            if failed or situation.left:
                self._judge(None, what, step, "the caller had hung up" if situation.left else "not reached")
                continue
            try:
                seen = yield from do(step, situation)
            except StepFailed as error:
                failed = not situation.left
                self._judge(False if failed else None, what, step, str(error))
            else:
                self._judge(True, what, step, seen)
        if not self._stays and not situation.left:
            situation.hang_up()

    def _judge(self, ok: bool | None, what: str, step: Step, detail: str) -> None:
        self.verdicts.append(Verdict(what, ok, self.situation.now, detail, step.line))

    def _look_at(self, at: float) -> None:
        if at < self._looks_at:
            self._looks_at = at
            self._driver.at(at, self._ordered)

    def _ordered(self, now: float) -> None:
        if now >= self._looks_at:
            self._looks_at = inf
        if self.situation.over is None:
            self._look(now)

    def _look(self, now: float) -> None:
        """Go on with the script as far as it goes."""
        self.situation.now = now
        self.situation.catch_up()
        while self._script is not None:
            wake: Wake = None
            if self._until is not None:
                wake = self._woken(self._until, now)
                if wake is None and self.situation.over is None:
                    return
            try:
                self._until = next(self._script) if self._until is None else self._script.send(wake)
            except StopIteration:
                self._script = self._until = None

    def _woken(self, until: Until, now: float) -> Wake:
        """What the script is to be told; None, before the end of the call, for nothing yet."""
        over = self.situation.over is not None
        found = until.check(now + self._way.out if over else now)
        if found is True or over:
            return True if found is True else None
        if now >= until.deadline:
            return False
        again = until.deadline if found is False else min(found, until.deadline)
        if again < inf:
            self._look_at(max(again, now))
        return None
