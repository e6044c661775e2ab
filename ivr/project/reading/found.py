"""What could be read of a project's files, and what is known to be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.catalog.phrases_file import Words
from ivr.catalog.source import Source
from ivr.dialog.calendar import Calendar
from ivr.dialog.dialog_file import DialogSource
from ivr.errors import Problem
from ivr.project.code.functions import Functions
from ivr.project.reading.lost import Lost
from ivr.project.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read below ``prompts/``."""

    settings: Settings
    lost: Lost
    """Of the settings."""
    source: Source
    """Of the settings."""
    words: Mapping[str, Words]
    """By locale."""
    all_words: bool
    """False: there are phrases that could not be read at all."""
    calendars: Mapping[str, Calendar]
    all_calendars: bool
    """False: some could not be read."""
    dialogs: Mapping[str, DialogSource]
    functions: Functions
    broken: Sequence[Problem]
    """Of modules that could not be imported."""
    nameless: bool
    """Whether there are dialogs, tables or in Python, whose names could not be read."""

    def given(self, dialog: str) -> bool:
        """Whether it is known which values a dialog is given by others."""
        unread = self.nameless or any(each.cuts.gives_anything for each in self.dialogs.values())
        return not unread or dialog == self.settings.start

    @property
    def catalogues(self) -> dict[str, Catalogue]:
        """By locale; phrases that are wrong have no words."""
        return {locale: words.catalogue for locale, words in self.words.items() if words.catalogue is not None}

    @property
    def right(self) -> dict[str, Catalogue]:
        """The same without phrases that are wrong."""
        return {locale: words.sayable for locale, words in self.words.items() if words.sayable is not None}

    @property
    def all_named(self) -> bool:
        """Whether no phrase and no prompt is there whose name could not be read."""
        return self.all_words and all(words.whole for words in self.words.values())

    @property
    def whole(self) -> bool:
        """Whether it is known of all dialogs which others they run."""
        answered = self.settings.start in self.dialogs or self.settings.start in self.functions
        lost = not answered or "on" in self.lost or "commands" in self.lost
        return not (lost or self.nameless or any(dialog.cuts.runs_anything for dialog in self.dialogs.values()))
