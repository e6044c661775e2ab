"""One call at the speaker, or into a file in its place: the same call that a gateway would bring."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

from ivr.call.effects import Transfer
from ivr.call.plan import Dialog, plan_calls
from ivr.catalog.party import TransferOutcome
from ivr.errors import DeviceError, SpeechError
from ivr.gateways.speaker import SpeakerCodec, speaker, wire_format
from ivr.media.format import AudioFormat
from ivr.media.samples import Samples
from ivr.project.project import Project
from ivr.runtime.brought import Desks, Opened
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.rooms import Rooms
from ivr.runtime.session import Session
from ivr.runtime.speaker.asking import ANSWERS, asked
from ivr.runtime.speaker.devices import Found, find
from ivr.runtime.speaker.file_device import FileDevice
from ivr.runtime.speaker.hurry import HurriedLoop
from ivr.runtime.speaker.line import Device, SpeakerLine
from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import Player
from ivr.runtime.speaker.sound_device import SoundDevice
from ivr.runtime.synthesis import SynthesisDesk
from ivr.runtime.telling import Watch
from ivr.speech.synthesizer import Synthesizer

log = logging.getLogger("ivr.talk")

RUNS_IN = 0.200
"""Seconds of silence that a device takes before the call is answered: the first 40 to 90 ms are often lost."""

STEP = 0.020
"""Seconds between looks whether it does."""

LETS_GO = 3.0
"""Seconds that it gets to close."""

SWITCH = 0.0005
"""Seconds for which the device's thread waits for one that computes; Python's own 5 ms are half a block."""

HANG_UP = "q"

RINGS = 2.0
"""Seconds after which a transfer ends here, where nobody is called."""

Press = tuple[str, float]
"""A key, or ``q`` to hang up, and how many seconds after the answer."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the device did."""

    rate: int = 0
    """Hz."""
    latency: float = 0.0
    """Seconds from our block to its sound, as the device reported it."""
    played: float = 0.0
    """Seconds, silence with it."""
    underruns: int = 0
    """Times that the device said it had gone dry."""
    starved: int = 0
    """Blocks that should have had sound and found none."""
    late: float = 0.0
    """The longest time between two callbacks, seconds."""
    reopened: int = 0
    """Times that it had stopped and was opened anew."""


@dataclass(slots=True)
class Ended:
    """What is left of a call."""

    reason: str
    figures: Figures
    lost: str = ""
    """Why the device went away in the middle of it; empty where it did not."""


def _nobody(line: SpeakerLine, player: Player, ears: Microphone | None) -> AbstractContextManager[object]:
    return nullcontext()


