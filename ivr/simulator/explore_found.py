"""What exploring has found: a tree of branches, and what no call came to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ivr.catalog.wording import NO_VALUE
from ivr.simulator.explore_differs import Difference
from ivr.simulator.explore_replay import Replayed
from ivr.trace.events import DialogFailed, StateEntered
from ivr.trace.sound import UNSAYABLE, Abandoned

Rung = tuple[str, str, int]


@dataclass(slots=True)
class Branch:
    """One path, and what followed its last choice."""

    path: tuple[str, ...]
    replayed: Replayed
    again: bool = False
    """It leads to what another branch shows."""
    below: list[Branch] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What is wrong with it."""
        if self.replayed.differed:
            return [] if self.again else [self.replayed.differed]
        found = [f"dead air of {each.stop - each.start:.2f} s: {each.why}" for each in self.replayed.dead]
        for event in self.replayed.events:
            if isinstance(event, DialogFailed):
                found.append(f"the dialog raised {event.told}")
            if isinstance(event, Abandoned) and event.why.startswith(UNSAYABLE):
                prompt = self.replayed.prompts.get(event.utterance)
                found.append(f"'{prompt}': {event.why}" if prompt else event.why)
            if isinstance(event, StateEntered) and event.why.startswith(UNSAYABLE) and event.why.endswith(NO_VALUE):
                found.append(event.why)
        if self.replayed.point is None and self.replayed.reason is None:
            found.append("the call never ends")
        return found + [f"not understood: {finding}" for finding in self.replayed.listened.misheard]


@dataclass(slots=True)
class Explored:
    """All of it."""

    root: Branch
    calls: int = 0
    left: int = 0
    """Paths that were not made, because there were too many."""
    states: set[str] = field(default_factory=set)
    """As ``Tried.shown`` names them; so are those of rungs."""
    rungs: set[Rung] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    unreached: dict[str, str] = field(default_factory=dict)
    """State of a table, as ``dialog.state``, and why no call came there."""
    unclimbed: dict[Rung, str] = field(default_factory=dict)
    loops: set[str] = field(default_factory=set)
    """Places in Python that a call still came to after as many rounds as are gone through."""
    unsaid: tuple[str, ...] = ()
    """Prompts, and phrases that are said by their names, that no call said."""
    questions: list[Branch] = field(default_factory=list)
    """Those that end at a question, the first time that it is put."""
    hasty: dict[str, int] = field(default_factory=dict)
    """How often was done what into words."""
    differs: list[Difference] = field(default_factory=list)
    """Where that led elsewhere than behind the words."""

    def wrongs(self) -> dict[str, list[Branch]]:
        """What is wrong, each once, with the branches where it is."""
        found: dict[str, list[Branch]] = {}
        for branch in self.branches():
            for wrong in dict.fromkeys(branch.wrong):
                found.setdefault(wrong, []).append(branch)
        return found

    def branches(self) -> list[Branch]:
        """All, from the root on."""
        found, ahead = [], deque([self.root])
        while ahead:
            branch = ahead.popleft()
            found.append(branch)
            ahead.extend(branch.below)
        return found
