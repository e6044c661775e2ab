"""Settling: after every event a call sends what is due and reacts to what playout reports, until nothing follows."""

from __future__ import annotations

from ivr.call.conversation import Conversation
from ivr.call.outbox import Outbox
from ivr.call.speaking import Speaking
from ivr.call.streams import Streams
from ivr.call.turns import Turns
from ivr.playout.playout import Playout
from ivr.trace.sound import Abandoned, FragmentsTaken, MarksLate, UtteranceHeard


class Settling:
    """Of one call."""

    def __init__(self, streams: Streams, turns: Turns, outbox: Outbox) -> None:
        self._streams = streams
        self._turns = turns
        self._outbox = outbox

    def settle(self, conversation: Conversation, now: float) -> str | None:
        """Returns why the call is to end now, its last word heard; None where it goes on."""
        streams = self._streams
        playout, speaking = streams.playout, streams.speaking
        if playout is None or speaking is None:
            return None
        while True:
            streams.send_due(playout, now)
            if playout.completed:
                speaking.keep_completed()
            again = self._react(playout, speaking, conversation, now)
            over = conversation.over
            if over is not None and not playout.saying and streams.lingered(now, away=conversation.away):
                return over
            if not again:
                streams.codec.listening = conversation.listens(now)
                return None

    def _react(self, playout: Playout, speaking: Speaking, conversation: Conversation, now: float) -> bool:
        """Whether more may follow."""
        again = False
        for event in playout.events():
            self._outbox.note(event)
            self._turns.see(event)
            match event:
                case Abandoned(segment=segment):
                    speaking.cancel(segment, now)
                    conversation.gave_up(segment, now)
                    again = True
                case FragmentsTaken(segment=segment):
                    speaking.cancel(segment, now)
                case MarksLate():
                    self._streams.probe()
                case UtteranceHeard():
                    conversation.heard(event, now)
                    again = True
        return again