@dataclass(slots=True)
class Talk:
    """Makes one call."""

    project: Project
    voice: Synthesizer
    lookups: LookupDesk
    watch: Watch
    caller: str
    keys: Sequence[Press] = ()
    rate: int | None = None
    """Of the words, Hz; None for that of the project's sounds."""
    dialog: Dialog | None = None
    transfer: TransferOutcome = TransferOutcome.ANSWERED_AND_ENDED
    """What comes of transfers; nobody is called."""
    at: Callable[[SpeakerLine, Player, Microphone | None], AbstractContextManager[object]] = _nobody
    """Entered when the call is answered, left when it is over: whoever sits there has its line to press keys on."""

    @property
    def format(self) -> AudioFormat:
        """What the call sends."""
        return wire_format(self.rate if self.rate is not None else self.project.store.rate)

    async def at_device(self, output: str | None, input: str | None, *, microphone: bool) -> Ended:
        """At the devices of those names. Raises ``DeviceError`` where there is no speaker to begin with."""
        speaks, hears, deaf = await asked(partial(_find, output, input, microphone))
        player = Player(self.format, speaks.rate)
        ears = Microphone(self.format, hears.rate) if hears is not None else None
        device = SoundDevice(player, ears)
        async with self._room() as room:
            try:
                await asked(partial(device.open, speaks, hears))
                if deaf := deaf or device.deaf:
                    log.warning("no microphone: %s", deaf)
                await _run_in(player, device)
                device.settled()
                line, reason = await self._call(room, player, ears, device)
            finally:
                device.close()
                await asyncio.to_thread(device.wait_closed, LETS_GO)
        played = player.played / player.rate
        counts = (device.underruns, player.starved, device.late, device.reopened)
        return Ended(reason, Figures(player.rate, player.latency, played, *counts), line.lost)

    async def to_file(self, heard: Samples | None = None, rate: int = 8000) -> tuple[Ended, Samples]:
        """With no device: what it would have played. In virtual time on a ``HurriedLoop``, else in real time.

        ``heard`` is what the microphone hears, at ``rate`` Hz, from the answer on; None: there is none.
        """
        player = Player(self.format, self.format.rate)
        ears = Microphone(self.format, rate) if heard is not None else None
        loop = asyncio.get_running_loop()
        async with self._room() as room:
            device = FileDevice(player, ears, heard)
            if isinstance(loop, HurriedLoop):
                loop.hurry = lambda: not (room.desks.synthesis.running or room.desks.lookups.running)
            try:
                _, reason = await self._call(room, player, ears, device)
            finally:
                if isinstance(loop, HurriedLoop):
                    loop.hurry = lambda: False
        return Ended(reason, Figures(player.rate, 0.0, player.played / player.rate)), device.sound()

    @asynccontextmanager
    async def _room(self) -> AsyncIterator[_Room]:
        """What the call needs before it is answered."""
        try:
            await self.voice.warm()
        except SpeechError as error:
            log.warning("the voice is not ready, the call begins without it: %s", error)
        capabilities = speaker(self.format)
        plan = plan_calls(self.project, capabilities, provider=self.voice.name, dialog=self.dialog)
        rooms = Rooms(plan, SpeakerCodec(capabilities).prepare)
        length = self.project.settings.serve.call_length
        desks = Desks(SynthesisDesk(self.voice), self.lookups, self.watch, call_length=length)
        # A collector that walks clips and project would keep the device's thread waiting.
        gc.collect()
        gc.freeze()
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)
        try:
            yield _Room(rooms, desks)
        finally:
            sys.setswitchinterval(before)
            await desks.synthesis.aclose()
            await desks.lookups.aclose()

    def _move(self, session: Session, wanted: Transfer) -> str:
        asyncio.get_running_loop().call_later(RINGS, session.transferred, self.transfer)
        return ""

    async def _call(
        self, room: _Room, player: Player, ears: Microphone | None, device: Device
    ) -> tuple[SpeakerLine, str]:
        over = asyncio.Event()
        codec = SpeakerCodec(room.rooms.usual.plan.capabilities)
        session = Session("talk", room.rooms, codec, room.desks, over.set, Opened(move=self._move))
        line = SpeakerLine(session, player, ears, device)
        loop = asyncio.get_running_loop()
        presses = [loop.call_later(at, _press, line, key) for key, at in self.keys]
        with self.at(line, player, ears):
            line.begin(self.caller)
            await over.wait()
        for press in presses:
            press.cancel()
        await asyncio.sleep(0)  # what watches is told a step later
        return line, session.reason


@dataclass(frozen=True, slots=True)
class _Room:
    rooms: Rooms
    desks: Desks


def _press(line: SpeakerLine, key: str) -> None:
    if key == HANG_UP:
        line.hang_up()
    else:
        line.press(key)


def _find(output: str | None, input: str | None, microphone: bool) -> tuple[Found, Found | None, str]:
    """The speaker, the microphone, and why there is none where one was wanted but not by its name."""
    speaks = find(output, "output")
    if not microphone:
        return speaks, None, ""
    try:
        return speaks, find(input, "input"), ""
    except DeviceError as error:
        if input is not None:
            raise
        return speaks, None, str(error)


async def _run_in(player: Player, device: SoundDevice) -> None:
    """Until the device takes silence evenly."""
    for _ in range(round(ANSWERS / STEP)):
        await asyncio.sleep(STEP)
        if device.lost:
            raise DeviceError(device.lost)
        if player.played >= RUNS_IN * player.rate:
            return
    raise DeviceError(f"the sound device was opened and has not asked for sound for {ANSWERS:g} s")
