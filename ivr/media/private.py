"""Personal data as a type: a value that is said to its caller and shown to nobody else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Private:
    """A value that traces, logs and keys show only as a stand-in."""

    value: Any

    def __repr__(self) -> str:
        return f"Private({stand_in(str(self.value))})"

    def __str__(self) -> str:
        return stand_in(str(self.value))


def reveal(value: Any) -> Any:
    """The bare value, for saying it aloud or for a condition."""
    return value.value if isinstance(value, Private) else value


def stand_in(text: str) -> str:
    """Text of the same shape: letters become ``x``, digits ``0``; spaces and punctuation stay."""
    return "".join("0" if c.isdigit() else "x" if c.isalpha() else c for c in text)


def one_length(stood_in: str) -> str:
    """A stand-in in which every word is as long as every other."""
    return re.sub("x+", "xxx", stood_in)


def raised_at(error: BaseException) -> str:
    """``file:line`` of the innermost frame that raised ``error``: tells where, and nothing of the values there."""
    frame, line = error.__traceback__, 0
    name = ""
    while frame is not None:
        name, line = frame.tb_frame.f_code.co_filename, frame.tb_lineno
        frame = frame.tb_next
    return f"{name.replace(chr(92), '/').rpartition('/')[2]}:{line}" if name else ""
