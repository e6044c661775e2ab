"""Marks on the types of files for their JSON Schema: what an author may write, where a validator takes more.

An editor reads YAML 1.2 as JSON values, so that ``1`` is a number there and a text here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

ENTRY = ("items",)
SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
"""Whatever is one word or number in YAML."""


@dataclass(frozen=True, eq=False)
class Written:
    """Is written so, whatever the type becomes."""

    schema: dict[str, Any]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema itself."""
        return dict(self.schema)


@dataclass(frozen=True, eq=False)
class Also:
    """May be written so as well, or as a part of what it is: ``items`` for one entry of a list."""

    schema: dict[str, Any] | None = None
    part: tuple[str, ...] = ()

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Both."""
        inner = handler(core)
        more = [self.schema] if self.schema is not None else []
        if self.part:
            part = handler.resolve_ref_schema(inner)
            for key in self.part:
                part = part[key]
            more.append(part)
        return {"anyOf": [inner, *more]}
