import shutil
from pathlib import Path

import pytest

from ivr.errors import ConfigError, ProjectError
from ivr.media.format import MULAW_8K
from ivr.project.load import load


def problems(directory, environ=None, *, clips=False):
    with pytest.raises(ProjectError) as caught:
        directory.load(environ, clips=clips)
    root = f"{directory.root}/"
    return [(problem.file.removeprefix(root), problem.line, problem.what) for problem in caught.value.problems]


def test_a_project_becomes_one_value(little, voice):
    little.render(voice)
    project = little.load(clips=True)
    assert project.settings.project == "Little"
    assert sorted(project.catalogues["en-US"].phrases) == ["hello", "music", "sorry", "sum", "wait"]
    assert project.tables["main"].start == "top"
    assert project.functions["shop.left"]() == 5
    assert project.store.names == {"hello", "music", "sorry", "sum", "sum.2", "wait"}
    assert project.store.clip("sum.2", MULAW_8K).samples > 0
    with pytest.raises(TypeError):
        project.tables["other"] = project.tables["main"]
    with pytest.raises(AttributeError):
        project.lock = None


def test_where_there_is_no_project_init_is_named(tmp_path):
    with pytest.raises(ConfigError, match="ivr init"):
        load(tmp_path, {})
    with pytest.raises(ConfigError, match="ivr init"):
        load(tmp_path / "no where", {})


def test_every_mistake_of_every_file_comes_at_once(little):
    little.write("prompts/ivr.yaml", "start: mian\nlocale: en-US\nvoice: {speed: fast}\n")
    little.write("prompts/phrases/en-US.yaml", "locale: en-US\nphrases:\n  hello: You have {x:euros}.\n  bye:\n")
    little.write("prompts/phrases/fr.yaml", b"locale: fr\nphrases:\n  caf\xe9: oui\n")
    little.write("prompts/phrases/de.yml", "locale: de-DE\n")
    little.write("prompts/dialogs/main.yaml", "dialog: main\nstart: top\nstates:\n  top: {say: hello, goto: nowhere}\n")
    little.write("prompts/dialogs/second.yaml", "dialog: second\nstates: [\n")
    little.write("prompts/shop.py", "def left(:\n")
    little.write("prompts/math.py", "1 / 0\n")
    little.write("audio/ivr.lock", "<<<<<<< ours\n")
    found = problems(little, {"IVR_COVER_PATIENCE": "long"}, clips=True)
    assert sorted((file, line) for file, line, _ in found) == [
        ("IVR_COVER_PATIENCE", 1),
        ("audio/ivr.lock", 1),
        ("prompts/dialogs/main.yaml", 4),
        ("prompts/dialogs/second.yaml", 3),
        ("prompts/ivr.yaml", 3),
        ("prompts/math.py", 1),
        ("prompts/phrases/de.yml", 1),
        ("prompts/phrases/en-US.yaml", 3),
        ("prompts/phrases/en-US.yaml", 4),
        ("prompts/phrases/fr.yaml", 3),
        ("prompts/shop.py", 1),
    ]


def test_names_that_lead_nowhere_are_found_across_files(little):
    little.replace("prompts/ivr.yaml", "project: Little", "start: mian\nlocale: fr-FR")
    little.replace("prompts/dialogs/main.yaml", "shop.left", "shop.rigth")
    little.replace("prompts/dialogs/main.yaml", "[hello, sum]", "[helo, sum]")
    assert [(file, line) for file, line, _ in problems(little)] == [
        ("prompts/dialogs/main.yaml", 5),
        ("prompts/dialogs/main.yaml", 6),
        ("prompts/ivr.yaml", 1),
        ("prompts/ivr.yaml", 2),
    ]


def test_half_of_a_character_is_a_mistake_in_every_file(little):
    little.replace("prompts/dialogs/main.yaml", "[hello, sum]", r'"\ud800"')
    little.replace("prompts/ivr.yaml", "project: Little", r'project: "\ud800"')
    little.write("prompts/phrases/fr.yaml", 'locale: fr-FR\nphrases:\n  hello: "\\ud83d\\ude00"\n')
    little.write("prompts/hours.yaml", 'calendars:\n  desk: {week: {mon: 9:00-17:00}, holidays: {"\\udfff": 01-01}}\n')
    found = [(file, what) for file, _, what in problems(little) if "half of a character" in what]
    assert found == [
        ("prompts/dialogs/main.yaml", r"the escape '\ud800' is half of a character"),
        ("prompts/hours.yaml", r"the escape '\udfff' is half of a character"),
        ("prompts/ivr.yaml", r"the escape '\ud800' is half of a character"),
        ("prompts/phrases/fr.yaml", r"the escape '\ud83d' is half of a character"),
    ]


