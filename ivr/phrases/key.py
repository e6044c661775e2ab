"""The full key of rendered words: all that decides how they sound, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from ivr.catalog.normalise import normalise

BUILD = 2
"""Raised when trimming, levelling or the key itself changes, so that clips of an older build are rendered anew."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a provider is asked to say something."""

    voice: str
    """Its own name for it, as for the model and the style, which are empty for the usual ones."""
    speed: float = 1.0
    """1.0 is the voice's own pace."""
    model: str = ""
    style: str = ""


def phrase_key(
    *,
    text: str,
    provider: str,
    delivery: Delivery,
    locale: str,
    target: float,
    rate: int | None = None,
    cut: str = "",
) -> str:
    """32 hexadecimal digits; equal exactly when the rendered audio may be reused.

    ``provider`` carries its version (``espeak-ng/1.52``); ``target`` is the level in LUFS; ``rate`` the Hz that were
    asked for, None for the voice's own; ``cut`` what was cut out of the audio and how. Secrets, dates of files and
    places on disk have no part in it, so that a key is the same on every machine.
    """
    parts = {
        "build": BUILD,
        "text": normalise(text),
        "provider": provider,
        "voice": delivery.voice,
        "locale": locale,
        "speed": float(delivery.speed),
        "target": float(target),
        "rate": rate,
        "model": delivery.model,
        "style": delivery.style,
    }
    return _digest(parts | _cut(cut))


def recording_key(*, sha256: str, target: float, rate: int | None) -> str:
    """The same for the clip that is made from a recording whose bytes have that hash.

    What is said in it is no part of it: words are held against the lock, since no file tells which it was.
    """
    return _digest({"build": BUILD, "recording": sha256, "target": float(target), "rate": rate})


def _cut(cut: str) -> dict[str, object]:
    """Nothing for what is kept whole, so that its key does not know of cuts."""
    return {"cut": cut} if cut else {}


def _digest(parts: Mapping[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
