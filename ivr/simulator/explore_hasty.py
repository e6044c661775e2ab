"""A caller who does not wait for the end of the words: presses keys into them, or hangs up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.catalog.bargein import USUAL, BargeIn, By
from ivr.dialog.requests import Say
from ivr.project.project import Project
from ivr.trace.events import BargedIn, PromptSaid, TraceEvent
from ivr.trace.report import COVERS
from ivr.trace.sound import SegmentStarted, UtteranceHeard

INTO = 0.1
"""Seconds of the first words that are heard before something is done into them."""


@dataclass(slots=True)
class Hasty:
    """Acts once, into the first words behind the last choice of a path; sees for itself what was cut by it."""

    keys: str = ""
    """Nothing: hangs up."""
    at: float | None = None
    """When it is to be done, known at the first words; None: nobody spoke."""
    states: int = 0
    """That had been entered by then."""
    free: bool = False
    """All that was queued then may be interrupted by a key, from its first word on."""
    interrupted: bool = False
    cut: list[str] = field(default_factory=list)
    """Prompts that may not be interrupted, and were."""
    _policies: dict[str, BargeIn] = field(default_factory=dict)
    """Of prompts, as they were said last."""
    _unheard: dict[str, str] = field(default_factory=dict)
    """Prompts by their utterances."""

    @property
    def gone(self) -> bool:
        """The caller has hung up."""
        return self.at is not None and not self.keys

    def says(self, request: Say, project: Project, locale: str) -> None:
        """The dialog says a prompt."""
        catalogue = project.catalogues.get(request.locale or locale or project.settings.locale)
        prompt = None if catalogue is None else catalogue.prompt(request.prompt)
        self._policies[request.prompt] = request.bargein or (USUAL if prompt is None else prompt.bargein)

    def see(self, event: TraceEvent) -> float | None:
        """The next event of the call; answers when to act, where it tells that."""
        match event:
            case PromptSaid(utterance=utterance, prompt=prompt):
                self._unheard[utterance] = prompt
            case UtteranceHeard(utterance=utterance):
                self._unheard.pop(utterance, None)
            case BargedIn() if self.at is not None:
                self.interrupted = True
                self.cut += [prompt for prompt in self._unheard.values() if not self._allows(prompt)]
                self._unheard.clear()
            case SegmentStarted(strategy=strategy, text=text, sounds_at=at) if text and strategy not in COVERS:
                return at + INTO
        return None

    def act(self, now: float, states: int, press: Callable[[str, int], None], hang_up: Callable[[float], None]) -> None:
        """Do it; ``press`` takes each key and its number."""
        self.at, self.states = now, states
        self.free = all(self._allows(prompt) and not self._policies[prompt].after for prompt in self._unheard.values())
        if not self.keys:
            hang_up(now)
        for number, key in enumerate(self.keys):
            press(key, number)

    def _allows(self, prompt: str) -> bool:
        return By.DIGIT in self._policies[prompt].by
