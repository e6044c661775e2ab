"""A table, run as a coroutine: it makes the same requests as a dialog that is written in Python."""

from __future__ import annotations

from typing import Any

from ivr.dialog.conditions import evaluate, names
from ivr.dialog.line import Line
from ivr.dialog.requests import Handle
from ivr.dialog.table import Branch, Condition, LookupStep, Menu, Retry, State, Table
from ivr.errors import ConditionError, LookupFailed
from ivr.media.private import Private, reveal


async def interpret(table: Table, line: Line) -> None:
    """Run a table from its first state until it hangs up."""
    variables: dict[str, Any] = {
        "call": Private({"caller": line.caller, "called": line.called, "parameters": line.parameters})
    }
    name: str | None = table.start
    while name is not None:
        name = await _perform(table.states[name], line, variables)
    await line.hang_up()


async def _perform(state: State, line: Line, variables: dict[str, Any]) -> str | None:
    """The state to go to next; None to hang up."""
    await line.entered(state.name)
    for variable, condition in state.assignments.items():
        variables[variable] = await _evaluate(condition, variables)
    if state.lookup is not None:
        variables[state.lookup.name] = await _start(state.lookup, line, variables)
    await _say(state, line, variables, 1)
    if state.lookup is not None and state.lookup.failed is not None:
        try:
            await _known(state.lookup.name, variables)
        except LookupFailed:
            await line.drop()
            return state.lookup.failed
    if state.hang_up:
        return None
    if state.menu is not None:
        return await _choose(state, state.menu, line, variables)
    return await _branch(state.branches, variables) if state.branches else state.goto


async def _start(step: LookupStep, line: Line, variables: dict[str, Any]) -> Handle:
    arguments = {name: await _evaluate(condition, variables) for name, condition in step.arguments.items()}
    keywords = {name: reveal(value) for name, value in arguments.items()}
    return await line.run(step.run, timeout=step.timeout, private=step.private, **keywords)


async def _say(state: State, line: Line, variables: dict[str, Any], attempt: int) -> None:
    values = {name: value for name, value in variables.items() if name != "call"}
    for prompt in state.say:
        await line.say(prompt, attempt, None, **values)


async def _choose(state: State, menu: Menu, line: Line, variables: dict[str, Any]) -> str | None:
    counts = {"no_input": 0, "no_match": 0}
    attempt = 1
    while True:
        digit = await line.ask(menu.first_digit)
        if digit is not None and digit in menu.options:
            return menu.options[digit]
        kind, retry = ("no_input", menu.no_input) if digit is None else ("no_match", menu.no_match)
        counts[kind] += 1
        if counts[kind] > retry.limit:
            return retry.goto
        attempt += 1
        await _reprompt(retry, state, line, variables, attempt)


async def _reprompt(retry: Retry, state: State, line: Line, variables: dict[str, Any], attempt: int) -> None:
    if retry.say is not None:
        await line.say(retry.say)
    await _say(state, line, variables, attempt)


async def _branch(branches: tuple[Branch, ...], variables: dict[str, Any]) -> str | None:
    for branch in branches:
        holds = branch.when is None or await _evaluate(branch.when, variables, bare=True)
        if not isinstance(holds, bool):
            where = branch.when.where if branch.when is not None else ""
            raise ConditionError(f"{where}: a condition must be true or false, compare the value with something")
        if holds:
            return branch.goto
    return None


async def _evaluate(condition: Condition, variables: dict[str, Any], bare: bool = False) -> Any:
    """The value of an expression; waits for the lookups that it names. Private in, private out."""
    used = sorted(names(condition.source) & variables.keys())
    for name in used:
        await _known(name, variables)
    value = evaluate(condition, {name: reveal(variables[name]) for name in used})
    private = any(isinstance(variables[name], Private) for name in used)
    return Private(value) if private and not bare else value


async def _known(name: str, variables: dict[str, Any]) -> None:
    value = variables[name]
    if isinstance(value, Handle):
        found = await value
        variables[name] = Private(found) if value.private else found
