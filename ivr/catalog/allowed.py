"""Which keys a pydantic model allows at a place in a file."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag


def allowed_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> Collection[str]:
    """The keys that ``model`` allows at ``loc``."""
    found: list[Any] = [model]
    for part in loc:
        tagged = [choice for annotation in found for choice in _tagged(annotation, part)]
        if tagged:
            found = tagged
            continue
        inner = [child for annotation in found for child in _below(annotation, part)]
        found = inner or found
    return [key for annotation in found for kind in _alternatives(annotation) for key in _fields(kind)]


def _tagged(annotation: Any, tag: str | int) -> Iterator[Any]:
    """The choices of a union that pydantic took by that tag."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if any(isinstance(mark, Tag) and mark.tag == tag for mark in inner[1:]):
            yield inner[0]
        else:
            yield from _tagged(inner[0], tag)
    elif origin in (Union, types.UnionType):
        for choice in inner:
            yield from _tagged(choice, tag)


def _below(annotation: Any, part: str | int) -> Iterator[Any]:
    for kind in _alternatives(annotation):
        if part in (fields := _fields(kind)):
            yield fields[str(part)]
        elif get_origin(kind) is dict or (get_origin(kind) is list and isinstance(part, int)):
            yield get_args(kind)[-1]


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for choice in get_args(annotation):
            yield from _alternatives(choice)
    else:
        yield annotation


def _fields(kind: Any) -> dict[str, Any]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {info.alias or name: info.annotation for name, info in kind.model_fields.items()}
