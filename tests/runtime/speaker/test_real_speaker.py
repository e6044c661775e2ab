"""``ivr talk`` at a real sound server, heard from the monitor of its null sink."""

import json
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from null_sink import RATE, NullSink, Recorder, missing

from ivr.media.resample import resample
from ivr.media.wave import read_wav

pytestmark = [
    pytest.mark.speaker,
    pytest.mark.skipif(bool(missing()), reason=f"no sound server to play to: {missing()} not installed"),
]

TALK = (sys.executable, "-m", "ivr.cli.main", "talk", "--no-mic")

AUDIBLE = 10 ** (-50 / 20)

RECORDER = 0.100
"""Seconds by which the recorder's own times may be late."""

TALKING = 0.200
"""Seconds before the key in which it must have been talking: longer than the server renders ahead of its monitor."""

PART = 1600
"""Samples of a part of the greeting that is looked for by itself: the server may drop or stretch what is around it."""

ASTRAY = 8000
"""Samples by which the server may have moved it."""

TRIES = 4
"""Calls that are made until all was as it must be. A busy machine spoils a call; a fault of ours spoils them all."""


@pytest.fixture
def sink(tmp_path):
    with NullSink(tmp_path / "sound") as it:
        yield it


def talk(sink, *words, **options):
    return subprocess.run([*TALK, *words], env=sink.environ, capture_output=True, text=True, timeout=60, **options)


