import asyncio
import os
from pathlib import Path

import pytest

from ivr.errors import ConfigError, SpeechBroken, SpeechEmpty, SpeechRefused
from ivr.media.edges import speech_bounds
from ivr.media.loudness import loudness
from ivr.media.resample import resample
from ivr.media.tones import tone
from ivr.media.wave import read_wav, write_wav
from ivr.phrases.lock import parse
from ivr.pregen.choice import Choice
from ivr.pregen.render import render
from ivr.testing.voices import babble

RENDERED = ("hello", "sorry", "sum", "sum.2", "wait")


def lock(directory):
    return parse((directory.root / "audio/ivr.lock").read_text(), "lock")


def test_everything_is_rendered_once(little, voice):
    report = little.render(voice)
    assert report.ok
    assert (report.rendered, report.entered, report.ready) == (RENDERED, ("music",), ())
    assert report.characters == sum(map(len, voice.asked))
    before = little.audio()
    again = little.render(voice)
    assert (again.rendered, again.entered, again.ready) == ((), (), tuple(sorted((*RENDERED, "music"))))
    assert little.audio() == before
    assert set(voice.asked.values()) == {1}


def test_what_is_written_is_trimmed_levelled_and_locked(little, voice):
    voice.level = 0.3
    little.render(voice)
    entry = lock(little).clips["hello"]
    samples, rate = read_wav((little.root / "audio/hello.wav").read_bytes())
    assert (entry.phrase, entry.rate, entry.origin, entry.text) == ("hello", rate, "rendered", "Hello.")
    assert entry.seconds == pytest.approx(len(samples) / rate, abs=0.0005)
    assert rate == 8000
    assert speech_bounds(samples, rate)[0] <= 0.011 * rate
    assert loudness(samples, rate) == pytest.approx(-20, abs=0.5)
    assert entry.loudness == pytest.approx(loudness(resample(babble("Hello.") * 0.3, 22050, 8000), 8000), abs=0.5)
    gain = lock(little).voices["espeak-ng/1.52:en-us"]
    spoken = [each.loudness for each in lock(little).clips.values() if each.loudness is not None]
    assert gain == pytest.approx(-20 - sum(spoken) / len(spoken), abs=0.01)


@pytest.mark.parametrize(("written", "rate"), [("16000", 16000), ("voice", 22050)])
def test_clips_are_stored_at_the_rate_of_the_settings(little, voice, written, rate):
    little.replace("prompts/ivr.yaml", "project: Little", f"clip_rate: {written}")
    little.render(voice)
    assert read_wav((little.root / "audio/hello.wav").read_bytes())[1] == rate
    assert lock(little).clips["hello"].rate == rate


def test_only_what_changed_is_rendered(little, voice):
    little.render(voice)
    before = little.audio()
    little.replace("prompts/phrases/en-US.yaml", "Hello.", "Good day.")
    report = little.render(voice)
    assert report.rendered == ("hello",)
    changed = {name for name, data in little.audio().items() if data != before[name]}
    assert changed == {"hello.wav", "ivr.lock"}


def test_words_that_a_clip_says_already_cost_nothing(little, voice):
    little.render(voice)
    before, gains = little.audio(), lock(little).voices
    little.replace("prompts/phrases/en-US.yaml", "  hello: Hello.", "  hi: Hello.\n  hello: Good day.")
    foreseen = little.render(voice, check=True)
    assert (foreseen.missing, foreseen.stale, foreseen.characters) == (("hi",), ("hello",), len("Good day."))
    assert {one.clip: one.twin for one in foreseen.planned} == {"hi": "hello.wav", "hello": ""}
    report = little.render(voice)
    assert (report.rendered, report.copied, report.characters) == (("hello",), ("hi",), len("Good day."))
    assert voice.asked["Hello."] == 1
    assert little.audio()["hi.wav"] == before["hello.wav"]
    assert lock(little).clips["hi"].text == "Hello."
    assert lock(little).voices.keys() == gains.keys()
    assert little.render(voice).ready == tuple(sorted((*RENDERED, "hi", "music")))


def test_what_was_changed_is_not_copied(little, voice):
    little.render(voice)
    little.replace("prompts/phrases/en-US.yaml", "  hello:", "  hi: Hello.\n  hello:")
    little.write("audio/hello.wav", little.audio()["hello.wav"][:-2])
    report = little.render(voice)
    assert (report.rendered, report.copied, voice.asked["Hello."]) == (("hi",), ("hello",), 2)


