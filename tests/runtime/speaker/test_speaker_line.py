"""The line between a call and a device: what either is told, and when the device is given up."""

import asyncio

import pytest

from ivr.media.format import L16_8K
from ivr.runtime.speaker import line as speaker_line
from ivr.runtime.speaker.file_device import FileDevice
from ivr.runtime.speaker.hurry import HurriedLoop
from ivr.runtime.speaker.line import SpeakerLine
from ivr.runtime.speaker.player import HIGH, Player


class Hearer:
    def __init__(self):
        self.told = []

    def opened(self, connection):
        self.told.append("opened")

    def message(self, message):
        self.told.append(message)

    def blocked(self, blocked):
        self.told.append(blocked)

    def closed(self, why, *, breach):
        self.told.append(("closed", why))


class Rig:
    def __init__(self):
        self.hearer = Hearer()
        self.player = Player(L16_8K, 8000)
        self.device = FileDevice(self.player)
        self.line = SpeakerLine(self.hearer, self.player, None, self.device)
        self.line.begin("+1555")


def hurried(main):
    """Run in virtual time; returns how long that took there."""

    async def timed():
        loop = asyncio.get_running_loop()
        loop.hurry = lambda: True
        began = loop.time()
        await main()
        return loop.time() - began

    with asyncio.Runner(loop_factory=HurriedLoop) as runner:
        return runner.run(timed())


def test_a_call_from_answer_to_end():
    async def main():
        rig = Rig()
        rig.line.press("5")
        rig.line.send("mark a")
        rig.line.send(bytes(16000))
        rig.line.send("mark b")
        await asyncio.sleep(1.2)
        rig.line.close(1000)
        rig.line.press("6")
        await asyncio.sleep(0.5)
        assert rig.hearer.told == [
            "opened", "start +1555", "digit 5", "mark a", "mark b", ("closed", "the call is over")
        ]  # fmt: skip

    assert hurried(main) == pytest.approx(1.7, abs=0.05)


def test_what_was_sent_is_played_before_it_closes():
    async def main():
        rig = Rig()
        rig.line.send(b"\x01\x00" * 8000)
        rig.line.close(1000)
        await asyncio.sleep(2)
        assert (rig.device.sound() > 0).sum() == 8000
        assert rig.hearer.told[-1] == ("closed", "the call is over")

    hurried(main)


def test_hanging_up_silences_at_once():
    async def main():
        rig = Rig()
        rig.line.send(b"\x01\x00" * 8000)
        await asyncio.sleep(0.1)
        rig.line.hang_up()
        rig.line.close(1000)
        await asyncio.sleep(1)
        assert (rig.device.sound() > 0).sum() <= 0.13 * 8000
        assert rig.hearer.told[2:] == ["stop the caller hung up", ("closed", "the call is over")]

    hurried(main)


def test_a_device_that_takes_nothing_holds_the_call_back_and_is_given_up():
    async def main():
        rig = Rig()
        rig.device.close()
        rig.line.send(bytes(16000))
        assert rig.player.waiting < HIGH and True not in rig.hearer.told
        rig.line.send(bytes(17000))
        assert rig.hearer.told[-1] is True
        await asyncio.sleep(speaker_line.WATCHDOG + 0.1)
        kind, why = rig.hearer.told[-1]
        assert kind == "closed" and "has not asked for sound for 2.0 s" in why
        assert "has not asked" in rig.line.lost

    hurried(main)


def test_a_device_that_has_stopped_is_opened_anew_and_the_call_goes_on():
    async def main():
        rig, begun = Rig(), []
        rig.device.reopen = lambda: begun.append(FileDevice(rig.player))
        rig.line.send(b"\x01\x00" * 8000)
        await asyncio.sleep(0.3)
        rig.device.close()
        await asyncio.sleep(0.4)
        assert not begun
        await asyncio.sleep(2.5)
        assert len(begun) == 1 and not rig.line.lost
        begun[0].close()
        await asyncio.sleep(1.0)
        assert len(begun) == 2, "for every time that it stops"
        heard = (rig.device.sound() > 0).sum() + (begun[0].sound() > 0).sum()
        assert heard == 8000, "nothing that waited is lost"

    hurried(main)


def test_a_device_that_says_it_is_gone():
    async def main():
        rig = Rig()
        rig.device.lost = "unplugged"
        await asyncio.sleep(0.02)
        assert rig.hearer.told[-1] == ("closed", "the sound device went away: unplugged")

    hurried(main)


def test_it_goes_on_once_the_device_takes_sound_again():
    async def main():
        rig = Rig()
        rig.line.send(bytes(40000))
        assert rig.hearer.told[-1] is True
        await asyncio.sleep(2.2)
        assert rig.hearer.told[-1] is False

    hurried(main)


def test_an_abort_ends_it():
    async def main():
        rig = Rig()
        rig.line.abort()
        rig.line.send(b"late")
        await asyncio.sleep(0.02)
        assert rig.hearer.told[-1] == ("closed", "the device was given up")

    hurried(main)
