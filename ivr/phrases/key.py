"""The full key of rendered words: all that decides how they sound, and nothing else."""

from __future__ import annotations

import hashlib
import json

from ivr.catalog.normalise import normalise

BUILD = 1
"""Raised when trimming, levelling or the key itself changes, so that clips of an older build are rendered anew."""

_WRITTEN = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def phrase_key(
    *, text: str, provider: str, voice: str, locale: str, speed: float, target: float, rate: int | None = None
) -> str:
    """32 hexadecimal digits; equal exactly when the rendered audio may be reused.

    ``provider`` carries its version (``espeak-ng/1.52``); ``target`` is the level in LUFS; ``rate`` the Hz that were
    asked for, None for the voice's own. Secrets, dates of files and places on disk have no part in it, so that a key
    is the same on every machine.
    """
    parts = {
        "build": BUILD,
        "text": normalise(text),
        "provider": provider,
        "voice": voice,
        "locale": locale,
        "speed": float(speed),
        "target": float(target),
        "rate": rate,
    }
    return hashlib.sha256(_WRITTEN.encode(parts).encode("ascii")).hexdigest()[:32]
