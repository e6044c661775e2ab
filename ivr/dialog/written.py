"""What a lookup answers, as a file writes it: a text in quotes, and what looks like a number without them.

Where the function that would answer is annotated with one type, that type decides.
"""

from __future__ import annotations

import collections.abc
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ivr.catalog.source import Path, Source
from ivr.dialog.returned import UNTOLD, field, returned

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
"""``00123`` and ``+1555`` are none: they stay texts."""
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_MOMENTS: Mapping[type, Callable[[str], Any]] = {
    date: date.fromisoformat,
    time: time.fromisoformat,
    datetime: datetime.fromisoformat,
}
_LISTS = (list, tuple, collections.abc.Sequence)
_UNDECIDED = object()


def answered_by(functions: Mapping[str, Callable[..., Any]], lookup: str) -> Any:
    """The annotation that decides about the answers of a lookup; ``UNTOLD`` where none does, as of those over HTTP."""
    return returned(functions.get(lookup))


def value_at(source: Source, path: Path, hint: Any = UNTOLD) -> Any:
    """The value at ``path`` of a file whose scalars are texts; also within lists and mappings.

    What does not fit ``hint`` is taken as it is written: the checks tell what comes of it.
    """
    written, hint = source.at(path), _one(hint)
    match written:
        case dict():
            return {key: value_at(source, (*path, key), field(hint, key)) for key in written}
        case list():
            return [value_at(source, (*path, index), _entry(hint)) for index in range(len(written))]
        case str():
            place = source.places.get(path)
            decided = _of_type(written, hint)
            if decided is not _UNDECIDED:
                return decided
            return written if place is not None and place.quoted else _plain(written)
    return written


def _plain(text: str) -> Any:
    """A number, yes or no where it looks like one."""
    if text in _YES_NO:
        return _YES_NO[text]
    found = _PLAIN.fullmatch(text)
    if found is None:
        return text
    return Decimal(text) if found[1] else int(text)


def _of_type(text: str, hint: Any) -> Any:
    if _is_text(hint) or (typing.get_origin(hint) is typing.Literal and text in typing.get_args(hint)):
        return text
    if hint is bool:
        return _YES_NO.get(text, _UNDECIDED)
    if hint is int:
        return int(text) if _WHOLE.fullmatch(text) else _UNDECIDED
    if hint in (float, Decimal):
        return hint(text) if _NUMBER.fullmatch(text) else _UNDECIDED
    return _moment(text, _MOMENTS.get(hint)) if isinstance(hint, type) else _UNDECIDED


def _is_text(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, str)


def _moment(text: str, read: Callable[[str], Any] | None) -> Any:
    try:
        return _UNDECIDED if read is None else read(text)
    except ValueError:
        return _UNDECIDED


def _one(hint: Any) -> Any:
    """Without names for types, and without a None beside one."""
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        others = [each for each in typing.get_args(hint) if each is not type(None)]
        return _one(others[0]) if len(others) == 1 else UNTOLD
    return hint


def _entry(hint: Any) -> Any:
    """The annotation of a list's entries."""
    arguments = typing.get_args(hint)
    return arguments[0] if typing.get_origin(hint) in _LISTS and arguments else UNTOLD
