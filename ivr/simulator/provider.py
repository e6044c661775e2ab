"""A hosted voice that is none: how it answers one request by a latency profile. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ivr.errors import SpeechError, SpeechRefused, SpeechTimeout
from ivr.media.samples import Samples
from ivr.project.profiles.shapes import FaultShape, ProfileShape, ScriptShape, Trouble
from ivr.simulator.draws import Draws
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.testing.voices import ScriptedVoice, babble

Part = SpeechChunk | SpeechError | None
Speak = Callable[[str], tuple[Samples, int]]
"""The sound of a text, and its rate."""

REFUSED = 0.05
"""Seconds to a refusal: it takes the way there and back, and no voice."""
RATE = 8000


@dataclass(frozen=True, slots=True)
class Patience:
    """What our client waits for, seconds; see ``voice.first_audio`` and ``voice.stall`` of the settings."""

    first_audio: float = 5.0
    stall: float = 2.0


@lru_cache(maxsize=256)
def babbled(text: str) -> tuple[Samples, int]:
    """Tones in place of words, as long as words are: no voice is needed, and the ear hears that something sounds."""
    return babble(text, RATE), RATE


def answer(
    request: SpeechRequest,
    profile: ProfileShape,
    draws: Draws,
    at: float,
    region: int,
    patience: Patience = Patience(),
    speak: Speak = babbled,
) -> Iterator[tuple[float, Part]]:
    """What comes of a request to ``region`` (from 0) at ``at`` seconds of its cell, as a ``SpeechScript`` tells it."""
    voice = profile.voice
    by_chance, first, pace = (
        _by_chance(voice.faults, draws.uniform()),
        draws.of(voice.first_audio),
        draws.of(voice.pace),
    )
    trouble = _scripted(profile.script, at, region) or by_chance
    match trouble:
        case Trouble(fault="refused"):
            yield REFUSED, SpeechRefused(trouble.status, "a fault of the profile", trouble.retry_after)
            return
        case Trouble(fault="slow"):
            script = ScriptedVoice(first + trouble.by, pace, speak=speak)
        case Trouble(fault="stall"):
            script = ScriptedVoice(first, pace, stalls_after=trouble.after, stall=trouble.lasts, speak=speak)
        case Trouble(fault="dead"):
            script = ScriptedVoice(first, pace, stalls_after=trouble.after, speak=speak)
        case Trouble(fault="broken"):
            script = ScriptedVoice(first, pace, dies_after=trouble.after, speak=speak)
        case Trouble(fault="empty"):
            script = ScriptedVoice(first, pace, empty=True, speak=speak)
        case _:
            script = ScriptedVoice(first, pace, speak=speak)
    yield from _impatient(script(request, 1), patience)


def _by_chance(faults: Sequence[FaultShape], drawn: float) -> Trouble | None:
    for fault in faults:
        drawn -= fault.chance
        if drawn < 0:
            return fault
    return None


def _scripted(script: Sequence[ScriptShape], at: float, region: int) -> Trouble | None:
    for entry in script:
        if entry.at <= at < entry.at + entry.lasting and entry.region in (None, region + 1):
            return entry
    return None


def _impatient(script: Iterator[tuple[float, Part]], patience: Patience) -> Iterator[tuple[float, Part]]:
    """The script, until our client would have given it up."""
    last, limit = 0.0, patience.first_audio
    for at, part in script:
        if at - last > limit:
            break
        yield at, part
        if not isinstance(part, SpeechChunk):
            return
        last, limit = at, patience.stall
    yield last + limit, SpeechTimeout(f"nothing came for {limit:g} s")
