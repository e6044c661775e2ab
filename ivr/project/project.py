"""A project as one immutable value: chosen when a call comes in, held until it ends."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.catalog.phrase import Catalogue
from ivr.dialog.ladder_shapes import commands, handlers
from ivr.dialog.library import Library
from ivr.dialog.table import Table
from ivr.errors import Problem
from ivr.phrases.lock import Lock
from ivr.phrases.store import PhraseStore
from ivr.project.settings import Settings


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
    warnings: tuple[Problem, ...] = ()
    """What can be meant, and mostly is not."""

    @property
    def library(self) -> Library:
        """Its dialogs, and what holds for all of them."""
        return Library(self.tables, self.functions, handlers(self.settings.on), commands(self.settings.commands))

    def catalogue(self, locale: str | None = None) -> Catalogue:
        """The catalogue of ``locale``, else of its language, else of the project's own locale."""
        tag = locale or self.settings.locale
        if tag in self.catalogues:
            return self.catalogues[tag]
        language = tag.partition("-")[0].lower()
        near = [name for name in sorted(self.catalogues) if name.partition("-")[0].lower() == language]
        own = self.settings.locale
        return self.catalogues[own if own in near or not near else near[0]]


def command(name: str, root: Path) -> str:
    """What to type for ``root``: ``ivr render DIR``, or without DIR for the current directory."""
    return f"ivr {name}" if root == Path() else f"ivr {name} {shlex.quote(str(root))}"
