"""A project's settings and lock, each read by itself: what could be read, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivr.catalog.source import Source
from ivr.errors import Problem, ProjectError
from ivr.phrases.lock import Lock, parse
from ivr.project.audio.clips import Wanted, clashing
from ivr.project.disk.files import not_a_directory, read_text
from ivr.project.disk.layout import command
from ivr.project.reading.lost import Lost
from ivr.project.settings.settings import Settings, read_settings_leniently


def settings_of(file: Path, environ: Mapping[str, str]) -> tuple[Settings, Source, list[Problem], Lost]:
    """What holds, the file as read, what is wrong, and which places were left out."""
    text = read_text(file)
    if isinstance(text, Problem):
        return Settings(), Source(str(file), {}), [text], Lost(frozenset({()}))
    settings, source, problems, cuts = read_settings_leniently(text, str(file), environ)
    return settings, source, problems, Lost(cuts)


def lock_of(file: Path, problems: list[Problem], *, needed: bool, root: Path) -> Lock | None:
    """The lock; an empty one where there is none yet and none is ``needed``."""
    if (misplaced := not_a_directory(file.parent)) is not None:
        problems.append(misplaced)
        return None
    if not needed and not os.path.lexists(file):
        return Lock()
    text = read_text(file)
    if isinstance(text, Problem):
        if not os.path.lexists(file):
            text = Problem(str(file), 1, 1, "nothing was rendered yet", f"run `{command('render', root)}`", code="clip")
        problems.append(text)
        return None
    try:
        return parse(text, str(file), command("render", root))
    except ProjectError as error:
        problems += error.problems
        return None


def clashes(clips: Sequence[Wanted], audio: Path) -> list[Problem]:
    """Rendered words that would be written over a sound of the project's own."""
    over = clashing(clips)
    found: list[Problem] = []
    for clip in clips:
        if (sound := over.get(clip.name)) is not None:
            what = f"phrase '{clip.phrase}' would be rendered over the sound of phrase '{sound.phrase}'"
            found.append(Problem(str(audio / sound.file), 1, 1, what, "rename one of the two", code="clip"))
    return found
