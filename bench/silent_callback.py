"""``python -m bench.silent_callback SECONDS [--no-mic]``: the least that can be done at the speaker, as JSON.

Streams like those of ``ivr talk``: one callback writes zeros and counts what the device reports, the microphone's does
nothing. Whatever it suffers, the device and the machine are to blame.
"""

import json
import os
import sys
import time
from typing import Any

import numpy as np

from ivr.runtime.speaker.devices import find, portaudio
from ivr.runtime.speaker.sound_device import asked_for
from ivr.runtime.speaker.talk import RUNS_IN


class Silence:
    """The callback and its counts."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.clear()

    def clear(self) -> None:
        """Count anew."""
        self.played = self.underruns = 0
        self.late = self._called_at = 0.0

    def __call__(self, out: np.ndarray, frames: int, clock: Any, status: Any) -> None:
        now = time.monotonic()
        if self._called_at:
            self.late = max(self.late, now - self._called_at)
        self._called_at = now
        if status.output_underflow:
            self.underruns += 1
        self.played += frames
        out.fill(0)


def play(seconds: float, *, microphone: bool) -> None:
    """So long on the default devices, behind the same run-in as a call. Does not return: what hangs is left so."""
    sounddevice, output = portaudio(), find(None, "output")
    silence = Silence(output.rate)
    asked = asked_for(output, output.rate, min(2, output.channels))
    streams = [sounddevice.OutputStream(**asked, callback=silence)]
    if microphone:
        input = find(None, "input")
        streams.append(sounddevice.InputStream(**asked_for(input, input.rate, 1), callback=lambda *_: None))
    for stream in streams:
        stream.start()
    time.sleep(RUNS_IN)
    silence.clear()
    time.sleep(seconds)
    found = {"underruns": silence.underruns, "late": silence.late, "played": silence.played / silence.rate}
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    play(float(sys.argv[1]), microphone="--no-mic" not in sys.argv)
