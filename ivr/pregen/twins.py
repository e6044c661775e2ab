"""Words that a clip says already, or will say, under another name: nobody is asked for them twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivr.pregen.files.aside import set_aside
from ivr.pregen.files.disk import Disk
from ivr.pregen.plan import Step
from ivr.project.audio.clips import Wanted, key_of
from ivr.project.sources import Sources


@dataclass(frozen=True, slots=True)
class Twin:
    """The clip of the same words that is copied."""

    key: str
    file: str
    """Below ``audio/``."""
    maker: str = ""
    """The clip that must be made first; empty where the file is there."""


def twins(sources: Sources, steps: Iterable[Step], disk: Disk, provider: str | None) -> dict[str, Twin]:
    """For each clip that is to be rendered and stands whole on disk under another name, where.

    ``steps``: all that were looked at. Without a ``provider`` none are known.
    """
    if provider is None:
        return {}
    steps = list(steps)
    wanted = {step.clip.name: key_of(step.clip, sources.settings, provider) for step in steps if step.to_render}
    keys = set(wanted.values())
    if not keys:
        return {}
    entered = [step.entry for step in steps if step.state == "entered" and step.entry is not None]
    there = [entry for _, entry in sorted(sources.lock.clips.items()) if entry.origin == "rendered"]
    known = {key: file for key, file in set_aside(sources.audio).items() if key in keys}
    for entry in (*there, *entered):
        if entry.key in keys and disk.sha256(entry.file) == entry.sha256:
            known[entry.key] = entry.file
    return {name: Twin(key, known[key]) for name, key in wanted.items() if key in known}


def repeats(sources: Sources, clips: Sequence[Wanted], provider: str) -> dict[str, Twin]:
    """Of ``clips``, all of which are to be rendered, those that say what an earlier one of them says."""
    first: dict[str, Wanted] = {}
    found: dict[str, Twin] = {}
    for clip in clips:
        key = key_of(clip, sources.settings, provider)
        other = first.setdefault(key, clip)
        if other is not clip:
            found[clip.name] = Twin(key, other.file, other.name)
    return found
