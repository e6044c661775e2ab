"""What could be read of a project, for whoever holds more files against it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Source
from ivr.dialog.table import Table
from ivr.errors import Problem
from ivr.project.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Readable:
    """Of a project that may be wrong."""

    root: Path
    settings: Settings
    """The usual ones where its own could not be read."""
    catalogues: Mapping[str, Catalogue]
    """By locale."""
    tables: Mapping[str, Table]
    """By dialog."""
    functions: Mapping[str, Callable[..., Any]]
    """As ``module.function``."""
    mentioned: Collection[str]
    """Texts in the project's own code."""
    whole: bool = True
    """Whether that is all of it; what is missing otherwise may stand in a file that could not be read."""
    source: Source | None = None
    """Of the settings."""

    @property
    def lookups(self) -> set[str]:
        """What can be looked up, by the name that scenarios and traces give it."""
        return {*self.functions, *looked_up(self.tables.values())}


Also = Callable[[Readable], Iterable[Problem]]
"""Finds more that is wrong."""


def looked_up(tables: Iterable[Table]) -> set[str]:
    """What the tables look up, also over HTTP."""
    states = (state for table in tables for state in table.states.values())
    return {state.lookup.run for state in states if state.lookup is not None}
