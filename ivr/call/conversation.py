"""The conversation of a dialog with its caller: it begins, may change its stream, hears of all that happens, and ends.

``Parts`` is what it is made of. ``Performing`` does what the dialog asks for, ``Waiting`` ends its waits, and
``Interrupting`` ends words for the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from ivr.call.interrupting import Interrupting
from ivr.call.parts import Parts
from ivr.call.performing import Performing
from ivr.call.plan import CallPlan
from ivr.call.speaking import Speaking
from ivr.call.waiting import Waiting
from ivr.catalog.bargein import By
from ivr.catalog.party import TransferOutcome
from ivr.dialog.line import Line
from ivr.dialog.requests import Ask, Record
from ivr.errors import HungUp, LocalGatewayError
from ivr.gateways.events import MediaReceived
from ivr.listening.recorder import Over
from ivr.playout.playout import Playout
from ivr.trace.sound import UtteranceHeard


class Conversation:
    """One dialog on one call; the stream under it may change."""

    def __init__(
        self, parts: Parts, interrupt: Callable[[By, float], None], clock: Callable[[float], datetime]
    ) -> None:
        """``interrupt`` clears all that is queued and sounding, here and at the gateway; ``clock`` is wall time."""
        self._parts = parts
        self._interrupting = Interrupting(parts, interrupt)
        self._waiting = Waiting(parts, self._interrupting)
        self._performing = Performing(parts, self._interrupting, self._waiting, clock)

    # ---- its course

    def start(self, line: Line, now: float) -> None:
        """The call was answered."""
        parts, performing = self._parts, self._performing
        plan, own = parts.plan, parts.plan.catalogue.locale
        line.locale = own if plan.begins_in is None else plan.begins_in(line)
        if line.locale != own:
            parts.speaking.speak(line.locale, now)
        parts.turns.begin("answer", now)
        parts.running.start(plan.dialog(line), performing.perform, performing.ended, now)

    @property
    def away(self) -> bool:
        """No stream carries the call: what is said waits, and silence does not count."""
        return self._parts.away

    def move_to(self, plan: CallPlan, speaking: Speaking, playout: Playout, now: float) -> None:
        """Another stream carries the call from now on; what the old one had not said is not said again."""
        parts = self._parts
        parts.plan = plan
        over = parts.message.stop(Over.STREAM, now)
        self._waiting.hear(parts.ears.move_to(plan, now), now)
        parts.move_to(speaking, playout, now)
        if over is not None:
            self._waiting.recorded(*over, now)
        else:
            self._waiting.quiet(now)

    def leave(self, speaking: Speaking, playout: Playout, now: float) -> None:
        """No stream carries the call until ``come_back``; what is said meanwhile is kept in ``playout``."""
        self._parts.away = True
        self.move_to(self._parts.plan, speaking, playout, now)

    def come_back(self, now: float) -> None:
        """A stream carries the call; nothing changes where one has all the while."""
        parts = self._parts
        if parts.away:
            parts.away = False
            if not parts.moving.under_way:
                parts.turns.begin("return", now)
            self._waiting.quiet(now)

    def end(self, reason: str, now: float) -> None:
        """The call is over; the dialog may look things up, which nobody waits for, and may not speak."""
        parts = self._parts
        parts.asking.stop()
        recorded = parts.message.stop(Over.HANG_UP, now) or ()
        parts.moving.hang_up(now)
        leave = partial(parts.lookups.leave, now=now)
        broken = parts.running.hang_up(lambda: HungUp(reason, *recorded), leave, now)
        if broken is not None:
            parts.outbox.note(broken)
        self._interrupting.end()

    # ---- what happens in it

    def listens(self, now: float) -> bool:
        """Whether the caller's sound is wanted from now on."""
        parts = self._parts
        waiting = parts.running.waiting
        heeds = parts.heed.minds and (isinstance(waiting, Ask) or parts.saying.wants(By.SPEECH))
        wanted = (heeds or isinstance(waiting, Record)) and not (self._interrupting.last_words or parts.away)
        if wanted or parts.ears.open:
            self._waiting.hear(parts.ears.listen(wanted, now, over_words=parts.playout.saying), now)
        return wanted

    def sound(self, media: MediaReceived, now: float) -> None:
        """A piece of the caller's sound, where it is wanted."""
        self._waiting.hear(self._parts.ears.receive(media.payload, media.timestamp, now), now)

    def swallows(self, digit: str, now: float) -> bool:
        """Whether a key means nothing more: the caller closed an answer that was complete already."""
        return self._parts.asking.swallows(digit, now)

    def may_interrupt(self, by: By, now: float) -> bool:
        """Whether all that is queued or not yet heard may be interrupted; the last words never are."""
        return self._interrupting.may(by, now)

    def digit(self, digit: str, now: float) -> None:
        """The caller pressed a key; what it interrupts has been cleared."""
        self._waiting.key(digit, now)

    def heard(self, event: UtteranceHeard, now: float) -> None:
        """The caller has heard the end of an utterance."""
        self._parts.saying.heard(event.utterance)
        self._interrupting.attempt(now)  # what held the digit or the speech may have been heard
        self._waiting.quiet(now, event.at)

    def lookup_ended(self, lookup: str, now: float) -> None:
        """A lookup returned or failed."""
        self._waiting.lookup_ended(lookup, now)

    def gave_up(self, segment: str, now: float) -> None:
        """The caller's patience with what a segment stands for is over."""
        self._waiting.gave_up(segment, now)

    def transferred(self, result: TransferOutcome | LocalGatewayError, now: float) -> None:
        """A transfer is over, or could not begin."""
        parts = self._parts
        if not parts.moving.end(result.value if isinstance(result, TransferOutcome) else "refused", now):
            return
        parts.ahead.clear()  # keys were for the other party
        if not parts.away:
            parts.turns.begin("return", now)
        self._waiting.answer(result, now)

    def handle_timer(self, now: float) -> None:
        """The caller may have been silent for too long, or interrupts what may be interrupted only now."""
        parts = self._parts
        self._waiting.hear(parts.ears.handle_timer(now), now)
        if self._interrupting.attempt(now):
            self._waiting.quiet(now)
        parts.moving.handle_timer(now)
        self._waiting.handle_timer(now)

    def timers(self) -> tuple[float | None, ...]:
        """When silence becomes no input or ends something, words may be interrupted, or the call is to be moved."""
        parts = self._parts
        opens_at = self._interrupting.next_timer()
        return parts.asking.next_timer(), parts.ears.next_timer(), parts.moving.next_timer(), opens_at
