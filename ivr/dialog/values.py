"""What a variable of a dialog may hold. Values are checked where they come in, so that nobody checks them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from ivr.errors import WrongValue
from ivr.media.private import reveal


class Kind(StrEnum):
    """A type."""

    TEXT = "text"
    DIGITS = "digits"
    """A text of digits, whose zeros in front count."""
    NUMBER = "number"
    MONEY = "money"
    """A decimal number, kept exactly; expressions see it as a double."""
    DATE = "date"
    """Kept as a text, ``2026-11-26``: earlier ones are less."""
    TIME = "time"
    """Kept as a text, ``09:30``."""
    YES_NO = "yes_no"
    """True or false."""
    LIST = "list"
    MAPPING = "mapping"


SAID: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: frozenset(["text", "code", "phone", "spelled", "duration"]),
    Kind.DIGITS: frozenset(["digits", "text", "number", "code", "phone", "ordinal", "duration"]),
    Kind.NUMBER: frozenset(["number", "money", "ordinal", "duration"]),
    Kind.MONEY: frozenset(["money", "number"]),
    Kind.DATE: frozenset(["date", "day", "text"]),
    Kind.TIME: frozenset(["time", "text"]),
    Kind.YES_NO: frozenset(),
    Kind.LIST: frozenset(),
    Kind.MAPPING: frozenset(),
}
"""The kinds of slots (``{amount:money}``) that can say a value of each type."""

WHOLE, DECIMALS = (1, 1000, -1), (1.5, 1000.5, -1.5)
"""Samples of numbers, which expressions keep apart."""
SAMPLES: Mapping[Kind, tuple[Any, ...]] = {
    Kind.TEXT: ("a", "1", "2026-11-26", "09:30"),
    Kind.DIGITS: ("1", "20261126", "0930"),
    Kind.NUMBER: (*WHOLE, *DECIMALS),
    Kind.MONEY: DECIMALS,
    Kind.DATE: ("2026-11-26",),
    Kind.TIME: ("09:30",),
    Kind.YES_NO: (True, False),
}
"""What expressions are tried with before any call; none for types whose values say too little of one another."""

MOST_DIGITS = 40
"""Digits of a number that is written as a text."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A declaration."""

    kind: Kind
    private: bool = False
    """What is put in it is private, whatever it was before."""
    start: Any = None
    """Its value at the beginning of the dialog; None: it has none yet."""


Variables = Mapping[str, Variable]
"""By name; empty where a dialog declares none and everything goes."""


def taken(kind: Kind, value: Any) -> Any:
    """``value``, without its mark of being private, as a variable of that type keeps it. Raises ``WrongValue``."""
    value = reveal(value)
    match kind, value:
        case (Kind.TEXT, str()) | (Kind.YES_NO, bool()) | (Kind.LIST, list()) | (Kind.MAPPING, Mapping()):
            return value
        case Kind.LIST, tuple():
            return list(value)
        case Kind.DIGITS, str() if value.isascii() and value.isdecimal():
            return value
        case Kind.NUMBER | Kind.MONEY, int() | float() | Decimal() | str() if not isinstance(value, bool):
            return _number(kind, value)
        case Kind.DATE, date() if not isinstance(value, datetime):
            return value.isoformat()
        case Kind.TIME, time():
            return value.isoformat("minutes")
        case Kind.DATE | Kind.TIME, str():
            return _moment(kind, value)
    raise _wrong(kind, value)


def fits(kind: Kind, value: Any) -> bool:
    """Whether a variable of that type takes it."""
    try:
        taken(kind, value)
    except WrongValue:
        return False
    return True


def _number(kind: Kind, value: int | float | Decimal | str) -> int | float | Decimal:
    """A text is a number only as ``-12.50`` is: Decimal alone would take ``1e9``, ``1_000`` and ``NaN``."""
    if isinstance(value, str):
        digits = value.removeprefix("-").replace(".", "", 1)
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
            raise _wrong(kind, value)
        value = Decimal(value) if kind is Kind.MONEY or "." in value else int(value)
    if kind is Kind.NUMBER:
        exact = value
    else:
        try:
            exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        except InvalidOperation:
            raise _wrong(kind, value) from None
    if isinstance(exact, float | Decimal) and not Decimal(exact).is_finite():
        raise WrongValue(f"it is to be {_words(kind)}, and is no finite number")
    return exact


def _moment(kind: Kind, value: str) -> str:
    try:
        if kind is Kind.DATE:
            return date.fromisoformat(value).isoformat()
        return time.fromisoformat(value).replace(tzinfo=None).isoformat("minutes")
    except ValueError:
        raise _wrong(kind, value) from None


def _wrong(kind: Kind, value: Any) -> WrongValue:
    got = "nothing" if value is None else "another text" if isinstance(value, str) else f"a {type(value).__name__}"
    return WrongValue(f"it is to be {_words(kind)}, and is {got}")


def _words(kind: Kind) -> str:
    return {
        Kind.TEXT: "a text",
        Kind.DIGITS: "a text of digits",
        Kind.NUMBER: "a number",
        Kind.MONEY: "an amount of money",
        Kind.DATE: "a date such as 2026-11-26",
        Kind.TIME: "a time such as 09:30",
        Kind.YES_NO: "true or false",
        Kind.LIST: "a list",
        Kind.MAPPING: "a mapping",
    }[kind]
