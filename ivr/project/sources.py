"""What clips are made from: a project's settings, words and lock. Its dialogs have no part in it.

So a build goes on with what could be read, whatever is wrong beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ivr.catalog.phrase import Catalogue
from ivr.catalog.phrases_file import Words
from ivr.catalog.source import Source
from ivr.errors import Problem, ProjectError, Severity
from ivr.phrases.lock import Lock
from ivr.project.audio.clips import Wanted, qualified
from ivr.project.disk.layout import AUDIO, LOCK, SETTINGS, prompts_of
from ivr.project.reading.settings_and_lock import lock_of, settings_of
from ivr.project.reading.wordings import words_of
from ivr.project.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Sources:
    """What ``read_sources`` could read."""

    root: Path
    settings: Settings
    catalogues: Mapping[str, Catalogue]
    """By locale, without phrases that are wrong; clip names in them are unique in the whole project."""
    words: Mapping[str, Words]
    """By locale, as read; for places."""
    whole: bool
    """Whether these are all words of the project: else clips that nobody seems to need may be needed."""
    written: Source
    """The settings' file, as read; for places."""
    lock: Lock
    problems: tuple[Problem, ...]
    """Of the settings and words; what they are about is not in the catalogues."""

    @property
    def audio(self) -> Path:
        """Where its clips stand."""
        return self.root / AUDIO

    def problem(self, clip: Wanted, what: str, remedy: str) -> Problem:
        """A problem of ``clip``, at its phrase in the catalogue."""
        return (
            self.words[clip.locale].source_of(clip.phrase).problem(("phrases", clip.phrase), what, remedy, code="clip")
        )


def read_sources(root: Path, environ: Mapping[str, str]) -> Sources:
    """Read what the clips of the project in ``root`` are made from.

    Raises ``ConfigError`` where there is no project, and ``ProjectError`` where nothing can be built: it cannot be
    known how clips are to sound, or the lock is damaged.
    """
    prompts = prompts_of(root)
    settings, written, problems, lost = settings_of(prompts / SETTINGS, environ)
    words, complete = words_of(prompts / "phrases", problems)
    lock = lock_of(root / AUDIO / LOCK, problems, needed=False, root=root)
    errors = tuple(sorted(problem for problem in problems if problem.severity is Severity.ERROR))
    if lock is None or lost.voice or not words:
        raise ProjectError(errors)
    sayable = {locale: each.sayable for locale, each in words.items()}
    catalogues = {locale: qualified(each, settings.locale) for locale, each in sayable.items() if each is not None}
    one_each = not any(problem.code == "twice" for problem in errors)
    whole = complete and one_each and all(each.whole and not each.unread for each in words.values())
    return Sources(root, settings, MappingProxyType(catalogues), words, whole, written, lock, errors)
