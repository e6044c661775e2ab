"""What is said, held back or skipped, and what may interrupt it.

Rules:

* What is queued and not yet heard may be interrupted if each prompt of it may be, by the same thing.
* ``after`` counts for the prompt that sounds: those behind it are skipped like any other.
* A prompt that a digit may not interrupt is said in spite of digits typed ahead.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.call.outbox import Outbox
from ivr.call.speaking import Speaking
from ivr.catalog.bargein import NEVER, USUAL, BargeIn, By
from ivr.dialog.requests import Say
from ivr.playout.playout import Playout
from ivr.trace.events import PromptSkipped


class Saying:
    """Of one stream."""

    def __init__(self, outbox: Outbox, speaking: Speaking, playout: Playout) -> None:
        self._outbox = outbox
        self._speaking = speaking
        self._playout = playout
        self._held_back: list[Say] = []
        self._policies: dict[str, BargeIn] = {}
        """Of the utterances that were said and not yet heard, in order. Covers of a wait have none."""

    def move_to(self, speaking: Speaking, playout: Playout) -> None:
        """Another stream carries the call."""
        self._speaking, self._playout = speaking, playout
        self._policies.clear()

    def say(self, request: Say, now: float, *, ahead: bool) -> BargeIn:
        """Say it, or hold it back because keys are ``ahead`` of the question to come. Returns its policy."""
        language = self._speaking.language
        prompt = language.catalogue.prompt(request.prompt)
        policy = request.bargein or (USUAL if prompt is None else prompt.bargein)
        if ahead and By.DIGIT in policy.by:
            self._held_back.append(replace(request, locale=language.locale, cover=self._speaking.cover))
            return policy
        self.skip_held_back(now)
        self._keep(self._speaking.say(request, now), policy)
        return policy

    def protect(self, utterance: str | None) -> None:
        """Nothing interrupts this one."""
        if utterance is not None:
            self._keep(utterance, NEVER)

    def skip_held_back(self, now: float) -> None:
        """The keys are for the question that comes now: what was held back before it is not said."""
        for request in self._held_back:
            self._outbox.note(PromptSkipped(request.prompt, now))
        self._held_back.clear()

    def say_held_back(self, now: float) -> None:
        """No question follows that the keys could answer."""
        held_back, self._held_back = self._held_back, []
        for request in held_back:
            self.say(request, now, ahead=False)

    def take_back(self, now: float) -> None:
        """A digit is at hand for the question: what has not begun before it, and may be skipped, is not said."""
        held = {utterance for utterance, policy in self._policies.items() if By.DIGIT not in policy.by}
        self._playout.take_back(self._playout.unheard() - held, now)

    def heard(self, utterance: str) -> None:
        """The caller has heard its end."""
        self._policies.pop(utterance, None)

    def wants(self, by: By) -> bool:
        """Whether anything that is queued or not yet heard may be interrupted by that, now or later."""
        return any(by in policy.by for policy in self._unheard().values())

    def may_interrupt(self, by: By, now: float) -> bool:
        """Whether all that is queued or not yet heard may be interrupted by that."""
        at = self.open_at(by)
        return at is not None and at <= now

    def open_at(self, by: By) -> float | None:
        """From when on that may interrupt; None for never, or for when nothing of what is to pass was sent yet."""
        policies = self._unheard()
        if any(by not in policy.by for policy in policies.values()):
            return None
        utterance, policy = next(iter(policies.items()), ("", USUAL))
        return self._playout.reached(utterance, policy.after) if policy.after else 0.0

    def _unheard(self) -> dict[str, BargeIn]:
        unheard = self._playout.unheard()
        return {utterance: policy for utterance, policy in self._policies.items() if utterance in unheard}

    def _keep(self, utterance: str, policy: BargeIn) -> None:
        # What was dropped, or not said after all, is never heard: it is forgotten here.
        self._policies = self._unheard()
        self._policies[utterance] = policy
