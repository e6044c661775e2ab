"""A project as one immutable value: chosen when a call comes in, held until it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.catalog.locales import fallbacks, merged
from ivr.catalog.phrase import Catalogue
from ivr.dialog.calendar import Almanac, Calendars
from ivr.dialog.ladder_shapes import commands, handlers
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import Table
from ivr.errors import Problem
from ivr.phrases.lock import Lock
from ivr.phrases.store import PhraseStore
from ivr.project.settings.hours import zone
from ivr.project.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Project:
    """What ``ivr.project.load.load`` read; a reload makes another one."""

    root: Path
    settings: Settings
    catalogues: Mapping[str, Catalogue]
    """By locale; clip names in them are unique in the whole project."""
    tables: Mapping[str, Table]
    """By dialog; ``settings.start`` is among them."""
    functions: Mapping[str, Callable[..., Any]]
    """As ``module.function``."""
    lock: Lock
    store: PhraseStore
    """Empty where the project was loaded without clips."""
    calendars: Calendars = field(default_factory=dict)
    """Opening hours by name."""
    warnings: tuple[Problem, ...] = ()
    """What can be meant, and mostly is not."""

    @property
    def repertoire(self) -> Repertoire:
        """Its dialogs, and what holds for all of them."""
        settings = self.settings
        almanac = Almanac(zone(settings.timezone), self.calendars)
        return Repertoire(self.tables, self.functions, handlers(settings.on), commands(settings.commands), almanac)

    def catalogue(self, locale: str | None = None) -> Catalogue:
        """All that can be said in ``locale``, left out the project's own; see ``ivr.catalog.locales``."""
        own = self.settings.locale
        return merged(locale or own, self.catalogues, own)

    def spoken_for(self, locale: str | None) -> str:
        """The locale whose words and voice serve for ``locale``."""
        own = self.settings.locale
        return fallbacks(locale or own, [*self.catalogues, *self.settings.voice.locales, own], own)[0]
