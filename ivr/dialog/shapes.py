"""What a dialog's file looks like; each value is checked against the whole file, so that all mistakes show at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationInfo

from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import Name, YesNo, listing, meant, refuse, refuse_all, shown
from ivr.dialog.conditions import fault

KEYS = "0123456789*#ABCD"
"""What DTMF can send (ITU-T Q.23)."""
VARIABLES_TAKEN = frozenset(["call", "self", "prompt", "attempt", "bargein"])
"""``call`` holds the facts of the call; the others are parameters of ``Line.say``, which takes variables by name."""
ARGUMENTS_TAKEN = frozenset(["self", "function", "timeout", "private"])
"""Parameters of ``Line.run``, which takes a lookup's arguments by name."""
_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*")
_CEL_WORDS = frozenset(
    "true false null in as break const continue else for function if import let loop package namespace return var "
    "void while".split()
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the validators of one value must know of the whole file."""

    states: Collection[str]


def _state(value: str, info: ValidationInfo[Names]) -> str:
    states = info.context.states
    if value not in states:
        raise refuse(f"no state {shown(value)}", meant(value, states, f"the states are {listing(states) or 'missing'}"))
    return value


def _expression(value: str) -> str:
    if mistake := fault(value):
        raise refuse_all([mistake])
    return value


def _digit(value: str) -> str:
    if len(value) != 1 or value not in KEYS:
        raise refuse(f"{shown(value)} is no key of a telephone", "use one of 0 to 9, '*', '#', A to D")
    return value


def _function(value: str) -> str:
    if not _FUNCTION.fullmatch(value):
        raise refuse(f"{shown(value)} names no function", "write module.function, such as bank.balance")
    return value


def _variable(value: str) -> str:
    return _free(value, _CEL_WORDS | VARIABLES_TAKEN)


def _argument(value: str) -> str:
    return _free(value, ARGUMENTS_TAKEN)


def _free(value: str, taken: Collection[str]) -> str:
    if value in taken:
        raise refuse(f"the name '{value}' is taken", "choose another name")
    return value


def _said_kind(value: Any) -> str:
    return "(list)" if isinstance(value, list) else "(word)"


StateName = Annotated[str, AfterValidator(_state)]
Expression = Annotated[str, AfterValidator(_expression)]
Digit = Annotated[str, AfterValidator(_digit)]
Variable = Annotated[Name, AfterValidator(_variable)]
Argument = Annotated[Name, AfterValidator(_argument)]
Said = Annotated[
    Annotated[Name, Tag("(word)")] | Annotated[list[Name], Field(min_length=1), Tag("(list)")],
    Discriminator(_said_kind),
]


class LookupShape(BaseModel):
    """``lookup:`` of a state."""

    model_config = ConfigDict(extra="forbid")
    run: Annotated[str, AfterValidator(_function)]
    name: Variable = Field(alias="as")
    arguments: dict[Argument, Expression] = Field(alias="with", default_factory=dict)
    timeout: Annotated[Seconds, between(0.1, 120)] = 8.0
    private: YesNo = True
    failed: StateName | None = None


class RetryShape(BaseModel):
    """``no_input:`` and ``no_match:`` of a menu."""

    model_config = ConfigDict(extra="forbid")
    say: Name | None = None
    goto: StateName | None = None
    limit: Annotated[int, Field(ge=0, le=20)] = 2


class MenuShape(BaseModel):
    """``menu:`` of a state."""

    model_config = ConfigDict(extra="forbid")
    options: Annotated[dict[Digit, StateName], Field(min_length=1)]
    first_digit: Annotated[Seconds, between(0.1, 120)] = 5.0
    no_input: RetryShape = RetryShape()
    no_match: RetryShape = RetryShape()


class BranchShape(BaseModel):
    """One entry of ``branch:``."""

    model_config = ConfigDict(extra="forbid")
    goto: StateName
    when: Expression | None = Field(alias="if", default=None)


class StateShape(BaseModel):
    """One state."""

    model_config = ConfigDict(extra="forbid")
    assignments: dict[Variable, Expression] = Field(alias="set", default_factory=dict)
    lookup: LookupShape | None = None
    say: Said | None = None
    menu: MenuShape | None = None
    branch: Annotated[list[BranchShape], Field(min_length=1)] | None = None
    goto: StateName | None = None
    hang_up: YesNo = False


class DialogShape(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")
    dialog: Name
    start: StateName
    states: Annotated[dict[Name, StateShape], Field(min_length=1)]
