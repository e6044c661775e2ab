"""The files of a project as JSON Schema (draft 2020-12), for editors; made from the shapes that read them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ivr.catalog.phrases_file import PhrasesShape
from ivr.dialog.dialog_file import EXITS
from ivr.dialog.shapes import DialogShape
from ivr.errors import ConfigError
from ivr.project.profiles.shapes import ProfileShape
from ivr.project.schema.words import WORDS
from ivr.project.settings.hours import HoursShape
from ivr.project.settings.settings import Settings

KINDS: dict[str, type[BaseModel]] = {
    "dialog": DialogShape,
    "phrases": PhrasesShape,
    "profile": ProfileShape,
    "settings": Settings,
    "hours": HoursShape,
}
"""By what they describe: a file of ``prompts/dialogs/``, ``phrases/``, ``profiles/``, ``prompts/ivr.yaml`` and
``prompts/hours.yaml``."""
PUBLISHED = (*KINDS, "scenario")
"""All that ship. ``prompts/calls/`` is the simulator's: ``ivr.simulator.scenario.schema`` makes that one."""


def schema_text(kind: str) -> str:
    """One of ``KINDS`` as it is published: ``docs/schema/KIND.json``."""
    made = schema(KINDS[kind])
    if kind == "dialog":
        made["$defs"]["StateShape"]["oneOf"] = [{"required": [exit]} for exit in EXITS]
    if kind == "phrases":  # where they stand in other files, a file may have prompts alone
        made["required"].remove("phrases")
        made["anyOf"] = [{"required": ["phrases"]}, {"required": ["prompts"]}]
    for name, shape in {kind: made, **made.get("$defs", {})}.items():
        for key, words in WORDS.get(name, {}).items():
            shape["properties"][key] = {"description": words, **shape["properties"][key]}
    return as_text(kind, made)


def as_text(kind: str, made: dict[str, Any]) -> str:
    """A schema with its head, as a file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"ivr {kind}"}
    return json.dumps({**head, **made}, indent=2, ensure_ascii=False) + "\n"


def schema(shape: type[BaseModel]) -> dict[str, Any]:
    """What an author may write, without a head."""
    made: dict[str, Any] = _cleaned(shape.model_json_schema())
    return made


def published(kind: str) -> str:
    """The schema that ships with this version: one of ``PUBLISHED``."""
    package = Path(str(files("ivr")))
    for root in (package / "schema", package.parent / "docs" / "schema"):
        if (root / f"{kind}.json").is_file():
            return (root / f"{kind}.json").read_text(encoding="utf-8")
    raise ConfigError(f"the schemas are not part of this installation ({package}): install ivr-runtime again")


def _cleaned(made: Any) -> Any:
    """Without titles, defaults (which are those of the runtime's own types), and the null that no file may write."""
    match made:
        case {"anyOf": [only, {"type": "null"}], **rest}:
            return _cleaned({**rest, **only})
        case dict():
            found = {key: _inside(key, value) for key, value in made.items() if key not in ("title", "default")}
            if "patternProperties" in found:
                found.setdefault("additionalProperties", False)
            return found
        case list():
            return [_cleaned(entry) for entry in made]
    return made


def _inside(key: str, value: Any) -> Any:
    """``properties`` and the like have names as keys, which may be called title or default."""
    if key in ("properties", "$defs", "patternProperties"):
        return {name: _cleaned(inner) for name, inner in value.items()}
    return _cleaned(value)
