"""What every expression knows beside its dialog's variables: the call, what time it is, and when somebody is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.dialog.conditions import names
from ivr.media.private import Private

if TYPE_CHECKING:
    from ivr.dialog.interpreter import Interpreter

CALL, NOW, HOURS = "call", "now", "hours"
FACTS = frozenset([CALL, NOW, HOURS])
"""The names that no variable may have."""


async def facts(run: Interpreter, source: str) -> dict[str, Any]:
    """Those that an expression reads. The time is the call's own, and never that of the machine."""
    asked = names(source) & FACTS
    found: dict[str, Any] = {}
    if CALL in asked:
        found[CALL] = Private(run.line.facts)
    if asked & {NOW, HOURS}:
        found |= run.repertoire.almanac.facts(source, await run.line.clock())
    return found
