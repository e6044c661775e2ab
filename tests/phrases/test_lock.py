from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import ProjectError
from ivr.phrases.lock import Lock, LockEntry, calibrate, dump, parse

ENTRY = LockEntry(
    clip="greeting",
    phrase="greeting",
    locale="en-US",
    text="Guten Tag, Käthe.",
    origin="rendered",
    file="greeting.wav",
    provider="espeak-ng/1.52",
    voice="en-us",
    seconds=1.0,
    rate=8000,
    loudness=-23.5,
    level=-20.0,
    peak=-3.2,
    key="0" * 32,
    sha256="a" * 64,
)
OTHER = replace(ENTRY, clip="bye", file="bye.wav", loudness=-21.5)
OWN = replace(ENTRY, clip="hold", file="hold.wav", text="", key="", provider="", voice="", loudness=None, origin="own")


def lock_of(*entries):
    return Lock({entry.clip: entry for entry in entries}, {"espeak-ng/1.52:en-us": 2.5})


def damage(text):
    with pytest.raises(ProjectError) as caught:
        parse(text, "audio/ivr.lock")
    (problem,) = caught.value.problems
    assert problem.file == "audio/ivr.lock"
    assert "ivr render" in problem.remedy
    return problem


def test_one_clip_stands_on_one_line_in_order_of_names():
    lines = dump(lock_of(ENTRY, OWN, OTHER)).splitlines()
    assert [line.split('"')[3] for line in lines if '"clip"' in line] == ["bye", "greeting", "hold"]
    assert "Käthe" in dump(lock_of(ENTRY))


@given(st.lists(st.builds(replace, st.just(ENTRY), clip=st.text(), text=st.text(st.characters(codec="utf-8")))))
def test_what_is_dumped_is_parsed_again(entries):
    lock = lock_of(*entries)
    assert parse(dump(lock), "f") == lock
    assert dump(parse(dump(lock), "f")) == dump(lock)


def test_an_empty_lock_is_readable():
    assert parse(dump(Lock()), "f") == Lock()


def test_damage_is_named_with_its_line():
    text = dump(lock_of(ENTRY, OTHER))
    assert damage("").line == 1
    assert damage(text[: len(text) // 2]).line > 1
    assert damage(text.replace('"seconds": 1.0', '"seconds": "many"', 1)).line == 5
    assert "seconds" in damage(text.replace('"seconds": 1.0', '"seconds": "many"', 1)).what
    assert damage(text.replace('"origin": "rendered", ', "", 1)).line == 5
    assert "version 1" in damage(text.replace('"version": 2', '"version": 1')).what
    assert damage("[1]").what.startswith("the lock has version None")
    assert damage('{"version": 2}').what.startswith("the lock is damaged")
    assert damage("[" * 100_000).line == 1


FIGURES = [
    *[("seconds", "1.0", bad) for bad in ("NaN", "1e999", "-Infinity", "-0.5")],
    *[
        (name, was, bad)
        for name, was in (("loudness", "-23.5"), ("level", "-20.0"), ("peak", "-3.2"))
        for bad in ("NaN", "-1e999")
    ],
    *[("rate", "8000", bad) for bad in ("0", "-8000", "1e999", "9" * 4000, "8000.5")],
]


@pytest.mark.parametrize(("name", "was", "bad"), FIGURES)
def test_what_is_no_figure_is_damage(name, was, bad):
    text = dump(lock_of(ENTRY, OTHER))
    lines = text.splitlines(keepends=True)
    assert f'"{name}": {was}' in lines[5]
    problem = damage("".join([*lines[:5], lines[5].replace(f'"{name}": {was}', f'"{name}": {bad}'), *lines[6:]]))
    assert problem.line == 6
    assert "clip 'greeting'" in problem.what and name in problem.what


@pytest.mark.parametrize("bad", ["NaN", "1e999", '"loud"'])
def test_what_is_no_gain_of_a_voice_is_damage(bad):
    problem = damage(dump(lock_of(ENTRY)).replace('"espeak-ng/1.52:en-us": 2.5', f'"espeak-ng/1.52:en-us": {bad}'))
    assert problem.line == 3
    assert "espeak-ng/1.52:en-us" in problem.what


def test_half_a_letter_is_damage_and_two_halves_are_none():
    lock = lock_of(replace(ENTRY, text="Hi \U0001f600"))
    text = dump(lock).replace("\U0001f600", r"\ud83d\ude00")
    assert parse(text, "f") == lock
    assert damage(text.replace(r"\ude00", "")).line == 5


def test_a_number_without_an_end_is_damage():
    assert damage(dump(lock_of(ENTRY)).replace("8000", "8" * 5000)).line == 5


def test_the_lock_of_a_newer_version_is_not_to_be_removed():
    with pytest.raises(ProjectError) as caught:
        parse(dump(lock_of(ENTRY)).replace('"version": 2', '"version": 7'), "audio/ivr.lock")
    (problem,) = caught.value.problems
    assert problem.what == "the lock has version 7, written by a newer ivr; this one reads version 2"
    assert problem.remedy == "update ivr and leave the lock as it is"


def test_damage_is_told_with_the_file_and_the_command_that_mends_it():
    with pytest.raises(ProjectError) as caught:
        parse("garbage", "bank/audio/ivr.lock", "ivr render bank")
    assert str(caught.value).startswith("bank/audio/ivr.lock:1:1: the lock is damaged")
    assert "remove bank/audio/ivr.lock and run `ivr render bank`" in str(caught.value)


def test_an_unfinished_merge_is_called_by_its_name():
    lines = dump(lock_of(ENTRY, OTHER)).splitlines(keepends=True)
    lines.insert(4, "<<<<<<< HEAD\n")
    problem = damage("".join(lines))
    assert problem.line == 5
    assert "merge" in problem.what


def test_a_clip_that_stands_twice_is_damage():
    text = dump(lock_of(ENTRY)).replace("\n]\n}", ",\n" + dump(lock_of(ENTRY)).splitlines()[4] + "\n]\n}")
    assert damage(text).line == 6


def test_a_voice_is_calibrated_by_the_mean_of_what_it_spoke():
    assert calibrate([ENTRY, OTHER, OWN], -20.0) == {"espeak-ng/1.52:en-us": 2.5}
    assert calibrate([OWN], -20.0) == {}


def test_a_voice_that_never_spoke_gets_no_gain():
    assert lock_of(ENTRY).gain("espeak-ng/1.52", "en-us") == 2.5
    assert lock_of(ENTRY).gain("espeak-ng/1.52", "fr") == 0.0
