"""Problems of one dialog, gathered; warnings that its author has seen and wants no more are left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ivr.catalog.source import Path, Source
from ivr.errors import Problem, Severity


class Findings:
    """Of one file. A state's ``ignore``, its dialog's and the project's leave out warnings by their code."""

    def __init__(self, source: Source, ignored: Collection[str] = ()) -> None:
        self.problems: set[Problem] = set()
        self._source = source
        self._ignored = {*ignored, *_codes(source, ())}

    def error(self, path: Path, code: str, what: str, remedy: str, *, key: bool = False, offset: int = 0) -> None:
        """What makes a call go wrong."""
        self.problems.add(self._source.problem(path, what, remedy, key=key, offset=offset, code=code))

    def warn(self, path: Path, code: str, what: str, remedy: str, *, key: bool = False, offset: int = 0) -> None:
        """What can be meant, and mostly is not."""
        ignored = code in self._ignored or (path[:1] == ("states",) and code in _codes(self._source, path[:2]))
        if not ignored:
            found = self._source.problem(path, what, remedy, key=key, offset=offset, code=code)
            self.problems.add(replace(found, severity=Severity.WARNING))


def _codes(source: Source, path: Path) -> Collection[str]:
    found = source.at((*path, "ignore"))
    return found if isinstance(found, list) else [found] if isinstance(found, str) else ()
