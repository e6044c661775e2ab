"""The recording list as CSV (RFC 4180), for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ivr.pregen.script.lines import Line

COLUMNS = (
    "number",
    "locale",
    "dialog",
    "where",
    "prompt",
    "attempt",
    "phrase",
    "file",
    "before",
    "text",
    "after",
    "ending",
    "seconds",
    "recorded",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""


def as_csv(lines: Sequence[Line], newline: str = "\r\n") -> str:
    """The whole list with its heads. A cell that a spreadsheet would run has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=newline)
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([_safe(cell) for cell in _cells(line)])
    return out.getvalue()


def _cells(line: Line) -> list[str]:
    ending = "goes on" if line.goes_on else "ends"
    seconds = "" if line.seconds is None else f"{line.seconds:.2f}"
    return [
        str(line.number),
        line.locale,
        line.dialog,
        line.where,
        line.prompt,
        line.attempt,
        line.phrase,
        line.file,
        line.before,
        line.text,
        line.after,
        ending,
        seconds,
        line.recorded,
    ]


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
