"""``cover:`` of a state: what a file may say, what Python may, and what neither may."""

from __future__ import annotations

import pytest

from ivr.dialog.cover import USUAL, Cover
from ivr.dialog.dialog_file import read_dialog
from ivr.errors import DialogBroken

FILE = "dialog: d\nstart: a\nstates:\n  a: {{{0}goto: b}}\n  b: {{hang_up: yes}}\n"


def read(cover: str):
    dialog, problems = read_dialog(FILE.format(f"cover: {cover}, " if cover else ""), "d.yaml")
    return (None if dialog is None else dialog.table.states["a"].cover), [str(each) for each in problems]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", USUAL),
        ("{}", USUAL),
        ("{hold: music}", Cover(hold="music")),
        ("{filler: no, hold: off, still: no, fallback: false}", Cover("", "", "", None, "")),
        (
            "{filler: a, hold: b, still: c, every: 5s, fallback: d, grace: 100 ms, patience: 20s}",
            Cover("a", "b", "c", 5.0, "d", 0.1, 20.0),
        ),
    ],
)
def test_every_key_may_be_left_out(text, made):
    assert read(text) == (made, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("music", "4:14: 'cover' is 'music', write 'key: value' lines below it"),
        ("{hold: }", "4:15: 'hold' is empty, give it a value, or remove it"),
        ("{hold: Music}", "4:21: 'Music' is not a name, use small letters, digits and '_', beginning with a letter"),
        ("{hold: [a]}", "4:21: 'hold' is a list, write a text"),
        ("{every: 5}", "4:22: '5' has no unit, write '5s' for seconds or '5ms' for milliseconds"),
        ("{every: 0s}", "4:22: 0 s is out of range, give 1 s to 600 s"),
        ("{patience: 601s}", "4:25: 601 s is out of range, give 0.1 s to 600 s"),
        ("{loop: a}", "4:15: unknown key 'loop', allowed here: filler, hold, still, every, fallback, grace, patience"),
        (
            "{enabled: no}",
            "4:15: unknown key 'enabled', allowed here: filler, hold, still, every, fallback, grace, patience",
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(text, said):
    cover, problems = read(text)
    assert cover is None and problems == [f"d.yaml:{said}"]


@pytest.mark.parametrize(
    "given",
    [
        {"hold": 5},
        {"filler": False},
        {"every": 0.0},
        {"every": "5s"},
        {"patience": 0.0},
        {"patience": float("nan")},
        {"patience": float("inf")},
        {"grace": -1},
    ],
)
def test_python_may_say_no_more_than_a_file(given):
    (name,) = given
    with pytest.raises(DialogBroken, match=rf"Cover\({name}=…\)"):
        Cover(**given)


def test_it_tells_what_is_otherwise():
    assert str(USUAL) == ""
    assert str(Cover(filler="", hold="music", every=5)) == "filler no, hold music, every 5 s"
    assert Cover(filler="", hold="music").phrases == {"hold": "music"}
