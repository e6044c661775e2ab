"""``record:`` of a state, as the interpreter performs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.dialog.ladders import Target
from ivr.dialog.listen import Listen, Typed
from ivr.dialog.questions import Left
from ivr.dialog.requests import Record as Request
from ivr.dialog.table import Record, Table
from ivr.errors import HungUp
from ivr.media.private import Private
from ivr.media.recording import Recording

if TYPE_CHECKING:
    from ivr.dialog.interpreter import Interpreter


def nothing_recorded(table: Table) -> dict[str, None]:
    """The variables of its recordings before there are any: whoever cleans up may ask for them at any time."""
    return {state.exit.name: None for state in table.states.values() if isinstance(state.exit, Record)}


async def record(run: Interpreter, way: Record, listen: Listen) -> Recording | Typed | None:
    """Have it recorded. Where the call ends meanwhile, the variable has what had come, for whoever cleans up."""
    run.variables[way.name] = None
    try:
        return await run.line.recorded(Request(listen, way.longest, way.silence, way.beep))
    except HungUp as gone:
        if gone.recording is not None:
            run.variables[way.name] = Private(gone.recording)
        raise


def take(run: Interpreter, way: Record, recording: Recording) -> Left | None:
    """Keep it, and go on; None where too little was said."""
    if recording.spoken < way.least:
        return None
    run.variables[way.name] = Private(recording)
    return Left(Target(way.goto), "recorded")
