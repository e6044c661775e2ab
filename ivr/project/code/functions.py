"""``prompts/*.py``: the project's own code, imported under names that no other project shares."""

from __future__ import annotations

import hashlib
import importlib
import os
import stat
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ivr.dialog.broken_at import PACKAGE
from ivr.errors import Problem
from ivr.project.disk.files import listed, unreadable

Functions = dict[str, Callable[..., Any]]
_REMEDY = "mend it, or move the file out of prompts/"


def import_functions(directory: Path) -> tuple[Functions, list[Problem]]:
    """The public functions of every module in ``directory`` as ``module.function``.

    The modules are one package of their own, so that ``from . import rates`` works among them and two projects may
    each have a ``bank``. They are imported afresh every time; whoever holds functions of an earlier import keeps them.
    """
    files, problems = listed(directory, ".py")
    functions: Functions = {}
    if not files:
        return functions, problems
    package = _package(directory)
    for file in files:
        if not file.stem.isidentifier():
            what = f"'{file.stem}' is no name for a module"
            problems.append(Problem(str(file), 1, 1, what, "use letters, digits and '_'", code="python"))
            continue
        module = _import(f"{package}.{file.stem}", file)
        if isinstance(module, Problem):
            problems.append(module)
        else:
            functions.update(_public(module, file.stem))
    return functions, problems


def _package(directory: Path) -> str:
    place = os.path.realpath(directory)
    name = f"{PACKAGE}{hashlib.sha256(os.fsencode(place)).hexdigest()[:12]}"
    for old in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[old]
    package = ModuleType(name)
    package.__path__ = [place]
    sys.modules[name] = package
    importlib.invalidate_caches()
    return name


def _import(name: str, file: Path) -> ModuleType | Problem:
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            return Problem(str(file), 1, 1, "this is no regular file", "put a regular file in its place", code="python")
    except OSError as error:
        return unreadable(file, error)
    # Compiled files tell sources apart by second and size only: too coarse for a project that is edited and reloaded.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return _problem(error, file)
    finally:
        sys.dont_write_bytecode = before


def _problem(error: BaseException, file: Path) -> Problem:
    ours = os.path.realpath(file)
    line, column = 1, 1
    if isinstance(error, SyntaxError) and error.filename and os.path.realpath(error.filename) == ours:
        line, column = error.lineno or 1, max(1, error.offset or 1)
        return Problem(str(file), line, column, f"this is not Python ({error.msg})", _REMEDY, code="python")
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.realpath(frame.filename) == ours:
            line, column = frame.lineno or 1, (frame.colno or 0) + 1
    if isinstance(error, SystemExit):
        return Problem(
            str(file),
            line,
            column,
            "importing it ends the program",
            "call it under `if __name__ == ...`",
            code="python",
        )
    said = (str(error).splitlines() or [""])[0][:200]
    return Problem(
        str(file), line, column, f"importing it fails ({type(error).__name__}: {said})", _REMEDY, code="python"
    )


def _public(module: ModuleType, stem: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in vars(module).items():
        if name.startswith("_") or not callable(value) or isinstance(value, type):
            continue
        if getattr(value, "__module__", None) == module.__name__:
            # So that a function passed to ``line.run`` has the name by which the dialog's table and traces know it.
            value.__module__ = stem
            yield f"{stem}.{name}", value
