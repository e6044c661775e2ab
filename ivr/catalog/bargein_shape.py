"""What ``bargein:`` of a prompt looks like in a file: a word, or a word and when it begins to hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Tag

from ivr.catalog.bargein import POLICIES, BargeIn
from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import refuse, shown
from ivr.catalog.schema_marks import Written as MarkedAs

_ALSO = {"true": "yes", "false": "no"}


def _word(value: Any) -> str:
    word = _ALSO.get(value, value) if isinstance(value, str) else value
    if not isinstance(word, str) or word not in POLICIES:
        raise refuse(f"{shown(value)} is nothing that interrupts", f"write one of {', '.join(POLICIES)}")
    return word


def _something(value: str) -> str:
    if not POLICIES[value]:
        raise refuse(f"nothing interrupts, and yet '{value}' stands beside 'after'", "write 'bargein: no'")
    return value


def _kind(value: Any) -> str:
    return "(mapping)" if isinstance(value, dict) else "(word)"


Word = Annotated[str, BeforeValidator(_word), MarkedAs({"enum": [*POLICIES, True, False]})]


class BargeInShape(BaseModel):
    """The long form."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    by: Annotated[Word, AfterValidator(_something)] = "yes"
    after: Annotated[Seconds, between(0, 60)]


Written = Annotated[Annotated[Word, Tag("(word)")] | Annotated[BargeInShape, Tag("(mapping)")], Discriminator(_kind)]


def policy(written: str | BargeInShape) -> BargeIn:
    """What that means."""
    if isinstance(written, str):
        return BargeIn(POLICIES[written])
    return BargeIn(POLICIES[written.by], written.after)
