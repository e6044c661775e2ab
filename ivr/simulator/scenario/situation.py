"""Where a scripted caller stands: what was heard and noticed so far, and what a step can wait for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import inf

from ivr.simulator.emulated import Network, Phone
from ivr.simulator.scenario.patterns import Sayable
from ivr.simulator.scenario.words import Words
from ivr.trace.events import BargedIn, CallEnded, NoInput, TraceEvent


@dataclass(frozen=True, slots=True)
class Until:
    """What a step waits for."""

    check: Callable[[float], bool | float]
    """Whether it is there now; or when to ask again, if nothing happens before."""
    deadline: float = inf


Wake = bool | None
"""It is there; it was not there by the deadline; or, None, the call has ended."""
Script = Generator[Until, Wake, str]
"""A step that is being done; returns what was seen."""


class StepFailed(Exception):
    """A step's expectation does not hold; the text tells why."""


@dataclass(slots=True)
class Situation:
    """Of one call. Times are those of the call's clock."""

    phone: Phone
    sayable: Sayable
    words: Words
    rate: int
    """Hz of the caller's sound."""
    way: Network
    now: float = 0.0
    cursor: float = -inf
    """What was heard before is not heard again by another step."""
    interruptions: list[BargedIn] = field(default_factory=list)
    silences: int = 0
    """That the dialog has noticed."""
    over: CallEnded | None = None
    left: bool = False
    """The caller has hung up."""
    dry: list[tuple[float, float]] = field(default_factory=list)
    """From when until when the gateway takes no more, so that it may run dry."""

    def see(self, event: TraceEvent) -> None:
        """The next event of the call."""
        self.words.see(event)
        match event:
            case BargedIn():
                self.interruptions.append(event)
            case NoInput():
                self.silences += 1
            case CallEnded():
                self.over = event

    def catch_up(self) -> None:
        """See at the ear what no event tells: words that stood still because the gateway took no more."""
        if self.dry:
            self.phone.handle_timer(self.now)
        for since, until in list(self.dry):
            silence = self.phone.heard.silent_after(since)
            if silence is not None and silence.start < until:
                self.words.stand(silence.start, silence.seconds)
            if self.now > until and (silence is None or silence.start >= until or silence.stop < self.now):
                self.dry.remove((since, until))

    def hang_up(self) -> None:
        """The caller hangs up now."""
        self.left = True
        if self.over is None:
            self.phone.hang_up(self.now)

    def ended(self) -> str:
        """When and why the call ended, in words."""
        assert self.over is not None
        return f"the call had ended at {self.over.at:.2f} s: {self.over.reason}"

    def check_alive(self) -> None:
        """Raises ``StepFailed`` where the call has ended."""
        if self.over is not None:
            raise StepFailed(self.ended())

    def until(self, time: float) -> Script:
        """Let time pass, or what is left of the call."""
        if time < self.now:
            raise StepFailed(f"{time:g} s of the call were over: it was {self.now:.2f} s")
        yield Until(lambda now: now >= time or time)
        return ""

    def heard_lately(self, seconds: float) -> str:
        """What was heard in the last ``seconds``, in words."""
        return self.words.heard(self.now - seconds, self.now)