def report(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def unlike(heard, wanted):
    """The residue of ``heard`` that no filter of 4 ms makes of ``wanted``, dB below it; both at 8 kHz."""
    taps = 32
    padded = np.pad(wanted, taps // 2)[: len(heard) + taps]
    columns = np.lib.stride_tricks.sliding_window_view(padded, taps)[: len(heard)]
    weights, *_ = np.linalg.lstsq(columns, heard, rcond=None)
    return 10 * np.log10(float(np.sum((heard - columns @ weights) ** 2) / np.sum(heard**2)) + 1e-12)


def sounding_right(heard, wanted):
    """Where the parts of ``wanted`` begin that are in ``heard``, within ``ASTRAY`` of their place; both at 8 kHz."""
    spectrum = np.fft.rfft(heard, 2 * len(heard)) * np.conj(np.fft.rfft(wanted, 2 * len(heard)))
    shift = int(np.argmax(np.fft.irfft(spectrum)[: len(heard)]))
    right = set()
    for start in parts(wanted):
        part = wanted[start : start + PART]
        nearby = heard[max(0, shift + start - ASTRAY) : shift + start + PART + ASTRAY]
        if len(nearby) < PART:
            continue
        energy = np.convolve(nearby**2, np.ones(PART), "valid")
        at = int(np.argmax(np.correlate(nearby, part, "valid") / np.sqrt(np.maximum(energy, 1e-3))))
        found = nearby[at : at + PART]
        if np.any(found) and unlike(found, part) < -20:
            right.add(start)
    return right


def parts(wanted):
    """Where its parts begin that can be heard."""
    starts = range(0, len(wanted) - PART, PART)
    return {start for start in starts if np.mean(wanted[start : start + PART] ** 2) > AUDIBLE**2}


def until_good(attempt):
    """What the first attempt whose ``good`` is true found, or the last."""
    for _ in range(TRIES):
        found = attempt()
        if found["good"]:
            break
        print(f"once more, it was {found}")
    return found


def test_the_greeting_and_the_menu_sound_as_they_do_in_a_file(sink, tmp_path):
    keys = ("--keys", "q@7s")
    file = tmp_path / "call.wav"
    subprocess.run([*TALK, "--wav", str(file), *keys], capture_output=True, timeout=60, check=True)
    wanted, rate = read_wav(file.read_bytes())
    assert rate == 8000
    wanted = wanted[: round(6.5 * rate)]  # what is left of the last moment differs by the latency
    lacking = parts(wanted)
    assert len(lacking) > 15

    def attempt():
        recorder = Recorder(sink)
        done = talk(sink, *keys, "--json")
        heard, _ = recorder.stop()
        if done.returncode:
            return {"good": False, "why": done.stderr}
        device = report(done)["device"]
        lacking.difference_update(sounding_right(resample(heard, RATE, rate), wanted))
        return {"good": not lacking, "lacking": sorted(lacking), **device}

    found = until_good(attempt)
    assert found["good"], found


CALLER = """
import asyncio, json, os, sys, time
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.speaker.line import SpeakerLine
from ivr.runtime.speaker.talk import Talk
from ivr.speech.voices import open_voice

pressed = []
def press(line):
    pressed.append(time.monotonic())
    getattr(line, sys.argv[1])(*sys.argv[2:])

class Sit:
    def __init__(self, line, player, ears):
        self.line = line
    def __enter__(self):
        asyncio.get_running_loop().call_later(3.0, press, self.line)
    def __exit__(self, *_):
        pass

async def silent_after_digit(line):
    await line.say("main")
    await line.ask(30.0)
    await line.ask(1.0)

async def main():
    project = load(starter_root(), os.environ)
    voice = open_voice(**project.settings.voice.options())
    talk = Talk(project, voice, LookupDesk(), lambda *_: None, "", at=Sit, dialog=silent_after_digit)
    ended = await talk.at_device(None, None, microphone=False)
    await voice.aclose()
    print(json.dumps({"pressed": pressed[0], "latency": ended.figures.latency, "late": ended.figures.late}))

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [("press", "5"), ("hang_up",)])
def test_interrupted_it_is_silent_within_the_latency_and_one_period(sink, how):
    def attempt():
        recorder = Recorder(sink)
        words = [sys.executable, "-c", CALLER, *how]
        done = subprocess.run(words, env=sink.environ, capture_output=True, text=True, timeout=60)
        heard, zero = recorder.stop()
        if done.returncode:
            return {"good": False, "why": done.stderr}
        told = report(done)
        last = int(np.flatnonzero(np.abs(heard) > AUDIBLE)[-1])
        stopped = zero + last / RATE - told["pressed"]
        in_time = -TALKING < stopped < told["latency"] + told["late"] + RECORDER
        return {"good": in_time and 0 < told["latency"] < 0.2, "stopped": stopped, **told}

    found = until_good(attempt)
    assert found["good"], found


@pytest.mark.parametrize(
    ("how", "why"),
    [(signal.SIGKILL, "the sound"), (signal.SIGSTOP, "has not asked for sound for ")],
)
def test_a_server_that_goes_away_in_mid_call_ends_in_words(sink, how, why):
    process = subprocess.Popen(TALK, env=sink.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = []
    reader = threading.Thread(target=lambda: first.append(process.stdout.readline()))
    reader.start()
    try:
        reader.join(30)
        assert first, "the call has not begun"
        time.sleep(1)
        sink.kill(how)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        sink.kill()
    assert process.returncode == 2
    assert "the call was cut off" in errors
    assert why in errors and "Traceback" not in errors


def test_devices_are_listed_and_chosen(sink):
    done = subprocess.run([*TALK, "--list", "--json"], env=sink.environ, capture_output=True, text=True, timeout=60)
    found = json.loads(done.stdout)
    assert [device["default"] for device in found if device["name"] == "default"] == ["input and output"]
    done = talk(sink, "--device", "no such")
    assert done.returncode == 2 and "--device no such" in done.stderr and "--list" in done.stderr

    def attempt():
        done = talk(sink, "--device", "default", "--keys", "q@300ms", "--json")
        return {"good": not done.returncode, "done": done}

    told = report(until_good(attempt)["done"])
    assert told["ended"] == "the caller hung up" and told["device"]["rate"] in (44100, 48000)


def test_a_microphone_is_open_unless_it_is_not_wanted(sink):
    words = [word for word in TALK if word != "--no-mic"]
    words += ["--keys", "q@1s", "--json"]

    def attempt():
        done = subprocess.run(words, env=sink.environ, capture_output=True, text=True, timeout=60)
        return {"good": not done.returncode, "done": done}

    assert report(until_good(attempt)["done"])["ended"] == "the caller hung up"


def test_a_machine_without_a_device(sink):
    sink.kill()
    done = talk(sink, "--keys", "q@1s")
    assert done.returncode == 2 and done.stderr.startswith("ivr: ") and "Traceback" not in done.stderr
