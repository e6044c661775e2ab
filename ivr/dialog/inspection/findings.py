"""Problems of one dialog, gathered; warnings that its author has seen and wants no more are left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from ivr.catalog.source import Path, Source
from ivr.errors import Problem, Severity


class Unread(Protocol):
    """Whether what stands at a place may be wrong only because something else could not be read."""

    def __call__(self, path: Path, code: str, *, warning: bool = False) -> bool:
        """``code`` is that of the finding."""
        ...


class Findings:
    """Of one file. A state's ``ignore``, its dialog's and the project's leave out warnings by their code."""

    def __init__(self, source: Source, ignored: Collection[str] = (), unread: Unread | None = None) -> None:
        """``unread``: what must not be judged of a dialog that could not be read as a whole."""
        self.problems: set[Problem] = set()
        self._unread = unread
        self._source = source
        self._ignored = {*ignored, *_codes(source, ())}

    def error(self, path: Path, code: str, what: str, remedy: str, *, key: bool = False, offset: int = 0) -> None:
        """What makes a call go wrong."""
        if self._unread is not None and self._unread(path, code):
            return
        self.problems.add(self._source.problem(path, what, remedy, key=key, offset=offset, code=code))

    def warn(self, path: Path, code: str, what: str, remedy: str, *, key: bool = False, offset: int = 0) -> None:
        """What can be meant, and mostly is not."""
        if self._unread is not None and self._unread(path, code, warning=True):
            return
        ignored = code in self._ignored or (path[:1] == ("states",) and code in _codes(self._source, path[:2]))
        if not ignored:
            found = self._source.problem(path, what, remedy, key=key, offset=offset, code=code)
            self.problems.add(replace(found, severity=Severity.WARNING))


def _codes(source: Source, path: Path) -> Collection[str]:
    found = source.at((*path, "ignore"))
    return found if isinstance(found, list) else [found] if isinstance(found, str) else ()
