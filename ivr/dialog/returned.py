"""What a function of the project is annotated to return, as samples of such values; an annotation is read, never run.

What cannot be told for sure counts as anything: no annotation, ``Any``, a text (which may be whatever is written in
it), a class that nobody here knows, or a decorator, behind which the annotation is that of another function.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

UNTOLD: Any = object()
"""No annotation that tells anything."""
_BY_TYPE: Sequence[tuple[type, tuple[Any, ...]]] = (
    (bool, (True, False)),
    (int, (1, 1000)),
    (float, (1.0, 1.5)),
    (Decimal, (Decimal(1), Decimal("1.5"))),
    (datetime, (datetime(2026, 11, 26, 9, 30),)),
    (date, (date(2026, 11, 26),)),
    (time, (time(9, 30),)),
    (timedelta, (timedelta(seconds=90),)),
    (bytes, (b"",)),
    (list, ([],)),
    (tuple, ((),)),
    (dict, ({},)),
    (set, (set(),)),
    (frozenset, (frozenset(),)),
)
"""The first that a class is one of."""
_CONTAINERS: Sequence[tuple[type, Any]] = (
    (collections.abc.Mapping, {}),
    (collections.abc.Sequence, []),
    (collections.abc.Set, set()),
)


def returned(function: Callable[..., Any] | None) -> Any:
    """The annotation, resolved; that of a coroutine is what awaiting it gives. ``UNTOLD`` where nobody knows."""
    if not inspect.isfunction(function) or hasattr(function, "__wrapped__"):
        return UNTOLD
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return UNTOLD
    try:
        return typing.get_type_hints(function, include_extras=False).get("return", UNTOLD)
    except Exception:  # the project's own code: names in it may not be there
        return UNTOLD


def field(hint: Any, name: str) -> Any:
    """The annotation of a field, as expressions read it: of a ``TypedDict``, or of all that a mapping holds."""
    hint = _bare(hint)
    if typing.is_typeddict(hint):
        try:
            return typing.get_type_hints(hint).get(name, UNTOLD)
        except Exception:  # as above
            return UNTOLD
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (dict, collections.abc.Mapping) and len(arguments) == 2:
        return arguments[1]
    return UNTOLD


def samples(hint: Any) -> tuple[Any, ...] | None:
    """Values of every type that it may be; None where it may be anything. Of ``X | None`` those of ``X``."""
    hint = _bare(hint)
    if hint is None or hint is type(None):
        return (None,)
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        others = [samples(each) for each in typing.get_args(hint) if each is not type(None)]
        known = [each for each in others if each is not None]
        return tuple(value for each in known for value in each) if len(known) == len(others) else None
    if typing.is_typeddict(hint):
        return ({},)
    found = origin or hint
    return _of_class(found) if isinstance(found, type) else None


def shown(hint: Any) -> str:
    """``bool``, ``list[str]``: as it is written, without modules."""
    if isinstance(hint, type) and typing.get_origin(hint) is None:
        return "None" if hint is type(None) else hint.__name__
    return inspect.formatannotation(hint).replace("typing.", "")


def _bare(hint: Any) -> Any:
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    return hint


def _of_class(cls: type) -> tuple[Any, ...] | None:
    if issubclass(cls, str) or cls is object:
        return None
    for known, values in _BY_TYPE:
        if issubclass(cls, known):
            return values
    if cls in dict(_CONTAINERS):
        return (dict(_CONTAINERS)[cls],) if cls is not collections.abc.Sequence else None  # a text is one too
    whole = dataclasses.is_dataclass(cls) or issubclass(cls, Enum) or _is_model(cls)
    return (_Whole(),) if whole else None


def _is_model(cls: type) -> bool:
    return any(each.__module__.startswith("pydantic.") and each.__name__ == "BaseModel" for each in cls.__mro__)


class _Whole:
    """Stands for an object of the project's own class that is no value itself."""
