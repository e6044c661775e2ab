"""``record:`` of a state, as a file has it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import YesNo
from ivr.catalog.schema_marks import Also
from ivr.dialog.fields import Keys, StateName, Variable
from ivr.dialog.ladder_shapes import LadderedShape
from ivr.dialog.listen import Listen
from ivr.dialog.table import Question, Record

LONGEST = 600.0
"""Seconds; of telephone sound that is 5 MB, for each call that records."""


def _none(value: Any) -> Any:
    return None if value in ("no", "off") else value


class RecordShape(LadderedShape):
    """``record:`` of a state."""

    name: Variable = Field(alias="as")
    longest: Annotated[Seconds, between(1, LONGEST)] = 60.0
    silence: Annotated[Seconds, between(0.5, 30)] = 3.0
    first_speech: Annotated[Seconds, between(0.5, 120)] = 5.0
    least: Annotated[Seconds, between(0, 60)] = 1.0
    end: Annotated[Keys | None, BeforeValidator(_none), Also({"enum": ["no", "off", False]})] = "#"
    beep: YesNo = True
    goto: StateName


def made(shape: RecordShape) -> Record:
    """The way out that it describes."""
    question = Question(Listen(first=shape.first_speech, end=shape.end or ""), shape.handlers())
    return Record(shape.name, shape.goto, question, shape.longest, shape.silence, shape.least, shape.beep)
