"""Durations as people write them: ``600 ms``, ``5s``, ``1.5 s``, ``2m``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from ivr.catalog.mistakes import refuse, shown
from ivr.catalog.schema_marks import Written

UNITS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60)}
"""Seconds in one unit; ``m`` is a minute."""
DURATION = {"type": "string", "pattern": r"^ *[0-9]{1,9}(\.[0-9]{1,9})? ?(ms|s|m) *$"}
"""The same as JSON Schema."""
_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([a-z]*)")


def seconds(text: Any) -> float:
    """A duration in seconds. Raises ``ValueError`` that says what to write."""
    written = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
    if written is None:
        raise refuse(f"{shown(text)} is not a duration", "write it as '600 ms', '5s' or '2m'")
    number, unit = written.groups()
    if not unit:
        raise refuse(f"'{number}' has no unit", f"write '{number}s' for seconds or '{number}ms' for milliseconds")
    if unit not in UNITS:
        raise refuse(f"'{unit}' is no unit of time", "use ms, s or m")
    return float(Decimal(number) * UNITS[unit])


def between(low: float, high: float) -> AfterValidator:
    """Bounds of a duration, both included, in seconds."""

    def bounded(value: float) -> float:
        if not low <= value <= high:
            raise refuse(f"{value:g} s is out of range", f"give {low:g} s to {high:g} s")
        return value

    return AfterValidator(bounded)


Seconds = Annotated[float, BeforeValidator(seconds), Written(DURATION)]
"""A duration of a file as seconds; bound it with ``between``."""
