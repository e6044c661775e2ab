"""The most lines that a server holds: which number to try next, and what a step says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.capacity.figures import Figures

FIRST = 20
"""Lines of the first step."""
CLOSE = 0.05
"""The search ends when what fails is no more than this above what holds."""
MOST = 10_000
"""Lines beyond which nobody searches."""
TRIES = 3
"""How often a step is measured whose driver was at fault."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a step must keep."""

    ttfa: float = 0.020
    """Seconds, 99th percentile, for greetings and for prompts after a key."""
    prompts: bool = True
    """Whether prompts count: words that were looked up and spoken for one caller come when they come."""
    cores: int = 1
    full: float = 0.95
    """Share of its cores from which a server has nothing left for a bad moment."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One step."""

    lines: int
    reasons: tuple[str, ...] = ()
    """Why it does not hold, the worst first."""
    void: str | None = None
    """Why it says nothing."""

    @property
    def holds(self) -> bool:
        """It counts, and everything was kept."""
        return not self.reasons and self.void is None


def verdict(seen: Figures, limits: Limits) -> Verdict:
    """What a step says; what callers suffer stands before what the machine does.

    Where the driver was late and everything was kept nevertheless, it was kept.
    """
    reasons = _reasons(seen, limits)
    if seen.void is not None and (reasons or not seen.only_late):
        return Verdict(seen.lines, void=seen.void)
    return Verdict(seen.lines, tuple(reasons))


def _reasons(seen: Figures, limits: Limits) -> list[str]:
    reasons: list[str] = []
    if seen.refused:
        reasons.append(f"calls refused: {_counted(seen.refused)}")
    if seen.broken:
        reasons.append(f"calls broken: {_counted(seen.broken)}")
    if not seen.greeting and not reasons:
        reasons.append("no call was answered in the time of a step")
    if seen.gaps:
        reasons.append(f"gaps in sound: {seen.gaps}, the longest {seen.worst_gap * 1000:.0f} ms")
    ttfa = seen.ttfa if limits.prompts else seen.greeting.get(99)
    if ttfa is not None and ttfa > limits.ttfa:
        reasons.append(f"time to first audio: p99 {ttfa * 1000:.1f} ms, over {limits.ttfa * 1000:g} ms")
    if seen.processor >= limits.full * limits.cores:
        reasons.append(f"processor: {seen.processor:.2f} of {limits.cores} {_plural(limits.cores, 'core')} in use")
    return reasons


class Search:
    """Doubles until something gives, then halves the distance. Ask ``lines``, measure, ``tell``, and ask again.

    At the end what gave is measured once more: where neighbours had spoilt it twice, it holds now, and the search goes
    on from there.
    """

    def __init__(self, first: int = FIRST, most: int = MOST) -> None:
        self.most = most
        self.holds = 0
        """The most lines that held."""
        self.gives: Verdict | None = None
        """The fewest lines that did not; None where nothing gave."""
        self.void: Verdict | None = None
        """The step at which the driver gave up; there the search ends."""
        self._next: int | None = first
        self._voids = 0
        self._doubted = False
        self._closing = False
        self._reopened = 0

    @property
    def lines(self) -> int | None:
        """What to try next; None when the search is over."""
        return self._next

    def tell(self, verdict: Verdict) -> None:
        """What the step with ``lines`` lines said. A failure counts when it is seen twice: one may be a neighbour's."""
        assert self._next == verdict.lines, "a step that nobody asked for"
        if verdict.void is not None:
            self._voids += 1
            if self._voids >= TRIES:
                self.void, self._next = verdict, None
            return
        if not verdict.holds and not self._doubted and not self._closing:
            self._doubted = True
            return
        self._voids, self._doubted = 0, False
        if verdict.holds:
            self.holds = verdict.lines
        else:
            self.gives = verdict
        if self._closing:
            self._next = self._reopen() if verdict.holds else None
        else:
            self._next = self._after()

    def stop(self, verdict: Verdict) -> None:
        """No further step: ``verdict`` was the last, and counts as it is."""
        self._next = None
        if verdict.void is not None:
            self.void = verdict
        elif not verdict.holds:
            self.gives = verdict

    def _after(self) -> int | None:
        if self.gives is None:
            return min(self.holds * 2, self.most) if self.holds < self.most else None
        between = self.gives.lines - self.holds
        if between <= max(1, int(self.holds * CLOSE)):
            self._closing = self._reopened < TRIES
            return self.gives.lines if self._closing else None
        return self.holds + between // 2

    def _reopen(self) -> int | None:
        self._closing, self.gives = False, None
        self._reopened += 1
        return self._after()


def sentence(holds: int, gives: Verdict | None, void: Verdict | None, cores: int) -> str:
    """What a search found, for people."""
    where = f"on {cores} {_plural(cores, 'core')}"
    if void is not None and not holds:
        return f"nothing can be said {where}; the driver gave first: {void.void}"
    if void is not None:
        return f"holds at least {holds} calls {where}; then the driver gave first: {void.void}"
    if gives is not None and not holds:
        return f"{gives.lines} calls do not hold {where}; first gives: {gives.reasons[0]}"
    if gives is None:
        return f"holds {holds} calls {where}; more were not tried"
    return f"holds {holds} calls {where}; first gives: {gives.reasons[0]} (at {gives.lines} lines)"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what} ({times})" for what, times in sorted(counts.items(), key=lambda each: -each[1]))


def _plural(number: int, what: str) -> str:
    return what if number == 1 else f"{what}s"
