"""Clips that are made from what people recorded."""

import hashlib
import threading

import numpy as np
import pytest
from directory import RATE, take

from ivr.errors import Severity
from ivr.media.edges import speech_bounds
from ivr.media.loudness import loudness
from ivr.media.wave import read_wav, write_wav
from ivr.phrases.lock import parse
from ivr.pregen import making
from ivr.pregen.choice import Choice
from ivr.pregen.plan import make_plan
from ivr.pregen.takes.recordings import Recording


def entry(directory, clip="hello"):
    return parse((directory.root / "audio/ivr.lock").read_text(), "lock").clips[clip]


def steps(directory, **options):
    return {step.clip.name: step for step in make_plan(directory.sources(), None, **options).steps}


@pytest.fixture
def recorded(little, voice):
    """With a recording of one phrase, built."""
    little.write("audio/recordings/hello.wav", take("Hello."))
    report = little.render(voice)
    assert report.ok
    assert report.recorded == ("hello",)
    assert voice.asked["Hello."] == 0
    return little


def test_a_recording_takes_the_place_of_the_voice(recorded):
    made = entry(recorded)
    samples, rate = read_wav((recorded.root / "audio/hello.wav").read_bytes())
    assert (made.origin, made.recording, made.text, made.provider) == ("recorded", "recordings/hello.wav", "Hello.", "")
    assert rate == 8000
    assert speech_bounds(samples, rate)[0] <= 0.011 * rate
    assert loudness(samples, rate) == pytest.approx(-20, abs=0.5)
    assert made.level == pytest.approx(-20, abs=0.5)
    assert recorded.load(clips=True).store.names >= {"hello"}


def test_nothing_is_made_twice(recorded, voice):
    before = recorded.audio()
    report = recorded.render(voice)
    assert (report.recorded, report.rendered) == ((), ())
    assert recorded.audio() == before


def test_a_new_take_makes_a_new_clip(recorded, voice):
    before = (recorded.root / "audio/hello.wav").read_bytes()
    recorded.write("audio/recordings/hello.wav", take("Good day."))
    assert recorded.render(voice).recorded == ("hello",)
    assert (recorded.root / "audio/hello.wav").read_bytes() != before


def test_another_kind_of_file_with_the_same_name_takes_over(recorded, voice):
    (recorded.root / "audio/recordings/hello.wav").rename(recorded.root / "audio/recordings/hello.WAV")
    report = recorded.render(voice)
    assert report.ok
    assert report.rendered == ()


def test_a_recording_is_never_written(recorded, voice):
    source = take("Hello.")
    recorded.replace("prompts/ivr.yaml", "project: Little", "loudness: -24")
    assert recorded.render(voice).recorded == ("hello",)
    assert (recorded.root / "audio/recordings/hello.wav").read_bytes() == source


def test_words_that_change_ask_for_a_new_take(recorded, voice):
    recorded.replace("prompts/phrases/en-US.yaml", "Hello.", "Good day.")
    report = recorded.render(voice)
    problem = report.failed["hello"]
    assert (problem.file.rpartition("/")[2], problem.line) == ("en-US.yaml", 3)
    assert '"Hello."' in problem.what and "--accept hello" in problem.remedy
    assert voice.asked["Good day."] == 0
    assert entry(recorded).text == "Hello."
    accepted = recorded.render(voice, accepted=["hello"])
    assert accepted.ok
    assert entry(recorded).text == "Good day."
    assert recorded.render(voice).ok


def test_words_that_sound_the_same_ask_for_none(recorded, voice):
    recorded.replace("prompts/phrases/en-US.yaml", "Hello.", "'  Hello. '")
    assert recorded.render(voice).ok


def test_without_its_recording_a_right_clip_stays(recorded, voice):
    (recorded.root / "audio/recordings/hello.wav").unlink()
    assert recorded.render(voice).ok
    assert entry(recorded).origin == "recorded"