def test_dates_of_files_do_not_count(little, voice):
    little.render(voice)
    for path in (little.root / "audio").iterdir():
        os.utime(path, (0, 0))
    assert little.render(voice).rendered == ()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-100],
        lambda data: bytes(len(data)),
        lambda data: data[:60],
        lambda data: b"",
        lambda data: b"x",
        lambda data: b"<<<<<<< HEAD\n" * 20,
    ],
)
def test_a_damaged_file_is_mended_to_the_same_bytes(little, voice, damage):
    little.render(voice)
    before = little.audio()
    little.write("audio/hello.wav", damage(before["hello.wav"]))
    assert little.render(voice, check=True).corrupt == ("hello",)
    assert little.render(voice).rendered == ("hello",)
    assert little.audio() == before


@pytest.mark.parametrize("locked", [True, False])
def test_a_clip_that_somebody_changed_is_told_and_not_written_over(little, voice, locked):
    little.render(voice)
    louder = little.audio()["hello.wav"][:-2] + b"xx"
    little.write("audio/hello.wav", louder)
    if not locked:
        (little.root / "audio/ivr.lock").unlink()
    problem = little.render(voice).failed["hello"]
    assert problem.what == "audio/hello.wav was changed since a build made it and is not written over"
    assert "audio/recordings/hello.wav" in problem.remedy and "remove it" in problem.remedy
    assert (little.audio()["hello.wav"], voice.asked["Hello."]) == (louder, 1)
    (little.root / "audio/hello.wav").unlink()
    assert little.render(voice).rendered == ("hello",)


@pytest.mark.parametrize("head", [b"ID3\x04", b"\xff\xfb\x90\x64", b"fLaC", b"RF64\xff\xff\xff\xffWAVE", b"OggS"])
def test_a_sound_of_another_kind_is_not_taken_for_damage(little, voice, head):
    little.render(voice)
    mine = head + bytes(range(256)) * 20
    little.write("audio/hello.wav", mine)
    assert "was not made by a build" in little.render(voice).failed["hello"].what
    assert little.audio()["hello.wav"] == mine


def test_a_text_that_no_lock_tells_of_is_not_written_over(little, voice):
    little.write("audio/hello.wav", b"x")
    problem = little.render(voice).failed["hello"]
    assert problem.remedy == (
        "move it to audio/recordings/hello.wav, to be made from it, say 'sound: hello.wav' for its words, or remove it,"
        " to have it made anew"
    )
    assert little.audio()["hello.wav"] == b"x"


def test_a_sound_in_the_place_of_one_of_several_clips_is_no_sound_of_the_phrase(little, voice):
    little.write("audio/sum.2.wav", b"ID3\x04" * 100)
    assert "sound:" not in little.render(voice).failed["sum.2"].remedy


def test_a_pointer_of_git_lfs_is_fetched_and_not_paid_for(little, voice):
    little.render(voice)
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    little.write("audio/hello.wav", pointer)
    report = little.render(voice)
    assert (report.rendered, little.audio()["hello.wav"]) == ((), pointer)
    assert report.failed["hello"].remedy == "run `git lfs pull`, or remove it, to have the clip made anew"


def test_a_deleted_file_comes_back_with_the_same_bytes(little, voice):
    little.render(voice)
    before = little.audio()
    (little.root / "audio/sum.2.wav").unlink()
    assert little.render(voice, check=True).missing == ("sum.2",)
    assert little.render(voice).rendered == ("sum.2",)
    assert little.audio() == before


def test_check_writes_nothing(little, voice):
    before = little.audio()
    report = little.render(voice, check=True)
    assert not report.ok
    assert report.missing == RENDERED
    assert report.characters == sum(map(len, ("Hello.", "You have,", "left.", "One moment.", "Sorry.")))
    assert little.audio() == before
    assert not voice.asked


def test_check_needs_no_voice(little, voice):
    assert little.render(None, check=True).missing == RENDERED
    little.render(voice)
    assert little.render(None, check=True).ok


def test_without_a_voice_nothing_can_be_rendered(little, voice):
    with pytest.raises(ConfigError, match="5 clips"):
        little.render(None)
    little.render(voice)
    assert little.render(None).ok


def test_a_new_version_of_the_voice_renders_anew(little, voice):
    little.render(voice)
    voice.name = "espeak-ng/2.0"
    assert little.render(None, check=True).ok
    assert little.render(voice).rendered == RENDERED
    assert list(lock(little).voices) == ["espeak-ng/2.0:en-us"]


