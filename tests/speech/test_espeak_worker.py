"""The worker as a process of its own, spoken to by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

pytest.importorskip("espeakng_loader", reason="the extra 'voice' is not installed")

from ivr.speech.espeak.pool import EspeakVoice, worker_command, worker_environment
from ivr.speech.espeak.protocol import (
    Cancel,
    Kind,
    RecordDecoder,
    Speak,
    encode_request,
    unpack_hello,
    unpack_refused,
)

SENTENCE = "Hello there, you have two new messages. Please press one to listen to them."
LONG = " ".join([SENTENCE] * 60)


class Talk:
    """Blocking access to a worker's pipes."""

    def __init__(self, process):
        self.process = process
        self._decoder = RecordDecoder()
        self._records = self._read()

    def _read(self):
        while data := os.read(self.process.stdout.fileno(), 4096):
            yield from self._decoder.feed(data)

    def send(self, *requests):
        self.process.stdin.write(b"".join(map(encode_request, requests)))
        self.process.stdin.flush()

    def next(self):
        return next(self._records)

    def answer(self):
        records = [self.next()]
        while records[-1].kind not in (Kind.END, Kind.REFUSED):
            records.append(self.next())
        return records


@contextmanager
def worker(data_path="", greet=True):
    process = subprocess.Popen(
        worker_command(data_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=worker_environment(os.environ),
    )
    with process:
        try:
            talk = Talk(process)
            if greet:
                talk.hello = unpack_hello(talk.next().payload)
            yield talk
        finally:
            process.kill()


def audio(records):
    return b"".join(record.payload for record in records if record.kind is Kind.AUDIO)


def test_it_greets_with_the_version_that_the_pool_has_in_its_name():
    with worker() as talk:
        assert talk.hello.rate == 22050
        assert talk.hello.reusable
        assert EspeakVoice().name == f"espeak-ng/{'.'.join(talk.hello.version.split('.')[:2])}"


def test_it_imports_nothing_heavy_and_the_pool_does_not_load_the_library():
    light = "ivr.speech.espeak.worker", ("numpy", "asyncio", "pydantic")
    apart = "ivr.speech.espeak.pool", ("espeakng_loader", "ivr.speech.espeak.binding")
    for module, without in (light, apart):
        code = f"import sys, {module}; print(sorted(set({without}) & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"


def test_cancelling_stops_it_in_the_middle_and_the_next_is_as_ever():
    with worker() as talk:
        talk.send(Speak(1, SENTENCE, "en-us", "", 1.0))
        usual = audio(talk.answer())
        talk.send(Speak(2, LONG, "en-us", "", 1.0))
        whole = talk.answer()
        talk.send(Speak(3, LONG, "en-us", "", 1.0))
        first = talk.next()
        talk.send(Cancel(3))
        rest = talk.answer()
        talk.send(Speak(4, SENTENCE, "en-us", "", 1.0))
        assert audio(talk.answer()) == usual
    assert first.id == 3 and rest[-1].kind is Kind.END
    assert len(rest) < len(whole) / 4


def test_cancelling_what_waits_gives_no_audio_and_what_ended_nothing():
    with worker() as talk:
        talk.send(
            Speak(1, SENTENCE, "en-us", "", 1.0),
            Speak(2, LONG, "en-us", "", 1.0),
            Cancel(2),
            Cancel(99),
            Speak(3, "Yes.", "en-us", "", 1.0),
        )
        assert audio(talk.answer())
        second = talk.answer()
        talk.send(Cancel(1))
        assert [record.id for record in second] == [2] * len(second)
        assert len(audio(second)) < 22050 * 2 * 20
        assert audio(talk.answer())


def test_it_ends_at_the_end_of_stdin_even_when_nobody_reads():
    with worker() as talk:
        talk.send(Speak(1, LONG, "en-us", "", 1.0))
        talk.next()  # from here on the pipe fills, and the worker waits in a write
        talk.process.stdin.close()
        assert talk.process.wait(timeout=10) == 0


def test_it_ends_when_the_listener_is_gone():
    with worker() as talk:
        talk.send(Speak(1, LONG, "en-us", "", 1.0))
        talk.next()
        talk.process.stdout.close()
        assert talk.process.wait(timeout=10) == 0


def test_a_line_that_is_no_request_ends_it_with_a_reason():
    with worker() as talk:
        talk.process.stdin.write(b"hello\n")
        talk.process.stdin.flush()
        assert talk.process.wait(timeout=10) == 1
        assert b"JSONDecodeError" in talk.process.stderr.read()


@pytest.mark.parametrize(
    ("voice", "locale", "speed", "status", "said"),
    [
        ("nobody", "en-US", 1.0, 404, "no voice 'nobody'"),
        ("en-us+nobody", "", 1.0, 404, "no variant '+nobody'"),
        ("nobody+f3", "", 1.0, 404, "no voice 'nobody+f3'"),
        ("+f3", "", 1.0, 404, "no voice '+f3'"),
        ("", "qq-QQ", 1.0, 404, "locale 'qq-QQ'"),
        ("en-us", "", 9.0, 400, "not 9.0"),
    ],
)
def test_what_it_does_not_have_is_refused_and_not_said_otherwise(voice, locale, speed, status, said):
    with worker() as talk:
        talk.send(Speak(1, "Yes.", "en-us", "", 1.0))
        usual = audio(talk.answer())
        talk.send(Speak(2, "Yes.", voice, locale, speed), Speak(3, "Yes.", "en-us", "", 1.0))
        refusal = talk.answer()
        assert [record.kind for record in refusal] == [Kind.REFUSED]
        refused = unpack_refused(refusal[0].payload)
        assert refused.status == status and said in refused.why
        assert audio(talk.answer()) == usual


def test_voices_by_tag_by_locale_and_by_name_are_the_same_voice():
    with worker() as talk:
        said = {}
        for number, (voice, locale) in enumerate([("en-gb", ""), ("", "en-GB"), ("", "en-AU"), ("en-us", "")], 1):
            talk.send(Speak(number, "Good morning", voice, locale, 1.0))
            said[voice, locale] = audio(talk.answer())
    assert said["en-gb", ""] == said["", "en-GB"] == said["", "en-AU"]
    assert said["en-gb", ""] != said["en-us", ""]


def test_speed_shortens_and_control_characters_do_not():
    with worker() as talk:
        lengths = {}
        for number, (text, speed) in enumerate(
            [(SENTENCE, 0.75), (SENTENCE, 1.0), (SENTENCE, 1.5), ("Hello there\x01400S " + SENTENCE[12:], 1.0)], 1
        ):
            talk.send(Speak(number, text, "en-us", "", speed))
            lengths[text, speed] = len(audio(talk.answer()))
    slow, usual, fast, commanded = lengths.values()
    assert 1.2 < slow / usual < 1.5
    assert 0.6 < fast / usual < 0.8
    assert commanded > usual


def test_a_data_path_longer_than_espeak_takes(tmp_path):
    import espeakng_loader

    deep = tmp_path / ("a" * 120) / ("b" * 120)
    deep.mkdir(parents=True)
    (deep / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path())
    with worker() as installed, worker(str(deep / "espeak-ng-data")) as far:
        for talk in (installed, far):
            talk.send(Speak(1, SENTENCE, "", "fr-CA", 1.0))
        assert audio(installed.answer()) == audio(far.answer()) != b""


@pytest.mark.parametrize("exists", [True, False])
def test_data_that_is_none_is_named(tmp_path, exists):
    path = tmp_path / "data"
    if exists:
        path.mkdir()
    with worker(str(path), greet=False) as talk:
        assert talk.process.wait(timeout=10) == 1
        assert str(path) in talk.process.stderr.read().decode()
