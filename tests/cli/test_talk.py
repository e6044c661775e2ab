"""``ivr talk`` without a device: into a file, at a terminal, and where things are missing."""

import asyncio
import importlib.util
import json
import os
import sys

import numpy as np
import pytest

from ivr.cli.main import main
from ivr.cli.talk_show import WIDTH, bar
from ivr.errors import DeviceError
from ivr.media.wave import read_wav, write_wav
from ivr.runtime.speaker import devices
from ivr.runtime.speaker.keyboard import Keyboard

spoken = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="the extra 'voice' is not installed"
)


@spoken
def test_a_call_into_a_file_in_virtual_time(tmp_path, capsys):
    file = tmp_path / "call.wav"
    assert main(["talk", "--wav", str(file), "--keys", "1@2s,9@12s", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [turn["trigger"] for turn in told["turns"]] == ["answer", "digit", "digit"]
    assert told["ended"] == "the dialog ended" and told["wav"] == str(file)
    assert told["device"]["starved"] == told["device"]["gaps"] == 0
    samples, rate = read_wav(file.read_bytes())
    assert rate == 8000 and 12 * rate < len(samples) < 20 * rate


@spoken
def test_what_the_microphone_hears_may_come_from_a_file(tmp_path, capsys):
    said = tmp_path / "said.wav"
    said.write_bytes(write_wav([np.zeros(44100, np.float32)], 44100))
    file = tmp_path / "call.wav"
    assert main(["talk", "--wav", str(file), "--mic", str(said), "--keys", "9@1s", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ended"] == "the dialog ended"


def test_a_microphone_that_cannot_be_read(tmp_path, capsys):
    assert main(["talk", "--mic", "said.wav"]) == 2
    assert "--mic goes with --wav" in capsys.readouterr().err
    assert main(["talk", "--wav", str(tmp_path / "a.wav"), "--mic", str(tmp_path / "no.wav")]) == 2
    assert "no.wav cannot be read" in capsys.readouterr().err
    (tmp_path / "text.wav").write_bytes(b"hello, this is no sound")
    assert main(["talk", "--wav", str(tmp_path / "a.wav"), "--mic", str(tmp_path / "text.wav")]) == 2
    assert "not a WAV file" in capsys.readouterr().err


@spoken
def test_hanging_up(tmp_path, capsys):
    assert main(["talk", "--wav", str(tmp_path / "call.wav"), "--keys", "q@1s", "--real-time", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ended"] == "the caller hung up"


@pytest.mark.parametrize("keys", ["1", "x@2s", "12@2s", "1@soon", ""])
def test_keys_that_are_none(keys, capsys):
    with pytest.raises(SystemExit):
        main(["talk", "--keys", keys])
    assert "--keys" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told_before_the_call(tmp_path, capsys):
    assert main(["talk", "--wav", str(tmp_path / "no" / "call.wav")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_real_time_is_for_files(capsys):
    assert main(["talk", "--real-time"]) == 2
    assert "goes with --wav" in capsys.readouterr().err


def test_without_portaudio_it_says_what_to_install(monkeypatch):
    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(DeviceError, match=r"apt install libportaudio2.*--wav FILE"):
        devices.portaudio()


def test_a_bar_is_a_scale_of_decibels():
    assert bar(0.0) == "░" * WIDTH and bar(1.0) == "█" * WIDTH
    assert bar(10 ** (-30 / 20)) == "█" * (WIDTH // 2) + "░" * (WIDTH // 2)


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind on this Python's system")
async def test_the_keyboard_is_a_telephone_and_the_terminal_as_before(monkeypatch):
    import pty
    import termios

    ours, theirs = pty.openpty()
    terminal = os.fdopen(theirs)
    monkeypatch.setattr(sys, "stdin", terminal)
    before = termios.tcgetattr(theirs)
    pressed = []
    with Keyboard(pressed.append, lambda: pressed.append("hung up")) as keyboard:
        assert keyboard.usable and termios.tcgetattr(theirs) != before
        os.write(ours, b"1 x#aq")
        await asyncio.sleep(0.1)
    assert pressed == ["1", "#", "A", "hung up"]
    assert termios.tcgetattr(theirs) == before
    terminal.close()
    os.close(ours)
