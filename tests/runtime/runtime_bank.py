"""A bank of few words for tests in real time, a voice without a voice, and what the runtime told of its calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.pregen.render import render
from ivr.project.project import Project
from ivr.project.settings.serving import ServeSettings
from ivr.project.sources import read_sources
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.server import Server
from ivr.runtime.serving import Serving
from ivr.runtime.telling import Watch
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, Synthesizer
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd
from ivr.testing.voices import babble
from ivr.trace.events import CallStarted, TraceEvent

KEY = "test-key"
NAME = "http:127.0.0.1"
"""What the http voice calls a provider on loopback, whatever its port."""

SETTINGS = """\
project: Little Bank
cover: {filler: one_moment, hold: hold, fallback: sorry, patience: 20s}
"""
PHRASES = """\
locale: en-US
phrases:
  greeting: Welcome.
  menu: Press one for your balance.
  balance: The current balance of your account is {amount:money}.
  unavailable: There is none.
  again: Is there more?
  goodbye: Goodbye.
  one_moment: One moment.
  sorry: I cannot say.
  hold: {sound: hold.wav}
prompts:
  farewell: {say: [goodbye], bargein: no}
"""
DIALOG = """\
dialog: main
start: welcome
states:
  welcome: {say: greeting, goto: main}
  main:
    say: menu
    menu: {options: {1: balance, 9: goodbye}, first_digit: 20s}
  balance:
    lookup: {run: bank.balance, as: amount, with: {caller: call.caller}, private: yes, failed: unavailable}
    say: balance
    goto: again
  unavailable: {say: unavailable, goto: again}
  again:
    say: again
    menu: {options: {1: balance, 9: goodbye}, first_digit: 20s}
  goodbye: {say: farewell, hang_up: yes}
"""
CODE = "def balance(caller=''):\n    return 5\n"


class Babbler:
    """A voice in memory: tones that depend on the text, all at once."""

    name = NAME

    async def synthesize(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        await asyncio.sleep(0)
        yield SpeechChunk(babble(request.text), 22050)

    async def warm(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def environ(url: str = "http://127.0.0.1:9", **more: str) -> dict[str, str]:
    """The bank's voice is hosted; its clips are valid for any port."""
    return {"IVR_VOICE_PROVIDER": "http", "IVR_VOICE_URL": url, "IVR_VOICE_API_KEY": KEY, **more}


def write_bank(root: Path) -> Path:
    """Its files; ``render_bank`` makes the clips."""
    files = {"ivr.yaml": SETTINGS, "phrases/en-US.yaml": PHRASES, "dialogs/main.yaml": DIALOG, "bank.py": CODE}
    for name, text in files.items():
        (root / "prompts" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "prompts" / name).write_text(text)
    (root / "audio").mkdir()
    (root / "audio" / "hold.wav").write_bytes(write_wav([tone(440, 0.8, 8000, -20)], 8000))
    return root


async def render_bank(root: Path, voice: Synthesizer) -> None:
    report = await render(read_sources(root, environ()), voice)
    assert report.ok, report


@dataclass
class Told:
    """The events of every call, with their times on the loop's clock; find them by the far end's stream."""

    calls: dict[str, str] = field(default_factory=dict)
    """The runtime's own ids, by stream."""
    events: dict[str, list[TraceEvent]] = field(default_factory=dict)
    beside: Watch | None = None
    """Told the same; it may raise."""
    _origin: dict[str, float] = field(default_factory=dict)
    _waiting: list[tuple[str, Callable[[TraceEvent], bool], asyncio.Future[TraceEvent]]] = field(default_factory=list)

    def watch(self, call: str, event: TraceEvent) -> None:
        if isinstance(event, CallStarted):
            self.calls[event.stream] = call
            self._origin[call] = asyncio.get_running_loop().time() - event.at
        event = replace(event, at=event.at + self._origin.get(call, 0.0))
        self.events.setdefault(call, []).append(event)
        for stream, test, future in self._waiting:
            if self.calls.get(stream) == call and not future.done() and test(event):
                future.set_result(event)
        if self.beside is not None:
            self.beside(call, event)

    def of(self, stream: str, *kinds: type) -> list:
        """What was told of a call, of these kinds or of all."""
        events = self.events.get(self.calls.get(stream, ""), [])
        return [event for event in events if not kinds or isinstance(event, kinds)]

    async def until(
        self, stream: str, kind: type, test: Callable[[TraceEvent], bool] = lambda event: True, within: float = 15.0
    ) -> TraceEvent:
        """The first such event of that call, past or to come."""

        def wanted(event: TraceEvent) -> bool:
            return isinstance(event, kind) and test(event)

        for event in self.of(stream):
            if wanted(event):
                return event
        future: asyncio.Future[TraceEvent] = asyncio.get_running_loop().create_future()
        self._waiting.append((stream, wanted, future))
        async with asyncio.timeout(within):
            return await future


@dataclass
class Line:
    """A dialed call: what the runtime told of it, and what its caller heard."""

    dialer: Dialer
    far_end: TwilioFarEnd
    told: Told

    @property
    def stream(self) -> str:
        return self.far_end.stream_sid

    async def press(self, keys: str) -> None:
        await self.dialer.press(keys)

    def of(self, *kinds: type) -> list:
        return self.told.of(self.stream, *kinds)

    async def until(self, kind: type, test=lambda event: True, within: float = 15.0):
        return await self.told.until(self.stream, kind, test, within)


@dataclass
class House:
    """A server that answers, and the lines into it."""

    server: Server
    told: Told
    _lines: int = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.server.port}/twilio"

    @asynccontextmanager
    async def call(self, caller: str = "", *, on_message=None, **options) -> AsyncIterator[Line]:
        """Dial; hung up at the end of the block. ``options`` are the far end's."""
        self._lines += 1
        far_end = TwilioFarEnd(f"MZ{self._lines}", f"CA{self._lines}", {"from": caller}, **options)
        async with Dialer(self.url, far_end, on_message=on_message) as dialer:
            yield Line(dialer, far_end, self.told)
        assert far_end.protocol_errors == []

    async def quiet(self, within: float = 10.0) -> None:
        """Wait until no call is left."""
        async with asyncio.timeout(within):
            while self.server.calls:  # noqa: ASYNC110 - the server has nothing to wait for
                await asyncio.sleep(0.005)

    async def raw(self, *messages: str | bytes, **options) -> ClientConnection:
        """A socket that a test holds by itself, with ``messages`` sent on it."""
        # Whoever reads nothing must come to the far side's close all the same.
        options = {"max_queue": None, **options}
        socket = await connect(self.url, compression=None, proxy=None, **options)
        for message in messages:
            await socket.send(message)
        return socket


def unhurried(**settings) -> Serving:
    """As set, and patient with a machine that has other things to do: no call is refused because it wakes late."""
    return Serving(ServeSettings.model_validate({"late": "1s", **settings}))


@asynccontextmanager
async def open_house(project: Project, voice: Synthesizer, lookups=None, **options) -> AsyncIterator[House]:
    """Answer calls of ``project``; ``lookups`` are substitutes by name, else the bank answers at once."""
    told = Told()
    options.setdefault("serving", unhurried())
    desk = LookupDesk({"bank.balance": lambda caller: Decimal("1.05")} if lookups is None else lookups)
    async with Server(project, voice, port=0, lookups=desk, watch=told.watch, **options) as server:
        yield House(server, told)


START = '{"event":"start","streamSid":"%s","start":{"streamSid":"%s","customParameters":{}}}'


def start(stream: str = "MZraw") -> str:
    """The message that begins a stream."""
    return START % (stream, stream)
