"""The open devices: two streams of PortAudio, whose thread calls us for every block."""

from __future__ import annotations

import atexit
import threading
import time
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from ivr.errors import DeviceError
from ivr.runtime.speaker.devices import Found, portaudio
from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import Player, each_channel

PERIOD = 0.010
"""Seconds of one block."""

BELIEVABLE = 2.0
"""Seconds of delay above which the device's report is not believed; some report none, or the time since 1970."""

GONE = "the sound server or the device has stopped the sound"

Block = npt.NDArray[np.float32]


class SoundDevice:
    """A ``Device``. What is opened blocks, so ``open`` belongs in a thread; the callbacks wait for nothing."""

    def __init__(self, player: Player, microphone: Microphone | None) -> None:
        self.lost = ""
        """See ``Device``."""
        self.underruns = 0
        """Times that the device said it had gone dry."""
        self.late = 0.0
        """Seconds between two callbacks, at the most, once it ran evenly."""
        self.deaf = ""
        """Why there is no microphone; empty where there is one, or none was wanted."""
        self.reopened = 0
        """Times that it had stopped and was opened anew."""
        self._player = player
        self._microphone = microphone
        self._streams: list[Any] = []
        self._latency = 0.0
        self._called_at = 0.0
        self._asked: tuple[Found, Found | None] | None = None
        self._closing = False
        self._reopening = False
        self._opening = threading.Lock()
        self._closed = threading.Event()

    def open(self, output: Found, input: Found | None) -> None:
        """Begin. Raises ``DeviceError`` where the speaker refuses; a microphone that does is told in ``deaf``."""
        with self._opening:
            self._asked = (output, input)
            self._open(output, input)

    def _open(self, output: Found, input: Found | None) -> None:
        sounddevice = portaudio()
        try:
            stream = sounddevice.OutputStream(
                **asked_for(output, self._player.rate, min(2, output.channels)),
                callback=self._play,
                finished_callback=self._finished,
            )
            self._streams.append(stream)
            self._latency = float(stream.latency)
            stream.start()
        except sounddevice.PortAudioError as error:
            self.close()
            raise DeviceError(f"{output.name} cannot be played to ({error}); try another --device") from None
        if input is None or self._microphone is None:
            return
        try:
            ears = sounddevice.InputStream(**asked_for(input, self._microphone.rate, 1), callback=self._listen)
            self._streams.append(ears)
            ears.start()
        except sounddevice.PortAudioError as error:
            self.deaf = f"{input.name} cannot be listened to ({error})"

    def settled(self) -> None:
        """From now on lateness counts: a device's first second is uneven."""
        self.late = 0.0
        self.underruns = 0

    def reopen(self) -> None:
        """See ``Device``. Done beside the loop; one that fails is told in ``lost``."""
        threading.Thread(target=self._reopen, name="ivr sound", daemon=True).start()

    def _reopen(self) -> None:
        with self._opening:
            if self._closing or self._asked is None:
                return
            self._reopening = True
            self._let_go()
            self._reopening = False
            try:
                self._open(*self._asked)
                self.reopened += 1
            except DeviceError as error:
                self.lost = str(error)

    def close(self) -> None:
        """See ``Device``. Done beside the loop: with a server that hangs it takes for ever."""
        if not self._closing:
            self._closing = True
            threading.Thread(target=self._close, name="ivr sound", daemon=True).start()

    def wait_closed(self, within: float) -> bool:
        """Wait so many seconds at the most; False where it hangs. Then PortAudio is left as it is, also at exit."""
        if self._closed.wait(within):
            return True
        atexit.unregister(getattr(portaudio(), "_exit_handler", self.close))
        return False

    def _close(self) -> None:
        with self._opening:  # what opens only after it was given up is closed then
            self._let_go()
        self._closed.set()

    def _let_go(self) -> None:
        while self._streams:
            stream = self._streams.pop()
            for step in (stream.abort, stream.close):
                with suppress(portaudio().PortAudioError):  # it was gone before
                    step()

    def _play(self, out: Block, frames: int, clock: Any, status: Any) -> None:
        now = time.monotonic()
        if self._called_at:
            self.late = max(self.late, now - self._called_at)
        self._called_at = now
        if status.output_underflow:
            self.underruns += 1
        delay = clock.outputBufferDacTime - clock.currentTime
        self._player.pull(out[:, 0], now, delay if 0.0 < delay < BELIEVABLE else self._latency)
        each_channel(out)

    def _listen(self, block: Block, frames: int, clock: Any, status: Any) -> None:
        assert self._microphone is not None
        self._microphone.put(block[:, 0])

    def _finished(self) -> None:
        if not (self._closing or self._reopening):
            self.lost = GONE


def asked_for(device: Found, rate: int, channels: int) -> dict[str, Any]:
    """What a stream of PortAudio's is opened with, but for its callback."""
    return {
        "device": device.index,
        "samplerate": rate,
        "channels": channels,
        "dtype": "float32",
        "blocksize": round(rate * PERIOD),
        "latency": "high",
    }
