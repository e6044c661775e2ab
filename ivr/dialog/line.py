"""What a dialog's author holds: every method is one request to the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ivr.catalog.bargein import BargeIn
from ivr.catalog.bargein import bargein as policy
from ivr.catalog.locales import TAG
from ivr.catalog.party import TransferOutcome
from ivr.dialog.cover import USUAL as AS_USUAL
from ivr.dialog.cover import Cover
from ivr.dialog.forgotten import nothing_forgotten
from ivr.dialog.going_over import GoneOver
from ivr.dialog.ladders import NO_HANDLERS
from ivr.dialog.listen import Listen, Typed
from ivr.dialog.manners import USUAL, Manners
from ivr.dialog.questions import Asked, Found, Left, Scope, Tally, put
from ivr.dialog.requests import (
    Ask,
    Clock,
    Covered,
    Drop,
    Entered,
    Handle,
    HangUp,
    Heard,
    Record,
    Request,
    Run,
    Say,
    Sayable,
    Speak,
    Spoke,
    Transfer,
)
from ivr.dialog.table import Question
from ivr.dialog.web import HttpRequest
from ivr.errors import DialogBroken, NoAnswer
from ivr.media.private import Private
from ivr.media.recording import Recording
from ivr.records import record

if TYPE_CHECKING:
    from ivr.dialog.calendar import Calendar
    from ivr.dialog.repertoire import Repertoire


@record
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
        self.locale = ""
        """What is said now is said in it."""
        self.covering = AS_USUAL
        """What is said and waited for now is covered by it."""
        self.tally = Tally()
        """The errors of the whole call."""
        self.repertoire: Repertoire | None = None
        """The project's dialogs; set by the one that answers the call."""

    @property
    def facts(self) -> dict[str, Any]:
        """What expressions know as ``call``."""
        return {
            "caller": self.caller,
            "called": self.called,
            "parameters": self.parameters,
            "locale": self.locale,
        }

    async def say(
        self, prompt: str, attempt: int = 1, bargein: BargeIn | bool | str | None = None, **values: Any
    ) -> None:
        """Enqueue a prompt and go on; a value may be a lookup's handle that has not returned yet.

        The fallback phrase stands in for a value that cannot be said; ``sayable`` tells of it before. Raises
        ``DialogBroken`` for a coroutine, which somebody forgot to await.

        ``bargein``: what may interrupt it, if not what the prompt says itself: True, False, or a word of the file.
        """
        words = Say(prompt, nothing_forgotten("say", values), attempt, None if bargein is None else policy(bargein))
        await _Await(words)

    async def sayable(self, prompt: str, attempt: int = 1, **values: Any) -> bool:
        """Whether ``say`` could say these values: each is of its slot's type and within its limits (docs/saying.md).

        A lookup that has not returned counts as sayable, a value that is missing does not.
        """
        return not await self.unsayable(prompt, attempt, **values)

    async def unsayable(self, prompt: str, attempt: int = 1, **values: Any) -> str:
        """Why ``say`` could not say these values, without the values; an empty text where it could."""
        why: str = await _Await(Sayable(Say(prompt, nothing_forgotten("sayable", values), attempt)))
        return why

    async def ask(self, first: float = 5.0) -> str | None:
        """One key; None after ``first`` seconds of silence, counted from the last word heard."""
        typed = await self.listen(Listen(first=first))
        return None if typed is None else typed.keys

    async def choose(self, prompt: str, options: Iterable[str], manners: Manners = USUAL, **values: Any) -> str:
        """Say a prompt until the caller presses one of ``options``, such as ``"129"`` or ``["1", "12"]``.

        Raises ``NoAnswer`` as ``manners`` say.
        """
        choices = frozenset(options)

        async def answer(typed: Typed) -> str | None:
            return typed.keys if typed.keys in choices else None

        question = Question(manners.listen(options=choices), manners.handlers)
        return await self._put(question, answer, prompt, values)

    async def collect(
        self,
        prompt: str,
        digits: int | tuple[int, int],
        manners: Manners = USUAL,
        *,
        end: str | None = None,
        valid: Callable[[str], bool] | None = None,
        **values: Any,
    ) -> Private:
        """Say a prompt until the caller has typed a number of digits; a text, as personal data.

        ``digits``: how many, or the least and the most; then ``end`` (``#`` unless given) completes the answer.
        ``valid`` judges what was typed. Raises ``NoAnswer`` as ``manners`` say.
        """
        least, most = (digits, digits) if isinstance(digits, int) else digits
        end = ("#" if least < most else "") if end is None else end

        async def answer(typed: Typed) -> Private | None:
            good = typed.digits(least, most) and (valid is None or valid(typed.keys))
            return Private(typed.keys) if good else None

        question = Question(manners.listen(least=least, most=most, end=end), manners.handlers)
        return await self._put(question, answer, prompt, values, collects=True)

    async def confirm(
        self, prompt: str, manners: Manners = USUAL, *, yes: str = "1", no: str = "2", **values: Any
    ) -> bool:
        """Say a prompt until the caller presses the key for yes or for no. Raises ``NoAnswer`` as ``manners`` say."""
        return await self.choose(prompt, (yes, no), manners, **values) == yes

    async def lookup(
        self, function: Callable[..., Any] | str, *arguments: Any, timeout: float = 8.0, **keywords: Any
    ) -> Any:
        """Call a function and wait for its value, while the caller hears what was said before, or a cover.

        Raises ``LookupFailed``. To say words around the value instead of waiting, ``run`` it and put the handle into
        the slot.
        """
        return await (await self.run(function, *arguments, timeout=timeout, **keywords))

    async def _put(
        self,
        question: Question,
        answer: Callable[[Typed], Awaitable[Found | None]],
        prompt: str,
        values: Mapping[str, Any],
        *,
        collects: bool = False,
    ) -> Found:
        async def words(attempt: int) -> None:
            await self.say(prompt, attempt, None, **values)

        async def say(prompts: tuple[str, ...]) -> None:
            for each in prompts:
                await self.say(each)

        handlers, commands = (
            (self.repertoire.handlers, self.repertoire.commands) if self.repertoire else (NO_HANDLERS, {})
        )
        scopes = (Scope(question.handlers, {}, Tally()), Scope(handlers, commands, self.tally))
        await words(1)
        found = await put(self, Asked(question, answer, words, say, scopes, collects=collects))
        if not isinstance(found, Left):
            return found
        if found.target.dialog is not None:
            raise GoneOver(found.target.dialog, found.why)
        raise NoAnswer(found.why)

    async def listen(self, listen: Listen) -> Typed | None:
        """Keys as ``listen`` wants them; None where the caller pressed none."""
        typed: Typed | None = await _Await(Ask(listen))
        return typed

    async def record(
        self,
        longest: float = 60.0,
        silence: float = 3.0,
        first: float = 5.0,
        end: str = "#",
        beep: bool = True,
    ) -> Recording | None:
        """What the caller says, until a key of ``end``, ``silence`` seconds behind it, or ``longest`` seconds.

        None where nobody began to speak within ``first`` seconds. Where the caller hangs up, the ``HungUp`` that is
        raised has the ``recording`` so far. Words before it are heard first, then the beep.
        """
        found = await self.recorded(Record(Listen(first=first, end=end), longest, silence, beep))
        return found if isinstance(found, Recording) else None

    async def recorded(self, record: Record) -> Recording | Typed | None:
        """The same as ``record`` wants it; a command breaks it off."""
        found: Recording | Typed | None = await _Await(record)
        return found

    async def spoke(self) -> bool:
        """Whether the caller has spoken since the words of the last question; what was said is not understood.

        Known only of words that speech may interrupt, of the question behind them, and of recordings.
        """
        spoke: bool = await _Await(Spoke())
        return spoke

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
        given = {str(number): value for number, value in enumerate(arguments, 1)}
        nothing_forgotten("run", {**given, **keywords})
        return await self.look_up(Run(name, called, arguments, keywords, timeout, private))

    async def fetch(self, request: HttpRequest, *, private: bool = True) -> Handle:
        """Ask over HTTP; awaiting the handle gives the value, or raises ``LookupFailed``, with the answer's status."""
        return await self.look_up(Run(request.name, request, timeout=request.timeout, private=private))

    async def look_up(self, run: Run) -> Handle:
        """Start a lookup; awaiting the handle gives its value, or raises ``LookupFailed``."""
        handle: Handle = await _Await(run)
        return handle

    async def speak(self, locale: str) -> None:
        """Say what comes from now on in ``locale``, such as ``es-US``; what is queued stays as it is.

        Raises ``DialogBroken`` for what is no language tag.
        """
        if not TAG.fullmatch(locale):
            raise DialogBroken("speak('{}'): this is no locale, write a language tag such as en-US", name=locale[:40])
        self.locale = locale
        await _Await(Speak(locale))

    async def cover(self, cover: Cover = AS_USUAL) -> None:
        """Cover what is said and waited for from now on by ``cover``, or again as the project does.

        What is queued stays as it is. A phrase that does not exist, or has a slot, breaks the dialog as in ``say``.
        """
        if cover != self.covering:
            await _Await(Covered(cover))
            self.covering = cover

    async def heard(self) -> None:
        """Wait until the last word was heard."""
        await _Await(Heard())

    async def dialog(self, name: str, **arguments: Any) -> Any:
        """Run another dialog of the project, a table or a function, with ``arguments``; what it returns.

        Raises ``DialogBroken`` where there is none of that name.
        """
        if self.repertoire is None:
            raise DialogBroken("no dialog '{}': this call was answered without a project", name=name)
        return await self.repertoire.run_within(name, self, nothing_forgotten("dialog", arguments))

    async def drop(self, *, own: bool = False) -> None:
        """Say no more of what is queued; what is sounding ends at a clean edge.

        ``own``: only of what was said since the last ``entered``.
        """
        await _Await(Drop(own))

    async def entered(self, state: str, why: str = "", dialog: str = "") -> None:
        """Note a state of ``dialog`` in the trace, and what led there; ``why`` holds nothing of the caller's."""
        await _Await(Entered(state, why, dialog))

    async def clock(self) -> datetime:
        """What time it is, with its zone."""
        now: datetime = await _Await(Clock())
        return now

    async def open(self, calendar: str) -> bool:
        """Whether somebody is there by that calendar of the project. Raises ``DialogBroken`` where it has none."""
        return self._calendar(calendar).open(await self.clock())

    async def next_opening(self, calendar: str) -> datetime | None:
        """When it opens the next time, in its own zone; None where it does not within a year. Raises as ``open``."""
        return self._calendar(calendar).next_opening(await self.clock())

    def _calendar(self, name: str) -> Calendar:
        calendars = self.repertoire.almanac.calendars if self.repertoire is not None else {}
        if name not in calendars:
            raise DialogBroken("there is no calendar '{}' in prompts/hours.yaml", name=name)
        return calendars[name]

    async def transfer(self, to: Any, timeout: float = 30.0) -> TransferOutcome:
        """Move the call to another party once the last word was heard, and wait until it comes back.

        ``to``: ``+15551234``, ``sip:user@host`` or an extension, as a text or ``Private``; ``timeout``: seconds that it
        may ring, 5 to 600. Raises ``TransferRefused`` for what is none or not allowed by ``transfer.allow``, and
        ``LocalGatewayError`` on a gateway that cannot transfer (there).
        """
        outcome: TransferOutcome = await _Await(Transfer(to, timeout))
        return outcome

    async def hang_up(self, reason: str = "the dialog ended") -> None:
        """End the call once the last word was heard."""
        await _Await(HangUp(reason))
