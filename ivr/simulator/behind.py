"""Values behind stand-ins: others of the same shape, with which a call may go the way that it went.

A stand-in tells how many digits and letters there are. Which of the values of that shape matter is told by the texts
and numbers that today's dialogs compare with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import orjson

from ivr.dialog.table import Branches, Collect, Condition, Return, State, SubDialog, Table, Transfer
from ivr.media.private import stand_in
from ivr.trace.values import value_of, written

_TEXT = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
_NUMBERS = ("$int", "$float", "$decimal")


def expressions(tables: Iterable[Table]) -> Iterator[str]:
    """The sources of all that dialogs compute, each as often as it stands there."""
    for state in (state for table in tables for state in table.states.values()):
        yield from (condition.source for condition in [*state.assignments.values(), *_of_exit(state)])


def _of_exit(state: State) -> list[Condition]:
    match state.exit:
        case Branches(branches=branches):
            return [branch.when for branch in branches if branch.when is not None]
        case Collect(valid=Condition() as condition) | Transfer(to=Condition() as condition):
            return [condition]
        case Return(value=Condition() as condition):
            return [condition]
        case SubDialog(arguments=arguments):
            return list(arguments.values())
    return []


def plain_value(text: str) -> str:
    """The value, as JSON, that is taken for the stand-in ``text`` at first. Raises ``TraceError``."""
    return written(value_of(text, stand_in=True))


def others(text: str, sources: Iterable[str]) -> Iterator[str]:
    """The value ``text``, as JSON, with one part of it changed, for each that ``sources`` may tell from it."""
    texts, numbers = _constants(sources)
    whole = orjson.loads(text)
    seen = {text}
    for path, part in _parts(whole):
        for other in _instead(part, texts, numbers):
            changed = orjson.dumps(_with(whole, path, other)).decode()
            if changed not in seen:
                seen.add(changed)
                yield changed


def numbers_typed(count: int, sources: Iterable[str]) -> Iterator[str]:
    """Numbers of ``count`` digits that ``sources`` may tell from one another."""
    texts, numbers = _constants(sources)
    written_out = [text for text in texts if text.isascii() and text.isdigit()] + [f"{n:f}" for n in numbers]
    around = (int(text) + by for text in written_out if len(text) == count and text.isdigit() for by in (0, -1, 1))
    found = ["1" * count, *(f"{number:0{count}}" for number in around if number >= 0), "9" * count]
    yield from dict.fromkeys(text for text in found if len(text) == count)


def _constants(sources: Iterable[str]) -> tuple[list[str], list[Decimal]]:
    texts: dict[str, None] = {}
    numbers: dict[Decimal, None] = {}
    for source in sources:
        texts |= dict.fromkeys(single or double for single, double in _TEXT.findall(source))
        numbers |= dict.fromkeys(Decimal(found) for found in _NUMBER.findall(_TEXT.sub(" ", source)))
    return list(texts), list(numbers)


def _parts(plain: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every text, number and truth in a value, and where it stands."""
    match plain:
        case {"$tuple": list() as entries}:
            yield from _parts(entries, (*path, "$tuple"))
        case dict() if len(plain) == 1 and next(iter(plain)).startswith("$"):
            yield path, plain
        case dict():
            for key, entry in plain.items():
                yield from _parts(entry, (*path, key))
        case list():
            for place, entry in enumerate(plain):
                yield from _parts(entry, (*path, place))
        case None:
            return
        case _:
            yield path, plain


def _instead(part: Any, texts: list[str], numbers: list[Decimal]) -> Iterator[Any]:
    match part:
        case bool():
            yield not part
        case str():
            yield from (text for text in texts if stand_in(text) == stand_in(part))
        case int():
            yield from map(int, _near(str(part), numbers))
        case float():
            yield from map(float, _near(str(part), numbers))
        case dict() if (kind := next(iter(part))) in _NUMBERS:
            yield from ({kind: number} for number in _near(part[kind], numbers))


def _near(like: str, numbers: list[Decimal]) -> Iterator[str]:
    """Numbers of the shape of ``like``: at each of ``numbers``, just beside it, the least and the greatest."""
    whole, _, rest = like.partition(".")
    step = Decimal(1).scaleb(-len(rest))
    sign = "-" if whole.startswith("-") else ""
    around = [number * way + by for number in numbers for way in (1, -1) for by in (0, -step, step)]
    found = [f"{number:.{len(rest)}f}" for number in around]
    found += [sign + re.sub(r"\d", digit, like.lstrip("-")) for digit in "09"]
    yield from (text for text in found if stand_in(text) == stand_in(like) and _is_number(text))


def _is_number(text: str) -> bool:
    """None begins with noughts that nobody writes."""
    digits = text.lstrip("-").partition(".")[0]
    return digits == "0" or not digits.startswith("0")


def _with(plain: Any, path: tuple[str | int, ...], part: Any) -> Any:
    if not path:
        return part
    first, *rest = path
    if isinstance(plain, Mapping):
        return {**plain, first: _with(plain[first], tuple(rest), part)}
    return [_with(entry, tuple(rest), part) if place == first else entry for place, entry in enumerate(plain)]
