"""What a dialog goes on with once what it waits for is over: by that a question of two places is two."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from ivr.dialog.broken_at import LIBRARIES, waiting
from ivr.dialog.interpreter import Interpreter
from ivr.dialog.table import SubDialog

PlaceOfCode = tuple[str, str, int]
"""File, function, and instruction in it."""
MOST = 4
"""Continuations that count, the innermost: dialogs that run one another more deeply are taken for one."""

Behind = tuple[tuple[object, ...], ...]


def behind(dialog: Coroutine[Any, Any, Any]) -> Behind:
    """The continuations of a dialog that waits, the outermost first.

    Of a table that runs another dialog: where it goes then, and what it keeps of it, so that states which go on alike
    are one. Of Python: the place in each of the project's own functions. A dialog that runs itself counts once, so
    there are only so many however deep it is in.
    """
    found: dict[tuple[object, ...], None] = {}
    for frame, _, instruction in waiting(dialog):
        code = frame.f_code
        if code is Interpreter._other.__code__:
            found.setdefault(_returns_to(frame))
        elif _is_own(code.co_filename):
            found.setdefault((code.co_filename, code.co_qualname, instruction))
    return tuple(found)[-MOST:]


def code_in(found: Behind) -> PlaceOfCode | None:
    """The innermost place of Python among the continuations."""
    for each in reversed(found):
        match each:
            case (str() as file, str() as function, int() as instruction):
                return file, function, instruction
    return None


def _returns_to(frame: FrameType) -> tuple[object, ...]:
    run: Interpreter = frame.f_locals["self"]
    other: SubDialog = frame.f_locals["other"]
    return (run.table.name, other.goto, other.name)


@lru_cache(maxsize=1000)
def _is_own(file: str) -> bool:
    return not any(Path(file).is_relative_to(each) for each in LIBRARIES)
