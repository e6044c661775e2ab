"""One socket and its call: receive, hand over, perform the effects, arm one timer. It decides nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from ivr.call.call import Call
from ivr.call.effects import CancelLookup, CancelSpeech, Close, Effect, Lookup, Play, Send, Synthesize
from ivr.call.plan import CallPlan
from ivr.errors import RemoteGatewayError
from ivr.gateways.codec import Codec, Message, Prepared
from ivr.gateways.events import GatewayEvent, StreamStarted
from ivr.phrases.wire import PreparedClips
from ivr.runtime.connection import Connection
from ivr.runtime.errands import Errands
from ivr.runtime.faults import frames
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.refusals import Complaints
from ivr.runtime.synthesis import SynthesisDesk
from ivr.trace.events import DialogFailed, FirstAudio, FirstFrame, TraceEvent
from ivr.trace.sound import MarkResolved
from ivr.trace.sound import Outcome as MarkOutcome

log = logging.getLogger("ivr.session")

SEND_TIMEOUT = 5.0
"""Seconds for which the far side may take no data before it is taken for dead."""

START_TIMEOUT = 10.0
"""Seconds within which a socket that was opened must begin its stream."""

SILENT = 10.0
"""Seconds without any message from a gateway that also leaves marks unanswered, after which it is taken for gone.

A silent caller is not silent here: platforms send his silence too, fifty messages a second.
"""

RATE_WINDOW = 5.0
"""Seconds over which a gateway's messages are counted; a platform may send what it held back in one burst."""

FRAME_WEIGHT = 10
"""Messages as which a frame counts that is none: gateways send a ping now and then, and hardly ever parts."""

Watch = Callable[[str, TraceEvent], None]
"""Told every event of every call, with the call's id."""


@dataclass(frozen=True)
class Desks:
    """What all sessions share."""

    synthesis: SynthesisDesk
    lookups: LookupDesk
    watch: Watch | None = None
    message_rate: int = 250
    """Messages of one call in a second above which it is ended."""
    call_length: float = 14400.0
    """Seconds after which a call is ended."""
    complaints: Complaints = field(default_factory=Complaints)
    """Told what is wrong with a gateway."""


