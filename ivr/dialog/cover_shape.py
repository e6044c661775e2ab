"""``cover:`` of a state, as a file has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, WrapValidator

from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import Name
from ivr.catalog.schema_marks import Also
from ivr.dialog.cover import EVERY, GRACE, PATIENCE, Cover


def _or_none(value: Any, name: Callable[[Any], str | None]) -> str | None:
    """YAML 1.1 tools, and editors, write ``no`` as ``false``."""
    return "" if value in ("no", "off", "false") else name(value)


NameOrNo = Annotated[Name | None, WrapValidator(_or_none), Also({"enum": ["no", "off", False]})]
"""A phrase; ``no`` is none at all, and becomes an empty text."""
Every = Annotated[Seconds, between(*EVERY)]
Grace = Annotated[Seconds, between(*GRACE)]
Patience = Annotated[Seconds, between(*PATIENCE)]


class CoverShape(BaseModel):
    """``cover:`` of a state; what is left out is as in ``ivr.yaml``."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    filler: NameOrNo = None
    hold: NameOrNo = None
    still: NameOrNo = None
    every: Every | None = None
    fallback: NameOrNo = None
    grace: Grace | None = None
    patience: Patience | None = None

    def made(self) -> Cover:
        """What it describes."""
        return Cover(self.filler, self.hold, self.still, self.every, self.fallback, self.grace, self.patience)
