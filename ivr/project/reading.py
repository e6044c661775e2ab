"""A project's settings, words and lock, each read by itself: what could be read, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivr.catalog.mistakes import listing
from ivr.catalog.phrase import Catalogue
from ivr.catalog.phrases_file import Words, read_words
from ivr.catalog.source import Source
from ivr.errors import Problem, ProjectError
from ivr.phrases.lock import Lock, parse
from ivr.project.clips import Wanted, clashing
from ivr.project.files import listed, not_a_directory, read_text
from ivr.project.layout import command
from ivr.project.lost import Lost
from ivr.project.settings import Settings, read_settings_leniently


def settings_of(file: Path, environ: Mapping[str, str]) -> tuple[Settings, Source, list[Problem], Lost]:
    """What holds, the file as read, what is wrong, and which places were left out."""
    text = read_text(file)
    if isinstance(text, Problem):
        return Settings(), Source(str(file), {}), [text], Lost(frozenset({()}))
    settings, source, problems, cuts = read_settings_leniently(text, str(file), environ)
    return settings, source, problems, Lost(cuts)


def words_of(directory: Path, problems: list[Problem]) -> tuple[dict[str, Words], bool]:
    """By locale, and whether that is all."""
    files, found = listed(directory, ".yaml")
    problems += found
    if not files and not found:
        remedy = "write some, in a file such as en-US.yaml"
        problems.append(Problem(str(directory), 1, 1, "there are no phrases", remedy, code="no-phrase"))
    found_words: dict[str, Words] = {}
    everything = not found
    for file in files:
        text = read_text(file)
        if isinstance(text, Problem):
            problems.append(text)
            everything = False
            continue
        words, wrong = read_words(text, str(file))
        problems += wrong
        if words.catalogue is None:
            everything = False
            continue
        locale = words.catalogue.locale
        if (first := found_words.get(locale)) is not None:
            problems.append(_another(first, words))
            words = _both(first, words)
        found_words[locale] = words
    return found_words, everything


def _another(first: Words, second: Words) -> Problem:
    """A second file of a locale."""
    both = _doubles(first, second)
    what = f"the phrases of {second.source.at(('locale',))} stand in {Path(first.source.file).name} too"
    what += f", {listing(sorted(both))} in both" if both else ""
    return Problem(second.source.file, 1, 1, what, "keep the phrases of one locale in one file", code="twice")


def _both(first: Words, second: Words) -> Words:
    """What two files of one locale say; what both have is wrong in either."""
    assert first.catalogue is not None and second.catalogue is not None
    one, two = first.catalogue, second.catalogue
    catalogue = Catalogue(one.locale, {**one.phrases, **two.phrases}, {**one.prompts, **two.prompts})
    unread = first.unread | second.unread | _doubles(first, second)
    whole = first.whole and second.whole
    return Words(catalogue, first.source, unread, whole, right=False, others=(*first.others, second.source))


def _doubles(first: Words, second: Words) -> frozenset[str]:
    """The phrases that stand in both."""
    assert first.catalogue is not None and second.catalogue is not None
    return frozenset(first.catalogue.phrases.keys() & second.catalogue.phrases.keys())


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
