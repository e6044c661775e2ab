"""A project that changes on disk while it is served: examined as a whole, taken for new calls, or refused.

What ``ivr check`` calls an error refuses it, also what follows from all its dialogs together.

Nothing is read before the files have been left alone for a moment, and what was read is thrown away when they changed
meanwhile, so that no half-written file becomes part of what is served. Whatever goes wrong is logged, and the next
change is looked at again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ivr.errors import IvrError, Problem, ProjectError, Severity
from ivr.project.load import load
from ivr.project.project import Project
from ivr.runtime.fingerprint import Fingerprint, fingerprint

log = logging.getLogger("ivr.reload")

POLL = 1.0
"""Seconds between two looks at the files; one takes 1 ms for 400 of them, beside the loop."""

SETTLES = 0.4
"""Seconds for which the files must have been left alone: editors and ``git`` write several, one after the other."""


class Reloader:
    """Of one server, or of the process that has several."""

    def __init__(
        self,
        root: Path,
        environ: Mapping[str, str],
        seen: Fingerprint,
        take: Callable[[Project], Awaitable[None]],
        *,
        thorough: bool = True,
    ) -> None:
        """``seen``: of what is served now. ``take`` gets each project that is whole; raises ``IvrError`` to refuse.

        ``thorough``: all is looked at that ``ivr check`` looks at, and warnings are logged; without, somebody else did.
        """
        self._root = root
        self._environ = environ
        self._seen = seen
        self._take = take
        self._thorough = thorough
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Read it again, changed or not."""
        self._asked.set()

    async def run(self, *, watch: bool) -> None:
        """For ever. ``watch``: look whether anything has changed, too."""
        faulty = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL if watch else None):
                    await self._asked.wait()
            asked = self._asked.is_set()
            self._asked.clear()
            try:
                now = await self._look()
                if asked or now != self._seen:
                    await self._reload(await self._settled(now))
                faulty = False
            except Exception as error:
                if asked or not faulty:  # what keeps us from looking is the same at the next look
                    _fault(error)
                faulty = True

    async def _look(self) -> Fingerprint:
        return await asyncio.to_thread(fingerprint, self._root)

    async def _settled(self, now: Fingerprint) -> Fingerprint:
        while True:
            await asyncio.sleep(SETTLES)
            before, now = now, await self._look()
            if now == before:
                return now

    async def _reload(self, now: Fingerprint) -> None:
        found = await asyncio.to_thread(_read, self._root, self._environ, self._thorough)
        if await self._look() != now:
            self.ask()  # what was read may be half of two projects
            return
        self._seen = now
        if isinstance(found, Project):
            try:
                await self._take(found)
                if self._thorough:
                    _warn(found.warnings)
            except IvrError as error:
                _refuse(error)
            except Exception as error:
                _fault(error)
        elif isinstance(found, IvrError):
            _refuse(found)
        else:
            _fault(found)


def _read(root: Path, environ: Mapping[str, str], thorough: bool) -> Project | BaseException:
    """The project, or what reading it raised: its own modules may raise what would end a task, or the process."""
    try:
        return load(root, environ, thorough=thorough)
    except BaseException as error:
        return error


def _fault(error: BaseException) -> None:
    log.error("the changed project is not taken, calls go on with the one before: a fault of our own", exc_info=error)


def _refuse(error: IvrError) -> None:
    problems = error.problems if isinstance(error, ProjectError) else ()
    warnings = [problem for problem in problems if problem.severity is Severity.WARNING]
    errors = [str(problem) for problem in problems if problem.severity is Severity.ERROR] or [str(error)]
    count = f"{len(errors)} problem{'' if len(errors) == 1 else 's'}"
    log.error("the changed project is not taken, calls go on with the one before; %s:", count)
    for each in errors:
        log.error("%s", each)
    _warn(warnings)


def _warn(problems: Iterable[Problem]) -> None:
    for problem in problems:
        log.warning("%s", problem)
