"""What the page tells, for machines."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ivr.catalog.phrase import Literal
from ivr.pregen.preview.card import Card, Preview


def told(shown: Preview) -> dict[str, Any]:
    """Plain values: seconds, LUFS, LU and dBFS to two places; what is not known is None."""
    return {
        "project": shown.project,
        "notes": list(shown.notes),
        "target": shown.target,
        "states": dict(Counter(card.state for card in shown.cards)),
        "clips": [_card(card, shown) for card in shown.cards],
    }


def _card(card: Card, shown: Preview) -> dict[str, Any]:
    sound = card.sound
    return {
        "clip": None if card.state == "live" else card.clip,
        "phrase": card.phrase,
        "locale": card.locale,
        "state": card.state,
        "why": card.why,
        "warnings": list(card.warnings),
        "origin": card.origin,
        "voice": card.voice,
        "text": "".join(part.text for part in card.parts if isinstance(part, Literal) and part.clip == card.clip),
        "file": card.file,
        "seconds": None if sound is None else round(sound.seconds, 3),
        "level": _places(None if sound is None else sound.level),
        "off": _places(card.off(shown.target)),
        "peak": _places(None if sound is None else sound.peak),
        "dialogs": sorted(name for name, phrases in shown.dialogs.items() if card.phrase in phrases),
        "prompts": sorted(name for name, phrases in shown.prompts.items() if card.phrase in phrases),
    }


def _places(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
