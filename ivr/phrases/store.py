"""A project's sounds in memory, and their clips in each format that a wire asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from ivr.errors import ClipError
from ivr.media.clip import Clip, make_clip
from ivr.media.format import AudioFormat
from ivr.media.level import level
from ivr.media.pcm import decode
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.phrases.fragments import is_fragment


class PhraseStore:
    """Sounds by clip name; all calls share one store and the clips that it made.

    Sounds are asked for when clips are made of them and not held: what is kept is what a wire takes. Nothing is
    trimmed here: rendered words were trimmed when they were made, and a loop must keep its length.
    """

    def __init__(
        self,
        sounds: Mapping[str, tuple[Samples, int]],
        target: float,
        levelled: Collection[str] = (),
        rate: int = 8000,
    ) -> None:
        """``sounds``: samples and their rate (Hz), which may be read when they are asked for; ``target``: LUFS;
        ``levelled``: names of those that are at it; ``rate``: the highest of them, Hz.
        """
        self._sounds = sounds
        self._target = target
        self._levelled = frozenset(levelled)
        self.rate = rate
        """The highest rate among the sounds, Hz."""
        self._clips: dict[AudioFormat, Mapping[str, Clip]] = {}

    def clips(self, format: AudioFormat) -> Mapping[str, Clip]:
        """Every sound as a clip of whole 20 ms frames, levelled at the wire's own rate; made once for a format.

        The level is set after resampling, because a telephone's band cuts away part of the loudness. Fragments keep
        the level that they have beside each other, and their length to the sample: they are joined. The first call
        for a format works long where it must resample (on one core some 10 ms for each second of sound) and briefly
        where the files are at its rate: make it before callers come. Raises ``ClipError`` where a file has changed
        since the project was loaded and no other format was made before.
        """
        made = self._clips.get(format)
        if made is None:
            made = MappingProxyType({name: self._make(name, format) for name in self._sounds})
            self._clips[format] = made
        return made

    def clip(self, name: str, format: AudioFormat) -> Clip:
        """The same object for every caller. Raises ``ClipError`` for a name without a sound."""
        found = self.clips(format).get(name)
        if found is None:
            raise ClipError(f"no clip '{name}' in this project: run `ivr render`, which makes what its phrases lack")
        return found

    @property
    def sounds(self) -> Mapping[str, tuple[Samples, int]]:
        """What the clips are made from, by their names: samples and their rate (Hz)."""
        return self._sounds

    @property
    def names(self) -> frozenset[str]:
        """The clips that can be asked for."""
        return frozenset(self._sounds)

    def _make(self, name: str, format: AudioFormat) -> Clip:
        samples, rate = self._sound(name)
        if is_fragment(name):
            return make_clip(resample(samples, rate, format.rate), format, name, whole=False)
        if rate != format.rate or name not in self._levelled:
            samples = level(resample(samples, rate, format.rate), format.rate, self._target)
        return make_clip(samples, format, name)

    def _sound(self, name: str) -> tuple[Samples, int]:
        """A file that has changed since the start has a clip in another format still, which sounds as it did."""
        try:
            return self._sounds[name]
        except ClipError:
            for format, clips in self._clips.items():
                return decode(clips[name].payload, format), format.rate
            raise
