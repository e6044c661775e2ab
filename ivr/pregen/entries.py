"""What the lock says of a clip, from what is known when it is made, taken up or found."""

from __future__ import annotations

import hashlib
import math

from ivr.media.loudness import loudness
from ivr.media.samples import Samples
from ivr.phrases.lock import LockEntry
from ivr.pregen.files.mark import Mark
from ivr.pregen.takes.taken import Take
from ivr.project.audio.clips import Wanted
from ivr.project.audio.sounds import decode_sound


def taken_up(clip: Wanted, mark: Mark, data: bytes, take: Take | None) -> LockEntry:
    """What the lock says of a file that a build made, whose bytes are ``data``."""
    samples, rate = decode_sound(data, clip.file)
    return LockEntry(
        clip=clip.name,
        phrase=clip.phrase,
        locale=clip.locale,
        text=clip.words if mark.origin == "recorded" else clip.text,
        origin=mark.origin,
        file=clip.file,
        provider=mark.provider,
        voice=mark.voice,
        seconds=round(len(samples) / rate, 3),
        rate=rate,
        loudness=mark.loudness,
        level=mark.level,
        peak=mark.peak,
        key=mark.key,
        sha256=hashlib.sha256(data).hexdigest(),
        recording="" if take is None else take.file,
        recording_sha256=mark.recording if take is None else take.sha256,
    )


def own_entry(clip: Wanted, data: bytes, samples: Samples, rate: int) -> LockEntry:
    """What the lock says of a sound of the project's own."""
    level = loudness(samples, rate)
    return LockEntry(
        clip=clip.name,
        phrase=clip.phrase,
        locale=clip.locale,
        text="",
        origin="own",
        file=clip.file,
        provider="",
        voice="",
        seconds=round(len(samples) / rate, 3),
        rate=rate,
        loudness=None,
        level=rounded(level),
        peak=None,
        key="",
        sha256=hashlib.sha256(data).hexdigest(),
    )


def rounded(decibels: float) -> float | None:
    """To two places; None for the level of silence."""
    return round(decibels, 2) if math.isfinite(decibels) else None
