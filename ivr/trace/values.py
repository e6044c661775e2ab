"""Values of lookups as JSON text, their stand-ins, and both back as values.

What JSON has no word for is an object with one key that begins with ``$``: ``{"$decimal": "1.05"}``, ``$date``,
``$time``, ``$datetime``, ``$timedelta`` (microseconds), ``$tuple``, ``$other`` (the name of a type that cannot be
written). In a stand-in every text is of the same shape, every number is ``{"$int": "00"}``, ``{"$float": "0.0"}`` or
``{"$decimal": "0.00"}``, and true and false are ``{"$bool": "x"}``. Nothing stays null. The keys of mappings stay where
they look like names of fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from ivr.errors import TraceError
from ivr.media.private import reveal

DEEPEST = 16
"""Lists and mappings within one another that are written; as deep as conditions look (``ivr.dialog.conditions``)."""

_FIELD = re.compile(r"[a-z][a-z_]{0,39}")
_READ: Mapping[str, Callable[[str], Any]] = {
    "$decimal": Decimal,
    "$int": int,
    "$float": float,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$datetime": datetime.fromisoformat,
    "$timedelta": lambda text: timedelta(microseconds=int(text)),
    "$bool": lambda _: True,
    "$other": lambda _: None,
}
_NUMBERS = ("$decimal", "$int", "$float")


def written(value: Any) -> str:
    """``value`` as JSON text; a type that cannot be written is told by its name."""
    return _dumps(_plain(value))


def masked(text: str, mask: Callable[[str], str]) -> str:
    """The stand-in of what ``written`` made; ``mask`` makes that of a text."""
    return _dumps(_masked(orjson.loads(text), mask))


def value_of(text: str, *, stand_in: bool = False) -> Any:
    """The value that ``written`` made the text of; of a stand-in, one that can be said and compared.

    Raises ``TraceError``.
    """
    try:
        return _value(orjson.loads(text), stand_in)
    except (ValueError, InvalidOperation, TypeError, AttributeError, RecursionError):
        raise TraceError(f"{text!r:.60} is no value of a lookup: take its line out to read the others") from None


def likely(text: str) -> str:
    """A text in the place of its stand-in: noughts are ones, so that a masked date is still a date."""
    return text.replace("0", "1")


def _dumps(plain: Any) -> str:
    return orjson.dumps(plain).decode()


def _plain(value: Any, depth: int = 0) -> Any:
    value = reveal(value)
    match value:
        case None | bool():
            return value
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case int():
            return value if -(2**63) <= value < 2**63 else {"$other": "int"}
        case float():
            return value if value - value == 0 else {"$float": str(value)}
        case Decimal():
            return {"$decimal": str(value)}
        case date() | time() | timedelta():
            return _moment(value)
        case list() if depth < DEEPEST:
            return [_plain(entry, depth + 1) for entry in value]
        case tuple() if depth < DEEPEST:
            return {"$tuple": [_plain(entry, depth + 1) for entry in value]}
        case Mapping() if depth < DEEPEST and all(isinstance(key, str) for key in value):
            return {_plain(key): _plain(entry, depth + 1) for key, entry in value.items()}
    return {"$other": type(value).__name__}


def _moment(value: date | time | timedelta) -> Any:
    match value:
        case datetime():
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case time():
            return {"$time": value.isoformat()}
    return {"$timedelta": str(value // timedelta(microseconds=1))}


def _masked(plain: Any, mask: Callable[[str], str]) -> Any:
    match plain:
        case bool():
            return {"$bool": "x"}
        case int() | float():
            return {f"${type(plain).__name__}": mask(str(plain))}
        case str():
            return mask(plain)
        case list():
            return [_masked(entry, mask) for entry in plain]
        case dict() if (kind := _tag(plain)) is not None:
            return plain if kind == "$other" else {kind: _masked(plain[kind], mask)}
        case dict():
            return {_key(key, mask): _masked(entry, mask) for key, entry in plain.items()}
    return plain


def _key(key: str, mask: Callable[[str], str]) -> str:
    return key if _FIELD.fullmatch(key) else mask(key)


def _tag(plain: Mapping[str, Any]) -> str | None:
    key = next(iter(plain), "") if len(plain) == 1 else ""
    return key if key in _READ or key == "$tuple" else None


def _value(plain: Any, stand_in: bool) -> Any:
    match plain:
        case str():
            return likely(plain) if stand_in else plain
        case list():
            return [_value(entry, stand_in) for entry in plain]
        case dict() if (kind := _tag(plain)) is not None:
            if kind == "$tuple":
                return tuple(_value(entry, stand_in) for entry in plain[kind])
            return _READ[kind](_shaped(kind, plain[kind]) if stand_in else plain[kind])
        case dict():
            return {key: _value(entry, stand_in) for key, entry in plain.items()}
    return plain


def _shaped(kind: str, text: str) -> str:
    """The stand-in of a number holds letters where that has an exponent or is infinite: then it is one."""
    return "1" if kind in _NUMBERS and "x" in text else likely(text)
