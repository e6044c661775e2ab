"""What a dialog's author holds: every method is one request to the engine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ivr.catalog.party import TransferOutcome
from ivr.dialog.listen import Listen, Typed
from ivr.dialog.memory import Memory
from ivr.dialog.requests import Ask, Clock, Drop, Entered, Handle, HangUp, Heard, Request, Run, Say, Transfer
from ivr.errors import DialogBroken

if TYPE_CHECKING:
    from ivr.dialog.library import Library


@dataclass(frozen=True, slots=True)
class _Await:
    request: Request

    def __await__(self) -> Generator[Request, Any, Any]:
        return (yield self.request)


class Line:
    """The caller's line, as a dialog sees it. Awaiting any of it raises ``HungUp`` once the call has ended."""

    def __init__(self, caller: str = "", called: str = "", parameters: Mapping[str, str] | None = None) -> None:
        self.caller = caller
        self.called = called
        self.parameters = dict(parameters or {})
        self.memory = Memory()
        self.library: Library | None = None
        """The project's dialogs; set by the one that answers the call."""

    async def say(self, prompt: str, attempt: int = 1, bargein: bool | None = None, **values: Any) -> None:
        """Enqueue a prompt and go on; a value may be a lookup's handle that has not returned yet."""
        await _Await(Say(prompt, values, attempt, bargein))

    async def ask(self, first: float = 5.0) -> str | None:
        """One key; None after ``first`` seconds of silence, counted from the last word heard."""
        typed = await self.listen(Listen(first=first))
        return None if typed is None else typed.keys

    async def listen(self, listen: Listen) -> Typed | None:
        """Keys as ``listen`` wants them; None where the caller pressed none."""
        typed: Typed | None = await _Await(Ask(listen))
        return typed

    async def run(
        self,
        function: Callable[..., Any] | str,
        *arguments: Any,
        timeout: float = 8.0,
        private: bool = True,
        **keywords: Any,
    ) -> Handle:
        """Start a function, or the project's function of that name; awaiting the handle gives its value."""
        name = function if isinstance(function, str) else f"{function.__module__}.{function.__qualname__}"
        called = None if isinstance(function, str) else function
        handle: Handle = await _Await(Run(name, called, arguments, keywords, timeout, private))
        return handle

    async def heard(self) -> None:
        """Wait until the last word was heard."""
        await _Await(Heard())

    async def dialog(self, name: str, **arguments: Any) -> Any:
        """Run another dialog of the project, a table or a function, with ``arguments``; what it returns.

        Raises ``DialogBroken`` where there is none of that name.
        """
        if self.library is None:
            raise DialogBroken(f"no dialog '{name}': this call was answered without a project")
        return await self.library.run(name, self, arguments)

    async def drop(self) -> None:
        """Say no more of what is queued; what is sounding ends at a clean edge."""
        await _Await(Drop())

    async def entered(self, state: str, why: str = "") -> None:
        """Note a state in the trace, and what led there; ``why`` holds nothing of the caller's."""
        await _Await(Entered(state, why))

    async def clock(self) -> datetime:
        """What time it is, with its zone."""
        now: datetime = await _Await(Clock())
        return now

    async def transfer(self, to: Any, timeout: float = 30.0) -> TransferOutcome:
        """Move the call to another party once the last word was heard, and wait until it comes back.

        ``to``: ``+15551234``, ``sip:user@host`` or an extension, as a text or ``Private``; ``timeout``: seconds that it
        may ring. Raises ``TransferRefused`` for what is none or not allowed by ``transfer.allow``, and
        ``LocalGatewayError`` on a gateway that cannot transfer (there).
        """
        outcome: TransferOutcome = await _Await(Transfer(to, timeout))
        return outcome

    async def hang_up(self, reason: str = "the dialog ended") -> None:
        """End the call once the last word was heard."""
        await _Await(HangUp(reason))
