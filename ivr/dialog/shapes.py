"""What a dialog's file looks like."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import Name, YesNo
from ivr.catalog.schema_marks import Also
from ivr.dialog.cover_shape import CoverShape
from ivr.dialog.fields import (
    Argument,
    DialogName,
    Expression,
    FunctionName,
    Ignored,
    Key,
    KeyCounts,
    Keys,
    PartyOrExpression,
    Said,
    StateName,
    Variable,
)
from ivr.dialog.ladder_shapes import CommandsShape, HandlersShape, LadderedShape, StateHandlersShape
from ivr.dialog.languages import Tag as LocaleTag
from ivr.dialog.record_shape import RecordShape
from ivr.dialog.variable_shapes import VariablesShape
from ivr.dialog.web_shapes import HttpLookupShape, LookupBase, lookup_kind


class LookupShape(LookupBase):
    """``lookup:`` of a state that runs a function of the project."""

    run: FunctionName
    arguments: dict[Argument, Expression] = Field(alias="with", default_factory=dict)


Lookup = Annotated[
    Annotated[LookupShape, Tag("(run)")] | Annotated[HttpLookupShape, Tag("(http)")], Discriminator(lookup_kind)
]


class QuestionShape(LadderedShape):
    """What all questions for keys have."""

    first_digit: Annotated[Seconds, between(0.1, 120)] = 5.0
    next_digit: Annotated[Seconds, between(0.1, 120)] = 3.0
    in_all: Annotated[Seconds, between(0.1, 600)] | None = None
    type_ahead: YesNo = True


class MenuShape(QuestionShape):
    """``menu:`` of a state."""

    options: Annotated[dict[Keys, StateName], Field(min_length=1)]


class CollectShape(QuestionShape):
    """``collect:`` of a state."""

    name: Variable = Field(alias="as")
    digits: KeyCounts
    end: Keys | None = None
    valid: Expression | None = None
    private: YesNo = True
    goto: StateName


class ConfirmKeysShape(BaseModel):
    """``keys:`` of ``confirm:``."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    yes: Key = "1"
    no: Key = "2"


class ConfirmShape(QuestionShape):
    """``confirm:`` of a state."""

    yes: StateName
    no: StateName
    keys: ConfirmKeysShape = ConfirmKeysShape()


class BranchShape(BaseModel):
    """One entry of ``branch:``."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    goto: StateName
    when: Expression | None = Field(alias="if", default=None)


class SubDialogShape(BaseModel):
    """``dialog:`` of a state."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    run: DialogName
    name: Variable | None = Field(alias="as", default=None)
    arguments: dict[Variable, Expression] = Field(alias="with", default_factory=dict)
    goto: StateName


class TransferShape(BaseModel):
    """``transfer:`` of a state."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    to: PartyOrExpression
    timeout: Annotated[Seconds, between(5, 600)] = 30.0
    busy: StateName | None = None
    no_answer: StateName | None = None
    failed: StateName | None = None
    goto: StateName | None = None


class ReturnShape(BaseModel):
    """``return:`` of a state; in the file ``yes`` stands for one without a value."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    value: Expression | None = None


def _returned(value: Any) -> Any:
    return {} if value == "yes" else value


class StateShape(BaseModel):
    """One state."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    assignments: dict[Variable, Expression] = Field(alias="set", default_factory=dict)
    lookup: Lookup | None = None
    locale: LocaleTag | None = None
    say: Said | None = None
    cover: CoverShape | None = None
    on: StateHandlersShape | None = None
    commands: CommandsShape = Field(default_factory=dict)
    menu: MenuShape | None = None
    collect: CollectShape | None = None
    confirm: ConfirmShape | None = None
    record: RecordShape | None = None
    branch: Annotated[list[BranchShape], Field(min_length=1)] | None = None
    goto: StateName | None = None
    dialog: SubDialogShape | None = None
    back: Annotated[ReturnShape, BeforeValidator(_returned), Also({"const": "yes"})] | None = Field(
        alias="return", default=None
    )
    transfer: TransferShape | None = None
    hang_up: YesNo = False
    ignore: Ignored = ()


class DialogShape(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    dialog: Name
    start: StateName
    variables: VariablesShape = Field(default_factory=dict)
    on: HandlersShape | None = None
    commands: CommandsShape = Field(default_factory=dict)
    ignore: Ignored = ()
    states: Annotated[dict[Name, StateShape], Field(min_length=1)]