@pytest.mark.parametrize("lost", [False, True])
def test_without_its_recording_a_clip_is_not_written_over(recorded, voice, lost):
    (recorded.root / "audio/recordings/hello.wav").unlink()
    if lost:
        (recorded.root / "audio/ivr.lock").unlink()
    recorded.replace("prompts/phrases/en-US.yaml", "Hello.", "Good day.")
    before = recorded.audio()["hello.wav"]
    problem = recorded.render(voice).failed["hello"]
    assert "not written over" in problem.what and "have the voice say it" in problem.remedy
    assert recorded.audio()["hello.wav"] == before
    (recorded.root / "audio/hello.wav").unlink()
    assert recorded.render(voice).rendered == ("hello",)


def test_a_lost_lock_takes_the_clip_up_again(recorded, voice):
    before = recorded.audio()
    (recorded.root / "audio/ivr.lock").unlink()
    assert "hello" in recorded.render(voice).entered
    assert recorded.audio() == before


def test_a_lost_lock_takes_a_clip_up_whose_recording_is_kept_elsewhere(recorded, voice):
    (recorded.root / "audio/recordings/hello.wav").unlink()
    before, made = recorded.audio()["hello.wav"], entry(recorded)
    (recorded.root / "audio/ivr.lock").unlink()
    assert "hello" in recorded.render(voice).entered
    assert recorded.audio()["hello.wav"] == before
    assert (entry(recorded).recording_sha256, entry(recorded).key) == (made.recording_sha256, made.key)
    assert recorded.render(voice).ok


@pytest.mark.parametrize("settings", ["project: Little", "loudness: -24"])
def test_words_that_change_ask_for_a_new_take_where_the_lock_was_lost(recorded, voice, settings):
    recorded.replace("prompts/ivr.yaml", "project: Little", settings)
    recorded.replace("prompts/phrases/en-US.yaml", "Hello.", "Good day.")
    (recorded.root / "audio/ivr.lock").unlink()
    before = recorded.audio()
    for _ in range(2):
        problem = recorded.render(voice).failed["hello"]
        assert "have changed since recordings/hello.wav" in problem.what and "--accept hello" in problem.remedy
        assert recorded.audio()["hello.wav"] == before["hello.wav"]
    assert recorded.render(voice, accepted=["hello"]).ok
    (recorded.root / "audio/ivr.lock").unlink()
    assert recorded.render(voice).ok
    assert (entry(recorded).text, entry(recorded).origin) == ("Good day.", "recorded")


def test_a_new_take_asks_for_nothing_where_the_lock_was_lost(recorded, voice):
    recorded.replace("prompts/phrases/en-US.yaml", "Hello.", "Good day.")
    recorded.write("audio/recordings/hello.wav", take("Good day."))
    (recorded.root / "audio/ivr.lock").unlink()
    assert recorded.render(voice).recorded == ("hello",)


def test_a_clip_that_somebody_changed_is_not_written_over(recorded, voice):
    mine = recorded.audio()["hello.wav"][:-2] + b"xx"
    recorded.write("audio/hello.wav", mine)
    problem = recorded.render(voice).failed["hello"]
    assert problem.remedy == "put it in the place of audio/recordings/hello.wav, or remove it"
    assert recorded.audio()["hello.wav"] == mine


def test_a_damaged_clip_is_made_again(recorded, voice):
    before = recorded.audio()
    recorded.write("audio/hello.wav", before["hello.wav"][:-50])
    assert steps(recorded)["hello"].state == "corrupt"
    assert recorded.render(voice).recorded == ("hello",)
    assert recorded.audio() == before


def test_a_take_that_cannot_be_used_is_told_and_the_others_are_built(little, voice):
    clipped = np.clip(read_wav(take("Hello.", level=0.3))[0] * 40, -1, 1).astype(np.float32)
    little.write("audio/recordings/hello.wav", write_wav([clipped], RATE))
    little.write("audio/recordings/sorry.wav", b"no sound")
    little.write("audio/recordings/wait.wav", write_wav([np.zeros(8000, np.float32)], 8000))
    report = little.render(voice)
    assert not report.ok
    assert report.rendered == ("sum", "sum.2")
    told = {name: (problem.file.rpartition("/")[2], problem.what) for name, problem in report.failed.items()}
    assert told["hello"][0] == "hello.wav" and "clipped" in told["hello"][1] + report.failed["hello"].remedy
    assert told["sorry"][0] == "sorry.wav" and "cannot be read" in told["sorry"][1]
    assert told["wait"][0] == "wait.wav" and "silen" in told["wait"][1]
    assert all(problem.remedy for problem in report.failed.values())


