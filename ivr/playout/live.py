"""Live speech on its way to the wire: resampled, trimmed and levelled as it comes, taken in whole frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ivr.media.clip import Clip, make_clip
from ivr.media.edges import LeadTrimmer, TailTrimmer, fade_out
from ivr.media.format import AudioFormat
from ivr.media.level import StreamLeveller
from ivr.media.resample import Resampler
from ivr.media.samples import Samples


@dataclass(frozen=True, slots=True)
class Word:
    """Where a word of the text begins, in samples on the wire from the start of the segment."""

    sample: int
    offset: int
    length: int


class Live(Protocol):
    """``LiveSpeech``, or what answers as one."""

    def push(self, samples: Samples, rate: int, words: tuple[tuple[int, int, int], ...] = ()) -> None:
        """See ``LiveSpeech.push``."""
        ...

    def finish(self) -> None:
        """See ``LiveSpeech.finish``."""
        ...

    def available(self) -> int:
        """See ``LiveSpeech.available``."""
        ...

    def take(self, samples: int) -> Clip:
        """See ``LiveSpeech.take``."""
        ...

    def cut_off(self) -> Clip | None:
        """See ``LiveSpeech.cut_off``."""
        ...

    def rewind(self) -> None:
        """See ``LiveSpeech.rewind``."""
        ...

    @property
    def finished(self) -> bool:
        """All audio is here."""
        ...

    @property
    def words(self) -> list[Word]:
        """See ``LiveSpeech.words``."""
        ...

    @property
    def empty(self) -> bool:
        """See ``LiveSpeech.empty``."""
        ...

    @property
    def taken(self) -> int:
        """See ``LiveSpeech.taken``."""
        ...

    @property
    def known(self) -> int:
        """See ``LiveSpeech.known``."""
        ...

    @property
    def done(self) -> bool:
        """See ``LiveSpeech.done``."""
        ...


class LiveSpeech:
    """The audio of one speech segment, between a provider and playout.

    Nothing is lost by taking late or early: what is handed out follows on from what was handed out before, and
    ``rewind`` goes back to the beginning of a word, for a segment that was cut off and is said again.
    """

    def __init__(self, format: AudioFormat, target: float, gain: float) -> None:
        """``target`` is in LUFS; ``gain`` in dB is what the voice usually needs to reach it."""
        self._format = format
        self._target = target
        self._gain = gain
        self._words: list[Word] = []
        self.finished = False
        """All audio is here."""
        self._resampler: Resampler | None = None
        self._lead = LeadTrimmer(self._format.rate)
        self._tail = TailTrimmer(self._format.rate)
        self._leveller = StreamLeveller(self._format.rate, self._target, self._gain)
        self._raw = 0
        self._kept = 0

    def push(self, samples: Samples, rate: int, words: tuple[tuple[int, int, int], ...] = ()) -> None:
        """Audio at ``rate`` Hz, with the words that begin in it as (sample at ``rate``, offset, length)."""
        if self._resampler is None:
            self._resampler = Resampler(rate, self._format.rate)
        for sample, offset, length in words:
            self._words.append(Word(round(sample * self._format.rate / rate), offset, length))
        self._keep(self._resampler.push(samples))

    def finish(self) -> None:
        """No more audio follows."""
        if self.finished:
            return
        if self._resampler is not None:
            self._keep(self._resampler.finish())
        self._leveller.push(self._tail.finish())
        self._leveller.finish()
        self.finished = True

    def _keep(self, samples: Samples) -> None:
        spoken = self._lead.push(samples)
        self._raw += len(samples)
        self._kept += len(spoken)
        self._leveller.push(self._tail.push(spoken))

    @property
    def words(self) -> list[Word]:
        """The words whose audio has begun to arrive; positions count from the first sample that can sound."""
        trimmed = self._raw - self._kept
        return [Word(max(0, word.sample - trimmed), word.offset, word.length) for word in self._words]

    @property
    def empty(self) -> bool:
        """All is here, and it is nothing."""
        return self.finished and self._leveller.position == 0 and self._leveller.available(final=True) == 0

    @property
    def taken(self) -> int:
        """Samples handed out since the start of the segment."""
        return self._leveller.position

    @property
    def known(self) -> int:
        """Samples that there are of the segment so far, handed out or not."""
        return self._leveller.position + self._leveller.available(final=True)

    @property
    def done(self) -> bool:
        """All is here and all was handed out."""
        return self.finished and self._leveller.available(final=True) == 0

    def available(self) -> int:
        """Samples that can be handed out now, in whole frames.

        While more is to come one frame stays behind, so that a stream that dries up can still be faded out.
        """
        ready = self._leveller.available()
        if self.finished:
            return self._format.whole_frames(ready)
        return max(0, ready // self._format.frame - 1) * self._format.frame

    def take(self, samples: int) -> Clip:
        """The next ``samples``, or what there is of them, padded with silence to whole frames."""
        count = min(samples, self._leveller.available())
        return make_clip(self._leveller.take(count), self._format)

    def cut_off(self) -> Clip | None:
        """What stayed behind, faded out: the clean edge of speech that broke off."""
        count = self._leveller.available()
        if count == 0:
            return None
        taken = self._leveller.take(count)
        return make_clip(fade_out(taken, self._format.rate, len(taken) / self._format.rate), self._format)

    def rewind(self) -> None:
        """Go back to the beginning of the word that was sounding; without word times, of the segment."""
        reached = self._leveller.position
        last = max((word.sample for word in self.words if word.sample < reached), default=0)
        self._leveller.rewind(max(0, last))
