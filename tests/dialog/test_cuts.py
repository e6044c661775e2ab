"""What is not judged of a dialog some of which could not be read."""

import pytest

from ivr.dialog.dialog_file import read_dialog, read_dialog_leniently

RIGHT = """\
dialog: main
start: top
states:
  top: {set: {n: "1"}, say: hello, goto: ask}
  ask: {collect: {as: code, digits: 4, first_digit: 5s, goto: run}}
  run: {dialog: {run: other, goto: end}}
  end: {hang_up: yes}
"""


def left(old, new):
    assert old in RIGHT
    text = RIGHT.replace(old, new)
    dialog, problems = read_dialog_leniently(text, "main.yaml")
    assert problems and not dialog.right
    assert read_dialog(text, "main.yaml") == (None, problems)
    return dialog


def vague(dialog):
    return [name for name, state in dialog.table.states.items() if state.vague]


@pytest.mark.parametrize(
    ("old", "new", "states", "sets", "gives", "runs"),
    [
        ('"1"', '"1 +"', [], False, False, False),
        ("goto: ask", "goto: aks", [], False, False, False),
        ("5s", "5 parsecs", [], False, False, False),
        ("say: hello", "say: {a: b}", ["top"], False, False, True),
        ("{n:", "{N:", ["top"], True, False, True),
        ("as: code", "as: if", ["ask"], True, False, True),
        ("digits: 4", "digits: four", ["ask"], False, False, True),
        ("run: other", "run: Other One", ["run"], True, True, True),
        ("say: hello", "sya: hello", ["top"], False, False, True),
        ("say: hello", "qqqq: hello", ["top"], True, True, True),
        ("start: top", "start: [top]", [], False, False, False),
        ("start: top", "start: top\nvariables: {n: nmber}", [], True, False, False),
        ("start: top", "start: top\non: {no_input: {goto: [a]}}", ["ask"], False, False, True),
        ("start: top", "start: top\nstart: end", ["top", "ask", "run", "end"], True, True, True),
    ],
)
def test_what_is_not_known_of_it(old, new, states, sets, gives, runs):
    dialog = left(old, new)
    assert vague(dialog) == states
    assert (dialog.cuts.sets_anything, dialog.cuts.gives_anything, dialog.cuts.runs_anything) == (sets, gives, runs)


def test_a_name_that_is_none_is_that_of_the_file():
    assert left("dialog: main", "dialog: Main").table.name == "main.yaml"


def test_times_are_not_judged_where_one_is_wrong():
    dialog = left("5s", "5 parsecs")
    place = ("states", "ask", "collect", "in_all")
    assert dialog.unread(place, "time-order", warning=True) and not dialog.unread(place, "no-value")
    assert not dialog.unread(("states", "top", "say", 0), "time-order")


def test_what_may_be_ignored_is_no_warning():
    dialog = left("say: hello", "say: hello, ignore: [unreachd]")
    assert dialog.unread(("states", "end"), "unreached", warning=True)
    assert not dialog.unread(("states", "end"), "endless")
