"""Where a dialog broke: the place in the project's own files, and what may be shown of the error.

A table's place is its state, that of a dialog in Python its line. Both are read from the frames that the error came
through, or in which the dialog still waits where the error is of what it asked for.
"""

from __future__ import annotations

import dis
import sysconfig
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from ivr import errors
from ivr.dialog.interpreter import Interpreter
from ivr.errors import IvrError
from ivr.media.private import raised_at, stand_in
from ivr.trace.events import DialogFailed

PACKAGE = "_ivr_project_"
"""What the names of packages begin with that are the modules of a project."""

_OURS = str(Path(errors.__file__).parent)
LIBRARIES = (_OURS, *{sysconfig.get_path(each) for each in ("stdlib", "platstdlib", "purelib", "platlib")})


def broken_at(error: BaseException, dialog: Coroutine[Any, Any, Any], now: float) -> DialogFailed:
    """Of an error that ended ``dialog``, which is not closed yet where it waits for something."""
    place = _place([*_passed(error), *waiting(dialog)])
    where, what, detail = place.where, "", _message(error)
    if isinstance(error, IvrError) and _is_ours(error):
        where = error.where or where
        what = error.told(str if place.table else lambda name: name if name in place.texts else stand_in(str(name)))
        what = " ".join(what.split())  # an expression may have several lines, an entry of the log has one
    private = detail not in (what, f"{where}: {what}")
    return DialogFailed(type(error).__name__, where or raised_at(error), detail, now, private, what)


def own_line(error: BaseException) -> str:
    """``file:line`` of the project's own code that raised ``error``, or called what did; else where it was raised."""
    return _place(_passed(error)).where or raised_at(error)


@dataclass(frozen=True, slots=True)
class _Place:
    where: str = ""
    table: bool = False
    """Names that are used there stand in the file."""
    texts: frozenset[str] = frozenset()
    """Constants of the Python expression that stands there: names that are surely made of no value."""


Frames = list[tuple[FrameType, int, int]]
"""Each with its line and its instruction, the outermost first."""


def _place(frames: Frames) -> _Place:
    for frame, line, instruction in reversed(frames):
        module = frame.f_globals.get("__name__")
        if isinstance(module, str) and module.startswith(PACKAGE):
            texts = frozenset(_texts(frame.f_code, instruction))
            return _Place(f"{_file(module, frame.f_code)}:{line}", texts=texts)
        if frame.f_code is Interpreter.go.__code__:
            run: Interpreter = frame.f_locals["self"]
            if run.at is not None:
                return _Place(run.at.where or f"{run.table.name}.{run.at.name}", table=True)
    for frame, line, _ in reversed(frames):
        file = frame.f_code.co_filename
        if not any(Path(file).is_relative_to(each) for each in LIBRARIES):  # a dialog that somebody hands to us
            return _Place(f"{_name(file)}:{line}")
    return _Place()


def _passed(error: BaseException) -> Frames:
    found: Frames = []
    trace = error.__traceback__
    while trace is not None:
        found.append((trace.tb_frame, trace.tb_lineno, trace.tb_lasti))
        trace = trace.tb_next
    return found


def waiting(dialog: Any) -> Frames:
    """The frames of a coroutine that waits, the outermost first; none of one that has ended."""
    found: Frames = []
    while dialog is not None:
        frame = getattr(dialog, "cr_frame", None) or getattr(dialog, "gi_frame", None)
        if frame is not None:
            found.append((frame, frame.f_lineno, frame.f_lasti))
        dialog = getattr(dialog, "cr_await", None) or getattr(dialog, "gi_yieldfrom", None)
    return found


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the project's own, and broken itself
        return ""


def _is_ours(error: IvrError) -> bool:
    """Whether this library raised it: a project may raise our errors too, with whatever text."""
    frames = _passed(error)
    ours = bool(frames) and Path(frames[-1][0].f_code.co_filename).is_relative_to(_OURS)
    return ours and type(error).__module__ == errors.__name__


def _file(module: str, code: CodeType) -> str:
    """``prompts/rates.py`` of ``_ivr_project_….rates``."""
    name = _name(code.co_filename)
    parts = module.split(".")[1:]
    return "/".join(["prompts", *(parts if name == "__init__.py" else parts[:-1]), name])


def _name(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2]


def _texts(code: CodeType, instruction: int) -> Iterator[str]:
    """The texts that are written within the expression which that instruction belongs to."""
    instructions = list(dis.get_instructions(code))
    here = next((each.positions for each in instructions if each.offset == instruction), None)
    if here is None or here.lineno is None:
        return
    for each in instructions:
        at = each.positions
        if isinstance(each.argval, str) and each.opname == "LOAD_CONST" and at is not None and at.lineno is not None:
            begins = (here.lineno, here.col_offset or 0) <= (at.lineno, at.col_offset or 0)
            if begins and (at.end_lineno or 0, at.end_col_offset or 0) <= (
                here.end_lineno or 0,
                here.end_col_offset or 0,
            ):
                yield each.argval
