"""A playout that is driven by its own timers, with a far side that plays what comes and sends marks back."""

from __future__ import annotations

from dataclasses import replace

from toy import covers, make_tone

from ivr.gateways.codec import MarkKind
from ivr.gateways.twilio import TWILIO
from ivr.media.format import MULAW_8K
from ivr.playout.live import LiveSpeech
from ivr.playout.pacing import Schedule
from ivr.playout.playout import Playout
from ivr.playout.segments import ClipSegment, Span

AS_USUAL = Schedule()
LONG = make_tone(3.0, "long")
SHORT = make_tone(0.2, "short")


def playout(marks=MarkKind.ECHO_ON_CLEAR, with_covers=True, schedule=AS_USUAL, **changes) -> Playout:
    capabilities = replace(TWILIO, marks=marks, **changes)
    made = covers() if with_covers else None
    return Playout(capabilities, lambda voice: LiveSpeech(MULAW_8K, -20.0, 0.0), made, schedule)


def clip(name="u1.1", of=LONG, text="one two three") -> ClipSegment:
    return ClipSegment(name, of, text)


class Rig:
    """A playout, driven by its own timers; every mark comes back one round trip after its audio."""

    def __init__(self, made: Playout, path: float = 0.0, echo: bool = True) -> None:
        self.made, self.path, self.echo = made, path, echo
        self.now, self.sent, self.marks, self.out = 0.0, b"", [], []
        self.events, self.ends = [], 0.0

    def run(self, until: float) -> list:
        """The events until then."""
        seen = len(self.events)
        while True:
            self._due()
            timer = self.made.next_timer(self.now)
            echo = min((at for at, _ in self.marks), default=None)
            due = min((time for time in (timer, echo) if time is not None), default=None)
            if due is None or due > until:
                self.now = until
                return self.events[seen:]
            self.now = max(self.now, due)
            for at, name in [mark for mark in self.marks if mark[0] <= self.now]:
                self.marks.remove((at, name))
                self.made.mark_reached(name, self.now)
            self.made.handle_timer(self.now)

    def clear(self):
        self.ends = min(self.ends, self.now + self.path)
        cut = self.made.clear(self.now)
        self.events += self.made.events()
        self.marks = [(self.now + 2 * self.path, name) for _, name in self.marks]
        if cut.sentinel and self.echo:
            self.marks.append((self.now + 2 * self.path, cut.sentinel))
        return cut

    def of(self, *kinds):
        return [event for event in self.events if isinstance(event, kinds)]

    def _due(self) -> None:
        for output in self.made.due(self.now):
            self.out.append((self.now, output))
            if isinstance(output, Span):
                self.sent += output.payload
                self.ends = max(self.ends, self.now + self.path) + output.samples / 8000
            elif self.echo:
                self.marks.append((max(self.ends, self.now + self.path) + self.path, output.name))
        self.events += self.made.events()