def test_a_build_reads_each_recording_once_and_what_it_heard_is_what_it_enters(little, voice, monkeypatch):
    little.write("audio/recordings/hello.wav", take("Hello."))
    read = Recording.read
    asked = []

    def other(self):
        """Somebody saves a new take after the file was hashed, and another one after it was read."""
        asked.append(self.clip)
        self.path.write_bytes(take("Good day."))
        data = read(self)
        self.path.write_bytes(take("Good night."))
        return data

    monkeypatch.setattr(Recording, "read", other)
    assert little.render(voice).recorded == ("hello",)
    assert asked == ["hello"]
    assert entry(little).recording_sha256 == hashlib.sha256(take("Good day.")).hexdigest()
    monkeypatch.undo()
    assert little.render(voice).recorded == ("hello",)


def test_recordings_are_listened_to_side_by_side_and_told_one_by_one(little, voice, monkeypatch):
    both = threading.Barrier(2, timeout=30)
    plain = making.read_take
    monkeypatch.setattr(making, "read_take", lambda recording: both.wait() >= 0 and plain(recording))
    monkeypatch.setattr("ivr.pregen.render.os.cpu_count", lambda: 2)
    for clip in ("hello", "sorry"):
        little.write(f"audio/recordings/{clip}.wav", take("Hello."))
    told = []
    assert little.render(voice, progress=told.append).recorded == ("hello", "sorry")
    assert {progress.clip for progress in told} >= {"hello", "sorry"}


def test_warnings_of_recordings_are_told_by_the_build_that_uses_them(little, voice):
    little.write("audio/recordings/hello.wav", take("Hello.", rate=8000))
    little.replace("prompts/ivr.yaml", "project: Little", "clip_rate: 16000")
    report = little.render(voice)
    assert report.ok and report.recorded == ("hello",)
    assert [problem.severity for problem in report.problems] == [Severity.WARNING]
    assert little.render(voice).problems == ()


def test_a_clip_that_stays_right_is_listened_to_where_that_is_asked_for(recorded, monkeypatch):
    asked = []
    monkeypatch.setattr("ivr.pregen.plan.judged", lambda *words: asked.append(words) or [])
    assert steps(recorded)["hello"].warnings == ()
    assert asked == []
    steps(recorded, thorough=True)
    assert len(asked) == 1


@pytest.mark.parametrize("files", [["hello.flac", "hello.wav"], ["hello.amr"]])
def test_what_cannot_be_told_or_read_is_not_said_by_the_voice_meanwhile(little, voice, files):
    for file in files:
        little.write(f"audio/recordings/{file}", take("Hello."))
    dry = little.render(voice, check=True)
    assert "hello" not in {one.clip for one in dry.planned}
    report = little.render(voice)
    assert (list(report.failed), report.problems, report.rendered) == (["hello"], (), ("sorry", "sum", "sum.2", "wait"))
    assert "audio/recordings/hello." in report.failed["hello"].file
    assert voice.asked["Hello."] == 0


def test_a_clip_of_which_there_are_two_recordings_now_stays_as_it_is(recorded, voice):
    before = recorded.audio()["hello.wav"]
    recorded.write("audio/recordings/hello.flac", b"x")
    recorded.replace("prompts/phrases/en-US.yaml", "Hello.", "Good day.")
    report = recorded.render(voice)
    assert "has 2 recordings" in report.failed["hello"].what
    assert recorded.audio()["hello.wav"] == before
    assert entry(recorded).text == "Hello."


def test_what_is_wrong_with_a_recording_is_told_where_its_clip_is_not_built(recorded, voice):
    recorded.write("audio/recordings/hello.flac", b"x")
    report = recorded.render(voice, choice=Choice(["sorry"]))
    assert [problem.severity for problem in report.problems] == [Severity.ERROR]


def test_a_recording_for_no_phrase_is_a_warning(recorded):
    recorded.write("audio/recordings/helo.wav", take("Hello."))
    (problem,) = make_plan(recorded.sources(), None).problems
    assert problem.severity is Severity.WARNING
    assert "did you mean 'hello'" in problem.remedy