def test_functions_of_a_broken_module_are_not_blamed_twice(little):
    little.write("prompts/shop.py", "1 / 0\n")
    assert [file for file, *_ in problems(little)] == ["prompts/shop.py"]


def test_a_broken_dialog_is_not_called_missing(little):
    little.write("prompts/dialogs/main.yaml", "dialog: main\n")
    assert {file for file, *_ in problems(little)} == {"prompts/dialogs/main.yaml"}


def test_covers_must_be_phrases_of_fixed_words(little):
    little.write("prompts/ivr.yaml", "cover: {filler: sum, hold: nothing, fallback: sorry, still: no_such}\n")
    filler, hold, still = problems(little)
    assert "slot" in filler[2] or "slot" in hold[2]
    assert "'nothing'" in filler[2] + hold[2] and "'no_such'" in still[2]
    little.write("prompts/ivr.yaml", "cover: {enabled: no, filler: sum, hold: nothing}\n")
    assert little.load().settings.cover.enabled is False


def test_two_files_for_one_locale_or_one_dialog_are_told(little):
    little.write("prompts/phrases/more.yaml", (little.root / "prompts/phrases/en-US.yaml").read_text())
    little.write("prompts/dialogs/other.yaml", (little.root / "prompts/dialogs/main.yaml").read_text())
    assert {(file, "too" in what) for file, _, what in problems(little)} == {
        ("prompts/phrases/more.yaml", True),
        ("prompts/dialogs/other.yaml", True),
    }


def test_without_settings_or_phrases_the_files_are_named(little):
    (little.root / "prompts/ivr.yaml").unlink()
    (little.root / "prompts/phrases/en-US.yaml").unlink()
    assert [(file, what) for file, _, what in problems(little)] == [
        ("prompts/ivr.yaml", "there is no such file"),
        ("prompts/phrases", "there are no phrases"),
    ]


def test_words_are_not_rendered_over_a_sound_of_the_projects_own(little):
    little.replace("prompts/phrases/en-US.yaml", "sound: music.wav", "sound: Hello.wav")
    ((file, _, what),) = problems(little)
    assert file == "audio/Hello.wav"
    assert "'hello'" in what and "'music'" in what


def test_a_second_locale_has_clips_of_its_own(little, voice):
    text = (little.root / "prompts/phrases/en-US.yaml").read_text()
    little.write("prompts/phrases/en-GB.yaml", text.replace("en-US", "en-GB").replace("Hello", "Good day"))
    little.render(voice)
    project = little.load(clips=True)
    assert project.catalogue("en-GB").phrases["hello"].parts[0].clip == "en-GB/hello"
    assert project.store.names >= {"hello", "en-GB/hello", "en-GB/sum.2", "en-GB/music"}
    assert (little.root / "audio/en-GB/hello.wav").is_file()


def test_a_locale_without_phrases_falls_back(little):
    text = (little.root / "prompts/phrases/en-US.yaml").read_text()
    little.write("prompts/phrases/en-GB.yaml", text.replace("en-US", "en-GB"))
    little.write("prompts/phrases/fr-FR.yaml", text.replace("en-US", "fr-FR").replace(":money", ":text"))
    project = little.load()
    for asked, answered in [
        (None, "en-US"),
        ("en-GB", "en-GB"),
        ("en-AU", "en-US"),
        ("fr-CA", "fr-FR"),
        ("de", "en-US"),
    ]:
        assert project.catalogue(asked).locale == answered


