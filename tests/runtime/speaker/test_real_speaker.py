"""``ivr talk`` at a real sound server, heard from the monitor of its null sink."""

import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from likeness import AUDIBLE, BLOCK, PART, RATE, audible_parts, held_until, lacking, place

from ivr.call.plan import plan_calls
from ivr.cli.demo import CALLER
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.media.resample import resample
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.driver import Answer, Driver
from ivr.speech.voices import open_voice
from ivr.testing import null_sink
from ivr.testing.null_sink import NullSink, Recorder, missing
from ivr.testing.twilio import TwilioFarEnd
from ivr.trace.report import turns

LACKING = missing() or ("" if importlib.util.find_spec("espeakng_loader") else "the extra 'voice'")

pytestmark = [
    pytest.mark.speaker,
    pytest.mark.skipif(bool(LACKING), reason=f"no sound server to play to: {LACKING} not installed"),
]

TALK = (sys.executable, "-m", "ivr.cli.main", "talk")

WATCHED = (sys.executable, str(Path(__file__).with_name("watched_talk.py")))

KEYS = (("1", 1.06), ("2", 10.04), ("q", 11.0))
"""What is pressed, and when: in the middle of long words, so that it is the same word a little sooner or later."""

LATENCY = 250
"""Milliseconds that the server is asked for: cores that are busy otherwise let less run dry now and then."""

TRIES = 3
"""Calls that are made until the machine let one be whole. It spoils a call, a fault of ours spoils them all."""

RECORDER = 0.020
"""Seconds by which the times of a recording may be late: two of the server's fragments."""

WORDS = 60.0
"""Seconds within which everything must have come to an end."""


@pytest.fixture
def sink(tmp_path):
    with NullSink(tmp_path / "sound") as it:
        it.environ["PULSE_LATENCY_MSEC"] = str(LATENCY)
        yield it


class Heard:
    """A whole call: its report, what its callback gave to the device, and what was recorded of it."""

    def __init__(self, done, watched, recording):
        heard, self.zero = recording
        self.told, self.status, self.errors = json.loads(done.stdout), done.returncode, done.stderr
        self.calls, self.pressed = watched["calls"], watched["pressed"]
        self.microphone = float(watched["microphone"])
        self.given = resample(watched["given"], int(watched["rate"]), RATE)
        self.block = len(self.given) / len(self.calls)
        self.heard = resample(heard, null_sink.RATE, RATE)
        self.lost = lacking(self.heard, self.given, residue=-55.0, level=0.1)

    @property
    def ahead(self):
        """Seconds by which the recording is behind the device's own account; below zero: the monitor hears early."""
        recorded = self.zero + (place(self.heard, self.given) + self.block * np.arange(len(self.calls))) / RATE
        return float(np.median(recorded - self.calls.sum(axis=1)))

    def period(self, at):
        """Seconds between two times at which the device took sound, at the most, around ``at``."""
        times = self.calls[:, 0]
        return float(np.diff(times[(times > at - 0.7) & (times < at + 0.1)]).max())

    @property
    def spoilt(self):
        """How much the machine did to it, by the device's own word and by what the server lost."""
        device = self.told["device"]
        counts = (device[name] for name in ("underruns", "starved", "gaps", "reopened"))
        return bool(self.status), len(self.lost), sum(counts)


def heard(directory):
    """One call, or None where the device never began."""
    file = directory / "watched.npz"
    with NullSink(directory / "sound") as sink:
        sink.environ["PULSE_LATENCY_MSEC"] = str(LATENCY)
        recorder = Recorder(sink)
        words = [*WATCHED, str(file), "--json", "--keys", ",".join(f"{key}@{at}s" for key, at in KEYS)]
        done = subprocess.run(words, env=sink.environ, capture_output=True, text=True, timeout=WORDS)
        recording = recorder.stop()
    assert "Traceback" not in done.stderr, done.stderr
    if not done.stdout:
        assert done.stderr.startswith("ivr: the sound "), done.stderr
        return None
    return Heard(done, np.load(file), recording)


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """All that were made until the machine left one alone; that one, or the best, is the last."""
    found = []
    for _ in range(TRIES):
        if (call := heard(tmp_path_factory.mktemp("call"))) is not None:
            found.append(call)
            if not any(call.spoilt):
                break
        print(f"once more: {call and call.spoilt}")
    assert found, "the sound server never began"
    return sorted(found, key=lambda call: call.spoilt, reverse=True)


