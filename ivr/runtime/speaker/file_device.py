"""A sound device that is none: pulls on time as a card would, keeps what it got, and hears what it was given."""

from __future__ import annotations

import asyncio

import numpy as np

from ivr.media.samples import Samples, empty, silence
from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import Player

PERIOD = 0.020
"""Seconds of one block."""


class FileDevice:
    """A ``Device`` on the running loop's clock, with no latency. Begins when it is made."""

    lost = ""

    def __init__(self, player: Player, microphone: Microphone | None = None, heard: Samples | None = None) -> None:
        """``heard``: what comes to the microphone from the start on, at its rate, and silence behind it."""
        self._player = player
        self._microphone = microphone
        self._heard = empty() if heard is None else heard
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._blocks: list[Samples] = []
        self._timer = self._loop.call_soon(self._pull)

    def sound(self) -> Samples:
        """All that it was given."""
        return np.concatenate(self._blocks) if self._blocks else empty()

    def reopen(self) -> None:
        """See ``Device``: a loop that is late has not stopped."""

    def close(self) -> None:
        """See ``Device``."""
        self._timer.cancel()

    def _pull(self) -> None:
        due = self._origin + len(self._blocks) * PERIOD
        self._timer = self._loop.call_at(due + PERIOD, self._pull)
        block = silence(round(self._player.rate * PERIOD))
        self._player.pull(block, due, 0.0)
        self._blocks.append(block)
        if self._microphone is not None:
            size = round(self._microphone.rate * PERIOD)
            part = self._heard[:size]
            self._heard = self._heard[size:]
            self._microphone.put(np.concatenate((part, silence(size - len(part)))))