def test_a_phrase_that_fails_stops_no_other(little, voice):
    voice.fails = {"Hello.": [SpeechRefused(400, "no such word")], "Sorry.": [SpeechBroken("cut")] * 9}
    report = little.render(voice)
    assert not report.ok
    assert report.rendered == ("sum", "sum.2", "wait")
    assert {name: "400" in why.what for name, why in report.failed.items()} == {"hello": True, "sorry": False}
    assert voice.asked["Hello."] == 1
    assert voice.asked["Sorry."] == 2
    assert little.render(voice, check=True).missing == ("hello", "sorry")


def test_what_passes_by_itself_is_tried_again(little, voice):
    voice.fails = {"Hello.": [SpeechEmpty("nothing")], "Sorry.": [SpeechRefused(429, "slowly", retry_after=0.001)]}
    assert little.render(voice).ok


def test_silence_is_a_failure(little, voice):
    voice.level = 0.0
    assert sorted(little.render(voice).failed) == list(RENDERED)
    assert not (little.root / "audio/hello.wav").exists()


def test_patterns_choose_phrases(little, voice):
    assert little.render(voice, choice=Choice(["s*", "hello"])).rendered == ("hello", "sorry", "sum", "sum.2")
    assert little.render(voice, choice=Choice(["wait"])).rendered == ("wait",)
    assert sorted(lock(little).clips) == list(RENDERED)
    with pytest.raises(ConfigError, match="nobody"):
        little.render(voice, choice=Choice(["nobody"]))


def test_clips_are_chosen_by_the_names_that_reports_print(little, voice):
    little.write("prompts/phrases/es-US.yaml", "locale: es-US\nphrases:\n  hello: Hola.\n")
    assert little.render(voice, choice=Choice(["es-US/hello", "sum.2"])).rendered == ("es-US/hello", "sum.2")
    assert little.render(voice, choice=Choice(["hello"])).rendered == ("hello",)
    with pytest.raises(ConfigError, match=r"no phrase matches 'sum\.3': did you mean 'sum\.2'"):
        little.render(voice, choice=Choice(["sum.3"]))


def test_a_recording_of_the_projects_own_is_never_written_over(little, voice):
    own = write_wav([tone(300, 0.5, 8000, -20)], 8000)
    little.write("audio/hello.wav", own)
    report = little.render(voice)
    assert "sound: hello.wav" in report.failed["hello"].remedy
    assert little.audio()["hello.wav"] == own
    assert voice.asked["Hello."] == 0
    (little.root / "audio/hello.wav").unlink()
    little.render(voice)
    little.write("audio/hello.wav", own)
    assert list(little.render(voice).failed) == ["hello"]
    assert little.audio()["hello.wav"] == own


def test_a_sound_of_the_projects_own_that_changed_is_entered_anew(little, voice):
    little.render(voice)
    little.write("audio/music.wav", write_wav([tone(300, 0.5, 8000, -20)], 8000))
    assert little.render(voice, check=True).entered == ("music",)
    assert little.render(voice).entered == ("music",)
    assert little.load(clips=True).lock.clips["music"].origin == "own"


def test_a_sound_of_the_projects_own_that_is_missing_is_told(little, voice):
    (little.root / "audio/music.wav").unlink()
    assert list(little.render(voice).failed) == ["music"]


def test_a_lost_lock_is_written_again_without_speaking(little, voice):
    little.render(voice)
    before = little.audio()
    (little.root / "audio/ivr.lock").unlink()
    report = little.render(voice)
    assert (report.rendered, report.entered) == ((), tuple(sorted((*RENDERED, "music"))))
    assert little.audio() == before


def test_a_build_that_is_cancelled_keeps_what_it_made(little, voice):
    async def cancelled():
        build = asyncio.create_task(render(little.sources(), voice, progress=lambda progress: build.cancel()))
        with pytest.raises(asyncio.CancelledError):
            await build

    asyncio.run(cancelled())
    kept = {entry.file for entry in lock(little).clips.values() if entry.origin == "rendered"}
    assert kept
    assert kept <= set(little.audio())
    assert not [name for name in little.audio() if name.endswith(".part")]
    asked = voice.asked.copy()
    little.render(voice)
    assert little.load(clips=True).store.names >= set(RENDERED)
    assert all((voice.asked - asked)[lock(little).clips[Path(file).stem].text] == 0 for file in kept)


