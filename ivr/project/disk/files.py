"""Reading a project's files: whatever is wrong with one is a problem of the project, never a traceback."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ivr.errors import Problem

MAX_TEXT = 8_000_000
"""Bytes of a text file; ten thousand phrases are about one million."""
MAX_SOUND = 64_000_000
"""Bytes of a sound file; over an hour at 8 kHz and 16 bits."""


def read_bytes(path: Path, limit: int) -> bytes | Problem:
    """The bytes of a regular file. Pipes and devices are not opened: reading them might never end."""
    try:
        facts = os.stat(path)
        if stat.S_ISDIR(facts.st_mode):
            return Problem(
                str(path), 1, 1, "this is a directory", "move it away, or put a file in its place", code="file"
            )
        if not stat.S_ISREG(facts.st_mode):
            return Problem(str(path), 1, 1, "this is no regular file", "put a regular file in its place", code="file")
        if facts.st_size > limit:
            what = f"the file has {facts.st_size:,} bytes, the most is {limit:,}"
            return Problem(str(path), 1, 1, what, "shorten it", code="file")
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except (OSError, ValueError) as error:
        return unreadable(path, error)


def read_text(path: Path) -> str | Problem:
    """The text of a UTF-8 file."""
    data = read_bytes(path, MAX_TEXT)
    if isinstance(data, Problem):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = error.start - before.rfind(b"\n")
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return Problem(str(path), before.count(b"\n") + 1, column, what, "save the file as UTF-8", code="file")


def listed(directory: Path, suffix: str) -> tuple[list[Path], list[Problem]]:
    """The files of ``directory`` that end with ``suffix``, sorted by name; hidden ones are left out."""
    if (problem := not_a_directory(directory)) is not None:
        return [], [problem]
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        return [], [unreadable(directory, error)]
    names = [name for name in names if not name.startswith(".")]
    twins = [name for name in names if suffix == ".yaml" and name.endswith(".yml")]
    problems = [
        Problem(str(directory / name), 1, 1, "the file is not read", "name it .yaml", code="file") for name in twins
    ]
    return [directory / name for name in names if name.endswith(suffix)], problems


def not_a_directory(path: Path) -> Problem | None:
    """The problem of a file, or of a link that leads nowhere, where a directory is to be; None where there is none."""
    if path.is_dir() or not os.path.lexists(path):
        return None
    what = "this is a file, and is to be a directory" if path.exists() else "this is a link that leads nowhere"
    return Problem(str(path), 1, 1, what, "move it away, and put the directory in its place", code="file")


def unreadable(path: Path, error: Exception) -> Problem:
    """The problem of a file that the system will not give us."""
    if isinstance(error, FileNotFoundError):
        return Problem(
            str(path), 1, 1, "there is no such file", "create it, or mend the link that leads to it", code="file"
        )
    why = getattr(error, "strerror", None) or str(error)
    return Problem(
        str(path), 1, 1, f"it cannot be read ({why})", "mend its permissions or the link that leads to it", code="file"
    )
