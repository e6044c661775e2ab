"""``watched_talk.py FILE WORDS``: ``ivr talk WORDS`` as it is, and what its callback gave to the device in a file."""

import sys
import time

import numpy as np

from ivr.cli.main import main
from ivr.runtime.speaker import talk
from ivr.runtime.speaker.line import SpeakerLine
from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import Player

players, loudest = [], [0.0]
pressed = []


class Watched(Player):
    def __init__(self, *args):
        super().__init__(*args)
        self.given = []
        self.calls = []
        players.append(self)

    def pull(self, out, now, delay):
        super().pull(out, now, delay)
        self.given.append(out.copy())
        self.calls.append((now, delay))


class Listening(Microphone):
    def put(self, block):
        super().put(block)
        loudest[0] = max(loudest[0], float(np.abs(block).max()))


def noted(method):
    def press(line, *words):
        pressed.append((time.monotonic(), players[0].latency))
        method(line, *words)

    return press


talk.Player, talk.Microphone = Watched, Listening
SpeakerLine.press, SpeakerLine.hang_up = noted(SpeakerLine.press), noted(SpeakerLine.hang_up)
status = main(["talk", *sys.argv[2:]])
for player in players:
    np.savez(
        sys.argv[1],
        rate=player.rate,
        given=np.concatenate(player.given),
        calls=np.array(player.calls),
        pressed=np.array(pressed),
        microphone=loudest[0],
    )
sys.exit(status)
