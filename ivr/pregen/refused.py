"""Fragments that an earlier build could not cut: what is said of them, and whether that still holds. Pure."""

from __future__ import annotations

from ivr.errors import Problem
from ivr.phrases.lock import Refusal
from ivr.project.audio.clips import Wanted, current
from ivr.project.disk.layout import command
from ivr.project.sources import Sources


def uncut(sources: Sources, clip: Wanted, provider: str | None) -> Problem | None:
    """Why ``clip``, which a voice is to say, is not asked for: the lock remembers that it could not be cut.

    None where that is not so, or where words, voice or settings are others since. ``provider``: as for ``make_plan``.
    """
    refusal = sources.lock.refused.get(clip.name)
    if refusal is None or not current(refusal.key, refusal.provider, clip, sources.settings, provider):
        return None
    again = f"or have it tried once more: `{command('render', sources.root)} --again`"
    return sources.problem(clip, _told(clip, refusal), f"{other_ways(sources, clip)}, {again}")


def _told(clip: Wanted, refusal: Refusal) -> str:
    if not refusal.asked:
        return f"'{clip.name}' was not asked for ({refusal.why})"
    return f"'{clip.name}' could not be cut out of \"{clip.text}\" ({refusal.why}) and is not asked for again"


def other_ways(sources: Sources, clip: Wanted) -> str:
    """What to do about it."""
    recorded = f"record these words to audio/recordings/{clip.name}.wav"
    return f"give it another voice or speed, {recorded}, {sources.settings.readback.without_fragments}"