class Session:
    """Pumps one connection until its call ends; a ``Hearer`` of its connection."""

    def __init__(
        self,
        id: str,
        plan: CallPlan,
        codec: Codec,
        prepared: PreparedClips,
        desks: Desks,
        over: Callable[[], None],
        belongs: Callable[[str], bool] | None = None,
    ) -> None:
        """``over`` is told once, when the call has ended and its socket is gone.

        ``belongs`` says whether the platform's id of the call is the one that the socket was opened for.
        """
        self.id = id
        self._socket: Connection | None = None
        self._codec = codec
        self._prepared = prepared
        self._desks = desks
        self._on_over = over
        self._belongs = belongs
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._call = Call(id, plan, codec, datetime.now(UTC))
        self._blocked = False
        self._held = False
        self._stuck: asyncio.TimerHandle | None = None
        self._limits: list[asyncio.TimerHandle] = []
        self._messages = 0
        self._window_at = self._origin
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._errands = Errands(self._call, desks.synthesis, desks.lookups, self._do, self._now)
        self._close_code = 1000
        self._opened_at = 0.0
        self._received_at = 0.0
        self._first_frame = False
        self._watch = desks.watch
        self._broken = False
        self.started = False
        """Whether its stream has begun, ever."""
        self.reason = ""
        """Why the call has ended; empty while it goes on."""

    def opened(self, connection: Connection) -> None:
        """See ``Hearer``."""
        self._socket = connection
        self._limits = [
            self._loop.call_later(START_TIMEOUT, self._check_started),
            self._loop.call_later(self._desks.call_length, self._too_long),
        ]

    def message(self, message: Message) -> None:
        """See ``Hearer``."""
        self._received_at = now = self._now()
        since = time.monotonic()
        if self._flooded():
            return
        try:
            events = self._codec.receive(message)
        except RemoteGatewayError as error:
            if not self._over:
                self._complain("message", "call %s: ended, the gateway sent %s", error)
                self._close_code = 1002
                self.end(f"the gateway sent {error}")
            return
        if events:  # fifty times a second there are none
            self._do(partial(self._receive, events, now), since)

    def frame(self) -> None:
        """See ``Hearer``."""
        self._flooded(FRAME_WEIGHT)

    def blocked(self, blocked: bool) -> None:
        """See ``Hearer``."""
        self._blocked = blocked
        if self._stuck is not None:
            self._stuck.cancel()
        self._stuck = self._loop.call_later(SEND_TIMEOUT, self._give_up) if blocked else None
        # Not at once: it may be told from within a send, in the middle of the call's effects.
        self._loop.call_soon(self._hold)

    def closed(self, why: str, *, breach: bool) -> None:
        """See ``Hearer``."""
        if breach:
            self._complain("websocket", "call %s: ended, the gateway broke the websocket protocol: %s", why)
        self.end(why)
        for timer in (self._stuck, self._timer, *self._limits):
            if timer is not None:
                timer.cancel()
        self._socket = None
        if self._codec.unknown and self.started:
            log.info("call %s: ignored %d messages of events that are not known", self.id, self._codec.unknown)
        self._on_over()

    def end(self, reason: str) -> None:
        """End the call from outside: the server is shutting down, or the socket is gone."""
        self._do(lambda: self._call.end(reason, self._now()))

    def _do(self, door: Callable[[], object], since: float | None = None) -> None:
        """Open one of the call's doors, and do what it wants then. A fault of our own ends this call and no other."""
        if self._broken:
            return
        self._opened_at = time.monotonic() if since is None else since
        try:
            door()
            self._pump()
        except Exception as error:
            log.error("call %s: ended by a fault of our own: %s\n%s", self.id, type(error).__name__, frames(error))
            self._abandon()

    def _abandon(self) -> None:
        """End a call that can no longer be relied on to let go of what it holds."""
        self._broken = True
        self._close_code = 1011
        self._errands.cancel_all()
        with suppress(Exception):  # the fault was logged; this is for the trace's last line
            self._call.end("a fault of our own", self._now())
            self._pump()
        self._close()

    @property
    def _over(self) -> bool:
        return self._broken or self._call.ended

    def _now(self) -> float:
        return self._loop.time() - self._origin

    def _receive(self, events: Sequence[GatewayEvent], now: float) -> None:
        for event in events:
            if isinstance(event, StreamStarted) and self._belongs is not None and not self._belongs(event.call):
                self._complain("ticket", "call %s: ended, its ticket was made for another call")
                self._close_code = 1008
                self._call.end("its ticket was made for another call", now)
                return
            if isinstance(event, StreamStarted) and not self.started:
                self.started = True
                log.info("call %s: began", self.id)
            self._call.receive(event, now)

    def _on_timer(self) -> None:
        due, self._timer, self._timer_at = self._timer_at, None, None
        # A loop may wake up to its clock's resolution early; the call is told the time that it asked for.
        now = max(self._now(), due if due is not None else 0.0)
        self._do(lambda: self._call.handle_timer(now))

    def _pump(self) -> None:
        call = self._call
        events = call.trace()
        self._first_frame = self._first_frame or any(isinstance(event, FirstAudio) for event in events)
        for event in events:
            if isinstance(event, DialogFailed):
                log.warning("call %s: its dialog failed: %s at %s", self.id, event.error, event.where)
            elif isinstance(event, MarkResolved) and event.outcome is MarkOutcome.ESTIMATED:
                self._check_alive()
        if events and self._watch is not None:
            # Later: whoever watches takes no time from the audio.
            self._loop.call_soon(self._tell_all, events)
        for effect in call.effects():
            self._perform(effect)
        self._arm()

    def _tell_all(self, events: list[TraceEvent]) -> None:
        for event in events:
            self._tell(event)

    def _tell(self, event: TraceEvent) -> None:
        if self._watch is None:
            return
        try:
            self._watch(self.id, event)
        except Exception as error:
            what = "what watches it has failed; it goes on unwatched"
            log.error("call %s: %s: %s\n%s", self.id, what, type(error).__name__, frames(error))
            self._watch = None

    def _arm(self) -> None:
        due = self._call.next_timer(self._now())
        if due == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = None if due is None else self._loop.call_at(self._origin + due, self._on_timer)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Play(span=span):
                prepared = self._prepared.get(span.clip, span.start, span.stop)
                assert isinstance(prepared, Prepared)
                self._send(self._codec.media(prepared))
                if self._first_frame:
                    self._first_frame = False
                    first = FirstFrame(time.monotonic() - self._opened_at, self._now())
                    self._loop.call_soon(self._tell, first)  # behind what happened before it
            case Send(message=message):
                self._send(message)
            case Synthesize() | CancelSpeech() | Lookup() | CancelLookup():
                self._errands.run(effect)
            case Close(reason=reason):
                self.reason = reason
                self._close()

    def _flooded(self, weight: int = 1) -> bool:
        """So much more came; whether it is more than any gateway sends. ``RATE_WINDOW`` may begin anew."""
        self._messages += weight
        if self._messages <= self._desks.message_rate * RATE_WINDOW:
            return False
        now = self._loop.time()
        if now - self._window_at >= RATE_WINDOW:
            self._messages, self._window_at = 0, now
            return False
        if not self._over:
            rate = self._desks.message_rate
            self._complain("flood", "call %s: ended, the gateway sends over %d messages a second", rate)
            self._close_code = 1008
            self.end("the gateway sent too many messages")
        return True

    def _too_long(self) -> None:
        self._complain("length", "call %s: ended, it has lasted %g s", self._desks.call_length)
        self.end("the call lasted too long")

    def _check_alive(self) -> None:
        """A mark was not answered in time."""
        silent = self._now() - self._received_at
        if silent >= SILENT and not self._over:
            self._complain("silent", "call %s: the gateway has sent nothing for %.0f s and is given up", silent)
            self._loop.call_soon(self.end, "the gateway no longer answers")

    def _check_started(self) -> None:
        if self._call.generation == 0:
            self._complain("no_stream", "call %s: ended, no stream began within %g s", START_TIMEOUT)
            self._close_code = 1008
            self.end("no stream began")

    def _complain(self, cause: str, line: str, *values: object) -> None:
        self._desks.complaints(log, cause, line, self.id, *values)

    def _send(self, message: Message) -> None:
        if self._socket is not None:
            self._socket.send(message)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close(self._close_code)

    def _hold(self) -> None:
        if self._held is not self._blocked:
            self._held = self._blocked
            self._do(lambda: self._call.block(self._held, self._now()))

    def _give_up(self) -> None:
        self._complain("stuck", "call %s: the gateway took no data for %g s and is given up", SEND_TIMEOUT)
        self.end("the gateway stopped reading")
        if self._socket is not None:
            self._socket.abort()
