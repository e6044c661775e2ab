"""What can be read of a file though some of it is wrong, so that the rest of it can be looked at all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Generic

from pydantic import ValidationError

from ivr.catalog.mistakes import nearest
from ivr.catalog.place import Path
from ivr.catalog.source import Model, Source, empties, located
from ivr.errors import Problem

ROUNDS = 12
"""Each takes out what the last one laid bare: a part, then what cannot be without it. Files are not nested deeper."""
Instead = Callable[[Path], Any]
"""The harmless value that stands for a wrong or missing one; None: it is left out."""


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[Model]):
    """A file without what is wrong in it."""

    shape: Model
    cuts: frozenset[Path]
    """The places that were left out, or where something else stands."""
    problems: tuple[Problem, ...]
    """Mistakes in what parts say of each other, which show once each part is right; told ones may be among them."""


def salvage(model: type[Model], source: Source, context: Any, instead: Instead) -> Salvaged[Model] | None:
    """The values of a file as ``model``, without those that are wrong; None where nothing is left."""
    data = deepcopy(source.data)
    rest = replace(source, data=data)
    cuts = {_cut(rest, path, instead) for path in list(empties(data, ()))}
    problems: set[Problem] = set()
    for _ in range(ROUNDS):
        try:
            return Salvaged(model.model_validate(data, context=context), frozenset(cuts), tuple(sorted(problems)))
        except ValidationError as error:
            every = [(each, located(model, rest, (), each)) for each in error.errors(include_url=False)]
        for details, where, problem in [(each, *found) for each, several in every for found in several]:
            kind, last = details["type"], details["loc"][-1:]
            problems.update([problem] if kind == "mistake" else ())
            below, lacking = rest.at(where), (*where, *last)
            if kind == "missing" and isinstance(below, dict) and (value := instead(lacking)) is not None:
                below[last[0]] = value
                cuts.add(lacking)
            elif not where:
                return None
            else:
                cuts.add(_cut(rest, where, instead, wrong_key=last == ("[key]",)))
    return None


def may_be(written: str | int, key: str, known: frozenset[str]) -> bool:
    """Whether what was left out at a key is, or was meant to be, ``key``; ``known`` are all that there are."""
    return written == key or (written not in known and nearest(str(written), sorted(known)) in (None, key))


def beside(path: Path, cuts: Iterable[Path]) -> bool:
    """Whether something was left out of the ladder that ``path`` leads into, or the ladder itself."""
    deep = 4 if path[:1] == ("states",) else 2
    return any(cut[:deep] == path[: len(cut)][:deep] for cut in cuts)


def _cut(rest: Source, path: Path, instead: Instead, *, wrong_key: bool = False) -> Path:
    """Take out the value at ``path``, and return which: of a list the whole, lest what follows gets other places."""
    while isinstance(path[-1], int):
        path = path[:-1]
    below = rest.at(path[:-1])
    value = None if wrong_key else instead(path)
    if isinstance(below, dict) and value is not None:
        below[path[-1]] = value
    elif isinstance(below, dict):
        below.pop(path[-1], None)
    return path
