"""The text of one YAML 1.2 file as plain values, with the position of every one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivr.catalog.allowed import allowed_keys
from ivr.catalog.mistakes import worded
from ivr.catalog.place import MAX_DEPTH, MAX_NODES, Place
from ivr.catalog.place import Path as Path
from ivr.catalog.plain_yaml import plain
from ivr.catalog.syntax import syntax_problem
from ivr.errors import Problem, ProjectError

Model = TypeVar("Model", bound=BaseModel)

MAX_TEXT = 4_000_000
"""Characters; ten thousand phrases are about one million."""

_CORE = "tag:yaml.org,2002:"
_NULL = _CORE + "null"
_SCALARS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value"))


@dataclass(frozen=True, slots=True)
class Source:
    """One file, read."""

    file: str
    data: dict[str, Any]
    """Mappings, lists, texts and None. Scalars are the text that was written, keys too; an empty value is None."""
    problems: tuple[Problem, ...] = ()
    places: Mapping[Path, Place] = field(default_factory=dict)

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
        """A problem at ``path``."""
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
            file, {}, (Problem(file, 1, 1, f"the file has over {MAX_TEXT:,} characters", "split it", code="syntax"),)
        )
    if (found := plain(text)) is not None:
        return Source(file, found[0], (), found[1])
    return read_slowly(text, file)


def read_slowly(text: str, file: str) -> Source:
    """The same, slowly, for texts that are not plain: mistakes are told where they stand, aliases expanded."""
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.composer.warn_double_anchors = False
        top = yaml.compose(text)
    except (YAMLError, ValueError, RecursionError) as error:
        return Source(file, {}, (syntax_problem(error, text, file),))
    if not isinstance(top, MappingNode):
        what = "the file is empty" if top is None else "the file is not a mapping"
        line, column = (1, 1) if top is None else _mark(top)
        return Source(
            file, {}, (Problem(file, line, column, what, "write 'key: value' lines at its top", code="syntax"),)
        )
    walk = _Walk(file, text)
    try:
        data = walk.value(top, (), _mark(top))
    except ProjectError as error:
        return Source(file, {}, error.problems)
    return Source(file, data, tuple(walk.problems), walk.places)


@dataclass(slots=True)
class _Walk:
    file: str
    text: str
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def value(self, node: Node, path: Path, key: tuple[int, int]) -> Any:
        self.nodes += 1
        if len(path) > MAX_DEPTH:
            raise self.stop(node, f"values are nested more than {MAX_DEPTH} deep", "write it flatter")
        if self.nodes > MAX_NODES:
            raise self.stop(node, f"aliases make more than {MAX_NODES:,} values", "write out what is needed")
        self.places[path] = Place(key, self.begin(node, key), self.inside(node))
        match node:
            case ScalarNode():
                if node.tag not in _SCALARS:
                    self.tag(node)
                    # With its tag, the text of `if: !done` gives no second problem.
                    return self.text[node.start_mark.index : node.end_mark.index]
                return None if node.tag == _NULL else str(node.value)
            case SequenceNode():
                if node.tag != _CORE + "seq":
                    self.tag(node)
                return [self.value(item, (*path, n), self.begin(item, key)) for n, item in enumerate(node.value)]
            case _:
                if node.tag != _CORE + "map":
                    self.tag(node)
                return self.mapping(node, path)

    def mapping(self, node: Node, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.problem(key, "a key is a list or mapping", "use a plain word as the key")
            elif key.tag == _CORE + "merge":
                self.problem(key, "'<<' does not merge in YAML 1.2", "write the keys out, or use an alias as the value")
            elif (name := str(key.value)) in found:
                line, _ = self.places[(*path, name)].key
                self.problem(key, f"key '{name}' is there twice", f"remove it or the one in line {line}")
            else:
                if key.tag not in _SCALARS:
                    self.tag(key)
                found[name] = self.value(value, (*path, name), _mark(key))
        return found

    def begin(self, node: Node, key: tuple[int, int]) -> tuple[int, int]:
        # The parser puts an empty value where the next token begins, which may be lines away.
        return key if node.start_mark.index == node.end_mark.index else _mark(node)

    def inside(self, node: Node) -> int | None:
        if not isinstance(node, ScalarNode):
            return None
        quote = 1 if node.style in ("'", '"') else 0
        return quote if self.text.startswith(str(node.value), node.start_mark.index + quote) else None

    def tag(self, node: Node) -> None:
        name = str(node.tag).replace(_CORE, "!!")
        self.problem(
            node, f"the tag '{name[:40]}' means nothing here", "remove it, or put a text that begins with '!' in quotes"
        )

    def problem(self, node: Node, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, *_mark(node), what, remedy, code="syntax"))

    def stop(self, node: Node, what: str, remedy: str) -> ProjectError:
        return ProjectError([*self.problems, Problem(self.file, *_mark(node), what, remedy, code="syntax")])


def _mark(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


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
        for details in error.errors(include_url=False):
            if details["input"] is not None or details["type"] == "mistake":
                where, found = _found(model, source, path, details)
                reported.add(where)
                problems += found
    for empty in _empties(data, path):
        if not any(empty[:n] in reported for n in range(1, len(empty) + 1)):
            problems.append(source.problem(empty, f"{_label(empty)} is empty", "give it a value, or remove it"))
    return (None if problems else result), problems


def _found(model: type[BaseModel], source: Source, path: Path, details: ErrorDetails) -> tuple[Path, list[Problem]]:
    """Where pydantic found an error, and the mistakes in it."""
    loc, kind = details["loc"], details["type"]
    missing = kind == "missing"
    at_key = missing or kind == "extra_forbidden" or loc[-1:] == ("[key]",)
    where = (*path, *_real(source.at(path), loc[:-1] if missing or loc[-1:] == ("[key]",) else loc))
    key = str(loc[-1] if missing else where[-1] if where else source.file)
    found = worded(details, _label(where), key, allowed_keys(model, loc[:-1]))
    return where, [source.problem(where, m.what, m.remedy, key=at_key, offset=m.offset) for m in found]


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


def _empties(data: Any, path: Path) -> Iterator[Path]:
    match data:
        case None:
            yield path
        case dict():
            for key, value in data.items():
                yield from _empties(value, (*path, key))
        case list():
            for index, value in enumerate(data):
                yield from _empties(value, (*path, index))


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
