"""The text of one YAML 1.2 file as plain values, with the position of every one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ivr.catalog.allowed import allowed_keys
from ivr.catalog.mistakes import nearest, worded
from ivr.catalog.place import MAX_NODES as MAX_NODES
from ivr.catalog.place import Path as Path
from ivr.catalog.place import Place as Place
from ivr.catalog.plain_yaml import plain
from ivr.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

MAX_TEXT = 8_000_000
"""Characters; ten thousand phrases are about one million."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file, read."""

    file: str
    data: dict[str, Any]
    """Mappings, lists, texts and None. Scalars are the text that was written, keys too; an empty value is None."""
    problems: tuple[Problem, ...] = ()
    places: Mapping[Path, Place] = field(default_factory=dict)
    elsewhere: Mapping[Path, str] = field(default_factory=dict)
    """Values that hold in place of the file's, and what they come from: a variable of the environment."""

    def position(self, path: Path, *, key: bool = False, offset: int = 0) -> tuple[int, int]:
        """Line and column of a value, or of its key; for a path that is not there, of its nearest ancestor.

        ``offset`` counts characters into a text; it is dropped where the text has escapes or several lines.
        """
        exact = path in self.places
        while path and path not in self.places:
            path = path[:-1]
        place = self.places.get(path)
        if place is None:
            return 1, 1
        if key:
            return place.key
        line, column = place.value
        return line, column + (offset + place.inside if exact and offset and place.inside is not None else 0)

    def problem(
        self, path: Path, what: str, remedy: str, *, key: bool = False, offset: int = 0, code: str = "value"
    ) -> Problem:
        """A problem at ``path``, or with what gave its value where that is no file."""
        for end in range(len(path), 0, -1):
            if (name := self.elsewhere.get(path[:end])) is not None:
                return Problem(name, 1, 1, what, remedy, code)
        line, column = self.position(path, key=key, offset=offset)
        return Problem(self.file, line, column, what, remedy, code)

    def at(self, path: Path) -> Any:
        """The value at ``path``, or None."""
        value: Any = self.data
        for part in path:
            value = _child(value, part)
        return value


def read(text: str, file: str) -> Source:
    """Read one document whose top is a mapping; mistakes are in ``problems``. Nothing in the text is executed."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_TEXT:
        return Source(
            file, {}, (Problem(file, 1, 1, f"the file has over {MAX_TEXT:,} characters", "shorten it", code="syntax"),)
        )
    if (found := plain(text)) is not None:
        return Source(file, found[0], (), found[1])
    from ivr.catalog.careful_yaml import carefully  # with its parser it takes longer than most files do

    data, problems, places = carefully(text, file)
    return Source(file, data, problems, places)


def check(
    model: type[Model], source: Source, path: Path = (), context: Any = None
) -> tuple[Model | None, list[Problem]]:
    """The values at ``path`` as ``model``, or every mistake in them.

    An empty value is always a mistake. Unions must be tagged, with tags that no file uses as a key, such as
    ``(text)``. ``context`` is handed to the validators.
    """
    data = source.at(path)
    problems: list[Problem] = []
    reported: set[Path] = set()
    result: Model | None = None
    try:
        result = model.model_validate(data, context=context)
    except ValidationError as error:
        every = error.errors(include_url=False)
        unknown = {details["loc"] for details in every if details["type"] == "extra_forbidden"}
        for details in every:
            if details["type"] == "missing" and _misspelt(details["loc"], unknown, model):
                continue
            if details["input"] is not None or details["type"] == "mistake":
                for where, problem in located(model, source, path, details):
                    reported.add(where)
                    problems.append(problem)
    for empty in empties(data, path):
        if not any(empty[:n] in reported for n in range(1, len(empty) + 1)):
            problems.append(source.problem(empty, f"{_label(empty)} is empty", "give it a value, or remove it"))
    return (None if problems else result), problems


def _misspelt(loc: Path, unknown: Collection[Path], model: type[BaseModel]) -> bool:
    """Whether the key that is missing is there, written wrongly, which is told."""
    beside = [str(other[-1]) for other in unknown if other[:-1] == loc[:-1]]
    return bool(beside) and any(nearest(name, allowed_keys(model, loc[:-1])) == loc[-1] for name in beside)


def located(model: type[BaseModel], source: Source, path: Path, details: ErrorDetails) -> list[tuple[Path, Problem]]:
    """The mistakes in an error that pydantic found, with their places."""
    loc, kind = details["loc"], details["type"]
    missing = kind == "missing"
    at_key = missing or kind == "extra_forbidden" or loc[-1:] == ("[key]",)
    where = (*path, *_real(source.at(path), loc[:-1] if missing or loc[-1:] == ("[key]",) else loc))
    key = str(loc[-1] if missing else where[-1] if where else source.file)
    untagged = tuple(part for part in loc[:-1] if not str(part).startswith("("))
    found = worded(details, _label(where), key, allowed_keys(model, loc[:-1]), allowed_keys(model, untagged))
    placed = [((*where, *mistake.below), mistake) for mistake in found]
    return [(at, source.problem(at, m.what, m.remedy, key=at_key or m.key, offset=m.offset)) for at, m in placed]


def _child(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _real(data: Any, loc: Path) -> Path:
    """The path of an error; pydantic puts the tags of unions between its parts."""
    path: list[str | int] = []
    for part in loc:
        if (isinstance(data, dict) and part in data) or _child(data, part) is not None:
            path.append(part)
            data = _child(data, part)
    return tuple(path)


def empties(data: Any, path: Path) -> Iterator[Path]:
    """The places at and below ``path`` that have no value."""
    match data:
        case None:
            yield path
        case dict():
            for key, value in data.items():
                yield from empties(value, (*path, key))
        case list():
            for index, value in enumerate(data):
                yield from empties(value, (*path, index))


def _label(path: Path) -> str:
    match path:
        case (*_, str(key), int(index)):
            return f"entry {index + 1} of '{key}'"
        case (*_, int(row), int(index)):
            return f"entry {index + 1} of entry {row + 1}"
        case (*_, str(key)):
            return f"'{key}'"
        case _:
            return "the file"
