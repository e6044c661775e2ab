import os
import sys
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import Problem, Severity
from ivr.pregen.takes.recordings import KINDS, find, printable

NAMES = ["greeting", "balance", "balance.2", "hold_on", "de-DE/greeting", "de-DE/balance"]


@pytest.fixture
def put(tmp_path):
    def put(name, data=b"sound"):
        path = tmp_path / "audio/recordings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return put


def looked(audio, names, own=None):
    """The recordings, and all problems, those of clips that cannot be made from any among them."""
    found = find(audio, names, own)
    assert found.problems == sorted(found.problems)
    assert not found.recordings.keys() & found.unusable.keys()
    return found.recordings, sorted([*found.problems, *found.unusable.values()])


def told(tmp_path, names=NAMES, own=None):
    found, problems = looked(tmp_path / "audio", names, own)
    assert problems == sorted(problems)
    prefix = str(tmp_path / "audio/recordings")
    return sorted(found), [str(each).removeprefix(prefix) for each in problems]


def test_without_the_directory_there_are_none(tmp_path):
    assert find(tmp_path / "audio", NAMES) == ({}, [], {})


def test_names_say_which_clip(put, tmp_path):
    put("greeting.wav", b"one")
    put("balance.2.flac", b"three")
    put("de-DE/greeting.mp3")
    found, problems = looked(tmp_path / "audio", NAMES)
    assert problems == []
    assert {clip: (each.clip, each.file, each.size) for clip, each in found.items()} == {
        "greeting": ("greeting", "recordings/greeting.wav", 3),
        "balance.2": ("balance.2", "recordings/balance.2.flac", 5),
        "de-DE/greeting": ("de-DE/greeting", "recordings/de-DE/greeting.mp3", 5),
    }
    assert found["greeting"].read() == b"one"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_small_and_capital_letters(put, tmp_path, kind):
    put(f"Greeting{kind.upper()}")
    assert told(tmp_path) == (["greeting"], [])


def test_only_what_spoils_a_clip_is_its_own(put, tmp_path):
    put("greeting.wav")
    put("greeting.amr")
    put("balance.amr")
    put("balance.wma")
    put("nobody.wav")
    found = find(tmp_path / "audio", NAMES)
    assert list(found.recordings) == ["greeting"]
    assert list(found.unusable) == ["balance"]
    assert [each.file.rpartition("/")[2] for each in found.problems] == ["balance.wma", "greeting.amr", "nobody.wav"]


def test_two_for_one_clip(put, tmp_path):
    put("greeting.wav")
    put("greeting.flac")
    put("balance.wav")
    assert told(tmp_path) == (
        ["balance"],
        [
            "/greeting.wav:1:1: clip 'greeting' has 2 recordings: greeting.flac and greeting.wav,"
            " keep the one that is to be heard"
        ],
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the disk may not tell small letters from capitals")
def test_two_that_some_disks_do_not_tell_apart(put, tmp_path):
    put("greeting.wav")
    put("Greeting.wav")
    found, problems = told(tmp_path)
    assert found == [] and "Greeting.wav and greeting.wav" in problems[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("greetin.wav", "no phrase has a clip 'greetin', did you mean 'greeting'?"),
        ("zzz.wav", "no phrase has a clip 'zzz', remove it, or add the phrase"),
        ("balance.1.wav", "the first words of phrase 'balance' have no number, name it as the clip, 'balance'"),
        ("balance.3.wav", "phrase 'balance' has no clip 'balance.3', its clips are balance, balance.2"),
        ("greeting.2.wav", "phrase 'greeting' has no clip 'greeting.2', its clips are greeting"),
        ("en-US/greeting.wav", "there are no words of a locale en-US, name it 'greeting', without the folder"),
        ("de-DE/hold_on.wav", "the words of de-DE have no phrase 'hold_on', add it to them, or remove the recording"),
        ("de-DE/greting.wav", "no phrase has a clip 'de-DE/greting', did you mean 'de-DE/greeting'?"),
        ("greeting\n.wav", "no phrase has a clip 'greeting\\n', did you mean 'greeting'?"),
    ],
)
def test_for_no_clip(put, tmp_path, name, said):
    put(name)
    found, problems = looked(tmp_path / "audio", NAMES)
    (problem,) = problems
    assert found == {} and problem.severity is Severity.WARNING
    assert f"{problem.what}, {problem.remedy}".startswith(said)
    assert "\n" not in str(problem)


def test_both_ways_of_writing_an_umlaut_are_one(put, tmp_path):
    for form in ("NFC", "NFD"):
        put(normalize(form, "grüsse.wav"))
        found, problems = looked(tmp_path / "audio", [normalize("NFC", "grüsse")])
        assert list(found) == ["grüsse"] and problems == []
        found["grüsse"].path.unlink()


