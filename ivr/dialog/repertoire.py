"""All dialogs of a project, and what holds for each of them: who answers a call, and how one dialog runs another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from ivr.dialog.calendar import Almanac
from ivr.dialog.commands import Commands
from ivr.dialog.going_over import GoneOver
from ivr.dialog.interpreter import START, interpret
from ivr.dialog.ladders import NO_HANDLERS, Event, Handlers, select
from ivr.dialog.table import Table
from ivr.errors import DialogBroken, HungUp

if TYPE_CHECKING:
    from ivr.dialog.line import Line


@dataclass(frozen=True, slots=True)
class Repertoire:
    """Immutable; one for all calls of a project."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """As ``module.function``; those that take the call first may be dialogs."""
    handlers: Handlers = NO_HANDLERS
    """The project's, behind those of each dialog."""
    commands: Commands = field(default_factory=dict)
    almanac: Almanac = field(default_factory=Almanac)
    """The project's time zone and its opening hours."""

    def __contains__(self, name: str) -> bool:
        return name in self.tables or name in self.functions

    async def answer(self, name: str, line: Line) -> None:
        """Run the dialog that answers a call, and those that it goes over to, until the call is to end."""
        line.repertoire = self
        over, why = name, START
        try:
            while over:
                try:
                    await line.cover()
                    await self.run(over, line, {}, why)
                    over = ""
                except GoneOver as gone:
                    over, why = gone.dialog, gone.why
            await line.hang_up()
        except HungUp:
            rung = select(Event.HANG_UP, 1, (self.handlers,))
            if rung is not None and rung.leave is not None and rung.leave.dialog is not None:
                await self.run(rung.leave.dialog, line, {}, Event.HANG_UP.value)
            raise

    async def run_within(self, name: str, line: Line, arguments: Mapping[str, Any]) -> Any:
        """As ``run``, for a dialog that goes on behind it: what covers waits in one is nothing to the other."""
        before = line.covering
        await line.cover()
        returned = await self.run(name, line, arguments)
        await line.cover(before)
        return returned

    async def run(self, name: str, line: Line, arguments: Mapping[str, Any], why: str = START) -> Any:
        """Run one dialog to its end; what it returns. ``why``: what led there, for the trace.

        Raises ``DialogBroken`` where there is none of that name.
        """
        table = self.tables.get(name)
        if table is not None:
            return await interpret(table, line, self, arguments, why)
        function = self.functions.get(name)
        if function is None:
            what = "there is no dialog '{}' under prompts/dialogs/, nor a function of that name"
            raise DialogBroken(what, name=name)
        returned = function(line, **arguments)
        if not isawaitable(returned):
            raise DialogBroken(f"'{name}' is no dialog: write it as `async def {name.rpartition('.')[2]}(call)`")
        return await returned
