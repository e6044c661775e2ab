"""What all calls of one kind of gateway share, for each wire that its streams turn out to have."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from ivr.call.plan import CallPlan
from ivr.errors import IvrError
from ivr.gateways.codec import Capabilities, Prepared
from ivr.phrases.wire import PreparedClips

log = logging.getLogger("ivr.server")


@dataclass(frozen=True, slots=True)
class Room:
    """A plan, and its clips as the wire has them."""

    plan: CallPlan
    prepared: PreparedClips


class Rooms:
    """The usual wires are made at once, others beside the first call that needs them."""

    def __init__(
        self, plan: CallPlan, prepare: Callable[[bytes], Prepared], others: Iterable[Capabilities] = ()
    ) -> None:
        """Raises ``ClipError`` as ``plan_calls`` does."""
        self._prepare = prepare
        self._rooms = {plan.capabilities: self._make(plan, plan.capabilities)}
        self._making: dict[Capabilities, asyncio.Future[Room]] = {}
        self.usual = self._rooms[plan.capabilities]
        """Of a stream whose wire is not known yet."""
        for capabilities in others:
            self._rooms[capabilities] = self._make(plan, capabilities)

    def at_hand(self, capabilities: Capabilities) -> Room | None:
        """The room, if it is made."""
        return self._rooms.get(capabilities)

    def make(self, capabilities: Capabilities, done: Callable[[Room | IvrError], None]) -> None:
        """Make a room in a thread, and tell ``done`` on the loop; calls that need the same one share it."""
        making = self._making.get(capabilities)
        if making is None:
            log.warning(
                "clips are made for %s while its call waits; see serve.asterisk and serve.audiosocket_rate",
                capabilities.out_format,
            )
            loop = asyncio.get_running_loop()
            making = loop.run_in_executor(None, self._make, self.usual.plan, capabilities)
            self._making[capabilities] = making
            making.add_done_callback(partial(self._made, capabilities))
        making.add_done_callback(lambda made: done(_result(made)))

    def _make(self, plan: CallPlan, capabilities: Capabilities) -> Room:
        plan = plan.over(capabilities)
        return Room(plan, PreparedClips(self._prepare, plan.clips.values()))

    def _made(self, capabilities: Capabilities, making: asyncio.Future[Room]) -> None:
        del self._making[capabilities]
        if not making.cancelled() and making.exception() is None:
            self._rooms[capabilities] = making.result()


def _result(made: asyncio.Future[Room]) -> Room | IvrError:
    if made.cancelled():
        return IvrError("the server stops")
    error = made.exception()
    if error is None:
        return made.result()
    return error if isinstance(error, IvrError) else IvrError(type(error).__name__)
