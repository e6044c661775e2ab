import os

import pytest
from directory import Voice, take

from ivr.errors import ProjectError
from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.phrases.lock import parse
from ivr.pregen.gc import collect

SOUND = write_wav([tone(300, 0.5, 8000, -20)], 8000)
SPANISH = "locale: es-US\nphrases:\n  hello: Hola.\n  bye: Adiós.\n"


@pytest.fixture
def built(little, voice):
    """All rendered, in two languages; then a phrase and a language are gone."""
    little.write("prompts/phrases/es-US.yaml", SPANISH)
    little.render(voice)
    (little.root / "prompts/phrases/es-US.yaml").unlink()
    little.replace("prompts/phrases/en-US.yaml", "  sum: You have {amount:money} left.\n", "")
    return little


def files(project):
    audio = project.root / "audio"
    return sorted(path.relative_to(audio).as_posix() for path in audio.rglob("*"))


def found(report):
    return {(garbage.file, garbage.why) for garbage in report.removed}


GONE = {
    ("sum.wav", "orphaned"),
    ("sum.2.wav", "orphaned"),
    ("es-US/hello.wav", "orphaned"),
    ("es-US/bye.wav", "orphaned"),
    ("es-US", "empty directory"),
}


def test_what_no_phrase_needs_is_removed_from_disk_and_lock(built):
    sizes = sum((built.root / "audio" / file).stat().st_size for file, why in GONE if why == "orphaned")
    report = collect(built.sources())
    assert found(report) == GONE
    assert report.bytes == sizes
    assert report.entries == ["es-US/bye", "es-US/hello", "sum", "sum.2"]
    assert files(built) == ["hello.wav", "ivr.lock", "music.wav", "sorry.wav", "wait.wav"]
    lock = parse((built.root / "audio/ivr.lock").read_text(), "lock")
    assert sorted(lock.clips) == ["hello", "music", "sorry", "wait"]


def test_afterwards_it_is_as_if_nothing_had_ever_been_there(built, tmp_path):
    collect(built.sources())
    before = built.audio()
    assert built.render(Voice(), check=True).ok
    assert collect(built.sources()).removed == []
    (built.root / "audio/ivr.lock").unlink()
    built.render(Voice())
    assert built.audio() == before


def test_a_dry_run_tells_the_same_and_removes_nothing(built):
    before, lock = files(built), (built.root / "audio/ivr.lock").read_bytes()
    report = collect(built.sources(), dry_run=True)
    assert found(report) == GONE
    assert files(built) == before
    assert (built.root / "audio/ivr.lock").read_bytes() == lock


def test_what_builds_left_that_were_killed_is_removed(built):
    (built.root / "audio/ivr.lock").unlink()
    built.write("audio/.hello.wav.123.part", b"half")
    built.write("audio/es-US/.bye.wav.9.part", b"ha")
    left = {(file, "unlocked" if why == "orphaned" else why) for file, why in GONE}
    half = {(".hello.wav.123.part", "half-written"), ("es-US/.bye.wav.9.part", "half-written")}
    assert found(collect(built.sources())) == left | half


def test_what_people_made_is_left_wherever_it_stands(built, tmp_path):
    clip = (built.root / "audio/sum.wav").read_bytes()
    mine = {
        "recordings/sum.wav": SOUND,
        "recordings/copy_of_a_clip.wav": clip,
        "recordings/es-US/.keep": b"",
        "unused.wav": SOUND,
        "notes.txt": b"ivr render",
        "es-US/mine.wav": SOUND,
        "sum.2.wav": SOUND,
        "sum.wav": clip[:-1],
        ".hello.part": b"not ours",
    }
    for file, data in mine.items():
        built.write(f"audio/{file}", data)
    target = tmp_path / "elsewhere.wav"
    target.write_bytes(clip)
    (built.root / "audio/linked.wav").symlink_to(target)
    (built.root / "audio/fr-FR").symlink_to(tmp_path)
    report = collect(built.sources())
    assert found(report) == {("es-US/hello.wav", "orphaned"), ("es-US/bye.wav", "orphaned")}
    assert {file: (built.root / "audio" / file).read_bytes() for file in mine} == mine
    assert report.kept == ["sum.2.wav", "sum.wav"]
    assert (built.root / "audio/linked.wav").is_symlink() and target.exists()


@pytest.fixture
def recorded(little, voice):
    """A phrase that a person said is gone."""
    little.write("audio/recordings/sorry.wav", take("Sorry."))
    assert little.render(voice).recorded == ("sorry",)
    little.replace("prompts/phrases/en-US.yaml", "  sorry: Sorry.\n", "")
    return little


