"""One socket and its call: receive, hand over, perform the effects, arm one timer. It decides nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from ivr.call.call import Call
from ivr.call.effects import CancelLookup, CancelSpeech, Close, Effect, Lookup, Play, Send, Synthesize, Transfer
from ivr.call.recorded import RecordedCall
from ivr.catalog.party import TransferOutcome
from ivr.errors import IvrError, RemoteGatewayError
from ivr.gateways.codec import Codec, Message
from ivr.gateways.events import ErrorReported, GatewayEvent, StreamStarted
from ivr.runtime.alarm import Alarm
from ivr.runtime.brought import UNKNOWN, Desks, Opened
from ivr.runtime.connection import ENDED, ORDERLY, Connection
from ivr.runtime.ear import Ear
from ivr.runtime.endings import ending
from ivr.runtime.errands import Errands
from ivr.runtime.faults import frames
from ivr.runtime.liveness import Liveness
from ivr.runtime.rooms import Room, Rooms
from ivr.runtime.telling import Telling
from ivr.runtime.wire import Wire
from ivr.trace.events import DialogFailed, FirstAudio, FirstFrame, TraceEvent
from ivr.trace.sound import MarkResolved, MarksLate
from ivr.trace.sound import Outcome as MarkOutcome

log = logging.getLogger("ivr.session")

SEND_TIMEOUT = 5.0
"""Seconds for which the far side may take no data before it is taken for dead."""

START_TIMEOUT = 10.0
"""Seconds within which a socket that was opened must begin its stream."""

HUNG_UP = "the caller hung up"


class Session:
    """Pumps one connection until its call ends; a ``Hearer`` of its connection."""

    def __init__(
        self,
        id: str,
        rooms: Rooms,
        codec: Codec,
        desks: Desks,
        over: Callable[[], None],
        opened: Opened = UNKNOWN,
    ) -> None:
        """``over`` is told once, when the call has ended and its socket is gone."""
        self.id = id
        self._socket: Connection | None = None
        self._codec = codec
        self._rooms = rooms
        self._wire = Wire(codec, rooms)
        self._desks = desks
        self._on_over = over
        self._opened = opened
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._call = (RecordedCall if desks.record else Call)(id, rooms.usual.plan, codec, datetime.now(UTC))
        self._unsent: list[Message] = []
        self._blocked = False
        self._held = False
        self._stuck: asyncio.TimerHandle | None = None
        self._starting: list[asyncio.TimerHandle] = []
        self._length: asyncio.TimerHandle | None = None
        self._ear: Ear | None = None
        self._begun = False
        """Whether the stream of this socket has begun."""
        self.platform_id = ""
        """What the platform calls the call; empty where it does not say."""
        self._alive = Liveness(desks.message_rate, self._probe, self._unanswered)
        self._alarm = Alarm(self._origin)
        self._errands = Errands(self._call, desks.synthesis, desks.lookups, self._do, self._now)
        self._close_code = 1000
        self._opened_at = 0.0
        self._first_frame = False
        self._telling = Telling(id, desks.watch)
        self._broken = self._told_over = False
        self.started = False
        """Whether its stream has begun, ever."""
        self.reason = ""
        """Why the call has ended; empty while it goes on."""

    def opened(self, connection: Connection) -> None:
        """See ``Hearer``."""
        if self.over:  # it ended while this socket was on its way
            connection.close(1000)
            return
        self._socket = connection
        patience = self._codec.capabilities.presumes_after
        self._starting = [self._loop.call_later(START_TIMEOUT, self._check_started)]
        if patience > 0:
            self._starting.append(self._loop.call_later(patience, self._presume))
        if self._length is None:
            self._length = self._loop.call_later(self._desks.call_length, self._too_long)

    def ear(self) -> Ear:
        """What hears the socket that this call has, or is to get."""
        self._ear = Ear(self)
        return self._ear

    def let_go(self) -> None:
        """Close the stream, and go on without one until ``come_back``."""
        if (message := self._codec.hang_up()) is not None:
            self._unsent.append(message)
        if self._ear is not None:
            self._ear.deafen()
        self._close()
        self._leave_socket()
        self._call.leave(self._now())

    def come_back(self, codec: Codec, opened: Opened) -> Ear:
        """Another socket is to carry the call; what hears it."""
        self._codec, self._opened = codec, opened
        self._call.move_to(codec)
        self._blocked = self._held = self._begun = False
        self._wire = Wire(codec, self._rooms)
        self._alive = Liveness(self._desks.message_rate, self._probe, self._unanswered)
        self._do(lambda: self._call.block(False, self._now()))
        return self.ear()

    def transferred(self, outcome: TransferOutcome) -> None:
        """What came of a ``Transfer``."""
        if self.over:
            return
        log.info("call %s: its transfer: %s", self.id, outcome)
        self._do(lambda: self._call.transferred(outcome, self._now()))

    @property
    def remaining(self) -> float:
        """Seconds that the call may still last."""
        return 0.0 if self._length is None else max(0.0, self._length.when() - self._loop.time())

    def message(self, message: Message) -> None:
        """See ``Hearer``."""
        since = time.monotonic()
        if not self._alive.message():
            self._flooded()
            return
        try:
            events = self._codec.receive(message)
        except RemoteGatewayError as error:
            line = "call %s: ended, the gateway sent %s"
            self._break_off(f"the gateway sent {error}", 1002, "message", line, error)
            return
        if events:  # fifty times a second there are none
            self._do(partial(self._receive, events, self._now()), since)

    def frame(self) -> None:
        """See ``Hearer``."""
        if not self._alive.frame():
            self._flooded()

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
            self._complain(ending(why), "call %s: ended, the gateway broke the protocol of its socket: %s", why)
        self.end(HUNG_UP if why in (ORDERLY, ENDED) and self._codec.capabilities.close_is_hangup else why)
        self._leave_socket()
        self._gone()

    def _leave_socket(self) -> None:
        self._alive.close()
        for timer in (self._stuck, *self._starting):
            if timer is not None:
                timer.cancel()
        self._stuck = self._socket = None

    def _gone(self) -> None:
        """The call has ended, and its last socket is gone."""
        if self._told_over:
            return
        self._told_over = True
        self._alarm.cancel()
        if self._length is not None:
            self._length.cancel()
        if self._codec.unknown and self.started:
            log.info("call %s: ignored %d messages of events that are not known", self.id, self._codec.unknown)
        over, self._on_over = self._on_over, _nobody
        over()
        self._let_go_of_all()

    def _let_go_of_all(self) -> None:
        """Nothing points back here any more: the memory of a call is free at once, and waits for no collector."""
        self._errands.close()
        if self._ear is not None:
            self._ear.deafen()

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
    def over(self) -> bool:
        """Whether it has ended."""
        return self._broken or self._call.ended

    def _now(self) -> float:
        return self._loop.time() - self._origin

    def _receive(self, events: Sequence[GatewayEvent], now: float) -> None:
        if self._wire.waiting is not None:
            self._wire.waiting.extend(events)
            return
        for number, event in enumerate(events):
            if isinstance(event, StreamStarted):
                belongs = self._opened.belongs
                if belongs is not None and not belongs(event.call):
                    self._complain("ticket", "call %s: ended, its ticket was made for another call")
                    self._close_code = 1008
                    self._call.end("its ticket was made for another call", now)
                    return
                self._begun = True
                if not self.started:
                    self.started = True
                    self._loop.call_soon(log.info, "call %s: began", self.id)  # the first words go before it
                if not self._wire.begin(self._made):
                    self._wire.waiting = list(events[number:])
                    return
                event = replace(event, parameters={**self._opened.query, **event.parameters})
                self.platform_id = self._opened.platform_id(event)
            elif isinstance(event, ErrorReported):
                self._complain("error", "call %s: the gateway reports an error: %s", event.what[:120])
            self._call.receive(event, now)

    def _made(self, room: Room | IvrError) -> None:
        """The clips of this stream's wire are there, or cannot be."""
        waited, self._wire.waiting = self._wire.waiting or [], None
        if isinstance(room, IvrError):
            line = "call %s: ended, there are no clips for its wire: %s"
            self._break_off("there are no clips for this wire", 1000, "clips", line, type(room).__name__)
        elif not self.over:
            self._do(lambda: self._receive(waited, self._now()))

    def _ring(self, now: float) -> None:
        self._do(lambda: self._call.handle_timer(now))

    def _pump(self) -> None:
        call = self._call
        if events := call.trace():
            for event in events:
                self._heed(event)
            self._telling.later(events)
        for effect in call.effects():
            self._perform(effect)
        self._flush()
        self._alarm.set(call.next_timer(self._now()), self._ring)

    def _heed(self, event: TraceEvent) -> None:
        match event:
            case FirstAudio():
                self._first_frame = True
            case DialogFailed():
                log.warning("call %s: its dialog failed: %s", self.id, event.told)
            case MarksLate() | MarkResolved(outcome=MarkOutcome.ESTIMATED):
                self._alive.overdue()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Play(span=span):
                self._unsent.append(self._wire.message(span))
                if self._first_frame:
                    self._first_frame = False
                    self._flush()
                    self._telling.later((FirstFrame(time.monotonic() - self._opened_at, self._now()),))
            case Send(message=message):
                self._unsent.append(message)
            case Synthesize() | CancelSpeech() | Lookup() | CancelLookup():
                self._errands.run(effect)
            case Transfer():
                self._transfer(effect)
            case Close(reason=reason):
                self.reason = reason
                self._close()

    def _presume(self) -> None:
        if events := self._codec.presume():
            self._do(partial(self._receive, events, self._now()))

    def _flooded(self) -> None:
        line = "call %s: ended, the gateway sends over %d messages a second"
        self._break_off("the gateway sent too many messages", 1008, "flood", line, self._desks.message_rate)

    def _too_long(self) -> None:
        line = "call %s: ended, it has lasted %g s"
        self._break_off("the call lasted too long", 1000, "length", line, self._desks.call_length)

    def _probe(self) -> bool:
        return self._call.probe(self._now())

    def _unanswered(self, silent: float) -> None:
        line = "call %s: the gateway has sent nothing for %.0f s and is given up"
        self._break_off("the gateway no longer answers", 1000, "silent", line, silent)

    def _check_started(self) -> None:
        if not self._begun and self._wire.waiting is None:
            line = "call %s: ended, no stream began within %g s"
            self._break_off("no stream began", 1008, "no_stream", line, START_TIMEOUT)

    def _break_off(self, reason: str, code: int, cause: str, line: str, *values: object) -> None:
        """End a call that goes on, and complain of its gateway."""
        if not self.over:
            self._complain(cause, line, *values)
            self._close_code = code
            self.end(reason)

    def _complain(self, cause: str, line: str, *values: object) -> None:
        self._desks.complaints(log, cause, line, self.id, *values)

    def _flush(self) -> None:
        """Send what the effects so far want sent: one packet for all of it costs far less than one for each message."""
        messages, self._unsent = self._unsent, []
        if self._socket is not None and messages:
            self._socket.send(*messages)

    def _close(self) -> None:
        self._flush()
        if self._socket is not None:
            self._socket.close(self._close_code)
        elif self.started:  # it ended while no stream carried it
            self._loop.call_soon(self._gone)

    def _transfer(self, transfer: Transfer) -> None:
        why = "calls cannot be moved here" if self._opened.move is None else self._opened.move(self, transfer)
        if why:
            log.warning("call %s: is not transferred: %s", self.id, why)
            self._loop.call_soon(self._do, lambda: self._call.transfer_refused(why, self._now()))

    def _hold(self) -> None:
        if self._held is not self._blocked:
            self._held = self._blocked
            self._do(lambda: self._call.block(self._held, self._now()))

    def _give_up(self) -> None:
        if not self.over:
            self._complain("stuck", "call %s: the gateway took no data for %g s and is given up", SEND_TIMEOUT)
            self.end("the gateway stopped reading")
        if self._socket is not None:
            self._socket.abort()


def _nobody() -> None:
    pass
