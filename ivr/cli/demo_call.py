"""One call in real time: our server, and a gateway with a caller who presses keys, on one machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ivr.media.samples import Samples
from ivr.media.tones import dtmf
from ivr.project.project import Project
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.server import Server
from ivr.runtime.serving import Serving
from ivr.speech.synthesizer import Synthesizer
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import RATE, TwilioFarEnd
from ivr.trace.events import Asked, CallEnded, CallStarted, PromptSaid, TraceEvent
from ivr.trace.sound import UtteranceStarted

THINKING = 1.0
"""Seconds from the beginning of a question to the key."""

KEY = 0.150
"""Seconds that a key is held."""

LONGEST = 100.0
"""Seconds after which the caller gives up."""


@dataclass(slots=True)
class Recording:
    """What is left of the call."""

    call: str
    events: list[TraceEvent]
    caller: Samples
    ours: Samples
    """What the caller heard, in its time."""
    offset: float
    """Seconds from the beginning of the sound to zero of the events' clock."""
    ended: bool
    """By the dialog, and not because it took too long."""
    rate: int = RATE


@dataclass(slots=True)
class DemoCall:
    """Makes it."""

    project: Project
    voice: Synthesizer
    lookups: LookupDesk
    keys: str
    caller: str
    tell: Callable[[TraceEvent], None]
    events: list[TraceEvent] = field(default_factory=list)
    _call: str = ""
    _zero: float = 0.0
    _last_said: str = ""
    _sounding: str = ""
    _asked: bool = False
    _pressed: list[tuple[float, str]] = field(default_factory=list)
    _may_press: asyncio.Event = field(default_factory=asyncio.Event)

    async def make(self) -> Recording:
        """From the first message to the closed socket."""
        far_end = TwilioFarEnd("MZdemo", "CAdemo", {"from": self.caller})
        serving = Serving(record=True)
        server = Server(self.project, self.voice, port=0, lookups=self.lookups, watch=self._watch, serving=serving)
        async with server:
            async with Dialer(f"ws://127.0.0.1:{server.port}/twilio", far_end) as line:
                presser = asyncio.create_task(self._press(line))
                try:
                    await line.wait_closed(LONGEST)
                except TimeoutError:
                    await line.hang_up()
                presser.cancel()
        began = far_end.connected_at or 0.0
        stop = max(far_end.heard.stop or began, began) + 0.3
        return Recording(
            call=self._call,
            events=self.events,
            caller=self._keys_heard(began, stop),
            ours=far_end.heard.timeline(began, stop),
            offset=self._zero - began,
            ended=isinstance(self.events[-1], CallEnded) and "dialog" in self.events[-1].reason,
        )

    def _watch(self, call: str, event: TraceEvent) -> None:
        now = asyncio.get_running_loop().time()
        self.events.append(event)
        self.tell(event)
        match event:
            case CallStarted():
                self._call, self._zero = call, now - event.at
            case PromptSaid(utterance=utterance):
                self._last_said, self._asked = utterance, False
            case Asked():
                self._asked = True
            case UtteranceStarted(utterance=utterance):
                self._sounding = utterance
        # The first key comes while the greeting still sounds, the others when the question does.
        if self._sounding and (not self._pressed or (self._asked and self._sounding == self._last_said)):
            self._may_press.set()
        else:
            self._may_press.clear()

    async def _press(self, line: Dialer) -> None:
        for key in self.keys:
            await self._may_press.wait()
            await asyncio.sleep(THINKING)
            self._may_press.clear()
            self._asked = False
            self._pressed.append((asyncio.get_running_loop().time(), key))
            await line.press(key)

    def _keys_heard(self, began: float, stop: float) -> Samples:
        sound = np.zeros(round((stop - began) * RATE), dtype=np.float32)
        for at, key in self._pressed:
            start = round((at - began) * RATE)
            tone = dtmf(key, KEY, RATE)[: max(0, len(sound) - start)]
            sound[start : start + len(tone)] += tone
        return sound
