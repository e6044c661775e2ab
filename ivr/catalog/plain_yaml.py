"""YAML that is right and plain, read by libyaml: ten times as fast as the reader that says what is wrong and where.

Whatever is not wholly plain is left to that reader: mistakes, aliases, tags, merged or repeated keys, several
documents, and what YAML 1.1, which libyaml knows, reads otherwise than 1.2. Nothing is resolved: scalars are texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from ivr.catalog.place import MAX_DEPTH, MAX_NODES, Path, Place

_OTHERWISE = re.compile("[^\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|^%", re.M)
"""Tabs, line breaks of YAML 1.1 alone, what YAML cannot hold, and directives."""
_NULLS = frozenset(["", "~", "null", "Null", "NULL"])
_PARSER: Any = getattr(getattr(yaml, "cyaml", None), "CParser", None)
"""Missing where PyYAML was built without libyaml."""

Read = tuple[dict[str, Any], dict[Path, Place]]


class _NotPlain(Exception):
    pass


def plain(text: str) -> Read | None:
    """The values of a document whose top is a mapping, and their places; None where another reader must look."""
    if _PARSER is None or _OTHERWISE.search(text):
        return None
    try:
        return _Walk(text).document()
    except (yaml.YAMLError, _NotPlain, RecursionError, ValueError):
        return None


class _Walk:
    """Takes one event after the other; a path is only made once for each value."""

    def __init__(self, text: str) -> None:
        self.places: dict[Path, Place] = {}
        self._text = text
        self._next: Callable[[], Any] = _PARSER(text).get_event

    def document(self) -> Read:
        """The whole."""
        self._next()  # the stream
        start = self._next()
        top = self._next() if isinstance(start, yaml.DocumentStartEvent) else None
        if not isinstance(top, yaml.MappingStartEvent):
            raise _NotPlain
        data = self._value(top, (), None)
        if self._next().explicit:  # "..." twice is one end here and two documents there
            raise _NotPlain
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise _NotPlain
        return data, self.places

    def _value(self, event: Any, path: Path, key: tuple[int, int] | None) -> Any:
        if len(path) > MAX_DEPTH or len(self.places) >= MAX_NODES or isinstance(event, yaml.AliasEvent):
            raise _NotPlain
        if event.anchor is not None or event.tag is not None:
            raise _NotPlain
        mark = event.start_mark
        here = mark.line + 1, mark.column + 1
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path, here, key or here)
        self.places[path] = Place(key or here, here, None)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        found: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            at = event.start_mark.line + 1, event.start_mark.column + 1
            # Where a block begins has no width either, and is a place all the same.
            empty = isinstance(event, yaml.ScalarEvent) and event.start_mark.index == event.end_mark.index
            found.append(self._value(event, (*path, len(found)), key if empty else at))
        return found

    def _scalar(self, event: Any, path: Path, here: tuple[int, int], key: tuple[int, int]) -> str | None:
        value: str = event.value
        start = event.start_mark.index
        quote = 1 if event.style in ("'", '"') else 0
        inside = quote if self._text.startswith(value, start + quote) else None
        # An empty value is where the next token begins, which may be lines away.
        self.places[path] = Place(key, key if start == event.end_mark.index else here, inside, bool(event.style))
        return None if value in _NULLS and not event.style else value

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            plain_key = isinstance(event, yaml.ScalarEvent) and event.anchor is None and event.tag is None
            if not plain_key or event.value in found or event.value in ("<<", ""):  # none has no place of its own
                raise _NotPlain
            at = event.start_mark.line + 1, event.start_mark.column + 1
            name = event.value
            found[name] = self._value(self._next(), (*path, name), at)
        return found
