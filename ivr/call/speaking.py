"""Speaking: a prompt becomes an utterance, and what of it is not in memory is synthesised at once.

``Sentences`` makes the segments, ``Voicing`` those of live words; ``Pending`` keeps the places of words that are not
known yet, and ``Syntheses`` are what a voice was asked for.
"""

from __future__ import annotations

from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.pending import Pending
from ivr.call.plan import CallPlan
from ivr.call.sentences import Sentences
from ivr.call.syntheses import Syntheses
from ivr.call.voicing import Voicing
from ivr.catalog.wording import Pause, Unsayable
from ivr.dialog.cover import USUAL, Cover
from ivr.dialog.requests import Handle, Say
from ivr.media.clip import beep
from ivr.playout.covers import Covers
from ivr.playout.playout import Playout
from ivr.playout.segments import ClipSegment, PendingSegment, Segment, SpeechSegment, Utterance
from ivr.trace.events import CoverChosen, LocaleChosen, PromptSaid
from ivr.trace.sound import Strategy


class Speaking:
    """The words of one stream of a call, between the catalogue and playout."""

    def __init__(self, plan: CallPlan, playout: Playout, lookups: Lookups, outbox: Outbox) -> None:
        self._plan = plan
        self.language = plan.language(plan.catalogue.locale)
        """In which prompts are said that do not name their own."""
        self.cover = USUAL
        """What covers them, and waits."""
        self._playout = playout
        self._outbox = outbox
        self.syntheses = Syntheses(plan, playout, outbox)
        """Those of its words that are under way."""
        self._voicing = Voicing(plan, playout, outbox)
        self._pending = Pending(playout, lookups, self._voicing, self.syntheses)
        self._sentences = Sentences(plan, playout, lookups, self._voicing, self._pending)
        self._count = 0

    def speak(self, locale: str, now: float) -> None:
        """Say what comes in that locale; what is enqueued stays as it is."""
        self.language = self._plan.language(locale)
        self._outbox.note(LocaleChosen(locale, now))

    def cover_by(self, cover: Cover, now: float) -> None:
        """Cover what comes by that; what is enqueued stays as it is.

        Raises ``PhraseNotFound``, ``SlotError`` and ``ClipError``.
        """
        self._plan.covers_of(self.language, cover)
        self.cover = cover
        self._outbox.note(CoverChosen(str(cover), now))

    def take_over(self, before: Speaking) -> None:
        """Speak as on the stream before."""
        self.language = self._plan.language(before.language.locale)
        self.cover = before.cover

    def say(self, request: Say, now: float) -> str:
        """Enqueue a prompt; every live segment of it begins to be synthesised now. Returns the utterance's id.

        The fallback stands in for a value that cannot be said, or that a slot does not have. Raises ``PhraseNotFound``
        and ``ClipError``.
        """
        sentences = self._sentences
        language = self.language if request.locale is None else self._plan.language(request.locale)
        wordings = sentences.with_pauses(sentences.wordings(request, language.catalogue))
        utterance = self._next_id()
        segments = tuple(sentences.segment(f"{utterance}.{n}", wording, now) for n, wording in enumerate(wordings, 1))
        pauses = tuple(wording.seconds for wording in wordings if isinstance(wording, Pause))
        self._outbox.note(PromptSaid(utterance, request.prompt, request.attempt, pauses, now))
        covers = self._plan.covers_of(language, self.cover if request.cover is None else request.cover)
        self._playout.enqueue(Utterance(utterance, segments, covers=covers), now)
        for segment in segments:
            self._begin(segment, now)
        return utterance

    def unsayable(self, request: Say) -> str:
        """Why a value cannot be said, as far as they are known by now; empty where all can. Raises as ``say`` does."""
        wordings = self._sentences.wordings(request, self.language.catalogue)
        return next((each.why for each in wordings if isinstance(each, Unsayable)), "")

    @property
    def _covers(self) -> Covers | None:
        return self._plan.covers_of(self.language, self.cover)

    @property
    def apologising(self) -> bool:
        """The fallback already stands in for words that failed, or is about to."""
        return self._playout.falling_back

    def apologise(self, now: float) -> str | None:
        """Say the fallback phrase, if the project has one, behind what is sounding. Returns the utterance's id."""
        covers = self._covers
        if covers is None or covers.fallback is None:
            return None
        utterance = self._next_id()
        words = ClipSegment(f"{utterance}.1", covers.fallback, covers.fallback_text, Strategy.FALLBACK)
        self._playout.enqueue(Utterance(utterance, (words,), covers=covers), now)
        return utterance

    def beep(self, now: float) -> str:
        """Enqueue the beep, at the loudness of the words. Returns the utterance's id."""
        utterance = self._next_id()
        clip = beep(self._plan.capabilities.out_format, self._plan.voice.target)
        self._playout.enqueue(Utterance(utterance, (ClipSegment(f"{utterance}.1", clip),)), now)
        return utterance

    def wait(self, now: float) -> str:
        """The dialog waits for a lookup: enqueue nothing but covers. Returns the segment to release."""
        utterance = self._next_id()
        segment = PendingSegment(f"{utterance}.wait")
        self._playout.enqueue(Utterance(utterance, (segment,), wait=True, covers=self._covers), now)
        return segment.id

    def release(self, segment: str) -> None:
        """The wait is over; its cover ends at a clean edge."""
        self._playout.resolve(segment, ())

    def lookup_ended(self, handle: Handle, now: float) -> None:
        """Words that waited for a value are known, or never will be."""
        self._pending.lookup_ended(handle, now)

    def cancel(self, segment: str, now: float) -> None:
        """Nobody will hear it."""
        self._pending.forget(segment)
        self.syntheses.cancel(segment, now)

    def cancel_all(self, now: float) -> None:
        """The stream is over."""
        self.syntheses.cancel_all(now)
        self._pending.forget_all()

    def keep_completed(self) -> None:
        """Remember live words that belong to nobody, for the next time they are said."""
        self._voicing.keep_completed()

    def _begin(self, segment: Segment, now: float) -> None:
        match segment:
            case SpeechSegment():
                self.syntheses.begin(segment, now)
            case PendingSegment(id=id):
                self._pending.begin(id, now)

    def _next_id(self) -> str:
        """Unlike any of the call's other streams: what comes late for one of those must not be taken for ours."""
        self._count += 1
        generation = self._outbox.origin.generation
        return f"u{self._count}" if generation <= 1 else f"s{generation}.u{self._count}"
