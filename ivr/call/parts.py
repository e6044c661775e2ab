"""The parts of a conversation: what stands between a dialog and its caller.

Each part keeps what it knows to itself. What the dialog asks for (``Performing``), what ends its waits (``Waiting``)
and what the caller interrupts (``Interrupting``) are rules over all of them.
"""

from __future__ import annotations

from collections import deque

from ivr.call.asking import Asking
from ivr.call.cover import Cover
from ivr.call.ears import Ears
from ivr.call.heed import Heed
from ivr.call.lookups import Lookups
from ivr.call.message import Message
from ivr.call.moving import Moving
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.call.running import Running
from ivr.call.saying import Saying
from ivr.call.speaking import Speaking
from ivr.call.turns import Turns
from ivr.playout.playout import Playout


class Parts:
    """Of one call; the stream under it may change."""

    def __init__(
        self, plan: CallPlan, lookups: Lookups, turns: Turns, outbox: Outbox, speaking: Speaking, playout: Playout
    ) -> None:
        self.plan = plan
        """That of the stream that carries the call, as are the next two."""
        self.speaking = speaking
        self.playout = playout
        self.lookups = lookups
        self.turns = turns
        self.outbox = outbox
        self.running = Running()
        self.saying = Saying(outbox, speaking, playout)
        self.asking = Asking(outbox)
        self.ears = Ears(plan, outbox)
        self.message = Message(self.ears, outbox)
        self.moving = Moving(plan.allowed, outbox)
        self.cover = Cover()
        self.heed = Heed()
        self.ahead: deque[str] = deque()
        """Keys that no question has taken yet."""
        self.over: str | None = None
        """Why the call is to end once the last word was heard; None while the dialog goes on."""
        self.away = False
        """No stream carries the call: what is said waits, and silence does not count."""

    def move_to(self, speaking: Speaking, playout: Playout, now: float) -> None:
        """Another stream carries the call; what the old one had not said is not said again, but for a wait's cover."""
        speaking.take_over(self.speaking)
        self.speaking, self.playout = speaking, playout
        self.saying.move_to(speaking, playout)
        self.cover.again(speaking, playout, now)
