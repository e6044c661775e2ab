"""The sounds below ``audio/``: held against the lock when a project is loaded, decoded when they are asked for."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from ivr.errors import AudioError, BadAudioFile, ClipError, MissingExtra, Problem
from ivr.media.samples import Samples
from ivr.media.wave import read_wav
from ivr.phrases.lock import Lock, LockEntry
from ivr.project.audio.clips import State, Wanted, judge
from ivr.project.audio.unready import Unready
from ivr.project.disk.files import MAX_SOUND, read_bytes
from ivr.project.settings.settings import Settings


class SoundFiles(Mapping[str, tuple[Samples, int]]):
    """The sounds of a project by clip name, read anew whenever they are asked for."""

    def __init__(self, audio: Path, entries: Mapping[str, LockEntry]) -> None:
        self._audio = audio
        self._entries = entries

    def __getitem__(self, name: str) -> tuple[Samples, int]:
        """Samples and rate. Raises ``ClipError`` where the file is no longer the one that was loaded."""
        entry = self._entries[name]
        data = read_bytes(self._audio / entry.file, MAX_SOUND)
        if isinstance(data, Problem) or hashlib.sha256(data).hexdigest() != entry.sha256:
            raise ClipError(f"the file of clip '{name}' has changed since the project was loaded: load it again")
        return decode_sound(data, entry.file)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def rate(self) -> int:
        """The highest among them, Hz; 8000 where there are none."""
        return max((entry.rate for entry in self._entries.values()), default=8000)


def load_sounds(
    clips: Iterable[Wanted], lock: Lock, audio: Path, settings: Settings, mend: str
) -> tuple[SoundFiles, list[Problem]]:
    """The files of ``clips``, each read once and held against ``lock``, and what is told of those that are not right.

    ``mend`` is the command that mends them, for the message.
    """
    unready: list[tuple[Wanted, State]] = []
    entries: dict[str, LockEntry] = {}
    problems: list[Problem] = []
    for clip in clips:
        path = audio / clip.file
        data: bytes | Problem | None = read_bytes(path, MAX_SOUND)
        if isinstance(data, Problem) and os.path.lexists(path):
            problems.append(data)
            continue
        data = None if isinstance(data, Problem) else data
        sha256 = None if data is None else hashlib.sha256(data).hexdigest()
        entry = lock.clips.get(clip.name)
        state = judge(clip, entry, sha256, settings)
        if state != "ready" or data is None or entry is None:
            unready.append((clip, state))
        elif clip.own and (wrong := _undecodable(clip, data, path)) is not None:
            problems.append(wrong)
        else:
            entries[clip.name] = entry
    problems += Unready(lock, audio, settings, mend).told(unready)
    return SoundFiles(audio, entries), problems


def _undecodable(clip: Wanted, data: bytes, path: Path) -> Problem | None:
    """A clip that a build made is known to be readable by its hash."""
    try:
        decode_sound(data, clip.file)
    except (AudioError, MissingExtra) as error:
        what = f"the sound of phrase '{clip.phrase}' cannot be used ({error})"
        return Problem(str(path), 1, 1, what, "put a 16-bit WAV in its place", code="clip")
    return None


def decode_sound(data: bytes, file: str) -> tuple[Samples, int]:
    """Samples and rate of a sound file.

    WAV needs nothing, FLAC the extra ``codecs``, and what else people have goes through ``pydub`` and so needs ffmpeg.
    Raises ``BadAudioFile`` and ``MissingExtra``.
    """
    kind = file.lower().rpartition(".")[2]
    if kind == "wav":
        return read_wav(data)
    if kind != "flac":
        return _by_pydub(data, kind)
    try:
        import miniaudio
    except ImportError:
        raise MissingExtra("codecs", "reading FLAC") from None
    try:
        facts = miniaudio.flac_get_info(data)
        decoded = miniaudio.decode(data, miniaudio.SampleFormat.FLOAT32, nchannels=1, sample_rate=facts.sample_rate)
    except miniaudio.MiniaudioError as error:
        raise BadAudioFile(f"not a FLAC file that can be read: {error}") from None
    return np.frombuffer(decoded.samples, dtype=np.float32).copy(), int(facts.sample_rate)


def _by_pydub(data: bytes, kind: str) -> tuple[Samples, int]:
    with warnings.catch_warnings():
        # pydub warns of a missing ffmpeg, of its own syntax, and leaves closing its pipes to the collector.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
        from pydub.exceptions import CouldntDecodeError

        try:
            sound = AudioSegment.from_file(io.BytesIO(data), format=kind)
        except FileNotFoundError:
            raise BadAudioFile(f"reading {kind} needs ffmpeg (on Debian: apt install ffmpeg)") from None
        except (CouldntDecodeError, IndexError, KeyError) as error:
            raise BadAudioFile(f"not a {kind} file that can be read ({type(error).__name__})") from None
    mono = sound.set_channels(1).set_sample_width(2)
    samples = np.frombuffer(mono.raw_data, dtype="<i2").astype(np.float32) * np.float32(1 / 32768)
    return samples, int(mono.frame_rate)
