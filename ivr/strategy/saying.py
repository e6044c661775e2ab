"""What one state does on a path: it looks up, says, waits, and may fail. As ``ivr.dialog.interpreter`` does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from ivr.dialog.conditions import names
from ivr.dialog.ladders import Rung
from ivr.dialog.table import Condition, LookupStep, State
from ivr.project.profiles.distributions import Constant
from ivr.project.profiles.shapes import ProfileShape
from ivr.project.settings.settings import CoverSettings
from ivr.strategy.covering import Covering, covering
from ivr.strategy.delays import always
from ivr.strategy.either import Value
from ivr.strategy.path import Figures, Path, Running
from ivr.strategy.timeline import Told
from ivr.strategy.turns import Key, says
from ivr.strategy.voice import Sound
from ivr.strategy.words import Words

UNTOLD = Constant(0.5)
"""Seconds of a lookup of which the profile says nothing."""


class Saying:
    """For one profile; keeps the figures of all turns."""

    def __init__(
        self, settings: CoverSettings, profile: ProfileShape, words: Callable[[str], Words], sound: Sound
    ) -> None:
        """``words``: by locale; ``sound``: see ``first_sound``."""
        self._settings = settings
        self._profile = profile
        self._words = words
        self._sound = sound
        self.turns: defaultdict[tuple[Key, str], Figures] = defaultdict(Figures)
        """By turn and locale."""

    def covers(self, path: Path, state: State) -> Covering | None:
        """What covers the waits of ``state``."""
        return covering(self._settings, state.cover, self._words(path.locale))

    def start(self, path: Path, step: LookupStep) -> None:
        """A lookup begins."""
        known = self._profile.lookups.get(step.run)
        delay = path.dice.of(UNTOLD if known is None else known.delay)
        path.running[step.name] = Running(step.run, path.timeline.now + np.minimum(delay, step.timeout))

    def known(self, path: Path, conditions: Iterable[Condition], covers: Covering | None) -> None:
        """Wait for the lookups that expressions name."""
        for condition in conditions:
            for name in sorted(names(condition.source) & path.running.keys()):
                self.wait(path, name, covers)

    def wait(self, path: Path, name: str, covers: Covering | None) -> None:
        """Wait for the value of a variable, where it is a lookup's."""
        if (running := path.running.pop(name, None)) is not None:
            path.waited = (*path.waited, running.name)
            path.timeline.wait(running.done, covers)

    def fail(self, path: Path, dialog: str, state: State, step: LookupStep, rungs: Iterable[tuple[Key, Rung]]) -> None:
        """The lookup of a state fails, again and again where a rung makes it again."""
        covers, own = self.covers(path, state), says(dialog, state)
        self._lost(path, own, state, step, covers)
        for key, rung in rungs:
            if rung.leave is None:
                self.start(path, step)
                self._lost(path, key, state, step, covers)
            else:
                self.say(path, key, state)

    def _lost(self, path: Path, key: Key, state: State, step: LookupStep, covers: Covering | None) -> None:
        """What stands behind the value is dropped when it fails."""
        self.say(path, key, state, lost=step.name)
        running = path.running.pop(step.name)
        path.waited = (*path.waited, running.name)
        if key.prompts:
            path.timeline.gives_up(running.done, covers)
        else:
            path.timeline.wait(running.done, covers)

    def say(self, path: Path, key: Key, state: State, lost: str = "") -> None:
        """Say a turn. ``lost``: the variable whose value never comes."""
        if not key.prompts:
            return
        figures, timeline = self.turns[key, path.locale], path.timeline
        before, timeline.first = timeline.first, always(np.inf)
        heard_until = timeline.heard_until
        figures.beside |= {running.name for running in path.running.values()}
        told = self._enqueue(path, key, self.covers(path, state), lost)
        first, timeline.first = timeline.first, np.minimum(before, timeline.first)
        if not path.spoke:
            figures.at_once.append((path.weight, timeline.first))
            figures.before |= set(path.waited)
        else:
            figures.behind.append((path.weight, np.maximum(0.0, first - heard_until)))
        figures.asks(path.weight, told)
        if told and not lost:
            figures.values.append((path.weight, told))
        path.spoke = True

    def _enqueue(self, path: Path, key: Key, covers: Covering | None, lost: str) -> list[Told]:
        told: list[Told] = []
        for prompt, attempt in key.prompts:
            pieces = self._words(path.locale).of(prompt, attempt)
            until = next((n for n, each in enumerate(pieces) if each.slot and each.slot.name == lost), len(pieces))
            slots = {place: each.slot.name for place, each in enumerate(pieces[:until]) if each.slot is not None}
            values = {place: self._value(path, name) for place, name in slots.items()}
            told += path.timeline.say(pieces[:until], values, covers)
            if until < len(pieces):
                break
        return told

    def _value(self, path: Path, name: str) -> Value:
        """When a slot's value is known, and how long a voice would take for it."""
        known = path.running[name].done if name in path.running else path.timeline.now
        return Value(known, self._sound.ordered(path.dice))
