"""Words where nothing can have gone wrong: said in one piece, and brought to the telephone as clips are."""

from __future__ import annotations

from collections.abc import Callable

from ivr.errors import SpeechError
from ivr.media.clip import make_clip
from ivr.media.edges import trim
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode
from ivr.media.level import level
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.project.settings.settings import Settings
from ivr.simulator.store import SpeechStore
from ivr.speech.synthesizer import SpeechRequest

RATE = 8000

Reference = Callable[[str, str], Samples | None]
"""A text and its locale, as 8 kHz samples; None where it cannot be said."""


def on_the_telephone(samples: Samples, rate: int, loudness: float) -> Samples:
    """Trimmed, levelled to ``loudness`` LUFS, encoded as 8 kHz mu-law and decoded again."""
    levelled = level(resample(trim(samples, rate), rate, RATE), RATE, loudness)
    return mulaw_decode(make_clip(levelled, MULAW_8K).payload)


def said_whole(store: SpeechStore, settings: Settings) -> Reference:
    """By the project's voice, or by the embedded one's usual where the project is spoken by another provider."""
    own = settings.voice.provider == "embedded"

    def reference(text: str, locale: str) -> Samples | None:
        speaker = settings.speaker(locale)
        request = SpeechRequest(text, speaker.name if own else "", locale, speaker.speed if own else 1.0)
        try:
            spoken = store.speech(request)
        except SpeechError:
            return None
        return on_the_telephone(spoken.samples, spoken.rate, settings.loudness)

    return reference
