"""What ends a wait of the dialog: a value, keys, silence, a recording, or the end of what is said.

Rules:

* A question, a recording and a transfer begin when all words were heard, or cut off.
* Silence counts from the last word *heard*; keys at hand are for the question first.
* A digit does not end the wait for a lookup, nor its cover.
* While the call is away nothing is heard, and no silence counts.
"""

from __future__ import annotations

from typing import Any

from ivr.call.interrupting import Interrupting
from ivr.call.parts import Parts
from ivr.dialog.listen import MOST_KEYS, Typed
from ivr.dialog.requests import Ask, Heard, Record, Returned, Transfer
from ivr.listening.events import SpeechEvent, SpeechStarted
from ivr.media.recording import Recording


class Waiting:
    """Of one call: one request at a time, see ``Running.waiting``."""

    def __init__(self, parts: Parts, interrupting: Interrupting) -> None:
        self._parts = parts
        self._interrupting = interrupting

    def answer(self, value: Any, now: float) -> None:
        """The wait is over, and the dialog goes on."""
        parts = self._parts
        parts.asking.stop()
        if isinstance(parts.running.waiting, Ask | Record | Transfer):
            parts.heed.answered()
        parts.running.resume(value, now)

    def recorded(self, value: Recording | Typed | None, now: float) -> None:
        """What the dialog waits for was recorded, or was not."""
        self._parts.turns.begin("recording", now)
        self.answer(value, now)

    def quiet(self, now: float, since: float | None = None) -> None:
        """Where all words were heard, or cut off, what waited for that goes on.

        ``since`` is when the last word ended, where that was before.
        """
        parts = self._parts
        if parts.playout.saying or parts.away:
            return
        match parts.running.waiting:
            case Heard():
                if parts.ears.speaking:
                    parts.turns.begin("speech", now)
                self.answer(None, now)
            case Ask():
                self._feed(now, since)
            case Record():
                self.hear(parts.message.quiet(parts.speaking, parts.saying, now), now)
            case Transfer():
                parts.moving.heard(parts.plan.capabilities.linger, now)

    def hear(self, events: list[SpeechEvent], now: float) -> None:
        """The caller begins to speak, or stops, or a recording is over."""
        parts = self._parts
        for event in events:
            begins = isinstance(event, SpeechStarted)
            parts.heed.speech(begins, saying=parts.playout.saying)
            parts.asking.speech(begins, now if begins else event.at)
        if events and self._interrupting.attempt(now):
            self.quiet(now)
        if (over := parts.message.over(now)) is not None:
            self.recorded(*over, now)

    def key(self, key: str, now: float) -> None:
        """The caller pressed a key; what it interrupts has been cleared."""
        parts = self._parts
        if isinstance(parts.running.waiting, Record):
            if (over := parts.message.key(key, now)) is not None:
                self.recorded(*over, now)
            else:
                self.quiet(now)
            return
        if len(parts.ahead) < MOST_KEYS:
            parts.ahead.append(key)
        parts.cover.again(parts.speaking, parts.playout, now)
        if isinstance(parts.running.waiting, Ask):
            parts.saying.take_back(now)
        self.quiet(now)

    def lookup_ended(self, lookup: str, now: float) -> None:
        """A lookup returned or failed: first for the dialog that waits for it, then for the words that do."""
        parts = self._parts
        waiting = parts.running.waiting
        if isinstance(waiting, Returned) and waiting.handle.id == lookup:
            parts.cover.end(parts.speaking)
            if not parts.playout.saying:
                parts.turns.begin("value", now)
            if (result := parts.lookups.result(waiting.handle)) is not None:
                self.answer(result.error or result.value, now)
        handle = parts.lookups.handle(lookup)
        if handle is not None:
            parts.speaking.lookup_ended(handle, now)

    def gave_up(self, segment: str, now: float) -> None:
        """The caller's patience is over: what the dialog waits for under that cover has failed."""
        parts = self._parts
        if parts.cover.covers(segment) and isinstance(waiting := parts.running.waiting, Returned):
            parts.lookups.give_up(waiting.handle, now)
            self.lookup_ended(waiting.handle.id, now)

    def handle_timer(self, now: float) -> None:
        """The caller may have been silent for too long."""
        parts = self._parts
        if isinstance(parts.running.waiting, Ask) and (over := parts.asking.overdue(now)) is not None:
            parts.turns.begin("no-input" if over == (None,) else "pause", now)
            self.answer(*over, now)

    def _feed(self, now: float, silent_since: float | None) -> None:
        """All words were heard: keys at hand are for the question; while they do not complete it, silence counts."""
        parts = self._parts
        typed = parts.asking.keys(parts.ahead, now)
        if typed is not None:
            parts.turns.begin("digit", now)
            self.answer(typed, now)
        else:
            parts.asking.silent_from(now if silent_since is None else silent_since)
