"""The sounds below ``audio/``: read, held against the lock, decoded."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ivr.errors import AudioError, BadAudioFile, MissingExtra, Problem
from ivr.media.samples import Samples
from ivr.media.wave import read_wav
from ivr.phrases.lock import Lock
from ivr.project.clips import Wanted, judge
from ivr.project.files import MAX_SOUND, read_bytes
from ivr.project.settings import Settings

Sounds = dict[str, tuple[Samples, int]]


def load_sounds(
    clips: Iterable[Wanted], lock: Lock, audio: Path, settings: Settings, mend: str
) -> tuple[Sounds, list[Problem]]:
    """Every clip's samples and rate by name, and a problem for each that is missing, corrupt or stale.

    ``mend`` is the command that mends them, for the message.
    """
    sounds: Sounds = {}
    problems: list[Problem] = []
    for clip in clips:
        path = audio / clip.file
        data: bytes | Problem | None = read_bytes(path, MAX_SOUND)
        if isinstance(data, Problem) and os.path.lexists(path):
            problems.append(data)
            continue
        data = None if isinstance(data, Problem) else data
        sha256 = None if data is None else hashlib.sha256(data).hexdigest()
        state = judge(clip, lock.clips.get(clip.name), sha256, settings)
        if state != "ready" or data is None:
            problems.append(_problem(clip, state, path, lock, mend))
            continue
        try:
            sounds[clip.name] = decode_sound(data, clip.file)
        except (AudioError, MissingExtra) as error:
            what = f"the sound of phrase '{clip.phrase}' cannot be used ({error})"
            problems.append(Problem(str(path), 1, 1, what, "put a 16-bit WAV in its place", code="clip"))
    return sounds, problems


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


def _problem(clip: Wanted, state: str, path: Path, lock: Lock, mend: str) -> Problem:
    what, remedy = {
        "missing": ("is missing", f"run `{mend}`"),
        "corrupt": ("is not the file that ivr.lock names: it is damaged or was changed", f"run `{mend}`"),
        "stale": ("was made from other words, another voice or other settings", f"run `{mend}`"),
    }[state]
    if state == "missing" and clip.own:
        remedy = "put the sound there, or take it out of the catalogue"
    elif state == "corrupt" and clip.own:
        remedy = f"if you changed it, run `{mend}`, which enters it into the lock again"
    elif state == "stale" and clip.name not in lock.clips:
        what = "is not in ivr.lock"
    return Problem(str(path), 1, 1, f"the clip of phrase '{clip.phrase}' {what}", remedy, code="clip")
