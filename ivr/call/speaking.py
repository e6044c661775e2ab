"""Speaking: a prompt becomes an utterance, and what of it is not in memory is synthesised at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.call.effects import CancelSpeech, Synthesize
from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.call.readback import Mode
from ivr.catalog.phrase import Catalogue
from ivr.catalog.wording import Awaited, Fixed, Live, Pause, Unsayable, Wording, resolve, spoken
from ivr.dialog.cover import USUAL, Cover
from ivr.dialog.requests import Handle, Say
from ivr.errors import ClipError, SlotError, SpeechError, SpeechRefused
from ivr.media.clip import Clip, beep
from ivr.media.private import Private
from ivr.phrases.key import Delivery, phrase_key
from ivr.playout.covers import Covers
from ivr.playout.playout import Playout
from ivr.playout.segments import (
    ClipSegment,
    PendingSegment,
    Segment,
    SilenceSegment,
    SpeechSegment,
    Utterance,
)
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.trace.events import (
    CoverChosen,
    FragmentsReady,
    LocaleChosen,
    PromptSaid,
    StaleDropped,
    SynthesisEnded,
    SynthesisFirstAudio,
    SynthesisStarted,
)
from ivr.trace.sound import UNSAYABLE, Strategy

RETRY_AFTER = 0.250
"""Seconds before a failed synthesis is asked for again; a provider that refuses at once is not hammered."""

_NO_FRAGMENTS = "no fragments can say it"

LONGEST_WAIT = 5.0
"""Seconds that a provider may ask for before the next attempt; for longer no caller is kept on hold."""


@dataclass(slots=True)
class _Job:
    request: SpeechRequest
    private: bool
    attempt: int
    running: bool
    retry_at: float | None = None


class Speaking:
    """The words of one stream of a call, between the catalogue and playout."""

    def __init__(self, plan: CallPlan, playout: Playout, lookups: Lookups, outbox: Outbox) -> None:
        self._plan = plan
        self.language = plan.language(plan.catalogue.locale)
        """In which prompts are said that do not name their own."""
        self.cover = USUAL
        """What covers them, and waits."""
        self._playout = playout
        self._lookups = lookups
        self._outbox = outbox
        self._jobs: dict[str, _Job] = {}
        self._unsayable: dict[str, str] = {}
        """Segments about to be enqueued whose words nobody may say, and why."""
        self._awaited: dict[str, list[tuple[str, Awaited]]] = {}
        self._count = 0
        self._pause: Pause | None = None

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

        The fallback stands in for a value that cannot be said. Raises ``PhraseNotFound``, ``SlotError`` (for a slot
        without a value) and ``ClipError``.
        """
        language = self.language if request.locale is None else self._plan.language(request.locale)
        wordings = self._with_pauses(self._wordings(request, language.catalogue))
        utterance = self._next_id()
        segments = tuple(self._segment(f"{utterance}.{n}", wording, now) for n, wording in enumerate(wordings, 1))
        pauses = tuple(wording.seconds for wording in wordings if isinstance(wording, Pause))
        self._outbox.note(PromptSaid(utterance, request.prompt, request.attempt, pauses, now))
        covers = self._plan.covers_of(language, self.cover if request.cover is None else request.cover)
        self._playout.enqueue(Utterance(utterance, segments, covers=covers), now)
        for segment in segments:
            self._begin(segment, now)
        return utterance

    def sayable(self, request: Say) -> bool:
        """Whether the values that are known by now can be said. Raises as ``say`` does."""
        return not any(isinstance(each, Unsayable) for each in self._wordings(request, self.language.catalogue))

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
        result = self._lookups.result(handle)
        still_queued = self._playout.segments()
        for segment, awaited in self._awaited.pop(handle.id, []):
            if segment not in still_queued:
                continue
            if result is None or result.error is not None:
                self._playout.failed(segment)
                continue
            value = Private(result.value) if handle.private else result.value
            try:
                live = spoken(awaited.place, value)
            except SlotError as error:
                self._playout.failed(segment, f"{UNSAYABLE}: {error}")
                continue
            if live is None:
                self._playout.resolve(segment, ())
                continue
            words = self._live(segment, live, now)
            if words is None:
                self._playout.failed(segment, _NO_FRAGMENTS)
                continue
            self._playout.resolve(segment, (words,))
            self._begin(words, now)

    def chunk(self, segment: str, attempt: int, chunk: SpeechChunk, now: float) -> None:
        """Audio of a live segment came in."""
        if self._job(segment, attempt, now) is None:
            return
        words = tuple((word.sample, word.offset, word.length) for word in chunk.words)
        slack = self._playout.feed(segment, chunk.samples, chunk.rate, words, now)
        if slack is not None:
            self._outbox.note(SynthesisFirstAudio(segment, slack, now, self._plan.voice.provider, chunk.region))

    def finished(self, segment: str, attempt: int, now: float) -> None:
        """All audio of a live segment is here."""
        if self._job(segment, attempt, now) is None:
            return
        del self._jobs[segment]
        self._playout.finished(segment)
        self._outbox.note(SynthesisEnded(segment, "done", "", False, now))

    def failed(self, segment: str, attempt: int, error: SpeechError, now: float) -> None:
        """No more audio comes: it is asked for again while a cover plays, or the fallback is said."""
        job = self._job(segment, attempt, now)
        if job is None:
            return
        self._outbox.note(SynthesisEnded(segment, "failed", str(error), job.private, now))
        job.running = False
        wait = _retry_after(error)
        if self._playout.has_fragments(segment):  # they need nobody; asking again would only let the caller wait
            wait = None
        if job.attempt <= self._plan.voice.retries and wait is not None:
            job.retry_at = now + wait
        else:
            del self._jobs[segment]
            self._playout.failed(segment)

    def cancel(self, segment: str, now: float) -> None:
        """Nobody will hear it: stop making it."""
        for waiting in self._awaited.values():
            waiting[:] = [(name, awaited) for name, awaited in waiting if name != segment]
        job = self._jobs.pop(segment, None)
        if job is not None and job.running:
            self._outbox.want(CancelSpeech(self._outbox.origin, segment, job.attempt))
            self._outbox.note(SynthesisEnded(segment, "cancelled", "", False, now))

    def cancel_all(self, now: float) -> None:
        """The stream is over."""
        for segment in list(self._jobs):
            self.cancel(segment, now)
        self._awaited.clear()

    def handle_timer(self, now: float) -> None:
        """Ask again for what failed."""
        for segment, job in list(self._jobs.items()):
            if job.retry_at is not None and now >= job.retry_at:
                job.retry_at = None
                if self._playout.again(segment):
                    job.attempt += 1
                    self._request(segment, job, now)
                else:
                    del self._jobs[segment]

    def is_private(self, segment: str) -> bool:
        """Whether what a segment says belongs to the caller; of one that is not being synthesised nobody knows."""
        job = self._jobs.get(segment)
        return job is None or job.private

    def next_timer(self) -> float | None:
        """When the next retry is due."""
        if not self._jobs:
            return None
        return min((job.retry_at for job in self._jobs.values() if job.retry_at is not None), default=None)

    def keep_completed(self) -> None:
        """Remember live words that belong to nobody, for the next time they are said."""
        for segment in self._playout.completed:
            self._plan.dynamic.put(self._key(segment.text, segment.voice), segment.clip)
        self._playout.completed.clear()

    def _next_id(self) -> str:
        """Unlike any of the call's other streams: what comes late for one of those must not be taken for ours."""
        self._count += 1
        generation = self._outbox.origin.generation
        return f"u{self._count}" if generation <= 1 else f"s{generation}.u{self._count}"

    def _with_pauses(self, wordings: tuple[Wording, ...]) -> tuple[Wording, ...]:
        """Behind words that still sound their last pause comes first; the pause after these is kept for later."""
        before = self._pause if self._playout.saying else None
        self._pause = None
        if wordings and isinstance(last := wordings[-1], Pause):
            self._pause = last
            wordings = wordings[:-1]
        return wordings if before is None else (before, *wordings)

    def _wordings(self, request: Say, catalogue: Catalogue) -> tuple[Wording, ...]:
        values = {name: self._settled(value) for name, value in request.values.items()}
        currency = self._plan.read_back.currency
        return resolve(
            catalogue, request.prompt, values, request.attempt, waiting=Handle, currency=currency, lenient=True
        )

    def _settled(self, value: object) -> object:
        if isinstance(value, Handle) and (result := self._lookups.result(value)) is not None and result.error is None:
            return Private(result.value) if value.private else result.value
        return value

    def _segment(self, id: str, wording: Wording, now: float) -> Segment:
        match wording:
            case Fixed(clip=name, text=text):
                clip = self._plan.clips.get(name)
                if clip is None:
                    raise ClipError(f"the clip '{name}' is not in memory: run ivr render and start again")
                return ClipSegment(id, clip, text)
            case Pause(seconds=seconds):
                format = self._plan.capabilities.out_format
                return SilenceSegment(id, format.whole_frames(format.samples(seconds)))
            case Live():
                words = self._live(id, wording, now)
                if words is None:
                    self._unsayable[id] = _NO_FRAGMENTS
                    return PendingSegment(id)
                return words
            case Unsayable(why=why):
                self._unsayable[id] = f"{UNSAYABLE}: {why}"
                return PendingSegment(id)
            case Awaited(value=handle):
                self._awaited.setdefault(handle.id, []).append((id, wording))
                return PendingSegment(id)

    def _live(self, id: str, words: Live, now: float) -> ClipSegment | SpeechSegment | None:
        """How these words are voiced; None where only fragments may say them, and cannot."""
        mode = self._plan.read_back.mode_of(words)
        spliced = mode is Mode.FRAGMENTS or (mode is Mode.AUTO and self._playout.in_fragments(id))
        made = self._read_back(id, words, now) if spliced else None
        if made is not None:
            return ClipSegment(id, made, words.text, Strategy.FRAGMENTS, words.private)
        if mode is Mode.FRAGMENTS:
            return None
        clip = None if words.private else self._plan.dynamic.get(self._key(words.text, words.locale))
        if clip is not None:
            return ClipSegment(id, clip, words.text, Strategy.CACHED)
        instead = self._read_back(id, words, now) if mode is Mode.AUTO and not spliced else None
        return SpeechSegment(id, words.text, words.private, words.locale, instead)

    def _read_back(self, id: str, words: Live, now: float) -> Clip | None:
        clip = self._plan.read_back.clip(id, words)
        self._outbox.note(FragmentsReady(id, 0 if clip is None else clip.samples, now))
        return clip

    def _begin(self, segment: Segment, now: float) -> None:
        match segment:
            case SpeechSegment(id=id, text=text, private=private):
                voice = self._plan.voice_of(segment.voice)
                request = SpeechRequest(text, voice.name, voice.locale, voice.speed, voice.model, voice.style)
                self._jobs[id] = job = _Job(request, private, 1, running=False)
                self._request(id, job, now)
            case PendingSegment(id=id) if id in self._unsayable:
                self._playout.failed(id, self._unsayable.pop(id))
            case PendingSegment(id=id):
                for handle in list(self._failed_already(id)):
                    self.lookup_ended(handle, now)

    def _failed_already(self, segment: str) -> Iterator[Handle]:
        for waiting in self._awaited.values():
            for name, awaited in waiting:
                if name == segment and self._lookups.result(awaited.value) is not None:
                    yield awaited.value

    def _request(self, segment: str, job: _Job, now: float) -> None:
        job.running = True
        self._outbox.note(SynthesisStarted(segment, job.request.text, job.private, job.attempt, now))
        self._outbox.want(Synthesize(self._outbox.origin, segment, job.attempt, job.request, job.private))

    def _job(self, segment: str, attempt: int, now: float) -> _Job | None:
        job = self._jobs.get(segment)
        if job is None or job.attempt != attempt or not job.running:
            self._outbox.note(StaleDropped(f"audio of {segment}, attempt {attempt}", now))
            return None
        return job

    def _key(self, text: str, locale: str) -> str:
        return dynamic_key(self._plan, text, locale)


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


def _retry_after(error: SpeechError) -> float | None:
    """Seconds after which it makes sense to ask again; None where it makes none while a caller waits."""
    if not isinstance(error, SpeechRefused):
        return RETRY_AFTER
    # Of the 4xx only 408 (took too long) and 429 (too many) pass by themselves.
    if error.status < 500 and error.status not in (408, 429):
        return None
    wait = max(RETRY_AFTER, error.retry_after or 0.0)
    return wait if wait <= LONGEST_WAIT else None
