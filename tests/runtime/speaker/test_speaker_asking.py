"""The sound system when it is asked: what it prints, what it raises, and when it hangs."""

import os
import threading

import pytest

from ivr.errors import DeviceError
from ivr.media.format import L16_8K
from ivr.runtime.speaker import asking, sound_device
from ivr.runtime.speaker.asking import asked
from ivr.runtime.speaker.devices import Found
from ivr.runtime.speaker.player import Player
from ivr.runtime.speaker.sound_device import SoundDevice


async def test_its_answer_comes_without_what_it_prints(capfd):
    def chatty():
        os.write(2, b"ALSA lib: unable to open slave\n")
        return 5

    assert await asked(chatty) == 5
    os.write(2, b"ours\n")
    assert capfd.readouterr().err == "ours\n"


async def test_what_it_raises_is_raised():
    def broken():
        raise DeviceError("no such card")

    with pytest.raises(DeviceError, match="no such card"):
        await asked(broken)


async def test_one_that_hangs_is_told_and_our_own_words_are_heard(monkeypatch, capfd):
    monkeypatch.setattr(asking, "ANSWERS", 0.05)
    done = threading.Event()
    with pytest.raises(DeviceError, match=r"not answered for 0.05 s"):
        await asked(done.wait)
    os.write(2, b"ivr: so it is\n")
    done.set()
    assert capfd.readouterr().err == "ivr: so it is\n"


def test_a_device_that_opens_after_it_was_given_up_is_closed_then(monkeypatch):
    opening, opens, log = threading.Event(), threading.Event(), []

    class Stream:
        latency = 0.05

        def __init__(self, **_):
            opening.set()
            opens.wait(10)

        def start(self):
            log.append("start")

        def abort(self):
            log.append("abort")

        def close(self):
            log.append("close")

    class Binding:
        """Of a system that hangs, which no real one can be made to do here."""

        OutputStream = Stream
        PortAudioError = OSError

    monkeypatch.setattr(sound_device, "portaudio", lambda: Binding)
    device = SoundDevice(Player(L16_8K, 8000), None)
    opener = threading.Thread(target=device.open, args=(Found(0, "card", 8000, 2), None))
    opener.start()
    assert opening.wait(10)
    device.close()
    assert not device.wait_closed(0.05)
    opens.set()
    assert device.wait_closed(10) and log == ["start", "abort", "close"]
    opener.join(10)
