"""A call that a test leads: one step after the other, in virtual time, and in between the facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import inf
from pathlib import Path

from ivr.catalog.mistakes import meant
from ivr.dialog.listen import KEYS
from ivr.errors import ConfigError, Problem
from ivr.media.samples import Samples
from ivr.media.wave import read_wav
from ivr.project.disk.files import MAX_SOUND, read_bytes
from ivr.simulator.driver import Driver
from ivr.simulator.emulated import EMULATED, Phone
from ivr.simulator.scenario.caller import ScriptedCaller
from ivr.simulator.scenario.judge import broken
from ivr.simulator.scenario.making import MOST_SPEECH, babbled
from ivr.simulator.scenario.model import (
    WITHIN,
    Ended,
    HangUp,
    Hear,
    Interrupt,
    Press,
    Scenario,
    Silent,
    Speak,
    Step,
    Wait,
)
from ivr.simulator.scenario.report import Report
from ivr.simulator.scenario.run import Stage, parameters, surroundings
from ivr.simulator.scenario.setting import Setting
from ivr.simulator.scenario.words import words_of
from ivr.simulator.simulation import LONGEST, Simulated, prepared
from ivr.testing.ear import DeadAir
from ivr.trace.events import TraceEvent
from ivr.trace.report import Turn
from ivr.trace.sound import Strategy

TURNS = 5
"""So many of the last are told where a step fails."""


class LedCall:
    """Each method is a step, and returns when it is done; where it cannot be done it raises ``AssertionError``.

    The call begins with the first step. Wrong use raises ``ConfigError``.
    """

    def __init__(self, stage: Stage, gateway: str, setting: Setting, *, name: str = "", file: str = "") -> None:
        """``file`` is that of the test: sounds that the caller says are found beside it."""
        self.gateway = gateway
        self.setting = setting
        self._stage, self._name, self._file = stage, name, file
        self._scenario: Scenario
        self._caller: ScriptedCaller
        self._phone: Phone
        self._driver: Driver | None = None
        self._told: set[tuple[str, str]] = set()
        """What is broken, and was told before."""

    def hear(
        self,
        text: str | None = None,
        *,
        phrase: str | None = None,
        strategy: Strategy | str | None = None,
        within: float = WITHIN,
        not_before: float = 0.0,
    ) -> None:
        """Words, or a phrase of the project with any values in it; see ``Hear``."""
        __tracebackhide__ = True
        if text is None and phrase is None and strategy is None:
            raise ConfigError("nothing tells what is to be heard: give it words, phrase or strategy")
        if text is not None and not words_of(text):
            raise ConfigError(f"there is no word in {text!r}: write words, or name a phrase")
        if phrase is not None and not self._stage.sayable(self._stage.plan(self.gateway)).patterns(phrase):
            names = {name for each in self._stage.project.catalogues.values() for name in each.phrases}
            raise ConfigError(f"no phrase '{phrase}' with words: {meant(phrase, names, ', '.join(sorted(names)))}")
        voiced = None if strategy is None else _strategy(strategy)
        self.do(Hear(text, phrase, voiced, within, not_before))

    def press(self, keys: str | int) -> None:
        """One key after the other: 0-9 * # A-D."""
        __tracebackhide__ = True
        self.do(Press(_keys(keys)))

    def wait(self, seconds: float) -> None:
        """Time passes, or what is left of the call. Raises ``ConfigError`` for less than 0 s."""
        __tracebackhide__ = True
        if not 0 <= seconds < inf:
            raise ConfigError(f"call.wait({seconds!r}): write seconds from 0, such as call.wait(0.5)")
        self.do(Wait(seconds))

    def say(self, what: str | Path | float) -> None:
        """A WAV file beside the test, or so many seconds of something like speech."""
        __tracebackhide__ = True
        self.do(self._speak(what))

    def silence(self, times: int = 1, *, within: float = 120.0) -> None:
        """Stay silent until the dialog has noticed it so many times."""
        __tracebackhide__ = True
        self.do(Silent(times, within))

    def interrupt(
        self,
        at: str | None = None,
        *,
        after: float | None = None,
        sent: str | None = None,
        press: str | int | None = None,
        say: str | Path | float | None = None,
        stops: bool = True,
    ) -> None:
        """Press a key, or say something, into words: see ``Interrupt`` for its moments."""
        __tracebackhide__ = True
        if [at, after, sent].count(None) != 2 or (press is None) == (say is None):
            raise ConfigError("an interruption has one moment (at, after, sent) and one action (press, say)")
        if at is not None and not words_of(at):
            raise ConfigError(f"there is no word in {at!r}: write the word to interrupt at")
        action = self._speak(say) if say is not None else Press(_keys(press or ""))
        self.do(Interrupt(action, at, after, sent, stops))

    def ended(self, within: float = WITHIN) -> None:
        """The other side ends the call."""
        __tracebackhide__ = True
        self.do(Ended(within))

    def hang_up(self) -> None:
        """The caller hangs up, and the call goes to its end."""
        __tracebackhide__ = True
        self.do(HangUp())

    def do(self, step: Step) -> None:
        """Any step of a scenario."""
        __tracebackhide__ = True
        driver = self._begun()
        before = len(self._caller.verdicts)
        self._caller.follow((step,))
        driver.advance(LONGEST, lambda: self._caller.idle)
        if self._caller.situation.left:
            driver.advance(LONGEST)
        if driver.call.ended:
            self._phone.handle_timer(driver.now + self._caller.situation.way.out)
        wrong = [each for each in broken(self.report) if (each.what, each.detail) not in self._told]
        self._told.update((each.what, each.detail) for each in wrong)
        wrong += [verdict for verdict in self._caller.verdicts[before:] if verdict.ok is not True]
        if wrong:
            raise AssertionError(self._failure([f"{each.what}: {each.detail}" for each in wrong]))
        if not self._caller.idle:
            raise AssertionError(self._failure([f"the call lasts longer than {LONGEST:g} s"]))

    def close(self) -> None:
        """Hang up where the call still goes on."""
        __tracebackhide__ = True
        if self._driver is not None and not self._driver.call.ended:
            self.hang_up()

    @property
    def now(self) -> float:
        """Virtual seconds since the call began."""
        return 0.0 if self._driver is None else self._driver.now

    @property
    def started_at(self) -> datetime:
        """Wall time of the beginning, with its zone."""
        return self.setting.aware(self._stage.project)

    @property
    def report(self) -> Report:
        """All that there is to know so far."""
        driver = self._begun()
        made = Simulated(driver.trace, self._phone, driver.now)
        return self._stage.report(self._scenario, self.gateway, 0, self._caller, made)

    @property
    def heard(self) -> str:
        """The words that the caller has heard so far, as they are written."""
        self._begun()
        return self._caller.situation.words.text(self.now)

    @property
    def states(self) -> tuple[str, ...]:
        """In the order in which they were entered."""
        return self.report.states

    @property
    def digits(self) -> str:
        """All keys that reached the dialog."""
        return self.report.digits

    @property
    def ttfa(self) -> float:
        """Seconds from trigger to first audio, the most of all turns; raises ``AssertionError`` where none had any.

        What a gateway may wait for the caller's line at the beginning is left out.
        """
        __tracebackhide__ = True
        report = self.report
        waits = {"answer": report.opening}
        found = [max(0.0, turn.ttfa - waits.get(turn.trigger, 0.0)) for turn in report.turns if turn.ttfa is not None]
        if not found:
            raise AssertionError(self._failure(["no turn has had any sound yet"]))
        return max(found)

    @property
    def dead_air(self) -> tuple[DeadAir, ...]:
        """Silences over 200 ms that nobody planned, as the caller heard them."""
        return self.report.dead_air

    @property
    def cost(self) -> float:
        """What the voice cost so far, by the price in the project's usual profile or in its settings.

        Raises ``ConfigError`` where none is known.
        """
        return float(self._stage.price.of(self.report.paid.characters))

    @property
    def reason(self) -> str | None:
        """Why the call ended; None while it goes on."""
        return self.report.made.reason

    @property
    def trace(self) -> Sequence[TraceEvent]:
        """All events so far."""
        return self._begun().trace

    def _begun(self) -> Driver:
        if self._driver is None:
            plan = self._stage.plan(self.gateway)
            self._scenario = self.setting.scenario(self._name, self._file)
            around = surroundings(self._scenario, 0, self.setting.conditions(self._stage.project))
            self._caller = ScriptedCaller((), plan, self._stage.sayable(plan), around.network, stays=True)
            begins_with = parameters(self._scenario)
            self._driver, self._phone = prepared(plan, EMULATED[self.gateway], around, self._caller, begins_with)
            self.setting.begun = True
            self._driver.begin()
        return self._driver

    def _speak(self, what: str | Path | float) -> Speak:
        if isinstance(what, int | float):
            if not 0 < what <= MOST_SPEECH:
                raise ConfigError(f"nobody speaks for {what:g} s: say at most {MOST_SPEECH:g}, more than 0")
            return Speak(babbled(what), 8000, f"for {what:g} s")
        samples, rate = _sound(Path(self._file).parent / what)
        return Speak(samples, rate, str(what))

    def _failure(self, why: list[str]) -> str:
        report = self.report
        lines = [*why, f"  at {self.now:.2f} s of the call over {self.gateway}; its last turns:"]
        lines += [f"    {_turn(turn)}" for turn in report.turns[-TURNS:]]
        lines.append(f"  states: {', '.join(report.states) or 'none'}; digits: {report.digits or 'none'}")
        return "\n".join(lines if report.made.reason is None else [*lines, f"  it ended: {report.made.reason}"])


def _turn(turn: Turn) -> str:
    first = "no sound" if turn.ttfa is None else f"{turn.strategy} after {turn.ttfa * 1000:.0f} ms"
    return f"{turn.at:7.2f} s  {turn.trigger}, {first}: {turn.heard or 'nothing was heard to its end yet'}"


def _keys(keys: str | int) -> str:
    text = str(keys)
    if not text or set(text) - set(KEYS):
        raise ConfigError(f"'{text}' has what is no key: the keys are {' '.join(KEYS)}")
    return text


def _strategy(name: str) -> Strategy:
    known = [each.value for each in Strategy if each is not Strategy.SILENCE]
    if name not in known:
        raise ConfigError(f"no strategy '{name}': {meant(name, known, ', '.join(known))}")
    return Strategy(name)


def _sound(file: Path) -> tuple[Samples, int]:
    """Raises ``ConfigError`` and ``BadAudioFile``."""
    data = read_bytes(file, MAX_SOUND)
    if isinstance(data, Problem):
        raise ConfigError(f"{file}: {data.what}: {data.remedy}")
    return read_wav(data)