def test_clips_of_phrases_that_are_gone_are_told_and_left(little, voice):
    little.render(voice)
    gain = lock(little).voices
    little.replace("prompts/phrases/en-US.yaml", "  sum: You have {amount:money} left.\n", "")
    little.replace("prompts/dialogs/main.yaml", "[hello, sum]", "[hello]")
    report = little.render(voice)
    assert report.ok
    assert report.orphaned == ("sum.wav", "sum.2.wav")
    assert {"sum.wav", "sum.2.wav"} <= set(little.audio())
    assert lock(little).voices != gain
    for name in ("sum.wav", "sum.2.wav"):
        (little.root / "audio" / name).unlink()
    assert little.render(voice).orphaned == ()
    assert "sum" not in lock(little).clips


def test_at_most_four_are_spoken_at_once_and_progress_is_told(little, voice):
    told = []
    phrases = "".join(f"  p{number}: Number {number}.\n" for number in range(20))
    little.replace("prompts/phrases/en-US.yaml", "  hello:", phrases + "  hello:")
    little.render(voice, progress=told.append)
    assert 2 <= voice.most <= 4
    assert [progress.done for progress in told] == list(range(1, 26))
    assert {progress.total for progress in told} == {25}
    assert {progress.clip for progress in told} >= {"hello", "p19"}


def test_a_directory_in_the_way_is_told_and_nothing_else_suffers(little, voice):
    (little.root / "audio/hello.wav").mkdir()
    report = little.render(voice)
    assert list(report.failed) == ["hello"]
    assert report.failed["hello"].what == "audio/hello.wav cannot be the clip of 'hello': this is a directory"
    assert report.rendered == ("sorry", "sum", "sum.2", "wait")


def test_links_that_lead_nowhere_and_huge_files_are_named(little, voice):
    little.write("audio/.keep", b"")
    (little.root / "audio/hello.wav").symlink_to(little.root / "nowhere.wav")
    with open(little.root / "audio/wait.wav", "wb") as file:
        file.truncate(70_000_000)
    failed = little.render(voice).failed
    assert failed["hello"].what.startswith("audio/hello.wav cannot be the clip of 'hello': ")
    assert failed["wait"].what.startswith("audio/wait.wav cannot be the clip of 'wait': ")


def test_a_lock_that_cannot_be_written_is_told(little, voice):
    (little.root / "audio/ivr.lock").mkdir()
    with pytest.raises(Exception, match=r"ivr\.lock"):
        little.render(voice)


def test_a_full_disk_is_told_and_leaves_no_litter(little, voice, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ivr.pregen.files.disk.os.replace", full)
    before = little.audio()
    report = little.render(voice)
    assert little.audio() == before
    assert list(report.failed) == list(RENDERED)
    assert "(No space left on device: " in report.failed["hello"].what
    assert "/audio/" in report.failed["hello"].what and ".part" not in report.failed["hello"].what
    assert report.failed["hello"].remedy == "make room on the disk and render again"
    assert [problem.what.partition(" (")[0] for problem in report.problems] == ["the lock cannot be written"]
    assert len(voice.asked) + len(report.not_asked) == len(RENDERED)


def test_a_voice_that_renders_whole_is_asked_to(little, voice):
    class Whole:
        name = voice.name

        async def render(self, request):
            async for chunk in voice.synthesize(request):
                return chunk

        def synthesize(self, request):
            raise AssertionError

    assert little.render(Whole()).rendered == RENDERED


def test_of_two_files_of_a_locale_all_is_built_but_what_both_have(little, voice):
    little.write(
        "prompts/phrases/other.yaml",
        "locale: en-US\nphrases:\n  hello: Welcome.\n  bye: Goodbye.\n  own: {sound: no.wav}\n",
    )
    little.write("prompts/phrases/third.yaml", "locale: en-US\nphrases:\n  more: More.\n")
    report = little.render(voice)
    assert report.rendered == ("bye", "more", "sorry", "sum", "sum.2", "wait")
    assert [Path(problem.file).name for problem in report.problems] == ["other.yaml"]
    assert report.problems[0].what == f"the phrase 'hello' stands in {little.root}/prompts/phrases/en-US.yaml:3 too"
    assert {name: (Path(each.file).name, each.line) for name, each in report.failed.items()} == {
        "own": ("other.yaml", 5)
    }
    assert report.orphaned == ()
    (little.root / "prompts/phrases/other.yaml").unlink()
    (little.root / "prompts/phrases/third.yaml").unlink()
    assert little.render(voice).rendered == ("hello",)
