"""What is said, held back or skipped, and what may interrupt it.

Rules:

* What is queued and not yet heard may be interrupted if each prompt of it may be, by the same thing.
* ``after`` counts for the prompt that sounds: those behind it are skipped like any other.
* A prompt that a digit may not interrupt is said in spite of digits typed ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.call.outbox import Outbox
from ivr.call.speaking import Speaking
from ivr.catalog.bargein import NEVER, USUAL, BargeIn, By
from ivr.dialog.requests import Say
from ivr.playout.playout import Playout
from ivr.trace.events import PromptSkipped


@dataclass(frozen=True, slots=True)
class _Said:
    policy: BargeIn
    state: int
    """In which state, as a count of those that the dialog has entered."""


class Saying:
    """Of one stream."""

    def __init__(self, outbox: Outbox, speaking: Speaking, playout: Playout) -> None:
        self._outbox = outbox
        self._speaking = speaking
        self._playout = playout
        self._state = 0
        self._held_back: list[tuple[Say, _Said]] = []
        self._said: dict[str, _Said] = {}
        """The utterances that were said and not yet heard, in order. Covers of a wait are none of them."""

    def move_to(self, speaking: Speaking, playout: Playout) -> None:
        """Another stream carries the call."""
        self._speaking, self._playout = speaking, playout
        self._said.clear()

    def entered(self) -> None:
        """The dialog is in another state; what comes is said in that one."""
        self._state += 1

    @property
    def own(self) -> frozenset[str]:
        """The utterances that were said in the state that the dialog is in, and are not yet heard."""
        return frozenset(utterance for utterance, said in self._said.items() if said.state == self._state)

    def say(self, request: Say, now: float, *, ahead: bool) -> BargeIn:
        """Say it, or hold it back because keys are ``ahead`` of the question to come. Returns its policy."""
        language = self._speaking.language
        prompt = language.catalogue.prompt(request.prompt)
        policy = request.bargein or (USUAL if prompt is None else prompt.bargein)
        said = _Said(policy, self._state)
        if ahead and By.DIGIT in policy.by:
            held = replace(request, locale=language.locale, cover=self._speaking.cover)
            self._held_back.append((held, said))
            return policy
        self.skip_held_back(now)
        self._keep(self._speaking.say(request, now), said)
        return policy

    def protect(self, utterance: str | None) -> None:
        """Nothing interrupts this one."""
        if utterance is not None:
            self._keep(utterance, _Said(NEVER, self._state))

    def skip_held_back(self, now: float) -> None:
        """The keys are for the question that comes now: what was held back before it is not said."""
        for request, _ in self._held_back:
            self._outbox.note(PromptSkipped(request.prompt, now))
        self._held_back.clear()

    def say_held_back(self, now: float) -> None:
        """No question follows that the keys could answer."""
        held_back, self._held_back = self._held_back, []
        for request, said in held_back:
            self._keep(self._speaking.say(request, now), said)

    def take_back(self, now: float) -> None:
        """A digit is at hand for the question: what has not begun before it, and may be skipped, is not said."""
        held = {utterance for utterance, said in self._said.items() if By.DIGIT not in said.policy.by}
        self._playout.take_back(self._playout.unheard() - held, now)

    def heard(self, utterance: str) -> None:
        """The caller has heard its end."""
        self._said.pop(utterance, None)

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
        return {utterance: said.policy for utterance, said in self._said.items() if utterance in unheard}

    def _keep(self, utterance: str, said: _Said) -> None:
        # What was dropped, or not said after all, is never heard: it is forgotten here.
        unheard = self._playout.unheard()
        self._said = {name: before for name, before in self._said.items() if name in unheard}
        self._said[utterance] = said