@pytest.fixture
def call(calls):
    return calls[-1]


async def _said(request):
    voice = open_voice("embedded")
    try:
        return [chunk async for chunk in voice.synthesize(request)]
    finally:
        await voice.aclose()


@cache
def said(request):
    return asyncio.run(_said(request))


def speak(request, attempt):
    """The very voice, in virtual time."""
    yield from ((0.05, chunk) for chunk in [*said(request), None])


@cache
def over_twilio(presses):
    """The same call on the heap, with so many of its keys: the turns, and what the caller heard."""
    far_end = TwilioFarEnd(parameters={"from": CALLER})
    plan = plan_calls(load(starter_root(), os.environ), TWILIO, provider=open_voice("embedded").name)
    driver = Driver(plan, TwilioCodec(), far_end, speak, {"bank.balance": Answer(Decimal("1234.56"), 0.6)})
    for key, at in KEYS[:presses]:
        driver.at(at, far_end.hang_up if key == "q" else lambda now, key=key: far_end.press(key, now))
    trace = driver.run(KEYS[-1][1] + 1.0)
    return turns(trace), resample(far_end.heard.timeline(0.0, far_end.heard.stop), far_end.heard.rate, RATE)


def test_the_call_is_the_one_that_twilio_has(call):
    assert call.status == 0, call.errors
    wanted, _ = over_twilio(len(KEYS))
    seen = [(turn["trigger"], turn["strategy"], turn["heard"], turn["states"]) for turn in call.told["turns"]]
    assert seen == [(turn.trigger, turn.strategy, turn.heard, list(turn.states)) for turn in wanted]
    assert [turn["heard"].split()[-1:] for turn in call.told["turns"]] == [["to"], ["else?"], []]
    assert call.told["ended"] == "the caller hung up"


