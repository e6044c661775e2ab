"""The trace files that a command was given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ivr.errors import TraceError
from ivr.trace.events import TraceEvent
from ivr.trace.read import salvaged


def traces(named: Sequence[Path]) -> list[Path]:
    """The files themselves, and all ``*.jsonl`` within directories; each once. Raises ``TraceError`` for none."""
    found: dict[Path, None] = {}
    for path in named:
        if path.is_dir():
            inside = dict.fromkeys(sorted(path.rglob("*.jsonl")))
            if not inside:
                raise TraceError(f"{path} has no .jsonl files: name a directory with the traces of calls")
            found |= inside
        else:
            found[path] = None
    return list(found)


def read_trace(path: Path) -> tuple[dict[str, Any], list[TraceEvent], str]:
    """As ``salvaged``, of a file. Raises ``TraceError`` for what cannot be read, in whatever way, with the path."""
    try:
        with path.open("rb") as lines:
            return salvaged(lines)
    except OSError as error:
        raise TraceError(f"{path} cannot be read ({error.strerror or error})") from None
    except TraceError as error:
        raise TraceError(f"{path}: {error}") from None


def take_each(named: Sequence[Path], take: Callable[[dict[str, Any], list[TraceEvent]], None]) -> list[str]:
    """Give ``take`` the header and the events of every trace that can be read.

    What is wrong with the others, or with the end of one, is printed; of the others it is returned too. Raises
    ``TraceError`` where none can be read.
    """
    unread, paths = [], traces(named)
    for path in paths:
        try:
            header, events, cut = read_trace(path)
        except TraceError as error:
            unread.append(str(error))
            print(f"ivr: {error}", file=sys.stderr)
            continue
        if cut:
            print(f"ivr: warning: {path}: {cut}", file=sys.stderr)
        take(header, events)
    if len(unread) == len(paths):
        raise TraceError("no trace could be read: give .jsonl files of calls")
    return unread
