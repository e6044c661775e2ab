"""Places kept in an utterance: for words that wait for a value, and for words that nobody can say.

Rules:

* When the value comes its words take the place; when it fails, or no words can say it, the fallback does.
* That may be known before the utterance is enqueued, and counts from then on: see ``begin``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.call.lookups import Lookups
from ivr.call.syntheses import Syntheses
from ivr.call.voicing import Voicing
from ivr.catalog.wording import Awaited, spoken
from ivr.dialog.requests import Handle
from ivr.errors import SlotError
from ivr.media.private import Private
from ivr.playout.playout import Playout
from ivr.playout.segments import PendingSegment, SpeechSegment
from ivr.trace.sound import UNSAYABLE

NO_FRAGMENTS = "no fragments can say it"
"""Why words have failed that only fragments may say."""


class Pending:
    """Of one stream, by their segments."""

    def __init__(self, playout: Playout, lookups: Lookups, voicing: Voicing, syntheses: Syntheses) -> None:
        self._playout = playout
        self._lookups = lookups
        self._voicing = voicing
        self._syntheses = syntheses
        self._awaited: dict[str, list[tuple[str, Awaited]]] = {}
        """By the lookup that they wait for."""
        self._refused: dict[str, str] = {}
        """Those that are about to be enqueued, and why nobody may say them."""

    def wait(self, id: str, words: Awaited) -> PendingSegment:
        """The place of words that wait for a value."""
        self._awaited.setdefault(words.value.id, []).append((id, words))
        return PendingSegment(id, self._voicing.spliced(words.place))

    def refuse(self, id: str, why: str) -> PendingSegment:
        """The place of words that nobody can say."""
        self._refused[id] = why
        return PendingSegment(id)

    def begin(self, id: str, now: float) -> None:
        """It is enqueued: what is known of it by now takes effect."""
        if id in self._refused:
            self._playout.failed(id, self._refused.pop(id))
            return
        for handle in list(self._ended_already(id)):
            self.lookup_ended(handle, now)

    def lookup_ended(self, handle: Handle, now: float) -> None:
        """Words that waited for a value are known, or never will be."""
        still_queued = self._playout.segments()
        for id, words in self._awaited.pop(handle.id, []):
            if id in still_queued:
                self._fill(id, words, handle, now)

    def forget(self, id: str) -> None:
        """Nobody will hear it."""
        for waiting in self._awaited.values():
            waiting[:] = [(name, words) for name, words in waiting if name != id]

    def forget_all(self) -> None:
        """The stream is over."""
        self._awaited.clear()

    def _fill(self, id: str, words: Awaited, handle: Handle, now: float) -> None:
        result = self._lookups.result(handle)
        if result is None or result.error is not None:
            self._playout.failed(id)
            return
        value = Private(result.value) if handle.private else result.value
        try:
            live = spoken(words.place, value)
        except SlotError as error:
            self._playout.failed(id, f"{UNSAYABLE}: {error}")
            return
        if live is None:
            self._playout.resolve(id, ())
            return
        segment = self._voicing.segment(id, live, now)
        if segment is None:
            self._playout.failed(id, NO_FRAGMENTS)
            return
        self._playout.resolve(id, (segment,))
        if isinstance(segment, SpeechSegment):
            self._syntheses.begin(segment, now)

    def _ended_already(self, id: str) -> Iterator[Handle]:
        for waiting in self._awaited.values():
            for name, words in waiting:
                if name == id and self._lookups.result(words.value) is not None:
                    yield words.value
