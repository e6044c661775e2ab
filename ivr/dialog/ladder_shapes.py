"""What ``on:`` and ``commands:`` look like in a file, and the values that they become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from ivr.catalog.mistakes import NAME, YesNo, refuse
from ivr.catalog.schema_marks import ENTRY, Also
from ivr.dialog.commands import Act, Command, Commands
from ivr.dialog.fields import DialogName, Key, Said, StateName, said
from ivr.dialog.ladders import END, Event, Handlers, Rung, Target

MOST = 20
"""Times that a caller may be silent or wrong at one question."""


class ProjectRungShape(BaseModel):
    """One rung of a project's ladder, which knows no states."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    count: Annotated[int, Field(ge=1, le=MOST)] | None = None
    say: Said | None = None
    dialog: DialogName | None = None
    hang_up: YesNo = False
    reprompt: YesNo = True
    limit: Annotated[int, Field(ge=0, le=MOST)] | None = None
    """The short form: so often the question is asked again, then it is left."""


class RungShape(ProjectRungShape):
    """One rung of a dialog's or a question's ladder."""

    goto: StateName | None = None


def _as_list(value: Any) -> Any:
    """One rung, or a word for it, as a list of rungs."""
    entries = value if isinstance(value, list) else [value]
    return [{"say": entry} if isinstance(entry, str) else entry for entry in entries]


def limited(value: Any) -> Any:
    """Before ``max_errors`` is validated: it has a limit."""
    if isinstance(value, dict) and "limit" not in value:
        raise refuse("'max_errors' has no limit", "add 'limit: 4', the number of errors that is too much")
    return value


def unheard(value: Any) -> Any:
    """Before ``hang_up`` is validated: nobody is there to hear words."""
    if isinstance(value, dict) and "say" in value:
        raise refuse("nobody hears 'say' when the caller has hung up", "remove it; look up or set what is needed")
    return value


_WORD, _SHORT = Also({"type": "string", "pattern": f"^{NAME.pattern}$"}), Also(part=ENTRY)
ProjectLadder = Annotated[
    list[Annotated[ProjectRungShape, _WORD]], Field(min_length=1), BeforeValidator(_as_list), _SHORT
]
Ladder = Annotated[list[Annotated[RungShape, _WORD]], Field(min_length=1), BeforeValidator(_as_list), _SHORT]


class ProjectHandlersShape(BaseModel):
    """``on:`` in ``ivr.yaml``."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    no_input: ProjectLadder | None = None
    no_match: ProjectLadder | None = None
    max_errors: Annotated[ProjectRungShape, BeforeValidator(limited)] | None = None
    lookup_failed: ProjectLadder | None = None
    hang_up: Annotated[ProjectRungShape, BeforeValidator(unheard)] | None = None


class HandlersShape(BaseModel):
    """``on:`` of a dialog."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    no_input: Ladder | None = None
    no_match: Ladder | None = None
    max_errors: Annotated[RungShape, BeforeValidator(limited)] | None = None
    lookup_failed: Ladder | None = None
    hang_up: Annotated[RungShape, BeforeValidator(unheard)] | None = None


class StateHandlersShape(BaseModel):
    """``on:`` of a state; those of its question stand in the question."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    lookup_failed: Ladder | None = None
    hang_up: Annotated[RungShape, BeforeValidator(unheard)] | None = None


class LadderedShape(BaseModel):
    """What everything has that a caller may answer wrongly, or not at all."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    no_input: Ladder | None = None
    no_match: Ladder | None = None
    max_errors: Annotated[RungShape, BeforeValidator(limited)] | None = None

    def handlers(self) -> Handlers:
        """Its own ladders."""
        found: dict[Event, tuple[Rung, ...]] = {}
        for event, written in ((Event.NO_INPUT, self.no_input), (Event.NO_MATCH, self.no_match)):
            if written is not None:
                found[event] = ladder(written)
        if self.max_errors is not None:
            found[Event.MAX_ERRORS] = too_many(self.max_errors)
        return Handlers(found)


class ProjectGoShape(BaseModel):
    """A command of the project that leads somewhere."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    dialog: DialogName


class GoShape(BaseModel):
    """A command that leads somewhere."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    dialog: DialogName | None = None
    goto: StateName | None = None


def _kind(value: Any) -> str:
    return "(go)" if isinstance(value, dict) else "(word)"


Word = Literal["back", "repeat", "off"]
ProjectCommandsShape = dict[
    Key, Annotated[Annotated[Word, Tag("(word)")] | Annotated[ProjectGoShape, Tag("(go)")], Discriminator(_kind)]
]
CommandsShape = dict[
    Key, Annotated[Annotated[Word, Tag("(word)")] | Annotated[GoShape, Tag("(go)")], Discriminator(_kind)]
]


def handlers(shape: HandlersShape | ProjectHandlersShape | StateHandlersShape | None) -> Handlers:
    """The ladders of one scope."""
    if shape is None:
        return Handlers()
    found: dict[Event, tuple[Rung, ...]] = {}
    for event in Event:
        written: Any = getattr(shape, event.value, None)
        if event is Event.MAX_ERRORS and written is not None:
            found[event] = too_many(written)
        elif written is not None:
            found[event] = ladder(written if isinstance(written, list) else [written])
    return Handlers(found)


def ladder(shapes: list[RungShape] | list[ProjectRungShape]) -> tuple[Rung, ...]:
    """The rungs of one event, by rising count."""
    if len(shapes) == 1 and shapes[0].limit is not None:
        return _short(shapes[0], shapes[0].limit)
    rungs: list[Rung] = []
    for shape in shapes:
        rungs.append(_rung(shape, shape.count or (rungs[-1].count + 1 if rungs else 1)))
    return tuple(rungs)


def too_many(shape: RungShape | ProjectRungShape) -> tuple[Rung, ...]:
    """The one rung of ``max_errors``."""
    return (_rung(shape, max(1, shape.limit or 1), leave=True),)


def commands(shape: Mapping[str, Any]) -> Commands:
    """The commands of one scope."""
    return {key: _command(value) for key, value in shape.items()}


def _short(shape: ProjectRungShape, limit: int) -> tuple[Rung, ...]:
    """Every count has its rung, so that no outer scope comes between."""
    again = [Rung(count, said(shape.say), reprompt=shape.reprompt) for count in range(1, limit + 1)]
    return (*again, Rung(limit + 1, leave=_target(shape) or END))


def _rung(shape: ProjectRungShape, count: int, *, leave: bool = False) -> Rung:
    target = _target(shape) or (END if leave else None)
    return Rung(count, said(shape.say), target, shape.reprompt)


def _target(shape: ProjectRungShape | ProjectGoShape | GoShape) -> Target | None:
    state = getattr(shape, "goto", None)
    if state is not None or shape.dialog is not None:
        return Target(state, shape.dialog)
    return END if getattr(shape, "hang_up", False) else None


def _command(value: Any) -> Command:
    return Command(Act(value)) if isinstance(value, str) else Command(Act.GO, _target(value))