def test_sounds_of_the_projects_own(put, tmp_path):
    put("hold.wav")
    put("music.wav")
    own = {"hold": "hold.wav", "jingle": "recordings/music.wav"}
    assert told(tmp_path, NAMES, own) == (
        [],
        [
            "/hold.wav:1:1: warning: phrase 'hold' is a sound of the project's own, hold.wav, write its words in the"
            " catalogue if the recording is to be heard, else remove it [clip]"
        ],
    )


def test_what_is_no_sound_is_left_alone(put, tmp_path):
    for name in ("script.csv", "greeting.txt", ".DS_Store", "._greeting.wav", ".git/greeting.wav", "notes"):
        put(name)
    assert told(tmp_path) == ([], [])


def test_sounds_that_are_not_read(put, tmp_path):
    put("greeting.wma")
    found, (problem,) = told(tmp_path)
    assert found == []
    assert problem.startswith("/greeting.wma:1:1: recordings of kind '.wma' are not read, convert it to WAV")


def test_links(put, tmp_path):
    inside = put("greeting.wav")
    outside = tmp_path / "elsewhere.wav"
    outside.write_bytes(b"x")
    directory = inside.parent
    (directory / "hold_on.wav").symlink_to(inside)
    (directory / "balance.wav").symlink_to(outside)
    (directory / "balance.2.wav").symlink_to(tmp_path / "nowhere.wav")
    (directory / "round").symlink_to(directory)
    found, problems = told(tmp_path)
    assert found == ["greeting", "hold_on"]
    assert [each.partition(", ")[0] for each in problems] == [
        "/balance.2.wav:1:1: there is no such file",
        "/balance.wav:1:1: this link leads out of audio/",
        "/round:1:1: a link to a directory is not followed",
    ]


def test_a_project_that_is_itself_reached_by_a_link(put, tmp_path):
    put("greeting.wav")
    (tmp_path / "link").symlink_to(tmp_path / "audio")
    found, problems = looked(tmp_path / "link", NAMES)
    assert list(found) == ["greeting"] and problems == []


def test_a_file_or_a_link_in_place_of_the_directory(tmp_path):
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio/recordings").write_bytes(b"")
    assert told(tmp_path)[1][0].startswith(":1:1: this is a file, and is to be a directory")
    (tmp_path / "audio/recordings").unlink()
    (tmp_path / "there").mkdir()
    (tmp_path / "audio/recordings").symlink_to(tmp_path / "there")
    assert told(tmp_path)[1][0].startswith(":1:1: a link to a directory is not followed")


def test_what_cannot_be_read_is_told_and_the_rest_is_found(put, tmp_path, monkeypatch):
    put("greeting.wav")
    closed = put("de-DE/greeting.wav").parent
    scan = os.scandir

    def refuse(path):
        if path == str(closed):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found, problems = told(tmp_path)
    assert found == ["greeting"]
    assert problems == [
        "/de-DE:1:1: it cannot be read (Permission denied), mend its permissions or the link that leads to it"
    ]


def test_a_file_that_went_away_is_a_problem_and_no_traceback(put, tmp_path):
    path = put("greeting.wav")
    found, _ = looked(tmp_path / "audio", NAMES)
    path.unlink()
    assert isinstance(found["greeting"].read(), Problem)


@pytest.mark.skipif(sys.platform != "linux", reason="other disks have no such names")
def test_names_that_are_no_utf8(tmp_path):
    directory = tmp_path / "audio/recordings"
    directory.mkdir(parents=True)
    with open(os.fsencode(directory) + b"/gr\xfc\xdfe.wav", "wb"):
        pass
    _, (problem,) = looked(tmp_path / "audio", NAMES)
    assert "gr\\udcfc\\udcdfe" in str(problem)
    str(problem).encode("utf-8")


@given(st.text())
def test_printable_is_one_line_of_utf8(text):
    assert printable(text).isprintable()
    printable(text).encode("utf-8")


def test_of_very_many_wrong_names_only_some_are_guessed_at(put, tmp_path):
    for number in range(30):
        put(f"greetin{number:02}.wav")
    _, problems = looked(tmp_path / "audio", NAMES)
    guessed = [problem for problem in problems if problem.remedy == "did you mean 'greeting'?"]
    assert (len(problems), len(guessed)) == (30, 20)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_not_opened(put, tmp_path):
    os.mkfifo(put("greeting.wav").with_name("balance.wav"))
    assert told(tmp_path) == (
        ["greeting"],
        ["/balance.wav:1:1: this is no regular file, put a regular file in its place"],
    )
