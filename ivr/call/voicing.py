"""How live words are voiced: by fragments, from memory, or by a voice that is asked for them.

``ivr.call.readback`` says by what mode; words that belong to nobody are remembered for the next time they are said.
"""

from __future__ import annotations

from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.call.readback import Mode
from ivr.catalog.wording import Live, Place
from ivr.media.clip import Clip
from ivr.phrases.key import Delivery, phrase_key
from ivr.playout.playout import Playout
from ivr.playout.segments import ClipSegment, SpeechSegment
from ivr.trace.events import FragmentsReady
from ivr.trace.sound import Strategy


class Voicing:
    """Of one stream."""

    def __init__(self, plan: CallPlan, playout: Playout, outbox: Outbox) -> None:
        self._plan = plan
        self._playout = playout
        self._outbox = outbox

    def segment(self, id: str, words: Live, now: float) -> ClipSegment | SpeechSegment | None:
        """The segment of that id that says these words; None where only fragments may say them, and cannot."""
        mode = self._plan.read_back.mode_of(words)
        spliced = mode is Mode.FRAGMENTS or (mode is Mode.AUTO and self._playout.in_fragments(id))
        made = self._read_back(id, words, now) if spliced else None
        if made is not None:
            return ClipSegment(id, made, words.text, Strategy.FRAGMENTS, words.private)
        if mode is Mode.FRAGMENTS:
            return None
        instead = self._read_back(id, words, now) if mode is Mode.AUTO and not spliced else None
        clip = None if words.private else self._plan.dynamic.get(dynamic_key(self._plan, words.text, words.locale))
        if clip is not None:
            return ClipSegment(id, clip, words.text, Strategy.CACHED, instead=instead)
        return SpeechSegment(id, words.text, words.private, words.locale, instead)

    def spliced(self, place: Place) -> bool:
        """Whether fragments may take the place of a voice that is late with the value that comes there."""
        return self._plan.read_back.spliced(place)

    def keep_completed(self) -> None:
        """Remember live words that belong to nobody, for the next time they are said."""
        for segment in self._playout.completed:
            self._plan.dynamic.put(dynamic_key(self._plan, segment.text, segment.voice), segment.clip)
        self._playout.completed.clear()

    def _read_back(self, id: str, words: Live, now: float) -> Clip | None:
        clip = self._plan.read_back.clip(id, words)
        self._outbox.note(FragmentsReady(id, 0 if clip is None else clip.samples, now))
        return clip


def dynamic_key(plan: CallPlan, text: str, locale: str) -> str:
    """By what live words of a phrase of that locale are remembered in ``plan.dynamic``."""
    voice = plan.voice_of(locale)
    key = phrase_key(
        text=text,
        provider=voice.provider,
        delivery=Delivery(voice.name, voice.speed, voice.model, voice.style, voice.sent),
        locale=voice.locale,
        target=voice.target,
        rate=plan.capabilities.out_format.rate,
    )
    return f"{key}:{plan.capabilities.out_format}"
