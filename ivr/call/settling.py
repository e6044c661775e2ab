"""Settling: after every event a call sends what is due and reacts to what playout reports, until nothing follows."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.call.conversation import Conversation
from ivr.call.parts import Parts
from ivr.call.streams import Streams
from ivr.trace.events import TraceEvent
from ivr.trace.sound import Abandoned, FragmentsTaken, MarksLate, UtteranceHeard


class Settling:
    """Of one call, from when its dialog begins."""

    def __init__(self, streams: Streams, parts: Parts, conversation: Conversation) -> None:
        self._streams = streams
        self._parts = parts
        self._conversation = conversation

    def settle(self, now: float) -> str | None:
        """Returns why the call is to end now, its last word heard; None where it goes on."""
        streams, parts = self._streams, self._parts
        playout = parts.playout
        while True:
            streams.send_due(playout, now)
            if playout.completed:
                parts.speaking.keep_completed()
            events = playout.events()
            more = self._react(events, now) if events else False
            if parts.over is not None and not playout.saying and streams.lingered(now, away=parts.away):
                return parts.over
            if not more:
                streams.codec.listening = self._conversation.listens(now)
                return None

    def _react(self, events: Iterable[TraceEvent], now: float) -> bool:
        """Whether more may follow."""
        parts, more = self._parts, False
        for event in events:
            parts.outbox.note(event)
            parts.turns.see(event)
            match event:
                case Abandoned(segment=segment):
                    parts.speaking.cancel(segment, now)
                    self._conversation.gave_up(segment, now)
                    more = True
                case FragmentsTaken(segment=segment):
                    parts.speaking.cancel(segment, now)
                case MarksLate():
                    self._streams.probe()
                case UtteranceHeard():
                    self._conversation.heard(event, now)
                    more = True
        return more
