"""Conditions and assignments of a dialog, in CEL (https://github.com/google/cel-spec). No Python is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ivr.catalog.mistakes import Mistake, meant
from ivr.dialog.cel_core import cel
from ivr.dialog.cel_words import syntax
from ivr.dialog.expression_faults import faults
from ivr.dialog.table import Condition
from ivr.errors import ConditionError, Problem
from ivr.media.private import reveal
from ivr.media.recording import Recording

MAX_SOURCE = 1000
"""Characters of one expression."""
MAX_DEPTH = 16
"""Lists and mappings within one another, in a value."""
FUNCTIONS = frozenset(
    "size contains startsWith endsWith matches int uint double string bytes type dyn timestamp duration "
    "getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear "
    "getHours getMinutes getSeconds getMilliseconds".split()
)
"""Functions that the library has; beside them the macros has, all, exists, exists_one, filter and map."""

UNREAD = "[][0]"
"""Stands for an expression that cannot be read, until it is mended: it needs nothing, and may be any value."""

_OWN_NAME = re.compile(r"\.(?:all|exists|exists_one|filter|map)\s*\(\s*(\w+)\s*,")
_FAILURES = (RuntimeError, TypeError, ValueError, ArithmeticError, LookupError)
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list"}


def compile_condition(source: str, file: str, line: int, column: int) -> Problem | None:
    """What is wrong with an expression that begins at that position, before any value is known."""
    found = fault(source)
    return Problem(file, line, column + found.offset, found.what, found.remedy) if found else None


def fault(source: str) -> Mistake | None:
    """The mistake in an expression: its syntax, its length, or what would fail in every call."""
    if len(source) > MAX_SOURCE:
        return Mistake(f"the expression has {len(source)} characters", f"keep to {MAX_SOURCE}")
    try:
        program = _program(source)
    except ValueError as error:
        return syntax(source, str(error))
    for function in sorted(program.functions()):
        if function.isidentifier() and function not in FUNCTIONS:  # operators are named "_+_", "@in"
            at = re.search(rf"\b{re.escape(function)}\b", source)
            remedy = meant(function, FUNCTIONS, "set the value by a lookup instead")
            return Mistake(f"there is no function '{function}'", remedy, at.start() if at else 0)
    return next(faults(source, names(source)), None)


@lru_cache(maxsize=4096)
def names(source: str) -> frozenset[str]:
    """The variables that a correct expression reads; not those that its own macros bind."""
    return frozenset(_program(source).variables()) - set(_OWN_NAME.findall(source))


def evaluate(condition: Condition, variables: Mapping[str, Any]) -> Any:
    """The value of an expression: None, bool, int, float, str, list or dict; of variables of those types or Decimal.

    A recording is handed on by its bare name; elsewhere it is a mapping of its ``seconds`` and ``spoken``.
    Numbers compare across int, float and Decimal; ``+ - * /`` want two of one type, as CEL defines.
    Raises ``ConditionError`` with place and names and no value, since values may be private.
    """
    used = sorted(names(condition.source))
    if isinstance(whole := reveal(variables.get(condition.source.strip())), Recording):
        return whole
    values = {name: _plain(variables[name], name, condition) for name in used if name in variables}
    try:
        return _plain(_program(condition.source).execute(values), "its result", condition)
    except _FAILURES as error:
        raise _failed(condition, used, values, error) from None


def tried(source: str, values: Mapping[str, Any]) -> Any:
    """The value of a correct expression for plain values. Raises whatever the library does: ``TypeError`` for types.

    The library knows its functions by the types of their values: ``string(true)`` is a function that it has not.
    """
    try:
        return _program(source).execute(dict(values))
    except RuntimeError as error:
        if names(source) <= values.keys() and str(error).startswith("Undefined variable or function"):
            raise TypeError(str(error)) from None
        raise


@lru_cache(maxsize=4096)
def _program(source: str) -> cel.Program:
    return cel.compile(source)


def _plain(value: Any, name: str, condition: Condition, depth: int = 0) -> Any:
    """The value as CEL takes it. It holds 64 bits of an int."""
    value = reveal(value)
    match value:
        case None | bool() | str() | float():
            return value
        case int() if -(2**63) <= value < 2**63:
            return int(value)
        case Decimal():
            return float(value)
        case Recording():
            return {"seconds": value.seconds, "spoken": value.spoken}
        case list() | tuple() if depth < MAX_DEPTH:
            return [_plain(entry, name, condition, depth + 1) for entry in value]
        case Mapping() if depth < MAX_DEPTH:
            return {_key(key, name, condition): _plain(v, name, condition, depth + 1) for key, v in value.items()}
        case int():
            what, remedy = "is larger than 64 bits", "use a text"
        case list() | tuple() | Mapping():
            what, remedy = f"is nested more than {MAX_DEPTH} deep", "use a flatter value"
        case _:
            what, remedy = f"has the type {type(value).__name__}", "use a number, text, list, mapping, true or false"
    raise ConditionError(f"'{condition.source}': {name} {what}, {remedy}", condition.where)


def _key(key: Any, name: str, condition: Condition) -> Any:
    if isinstance(key, str | int):
        return key
    raise ConditionError(f"'{condition.source}': {name} has a key that is no text, use texts as keys", condition.where)


def _failed(condition: Condition, used: list[str], values: Mapping[str, Any], error: Exception) -> ConditionError:
    start = f"'{condition.source}' failed: "
    if missing := [name for name in used if name not in values]:
        return ConditionError(f"{start}'{missing[0]}' has no value, set it or look it up before", condition.where)
    kinds = ", ".join(
        f"'{name}' is {_KINDS.get(type(v), 'nothing' if v is None else 'a mapping')}" for name, v in values.items()
    )
    match error:
        case TypeError():
            why, remedy = "the types do not fit", "convert with int(), double() or string()"
        case KeyError():
            why, remedy = "a mapping has no such key", "test it with has() before"
        case IndexError():
            why, remedy = "a list has no such entry", "test size() before"
        case ZeroDivisionError():
            why, remedy = "division by zero", "test the divisor before"
        case ArithmeticError():
            why, remedy = "the result is larger than 64 bits", "use double()"
        case _:
            why, remedy = "a function refused its arguments", "test the value before"
    said = f"{start}{why} ({kinds}), {remedy}" if kinds else f"{start}{why}, {remedy}"
    return ConditionError(said, condition.where)
