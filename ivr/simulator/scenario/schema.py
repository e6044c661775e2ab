"""Scenarios as JSON Schema, for editors: ``docs/schema/scenario.json``; made from the shapes that read them."""

from __future__ import annotations

from typing import Any

from ivr.project.schema.published import as_text, schema
from ivr.simulator.scenario.shapes import ScenarioShape

CELL: dict[str, Any] = {"type": "string", "pattern": r"\$[A-Za-z_]"}
"""``$name``, whose value a table has: it can stand for any word or number."""
_REF = {"$ref": "#/$defs/Cell"}


def scenario_text() -> str:
    """The schema as it is published."""
    made: dict[str, Any] = _with_cells(schema(ScenarioShape))
    shapes = made["$defs"]
    for name, rules in _RULES.items():
        shapes[name].update(rules)
    shapes["Cell"] = CELL
    return as_text("scenario", made)


def _one(*keys: str) -> list[dict[str, Any]]:
    return [{"required": [key]} for key in keys]


_RULES: dict[str, dict[str, Any]] = {
    "HearShape": {"anyOf": _one("hear", "phrase", "strategy"), "not": {"required": ["hear", "phrase"]}},
    "HangUpShape": {"not": {"required": ["after", "at"]}},
    "InterruptionShape": {
        "allOf": [{"oneOf": _one("at", "after", "sent")}, {"oneOf": _one("press", "speak", "hang_up")}]
    },
    "AnswerShape": {"oneOf": [*_one("value", "text"), {"anyOf": _one("error", "status")}]},
    "TransferShape": {"oneOf": _one("outcome", "refused")},
}
"""What keys of one shape say of each other. ``Making`` tells the same when a file is read."""


def _with_cells(made: Any) -> Any:
    """Wherever one word or number of a certain kind stands, a cell may stand for it."""
    match made:
        case {"enum": _} | {"type": "integer" | "number"} | {"pattern": _}:
            return {"anyOf": [made, _REF]}
        case {"properties": properties, **rest}:
            inner = {name: _with_cells(each) for name, each in properties.items()}
            return {**_with_cells(rest), "properties": inner}
        case dict():
            return {key: _with_cells(each) for key, each in made.items()}
        case list():
            return [_with_cells(each) for each in made]
    return made
