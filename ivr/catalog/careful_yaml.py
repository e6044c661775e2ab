"""YAML that may be broken, read by a parser that knows every place: what is wrong is told where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ivr.catalog.place import MAX_DEPTH, MAX_NODES, Path, Place
from ivr.catalog.syntax import counted, syntax_problem, twice
from ivr.errors import Problem, ProjectError

_CORE = "tag:yaml.org,2002:"
_NULL = _CORE + "null"
_HALF = re.compile("[\ud800-\udfff]")
_HALF_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*(\\(?:u|U0000)[dD][89a-fA-F][0-9a-fA-F]{2})")
"""Half of a surrogate pair: no text that is written or said can hold one. YAML joins no pairs, as JSON does."""
_SCALARS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value"))

Read = tuple[dict[str, Any], tuple[Problem, ...], dict[Path, Place]]


def carefully(text: str, file: str) -> Read:
    """The values, every mistake, and the places. Aliases are expanded; nothing in the text is executed."""
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.composer.warn_double_anchors = False
        top = yaml.compose(text)
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        return {}, (syntax_problem(error, text, file),), {}
    if not isinstance(top, MappingNode):
        what = "the file is empty" if top is None else "the file is not a mapping"
        line, column = (1, 1) if top is None else _mark(top)
        remedy = "write 'key: value' lines at its top"
        return {}, (Problem(file, line, column, what, remedy, code="syntax"),), {}
    walk = _Walk(file, text)
    try:
        data = walk.value(top, (), _mark(top))
    except ProjectError as error:
        return {}, error.problems, {}
    return data, tuple(walk.problems), walk.places


@dataclass(slots=True)
class _Walk:
    file: str
    text: str
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0
    halves: set[int] = field(default_factory=set)
    """Where halves of characters were told of."""

    def value(self, node: Node, path: Path, key: tuple[int, int]) -> Any:
        self.nodes += 1
        if len(path) > MAX_DEPTH:
            raise self.stop(node, f"values are nested more than {MAX_DEPTH} deep", "write it flatter")
        if self.nodes > MAX_NODES:
            raise self.stop(node, f"aliases make more than {MAX_NODES:,} values", "write out what is needed")
        self.places[path] = Place(key, self.begin(node, key), self.inside(node), _quoted(node))
        match node:
            case ScalarNode():
                if node.tag not in _SCALARS:
                    self.tag(node)
                    # With its tag, the text of `if: !done` gives no second problem.
                    return self.text[node.start_mark.index : node.end_mark.index]
                return None if node.tag == _NULL else self.whole(node)
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
            elif (name := self.whole(key)) in found:
                line, _ = self.places[(*path, name)].key
                self.problem(key, twice(name), f"remove it or the one in line {line}")
            else:
                if key.tag not in _SCALARS:
                    self.tag(key)
                found[name] = self.value(value, (*path, name), _mark(key))
        return found

    def whole(self, node: ScalarNode) -> str:
        """The text; with a mark in the place of each half of a character, which is a problem."""
        text = str(node.value)
        if not _HALF.search(text):
            return text
        escape = _HALF_ESCAPED.search(self.text, node.start_mark.index, node.end_mark.index)
        if escape is not None and escape.start(1) not in self.halves:  # an alias comes here again
            self.halves.add(escape.start(1))
            line, column = counted(self.text, escape.start(1))
            what = f"the escape '{escape[1]}' is half of a character"
            remedy = "write the character itself, or its one escape, such as \\U0001F600"
            self.problems.append(Problem(self.file, line, column, what, remedy, code="syntax"))
        return _HALF.sub("\ufffd", text)

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


def _quoted(node: Node) -> bool:
    return isinstance(node, ScalarNode) and bool(node.style)


def _mark(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
