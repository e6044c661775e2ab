"""What cannot be made, found before anything is asked for it: it would cost money, or fail a thousand times alike."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ivr.errors import Problem, SpeechError, SpeechRefused
from ivr.pregen.plan import Step
from ivr.pregen.provider.reasons import AGAIN, disk_remedy, disk_says
from ivr.project.audio.clips import delivery
from ivr.project.audio.speakers import NO_VOICE, mute, name_one
from ivr.project.sources import Sources
from ivr.speech.synthesizer import Probed, SpeechRequest, Synthesizer


def too_long(sources: Sources, steps: Iterable[Step]) -> Iterator[tuple[Step, Problem]]:
    """Texts that are longer than the provider takes in one request."""
    most = sources.settings.voice.most
    for step in steps:
        if most and step.to_render and len(step.clip.text) > most:
            what = f"'{step.clip.name}' has more than the {most:,} characters that the voice takes in one request"
            remedy = f"split the phrase, which has {len(step.clip.text):,}, or raise voice.most in prompts/ivr.yaml"
            yield step, sources.problem(step.clip, what, remedy)


def mute_locales(sources: Sources, steps: Iterable[Step]) -> Iterator[tuple[Step, Problem]]:
    """Clips whose language nobody speaks, told at their locale."""
    for step in steps:
        if step.to_render and (why := mute(sources.settings, step.clip.locale)):
            what = f"'{step.clip.name}' was not rendered ({why})"
            place = sources.words[step.clip.locale].source
            yield step, place.problem(("locale",), what, name_one(step.clip.locale), code=NO_VOICE)


def voiceless(sources: Sources, steps: Iterable[Step]) -> Iterator[tuple[Step, Problem]]:
    """Clips that a voice is to say, where there is none."""
    for step in steps:
        what = f"'{step.clip.name}' was not rendered (there is no voice)"
        yield step, sources.problem(step.clip, what, f"see voice in prompts/ivr.yaml and {AGAIN}")


def unwritable(sources: Sources, steps: Iterable[Step]) -> Iterator[tuple[Step, Problem]]:
    """Clips in directories in which nothing can be written; the directories are made where they are not there."""
    tried: dict[Path, OSError | None] = {}
    for step in steps:
        directory = (sources.audio / step.clip.file).parent
        if directory not in tried:
            tried[directory] = _refusal(directory)
        if (error := tried[directory]) is not None:
            what = f"nothing can be written in {directory} ({disk_says(error)})"
            yield step, sources.problem(step.clip, what, f"{disk_remedy(error)} and {AGAIN}")


async def unspoken(sources: Sources, voice: Synthesizer, steps: Iterable[Step]) -> list[tuple[Step, Problem]]:
    """Clips whose voice, language or speed ``voice`` lacks, where it can tell so without being paid."""
    if not isinstance(voice, Probed):
        return []
    found: list[tuple[Step, Problem]] = []
    known: dict[SpeechRequest, str] = {}
    for step in (step for step in steps if step.to_render):
        who = delivery(step.clip, sources.settings)
        asked = SpeechRequest("a", who.voice, step.clip.locale, who.speed, who.model, who.style)
        if asked not in known:
            known[asked] = await _lack(voice, asked)
        if why := known[asked]:
            what = f"'{step.clip.name}' was not rendered ({why})"
            locale = step.clip.locale
            where = f"voice.locales.{locale}" if locale in sources.settings.voice.locales else "voice"
            found.append((step, sources.problem(step.clip, what, f"mend {where} in prompts/ivr.yaml and {AGAIN}")))
    return found


async def _lack(voice: Probed, asked: SpeechRequest) -> str:
    """What the voice says it lacks; empty for nothing, and for other trouble, which its phrases will tell."""
    try:
        await voice.probe(asked)
    except SpeechRefused as error:
        return str(error)
    except SpeechError:
        return ""
    return ""


def _refusal(directory: Path) -> OSError | None:
    """What the system says to a file there."""
    probe = directory / f".probe.{os.getpid()}.part"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        return error
    return None
