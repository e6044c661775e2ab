"""The syntheses of a stream that are under way: each is begun, asked for again where that makes sense, and ends once.

Rules:

* Every live segment has one from the moment its utterance is enqueued; it ends done, failed or cancelled.
* A synthesis that failed is asked for again while a cover plays, as often as the voice says; not where fragments can
  say the words, and not where asking again makes no sense while a caller waits.
* What comes for a synthesis that is over, or for an earlier attempt, is noted and dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.call.effects import CancelSpeech, Synthesize
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.errors import SpeechError, SpeechRefused
from ivr.playout.playout import Playout
from ivr.playout.segments import SpeechSegment
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.trace.events import StaleDropped, SynthesisEnded, SynthesisFirstAudio, SynthesisStarted

RETRY_AFTER = 0.250
"""Seconds before a failed synthesis is asked for again; a provider that refuses at once is not hammered."""

LONGEST_WAIT = 5.0
"""Seconds that a provider may ask for before the next attempt; for longer no caller is kept on hold."""


@dataclass(slots=True)
class _Job:
    request: SpeechRequest
    private: bool
    attempt: int
    running: bool
    retry_at: float | None = None


class Syntheses:
    """Of one stream, by their segments."""

    def __init__(self, plan: CallPlan, playout: Playout, outbox: Outbox) -> None:
        self._plan = plan
        self._playout = playout
        self._outbox = outbox
        self._jobs: dict[str, _Job] = {}

    def begin(self, segment: SpeechSegment, now: float) -> None:
        """These words are enqueued: ask for them."""
        voice = self._plan.voice_of(segment.voice)
        request = SpeechRequest(segment.text, voice.name, voice.locale, voice.speed, voice.model, voice.style)
        self._jobs[segment.id] = job = _Job(request, segment.private, 1, running=False)
        self._request(segment.id, job, now)

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
        """Nobody will hear it: stop making it, if it is being made."""
        job = self._jobs.pop(segment, None)
        if job is not None and job.running:
            self._outbox.want(CancelSpeech(self._outbox.origin, segment, job.attempt))
            self._outbox.note(SynthesisEnded(segment, "cancelled", "", False, now))

    def cancel_all(self, now: float) -> None:
        """The stream is over."""
        for segment in list(self._jobs):
            self.cancel(segment, now)

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

    def next_timer(self) -> float | None:
        """When the next retry is due."""
        if not self._jobs:
            return None
        return min((job.retry_at for job in self._jobs.values() if job.retry_at is not None), default=None)

    def is_private(self, segment: str) -> bool:
        """Whether what a segment says belongs to the caller; of one that is not being synthesised nobody knows."""
        job = self._jobs.get(segment)
        return job is None or job.private

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


def _retry_after(error: SpeechError) -> float | None:
    """Seconds after which it makes sense to ask again; None where it makes none while a caller waits."""
    if not isinstance(error, SpeechRefused):
        return RETRY_AFTER
    # Of the 4xx only 408 (took too long) and 429 (too many) pass by themselves.
    if error.status < 500 and error.status not in (408, 429):
        return None
    wait = max(RETRY_AFTER, error.retry_after or 0.0)
    return wait if wait <= LONGEST_WAIT else None
