"""How mistakes in a project's files are worded: what is wrong, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import ErrorDetails, PydanticCustomError

from ivr.catalog.schema_marks import Written

NAME = re.compile(r"[a-z][a-z0-9_]*")
LISTED = 10
"""Names that a remedy lists at most; longer lists are not read."""
SEARCHED = 300
"""Names that are compared one by one; each takes some 20 µs, for every mistake of a file."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in one value of a file."""

    what: str
    remedy: str
    offset: int = 0
    """Characters from the beginning of the value."""
    below: tuple[str | int, ...] = ()
    """Where in the value it is, if that is a mapping or a list."""
    key: bool = False
    """It is the key that is wrong."""


def refuse(what: str, remedy: str, offset: int = 0) -> PydanticCustomError:
    """The error that a pydantic validator raises for one mistake; it is a ``ValueError``."""
    return refuse_all([Mistake(what, remedy, offset)])


def refuse_all(mistakes: Sequence[Mistake]) -> PydanticCustomError:
    """The error that a pydantic validator raises for several mistakes in one value."""
    text = "; ".join(f"{mistake.what}, {mistake.remedy}" for mistake in mistakes)
    return PydanticCustomError("mistake", "{text}", {"text": text, "mistakes": tuple(mistakes)})


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant; among very many, only one that begins alike."""
    choice = list(names)
    if len(choice) > SEARCHED:
        choice = [other for other in choice if other[:2] == name[:2]][:SEARCHED]
    found = get_close_matches(name[:100], choice, n=1)
    return found[0] if found else None


def listing(names: Iterable[str]) -> str:
    """``a, b, c``; cut off after ten."""
    shown = list(names)
    return ", ".join(shown[:LISTED]) + (" …" if len(shown) > LISTED else "")


def meant(name: str, names: Collection[str], otherwise: str) -> str:
    """A remedy for a name that is not among ``names``."""
    near = nearest(name, names)
    return f"did you mean '{near}'?" if near else otherwise


def misnamed(name: str, names: Collection[str]) -> bool:
    """Whether one of ``names`` was meant that is itself no ``Name``, which is told where it stands."""
    wrong = {other for other in names if not NAME.fullmatch(other)}
    wrong |= {other.lower() for other in wrong}
    return name in wrong or nearest(name, wrong) is not None


def shown(value: Any) -> str:
    """A value of a file, short enough for a message."""
    match value:
        case None:
            return "empty"
        case str():
            return f"'{value}'" if len(value) <= 40 else f"'{value[:40]}…'"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise refuse(f"{shown(value)} is not a name", "use small letters, digits and '_', beginning with a letter")
    return value


def _yes_no(value: Any) -> bool:
    words = {"yes": True, "true": True, "no": False, "false": False}
    if not isinstance(value, str) or value not in words:
        raise refuse(f"{shown(value)} is neither yes nor no", "write yes or no")
    return words[value]


Name = Annotated[str, AfterValidator(_name), Written({"type": "string", "pattern": f"^{NAME.pattern}$"})]
"""The name of a phrase, prompt, state or variable."""
YesNo = Annotated[bool, BeforeValidator(_yes_no), Written({"enum": ["yes", "no", True, False]})]
"""``yes``, ``no``, ``true`` or ``false``."""

_TYPES = {
    "string_type": "write a text",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_parsing_size": "write a smaller number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "finite_number": "write a number",
    "bool_type": "write yes or no",
    "bool_parsing": "write yes or no",
    "list_type": "write a list: [a, b]",
    "dict_type": "write 'key: value' lines below it",
    "model_type": "write 'key: value' lines below it",
    "model_attributes_type": "write 'key: value' lines below it",
}
_RANGES = {
    "greater_than": ("gt", "give more than"),
    "greater_than_equal": ("ge", "give at least"),
    "less_than": ("lt", "give less than"),
    "less_than_equal": ("le", "give at most"),
    "too_short": ("min_length", "give at least"),
    "too_long": ("max_length", "give at most"),
    "string_too_short": ("min_length", "its length must be at least"),
    "string_too_long": ("max_length", "its length must be at most"),
    "literal_error": ("expected", "write one of"),
    "enum": ("expected", "write one of"),
}


def _allowed(keys: Collection[str]) -> str:
    return f"allowed here: {listing(keys)}"


def worded(
    error: ErrorDetails, label: str, key: str, allowed: Collection[str], elsewhere: Collection[str] = ()
) -> tuple[Mistake, ...]:
    """One error of pydantic in plain words.

    ``label`` names the value, ``key`` is the last key of its path; ``allowed`` are the keys that may stand there,
    ``elsewhere`` those that may if others do not.
    """
    kind, value = error["type"], error["input"]
    facts: Mapping[str, Any] = error.get("ctx", {})
    if kind == "mistake":
        return tuple(facts["mistakes"])
    if kind == "extra_forbidden" and key in elsewhere:
        return (Mistake(f"'{key}' does not go with what stands beside it", f"remove it; {_allowed(allowed)}"),)
    if kind == "extra_forbidden":
        return (Mistake(f"unknown key '{key}'", meant(key, allowed, _allowed(allowed))),)
    if kind == "missing":
        return (Mistake(f"'{key}' is missing", f"add '{key}: …'"),)
    if kind in _TYPES:
        return (Mistake(f"{label} is {shown(value)}", _TYPES[kind]),)
    if kind in _RANGES:
        fact, remedy = _RANGES[kind]
        size = f"has {len(value)} entries" if isinstance(value, list | dict) else f"is {shown(value)}"
        return (Mistake(f"{label} {size}", f"{remedy} {facts[fact]}"),)
    return (Mistake(f"{label} is {shown(value)}", error["msg"].removeprefix("Value error, ")),)
