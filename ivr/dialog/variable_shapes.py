"""What ``variables:`` of a dialog looks like in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from ivr.catalog.mistakes import YesNo, refuse, shown
from ivr.catalog.schema_marks import Also
from ivr.dialog.fields import Variable as VariableName
from ivr.dialog.values import Kind, Variable, Variables, taken
from ivr.errors import WrongValue


def _short(value: Any) -> Any:
    """Its type may stand for the whole."""
    return {"type": value} if isinstance(value, str) else value


class VariableShape(BaseModel):
    """One variable."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    type: Kind
    private: YesNo = False
    start: Any = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.start is not None:
            self.start = started(self.type, self.start)
        return self


VariablesShape = dict[
    VariableName, Annotated[VariableShape, BeforeValidator(_short), Also(part=("properties", "type"))]
]


def started(kind: Kind, written: Any) -> Any:
    """The value that a file writes for a variable of that type. Raises ``ValueError`` that says what is wrong."""
    words = {"yes": True, "true": True, "no": False, "false": False}
    value = words.get(written, written) if kind is Kind.YES_NO and isinstance(written, str) else written
    try:
        return taken(kind, value)
    except WrongValue as error:
        raise refuse(f"the start value {shown(written)} does not fit: {error}", f"write one for '{kind}'") from None


def variables(shapes: Mapping[str, VariableShape]) -> Variables:
    """The declarations of a dialog."""
    return {name: Variable(shape.type, shape.private, shape.start) for name, shape in shapes.items()}
