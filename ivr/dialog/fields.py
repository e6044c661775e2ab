"""Values that stand in a dialog's file, each checked against the whole file, so that all mistakes show at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, ValidationInfo

from ivr.catalog.mistakes import NAME, Name, listing, meant, misnamed, refuse, refuse_all, shown
from ivr.catalog.party import HOW, is_literal, party
from ivr.catalog.schema_marks import ENTRY, SCALAR, Also, Written
from ivr.dialog.conditions import fault
from ivr.dialog.inspection.codes import ERRORS, WARNINGS
from ivr.dialog.listen import KEYS, MOST_KEYS

VARIABLES_TAKEN = frozenset(["call", "now", "hours", "self", "prompt", "attempt", "bargein"])
"""The first three are facts (``ivr.dialog.facts``); the others are parameters of ``Line.say``, which takes variables by
name."""
ARGUMENTS_TAKEN = frozenset(["self", "function", "timeout", "private"])
"""Parameters of ``Line.run``, which takes a lookup's arguments by name."""
_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*")
_COUNTS = re.compile(r"([0-9]{1,2})(?: ?(?:-|to) ?([0-9]{1,2}))?")
_CEL_WORDS = frozenset(
    "true false null in as break const continue else for function if import let loop package namespace return var "
    "void while".split()
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the validators of one value must know of the whole file."""

    states: Collection[str]
    lenient: bool = False
    """Names of states that there are not, and expressions that cannot be read, are taken as they stand."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many keys an answer has."""

    least: int
    most: int


def _state(value: str, info: ValidationInfo[Names]) -> str:
    states = info.context.states
    if value not in states and not info.context.lenient and not misnamed(value, states):
        raise refuse(f"no state {shown(value)}", meant(value, states, f"the states are {listing(states) or 'missing'}"))
    return value


def lenient(info: ValidationInfo[Any]) -> bool:
    """Whether expressions are taken as they stand."""
    return isinstance(info.context, Names) and info.context.lenient


def _expression(value: str, info: ValidationInfo[Any]) -> str:
    if not lenient(info) and (mistake := fault(value)):
        raise refuse_all([mistake])
    return value


def _to(value: str, info: ValidationInfo[Any]) -> str:
    if not is_literal(value):
        return _expression(value, info)
    if party(value) is None and not lenient(info):
        raise refuse(f"nobody can be called at {shown(value)}", HOW)
    return value


def _key(value: str) -> str:
    if len(value) != 1 or value not in KEYS:
        raise refuse(f"{shown(value)} is no key of a telephone", "use one of 0 to 9, '*', '#', A to D")
    return value


def _keys(value: str) -> str:
    if len(value) == 1:
        return _key(value)
    if not value or not set(value) <= set(KEYS):
        raise refuse(f"{shown(value)} has what is no key of a telephone", "use 0 to 9, '*', '#', A to D")
    if len(value) > MOST_KEYS:
        raise refuse(f"these are {len(value)} keys", f"keep to {MOST_KEYS}")
    return value


def _counts(value: Any) -> Counts:
    found = _COUNTS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refuse(f"{shown(value)} is no number of digits", "write 8, or 4-12 for four to twelve")
    least, most = int(found[1]), int(found[2] or found[1])
    if least > most:
        raise refuse(f"{least} is more than {most}", f"write {most}-{least}")
    if not 1 <= most <= MOST_KEYS:
        raise refuse(f"{most} digits are out of range", f"give 1 to {MOST_KEYS}")
    return Counts(least, most)


def _function(value: str) -> str:
    if not _FUNCTION.fullmatch(value):
        raise refuse(f"{shown(value)} names no function", "write module.function, such as bank.balance")
    return value


def _dialog(value: str) -> str:
    if not NAME.fullmatch(value) and not _FUNCTION.fullmatch(value):
        raise refuse(f"{shown(value)} names no dialog", "write the name of a dialog, or module.function")
    return value


def _variable(value: str) -> str:
    return _free(value, _CEL_WORDS | VARIABLES_TAKEN)


def _argument(value: str) -> str:
    return _free(value, ARGUMENTS_TAKEN)


def _free(value: str, taken: Collection[str]) -> str:
    if value in taken:
        raise refuse(f"the name '{value}' is taken", "choose another name")
    return value


def _ignorable(value: str) -> str:
    if value in ERRORS:
        raise refuse(f"'{value}' is an error, which cannot be ignored", "mend what it tells of")
    if value not in WARNINGS:
        raise refuse(f"there is no warning {shown(value)}", meant(value, WARNINGS, "docs/check.md lists them"))
    return value


def _one(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _said_kind(value: Any) -> str:
    return "(list)" if isinstance(value, list) else "(word)"


_NAMED = Written({"type": "string", "pattern": f"^{NAME.pattern}$"})
StateName = Annotated[str, AfterValidator(_state), _NAMED]
"""A state of the same file."""
DialogName = Annotated[
    str, AfterValidator(_dialog), Written({"type": "string", "pattern": f"^({NAME.pattern}|{_FUNCTION.pattern})$"})
]
"""Another dialog: the name of a table, or ``module.function`` of the project."""
FunctionName = Annotated[
    str, AfterValidator(_function), Written({"type": "string", "pattern": f"^{_FUNCTION.pattern}$"})
]
Expression = Annotated[str, AfterValidator(_expression), Written(SCALAR)]
"""CEL."""
PartyOrExpression = Annotated[str, AfterValidator(_to), Written(SCALAR)]
"""A number, SIP address or extension; else CEL that gives one."""
Key = Annotated[
    str,
    AfterValidator(_key),
    Written({"type": ["string", "integer"], "pattern": f"^[{KEYS}]$", "minimum": 0, "maximum": 9}),
]
Keys = Annotated[
    str, AfterValidator(_keys), Written({"type": ["string", "integer"], "pattern": f"^[{KEYS}]+$", "minimum": 0})
]
KeyCounts = Annotated[
    Counts,
    BeforeValidator(_counts),
    Written({"type": ["integer", "string"], "pattern": f"^{_COUNTS.pattern}$", "minimum": 1, "maximum": MOST_KEYS}),
]
"""``8``, or ``4-12``."""
Variable = Annotated[Name, AfterValidator(_variable)]
Argument = Annotated[Name, AfterValidator(_argument)]
Ignored = Annotated[
    tuple[Annotated[str, AfterValidator(_ignorable), Written({"enum": list(WARNINGS)})], ...],
    BeforeValidator(_one),
    Also(part=ENTRY),
]
"""Codes of warnings that are meant, one or a list."""
Said = Annotated[
    Annotated[Name, Tag("(word)")] | Annotated[list[Name], Field(min_length=1), Tag("(list)")],
    Discriminator(_said_kind),
]
"""A prompt or phrase, or several."""


def said(value: str | list[str] | None) -> tuple[str, ...]:
    """The names of a ``Said``."""
    return (value,) if isinstance(value, str) else tuple(value or ())
