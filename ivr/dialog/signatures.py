"""The project's functions by their signatures: which of them may be dialogs, and whether they take what they are given.

What cannot be told for sure (a decorator's ``*args``, an annotation that nobody here knows) counts as right.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator
from inspect import Parameter
from typing import Any, NamedTuple

from ivr.catalog.mistakes import listing, meant

CALLED = ("call", "line")
"""What a dialog's first parameter is named, where nothing says what it is."""
_VALUES = frozenset(
    "str int float bool bytes complex dict list tuple set frozenset None NoneType Decimal date datetime time "
    "Recording Private Mapping Sequence Optional Union typing collections abc decimal ivr media private "
    "recording".split()
)
"""Names that an annotation of a value that is looked up with is made of."""
_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


class Misfit(NamedTuple):
    """One argument too many or too few."""

    given: str | None
    """The argument that is not taken; None: one is missing."""
    what: str
    remedy: str


def may_be_dialog(name: str, function: Callable[..., Any], plain: Collection[str]) -> bool:
    """Whether a function can take the call and be awaited. ``plain``: those whose text shows that they cannot."""
    parameters = _parameters(function)
    if parameters is None:
        return True
    first = next((each for each in parameters if each.kind in (*_BY_POSITION, Parameter.VAR_POSITIONAL)), None)
    if first is None or _is_value(first):
        return False
    return inspect.iscoroutinefunction(function) or name not in plain or hasattr(function, "__wrapped__")


def is_dialog(function: Callable[..., Any], given: Collection[str]) -> bool:
    """Whether it takes the call, and so can be no lookup with those arguments."""
    first = next(iter(_parameters(function) or ()), None)
    if first is None or first.kind not in _BY_POSITION or not inspect.iscoroutinefunction(function):
        return False
    if first.annotation is Parameter.empty:
        return first.name in CALLED and first.name not in given and first.default is Parameter.empty
    return _annotated(first) in ("Line", "ivr.dialog.line.Line")


def misfits(name: str, function: Callable[..., Any], given: Collection[str], *, dialog: bool) -> Iterator[Misfit]:
    """What a function is given and does not take, or needs and is not given; a ``dialog`` is given the call first."""
    parameters = _parameters(function)
    if parameters is None:
        return
    if dialog and parameters and parameters[0].kind in _BY_POSITION:
        parameters = parameters[1:]
    taken = [each.name for each in parameters if each.kind in _BY_NAME]
    anything = any(each.kind is Parameter.VAR_KEYWORD for each in parameters)
    for argument in given:
        if argument not in taken and not anything:
            otherwise = f"it takes {listing(taken)}" if taken else "it takes none"
            free = [each for each in taken if each not in given]
            yield Misfit(argument, f"'{name}' takes no '{argument}'", meant(argument, free, otherwise))
    needed = [
        each for each in parameters if each.default is Parameter.empty and each.kind in (*_BY_POSITION, *_BY_NAME)
    ]
    for each in needed:
        if each.kind is Parameter.POSITIONAL_ONLY:
            what = f"'{name}' takes '{each.name}' by its position alone"
            yield Misfit(None, what, "remove the '/' from its parameters")
        elif each.name not in given:
            what = f"'{name}' needs '{each.name}', and is not given it"
            yield Misfit(None, what, f"add 'with: {{{each.name}: …}}'")


def _parameters(function: Callable[..., Any]) -> list[Parameter] | None:
    """As it is really called: those of a decorator's wrapper, and not of what it wraps. None: nobody knows."""
    try:
        return list(inspect.signature(function, follow_wrapped=False).parameters.values())
    except (ValueError, TypeError):
        return None


def _annotated(parameter: Parameter) -> str:
    annotation = parameter.annotation
    return annotation.strip("'\" ") if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _is_value(parameter: Parameter) -> bool:
    """Whether it is annotated as what a lookup takes; a call is none of these."""
    if parameter.annotation is Parameter.empty:
        return False
    names = re.findall(r"[A-Za-z_]\w*", _annotated(parameter))
    return bool(names) and _VALUES.issuperset(names)
