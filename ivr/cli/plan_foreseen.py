"""What a build would ask the voice for."""

from __future__ import annotations

import os

from ivr.cli.loop import run as run_loop
from ivr.errors import ConfigError, MissingExtra
from ivr.pregen.choice import Choice
from ivr.pregen.files.disk import usual_disk
from ivr.pregen.render import Manner, render
from ivr.pregen.report import RenderReport
from ivr.project.sources import Sources
from ivr.speech.voices import open_voice


def foreseen(sources: Sources, choice: Choice) -> RenderReport:
    """What ``ivr render --dry-run`` tells; by any version of the voice where it is not at hand here.

    Raises ``ConfigError`` for patterns that fit no clip.
    """
    return run_loop(_foreseen(sources, choice))


async def _foreseen(sources: Sources, choice: Choice) -> RenderReport:
    manner = Manner(disk=usual_disk(sources.audio, os.environ))
    try:
        voice = open_voice(**sources.settings.voice.options())
    except (ConfigError, MissingExtra):
        return await render(sources, None, check=True, choice=choice, manner=manner)
    try:
        return await render(sources, voice, check=True, choice=choice, manner=manner)
    finally:
        await voice.aclose()