def test_what_can_be_made_from_its_recording_again_is_removed(recorded):
    (recorded.root / "audio/recordings/sorry.wav").rename(recorded.root / "audio/recordings/old.WAV")
    report = collect(recorded.sources())
    assert (found(report), report.voices) == ({("sorry.wav", "orphaned")}, [])


@pytest.mark.parametrize("locked", [True, False])
def test_all_that_is_left_of_a_person_stays_and_is_told(recorded, locked):
    recorded.write("audio/recordings/sorry.wav", take("Something else."))
    if not locked:
        (recorded.root / "audio/ivr.lock").unlink()
    before = recorded.audio()["sorry.wav"]
    for _ in range(2):
        report = collect(recorded.sources())
        assert (report.removed, report.voices) == ([], ["sorry.wav"])
        assert recorded.audio()["sorry.wav"] == before


def test_a_clip_that_is_a_sound_of_the_project_is_needed(built):
    built.replace("prompts/phrases/en-US.yaml", "  hello:", "  fixed: {sound: sum.wav}\n  hello:")
    assert ("sum.wav", "orphaned") not in found(collect(built.sources()))
    assert (built.root / "audio/sum.wav").exists()


@pytest.mark.parametrize(
    "words",
    [
        "locale: en-US\nphrases: {hello: [}\n",
        "locale: en-US\nphrases:\n  hello: Hello.\n  sum: You have {amount:euros} left.\n",
        "locale: en-US\nphrases:\n  hello: Hello.\n  hello: Again.\n",
    ],
)
def test_where_phrases_could_not_be_read_nothing_is_removed(built, words):
    built.write("prompts/phrases/es-US.yaml", SPANISH)
    built.write("prompts/phrases/en-US.yaml", words)
    before = files(built)
    with pytest.raises(ProjectError, match=r"en-US\.yaml"):
        collect(built.sources())
    assert files(built) == before


def test_where_a_phrase_stands_in_two_files_nothing_is_removed(built):
    built.write("prompts/phrases/more.yaml", "locale: en-US\nphrases:\n  hello: Hello.\n")
    with pytest.raises(ProjectError, match="stands in"):
        collect(built.sources())


def test_what_any_file_of_a_locale_needs_is_left(built):
    built.write("prompts/phrases/en-US/more.yaml", "locale: en-US\nphrases:\n  sum: You have {amount:money} left.\n")
    assert found(collect(built.sources())) == GONE - {("sum.wav", "orphaned"), ("sum.2.wav", "orphaned")}


def test_what_cannot_be_removed_is_told_and_the_rest_is(built, monkeypatch):
    remove = os.unlink

    def stubborn(path, *rest, **options):
        if str(path).endswith("/sum.wav"):
            raise OSError(13, "Permission denied", str(path))
        remove(path, *rest, **options)

    monkeypatch.setattr("ivr.pregen.gc.Path.unlink", lambda path, **options: stubborn(path))
    report = collect(built.sources())
    assert found(report) == GONE - {("sum.wav", "orphaned")}
    (problem,) = report.problems
    assert (problem.file, problem.remedy) == (f"{built.root}/audio/sum.wav", "mend its permissions")


def told_by_build(project, voice):
    """The orphans of a build, and those of which it says that they are left."""
    report = project.render(voice)
    return set(report.orphaned), dict(report.left)


def test_a_build_tells_which_orphans_are_left(built, voice):
    changed = built.root / "audio/sum.wav"
    changed.write_bytes(changed.read_bytes()[:-2] + b"\1\1")
    orphaned, left = told_by_build(built, voice)
    assert orphaned == {file for file, why in GONE if why == "orphaned"}
    assert left == {"sum.wav": "it is not as a build made it"}
    report = collect(built.sources())
    assert set(report.kept) == set(left)
    assert {garbage.file for garbage in report.removed if garbage.why == "orphaned"} == orphaned - set(left)
    assert told_by_build(built, voice) == (set(), {})


def test_a_build_tells_that_the_last_of_a_recording_is_left(little, voice):
    little.write("audio/recordings/sorry.wav", take("Sorry."))
    little.render(voice)
    kept = (little.root / "audio/recordings/sorry.wav").rename(little.root / "audio/recordings/old.wav")
    little.replace("prompts/phrases/en-US.yaml", "  sorry: ", "  regret: ")
    assert told_by_build(little, voice) == ({"sorry.wav"}, {})
    kept.unlink()
    assert told_by_build(little, voice) == ({"sorry.wav"}, {"sorry.wav": "it is all that is left of its recording"})
    assert collect(little.sources()).voices == ["sorry.wav"]
