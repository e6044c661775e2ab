"""``record:`` in a dialog's file: what it becomes, what is wrong with it, where it leads."""

from __future__ import annotations

import pytest

from ivr.catalog.phrase import Catalogue, Literal, Phrase
from ivr.dialog.checks import check_against
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.ladders import END, Event, Target
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.ways import By, Way, ways

WHOLE = """\
dialog: main
start: a
states:
  a:
    say: hello
    record: {as: message, longest: 2m, silence: 2s, first_speech: 4s, least: 500 ms, end: "*#", beep: no, goto: b,
             no_input: {say: hello, limit: 1, goto: c}, max_errors: {limit: 3, goto: c}}
  b: {lookup: {run: box.keep, as: kept, with: {sound: message}}, goto: c}
  c: {hang_up: yes}
"""


def read(text):
    dialog, problems = read_dialog(text, "main.yaml")
    return dialog, [str(problem) for problem in problems]


def one(record):
    return read(f"dialog: main\nstart: a\nstates:\n  a: {{record: {record}}}\n  b: {{hang_up: yes}}\n")


def test_all_of_it():
    dialog, problems = read(WHOLE)
    assert problems == []
    way = dialog.table.states["a"].exit
    assert (way.name, way.goto, way.longest, way.silence, way.least, way.beep) == ("message", "b", 120, 2, 0.5, False)
    assert (way.question.listen.first, way.question.listen.end) == (4.0, "*#")
    assert way.question.handlers.rung(Event.NO_INPUT, 2).leave == Target("c")


def test_the_defaults():
    dialog, problems = one("{as: message, goto: b}")
    assert problems == []
    way = dialog.table.states["a"].exit
    assert (way.longest, way.silence, way.least, way.beep) == (60, 3, 1, True)
    assert (way.question.listen.first, way.question.listen.end) == (5.0, "#")
    none, _ = one("{as: message, end: no, goto: b}")
    assert none.table.states["a"].exit.question.listen.end == ""


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ("{goto: b}", "'as' is missing"),
        ("{as: m}", "'goto' is missing"),
        ("{as: m, goto: z}", "no state 'z'"),
        ("{as: m, goto: b, longest: 11m}", "660 s is out of range, give 1 s to 600 s"),
        ("{as: m, goto: b, silence: 100 ms}", "0.1 s is out of range, give 0.5 s to 30 s"),
        ("{as: m, goto: b, end: x}", "'x' is no key of a telephone"),
        ("{as: m, goto: b, beep: loud}", "'loud' is neither yes nor no"),
        ("{as: m, goto: b, first_digit: 3s}", "unknown key 'first_digit'"),
        ("{as: prompt, goto: b}", "the name 'prompt' is taken"),
    ],
)
def test_mistakes(record, what):
    _, (problem,) = one(record)
    assert what in problem


def test_a_state_has_one_way_out():
    _, problems = read("dialog: main\nstart: a\nstates:\n  a: {record: {as: m, goto: a}, goto: a}\n")
    assert "state 'a' has both record and goto" in problems[0]


def test_its_prompts_and_its_variable_are_known_to_the_checks():
    dialog, _ = read(WHOLE)
    hello = Phrase("hello", "en-US", "Hello.", (Literal("hello", "Hello."),))
    assert check_against(dialog, Catalogue("en-US", {"hello": hello}), ["box.keep"]) == []
    wrong = check_against(dialog, Catalogue("en-US", {}), ["box.keep"])
    assert [(problem.line, problem.what) for problem in wrong] == [
        (5, "no prompt or phrase 'hello' for locale 'en-US'"),
        (7, "no prompt or phrase 'hello' for locale 'en-US'"),
    ]


def test_where_it_leads():
    dialog, _ = read(WHOLE)
    found = list(ways(dialog.table.states["a"], dialog.table, Repertoire({"main": dialog.table})))
    assert Way(Target("b"), By.ANSWER) in found
    assert {way.by for way in found} >= {By.ANSWER, By.NO_INPUT}
    assert all(way.target in (Target("b"), Target("c"), END) for way in found)