def test_clips_that_are_not_right_are_named_with_phrase_and_command(little, voice):
    assert problems(little, clips=True) == [("audio/ivr.lock", 1, "nothing was rendered yet")]
    little.render(voice)
    (little.root / "audio/wait.wav").unlink()
    hello = little.root / "audio/hello.wav"
    little.write("audio/hello.wav", hello.read_bytes()[:-2] + b"\x01\x02")
    little.replace("prompts/phrases/en-US.yaml", "Sorry.", "I am sorry.")
    little.write("audio/music.wav", b"RIFF")
    with pytest.raises(ProjectError) as caught:
        little.load(clips=True)
    assert all(f"`ivr render {little.root}`" in problem.remedy for problem in caught.value.problems)
    found = {problem.file.rpartition("/")[2]: problem.what for problem in caught.value.problems}
    assert sorted(found) == ["hello.wav", "music.wav", "sorry.wav", "wait.wav"]
    assert "'wait' is missing" in found["wait.wav"]
    assert "'hello' is not the file" in found["hello.wav"]
    assert "'sorry' was made from other words" in found["sorry.wav"]


@pytest.mark.parametrize(
    ("name", "value"), [("IVR_VOICE_NAME", "en-gb"), ("IVR_VOICE_SPEED", "2"), ("IVR_LOUDNESS", "-18")]
)
def test_another_voice_or_level_makes_clips_stale(little, voice, name, value):
    little.render(voice)
    assert {what.partition(" was ")[2] for *_, what in problems(little, {name: value}, clips=True)} == {
        "made from other words, another voice or other settings"
    }


def test_another_provider_makes_clips_stale_and_another_version_does_not(little, voice):
    voice.name = "espeak-ng/9.9"
    little.render(voice)
    little.load(clips=True)
    environ = {"IVR_VOICE_PROVIDER": "http", "IVR_VOICE_URL": "https://voice.example.com"}
    assert len(problems(little, environ, clips=True)) == 5


def test_a_sound_that_is_no_sound_is_a_problem(little, voice):
    little.write("audio/music.wav", b"this is a text")
    report = little.render(voice)
    assert list(report.failed) == ["music"]
    assert [file for file, *_ in problems(little, clips=True)] == ["audio/music.wav"]
    (little.root / "audio/music.wav").unlink()
    (little.root / "audio/music.wav").symlink_to("music.wav")
    ((_, _, what),) = problems(little, clips=True)
    assert "symbolic links" in what


def test_no_audio_is_read_where_none_is_wanted(little, voice):
    little.render(voice)
    (little.root / "audio/hello.wav").unlink()
    assert little.load().store.names == frozenset()


@pytest.mark.parametrize("clips", [True, False])
def test_a_file_in_the_place_of_audio_is_told_as_that(little, clips):
    shutil.rmtree(little.root / "audio")
    little.write("audio", "not a directory")
    with pytest.raises(ProjectError) as caught:
        little.load(clips=clips)
    (problem,) = caught.value.problems
    assert problem.file == str(little.root / "audio")
    assert "is to be a directory" in problem.what


@pytest.mark.parametrize("where", ["prompts", "."])
def test_a_file_in_the_place_of_prompts_or_of_the_project_is_told_as_that(little, where):
    place = little.root / where
    shutil.rmtree(place)
    place.write_text("not a directory")
    with pytest.raises(ConfigError) as caught:
        little.load()
    assert str(caught.value).startswith(f"{place}: this is a file, and is to be a directory")


def test_a_link_of_prompts_that_leads_nowhere_is_told_as_that(little):
    (little.root / "prompts").rename(little.root / "elsewhere")
    (little.root / "prompts").symlink_to("nowhere")
    with pytest.raises(ConfigError, match="link that leads nowhere"):
        little.load()


@pytest.mark.parametrize("name", ["phrases", "dialogs"])
def test_a_file_in_the_place_of_a_directory_of_prompts_is_the_only_blame(little, name):
    shutil.rmtree(little.root / "prompts" / name)
    little.write(f"prompts/{name}", "not a directory")
    with pytest.raises(ProjectError) as caught:
        little.load()
    (problem,) = caught.value.problems
    assert problem.file == str(little.root / "prompts" / name)
    assert "is to be a directory" in problem.what


def test_what_is_to_be_made_from_a_recording_is_said_so(little, voice):
    little.write("audio/recordings/Sum.2.wav", b"no sound")
    little.render(voice)
    with pytest.raises(ProjectError) as caught:
        little.load(clips=True)
    [problem] = caught.value.problems
    assert (Path(problem.file).name, problem.what) == ("sum.2.wav", "the clip of phrase 'sum' is missing")
    assert problem.remedy.endswith("`, which makes it from its recording or tells what is wrong with that")