@pytest.mark.parametrize("where", ["given", "heard"])
def test_its_sound_is_that_of_twilio_within_the_resampling(calls, where):
    """Each part in one of the calls at least: on a busy machine the server drops some, and never the same."""
    _, wanted = over_twilio(len(KEYS))
    assert len(audible_parts(wanted)) > 40
    wrong = [lacking(getattr(call, where), wanted, residue=-24.0) for call in calls]  # mu-law leaves -27 to -40
    cut = {round(at * RATE) // PART * PART for _, at in KEYS}  # the parts in which a key was pressed
    assert set.intersection(*map(set, wrong)) <= cut, wrong


def test_the_device_sounds_what_the_callback_gave_it(call):
    assert len(call.lost) < len(audible_parts(call.given)) / 5, call.lost


@pytest.mark.parametrize("number", range(len(KEYS)))
def test_interrupted_it_is_silent_within_the_latency_and_one_period(call, number):
    _, wanted = over_twilio(number)  # as it would have gone on
    begun, key = KEYS[number - 1][1] + 0.05 if number else 0.0, KEYS[number][1]
    sounded = wanted[round(begun * RATE) : round((key + 1.0) * RATE)]
    until = held_until(call.heard, sounded, round((key - begun - 0.2) * RATE))
    at, latency = call.pressed[number]
    period = call.period(at)
    stopped = call.zero + until / RATE - at
    assert stopped < latency + period + RECORDER
    assert stopped - call.ahead == pytest.approx(latency, abs=period + BLOCK / RATE)
    if key == KEYS[-1][1]:
        assert np.abs(call.heard[until + 2 * BLOCK :]).max() < AUDIBLE


def test_the_microphone_hears_the_monitor(call):
    assert call.microphone > 0.1


def talk(sink, *words):
    return subprocess.run([*TALK, *words], env=sink.environ, capture_output=True, text=True, timeout=WORDS)


GOING = {
    "killed": (NullSink.kill, ("the sound server or the device has stopped", "cannot be played to")),
    "unplugged": (NullSink.unplug, ("the sound server or the device has stopped", "cannot be played to")),
    "hanging": (lambda sink: sink.signal(signal.SIGSTOP), ("has not asked for sound",)),
}


def cut_off(how, directory):
    """What a call says whose device goes away in its middle, and its exit status."""
    with NullSink(directory) as sink:
        sink.environ["PULSE_LATENCY_MSEC"] = str(LATENCY)
        pipe = subprocess.PIPE
        process = subprocess.Popen([*TALK, "--no-mic"], env=sink.environ, stdout=pipe, stderr=pipe, text=True)
        giving_up = threading.Timer(WORDS, process.kill)
        giving_up.start()
        try:
            shown = ""
            while "first audio" not in shown and (line := process.stdout.readline()):
                shown += line
            how(sink)
            _, errors = process.communicate()
        finally:
            giving_up.cancel()
            process.kill()
    return errors, process.returncode


def test_a_device_that_goes_away_in_mid_call_ends_it_in_words(tmp_path):
    with ThreadPoolExecutor() as pool:
        seen = {name: pool.submit(cut_off, how, tmp_path / name) for name, (how, _) in GOING.items()}
    for name, (_, reasons) in GOING.items():
        errors, status = seen[name].result()
        assert status == 2, (name, status, errors)
        assert "ivr: the call was cut off: " in errors and "Traceback" not in errors, (name, errors)
        assert any(why in errors for why in reasons), (name, errors)


WRONG = {
    ("--device", "no such"): "--device no such: No output device matching 'no such'; `ivr talk --list`",
    ("--device", "99"): "--device 99: there is no device of that number; `ivr talk --list`",
    ("--device", "l"): "--device l: Multiple output devices found for 'l': [0] pulse, ALSA, [1] default, ALSA; `ivr",
    ("--input", "no such"): "--input no such: No input device matching 'no such'; `ivr talk --list`",
}


def test_devices_are_listed_and_chosen(sink):
    words = [list(options) for options in WRONG]
    code = (
        f"from ivr.cli.main import main\nfor words in {words}: print(main(['talk', *words]))\nmain(['talk', '--list'])"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env=sink.environ, capture_output=True, text=True, timeout=WORDS)
    assert "input and output" in done.stdout and done.stdout.startswith("2\n" * len(WRONG))
    errors = done.stderr.splitlines()
    assert len(errors) == len(WRONG), errors
    for error, wanted in zip(errors, WRONG.values(), strict=True):
        assert error.startswith(f"ivr: {wanted}")


DEAF = "pcm.default { type asym playback.pcm { type pulse } }\nctl.default { type pulse }\n"


def test_a_call_without_a_microphone_says_so(sink, tmp_path):
    alsa = tmp_path / "alsa.conf"
    alsa.write_text(DEAF)
    sink.environ["ALSA_CONFIG_PATH"] = str(alsa)
    for _ in range(TRIES):
        done = talk(sink, "--device", "def", "--keys", "q@300ms", "--json")
        if not done.returncode:
            break
    assert "no microphone: this machine has no microphone that PortAudio can see\n" in done.stderr
    told = json.loads(done.stdout)
    assert told["ended"] == "the caller hung up" and told["device"]["rate"] in (44100, 48000)


def test_a_machine_without_a_device(sink):
    sink.kill()
    done = talk(sink, "--keys", "q@1s")
    assert done.returncode == 2 and done.stderr.startswith("ivr: this machine has no speaker"), done.stderr
    assert done.stderr.count("\n") == 1


def test_the_bench_measures_it():
    words = [sys.executable, "-m", "bench.talk", "--minutes", "0.05", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=2 * WORDS)
    assert done.returncode in (0, 1, 3), done.stderr  # as the machine lets it
    found = {row["what"]: row for row in json.loads(done.stdout)["rows"]}
    assert found["not played"]["seen"] == 0 and 0 < found["latency as the device reports it"]["seen"] < 500
