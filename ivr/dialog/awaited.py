"""A state's lookup, waited for where somebody answers its failure: the ladder of ``lookup_failed``.

As with questions: each failure takes a rung. One without a target says its words, then those of the state as its next
attempt, and the lookup is made again. Failures count from 1 when the state is come to again.

A value that the state's words cannot say, or do not have, fails too, and takes the state's own way out where its ladder
has one. The lookup is not made again for it: it succeeded, and may have done something that must not be done twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.dialog.ladders import END, Event, Target, select_failed
from ivr.dialog.questions import Left
from ivr.dialog.table import LookupStep, State
from ivr.dialog.ways import failures
from ivr.dialog.web import led_to
from ivr.errors import LookupFailed
from ivr.trace.sound import UNSAYABLE

if TYPE_CHECKING:
    from ivr.dialog.interpreter import Interpreter


async def awaited(run: Interpreter, state: State, step: LookupStep) -> Left | None:
    """Where to go because it failed; None where it returned, or nobody answers its failure."""
    scopes = (state.handlers, run.table.handlers, run.repertoire.handlers)
    if not step.on and select_failed(1, scopes) is None:
        return None
    failures, attempt = 0, 1
    while True:
        try:
            await run.known(step.name)
            return await unsayable(run, state, attempt, queued=True)
        except LookupFailed as error:
            status = error.status
        failures += 1
        rung, by_status = select_failed(failures, scopes), led_to(step.on, status)
        if by_status is not None:
            await run.line.drop(own=True)
            return Left(Target(by_status), f"lookup answered {status}")
        if rung is None:
            return None
        await run.line.drop(own=True)
        await run.say(rung.say)
        if rung.leave is not None:
            return Left(rung.leave, f"{Event.LOOKUP_FAILED} {failures}")
        await run.look_up(step)
        if rung.reprompt:
            attempt += 1
            await run.say(state.say, attempt)


async def unsayable(run: Interpreter, state: State, attempt: int = 1, *, queued: bool = False) -> Left | None:
    """Where the state itself goes when a value of its words cannot be said; None where all can, or it says nowhere.

    ``queued``: the words are, and are taken back.
    """
    if Event.LOOKUP_FAILED not in state.handlers.ladders:
        return None
    rung = failures(state, run.table, run.repertoire)[-1]
    own = rung in state.handlers.ladders[Event.LOOKUP_FAILED]
    leave = rung.leave
    if not own or leave is None or leave == END or not (why := await run.unsayable(state.say, attempt)):
        return None
    if queued:
        await run.line.drop(own=True)
    await run.say(rung.say)
    return Left(leave, f"{UNSAYABLE}: {why}")
