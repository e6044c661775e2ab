"""Exploring with a caller who presses into words, or hangs up into them: only what is different then is told."""

from __future__ import annotations

import json

import pytest
from explored import copied, explore, forgotten, little, wrongs

from ivr.cli.main import main
from ivr.dialog.requests import Say
from ivr.media.private import stand_in
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.explore_differs import pressed
from ivr.simulator.explore_hasty import Hasty
from ivr.simulator.explore_replay import Replayed
from ivr.simulator.explore_report import as_dict, tree
from ivr.testing.ear import DeadAir
from ivr.trace.events import BargedIn, PromptSaid
from ivr.trace.sound import Outcome, UtteranceHeard


@pytest.fixture(autouse=True)
def modules_of_projects():
    with forgotten():
        yield


MENU = "{options: {1: b, 2: c}, no_input: {goto: b, limit: 1}, no_match: {goto: b, limit: 1}}"
STATES = f"""\
  a: {{say: hello, menu: {MENU}}}
  b: {{say: bye, hang_up: yes}}
  c: {{say: hello, menu: {{options: {{3: b}}, no_input: {{goto: b, limit: 1}}, no_match: {{goto: b, limit: 1}}}}}}
"""


def told(found):
    return [(each.path, each.did, each.what, each.wrong) for each in found.differs]


def in_python(root, code):
    little(root, "  a: {say: hello, goto: b}\n  b: {say: bye, hang_up: yes}\n", code=code)
    (root / "prompts/ivr.yaml").write_text("project: Little\ncover: {enabled: no}\nstart: bank.answer\n")
    return root


def test_each_question_is_interrupted_once_and_nobody_hangs_up_where_nobody_minds(tmp_path):
    found = explore(little(tmp_path, STATES))
    assert (found.hasty, found.differs) == ({"key": 2}, [])
    assert found.calls == len(found.branches()) + 2


def test_what_a_hang_up_leads_to_is_told_once_and_reached(tmp_path):
    states = STATES + "  left: {lookup: {run: bank.note, as: done}, hang_up: yes}\n"
    root = little(tmp_path, states, code="def note() -> bool:\n    raise AssertionError('never run')\n")
    main = root / "prompts/dialogs/main.yaml"
    main.write_text(main.read_text().replace("start: a\n", "start: a\non: {hang_up: {goto: left}}\n"))
    found = explore(root)
    what = "then [left], bank.note"
    assert told(found) == [((), "hangs up", what, False), (("presses 2",), "hangs up", what, False)]
    assert found.unreached == {} and found.hasty == {"key": 2, "hang-up": 2}
    lines = list(tree(found, stand_in))
    assert f"into words: hangs up into the words behind the beginning and 1 more: {what}" in lines
    assert "into words: 2 keys and 2 hang-ups; 2 different" in lines


def test_a_state_of_its_own_that_a_hang_up_leads_to(tmp_path):
    states = STATES.replace("a: {", "a: {on: {hang_up: {goto: left}}, ") + "  left: {hang_up: yes}\n"
    assert told(explore(little(tmp_path, states))) == [((), "hangs up", "then [left]", False)]


def test_a_dialog_that_breaks_once_its_caller_has_gone(tmp_path):
    code = """\
from ivr.errors import HungUp

async def answer(call):
    try:
        await call.say('hello')
        await call.choose('hello', '12')
    except HungUp:
        {}['missing']
    await call.say('bye')
"""
    found = explore(in_python(tmp_path, code))
    assert [each[1:] for each in told(found)] == [("hangs up", "the dialog raised KeyError at prompts/bank.py:8", True)]
    assert not as_dict(found, stand_in)["ok"] and not any("KeyError" in wrong for wrong in wrongs(found))


HASTE = """\
async def answer(call):
    began = await call.clock()
    await call.say('terms')
    key = await call.ask()
    took = (await call.clock() - began).seconds
    DO
    await call.say('bye')
    await call.ask()
"""
TERMS = "  terms: These are the terms, and they are read to everybody who calls, to their very end.\n"


def hasty_project(root, do):
    in_python(root, HASTE.replace("DO", do))
    file = root / "prompts/phrases/en-US.yaml"
    file.write_text(file.read_text() + TERMS)
    return root


def test_a_dialog_that_breaks_when_words_are_cut_short(tmp_path, capsys):
    root = hasty_project(tmp_path, "print(1 / took)")
    found = explore(root)
    assert wrongs(found) == []
    what = "the dialog raised ZeroDivisionError at prompts/bank.py:6"
    assert [each for each in told(found) if each[3]] == [((), "presses 1", what, True)]
    assert f"wrong: presses 1 into the words behind the beginning: {what}" in list(tree(found, stand_in))


def test_a_dialog_that_goes_elsewhere_when_words_are_cut_short(tmp_path):
    found = explore(hasty_project(tmp_path, "await call.say('hello' if took < 1 else 'bye')"))
    assert told(found) == []  # the question behind is the same one: words are no place
    found = explore(hasty_project(tmp_path / "other", "await call.entered('early' if took < 1 else 'late')"))
    assert ((), "presses 1", "goes to [early], and behind the words to [late]", False) in told(found)
    found = explore(hasty_project(tmp_path / "third", "await (call.ask() if took < 1 else call.collect('hello', 3))"))
    assert told(found)[0][2] == "comes to a question behind terms, and behind the words to a question behind hello"


def test_several_keys_are_pressed_one_after_the_other(tmp_path):
    states = STATES.replace(f"menu: {MENU}", "collect: {as: pin, digits: 4, goto: c}")
    found = explore(little(tmp_path, states))
    assert told(found) == [] and found.hasty == {"key": 2}


def test_words_that_may_not_be_interrupted_go_on(tmp_path):
    root = little(tmp_path, STATES)
    file = root / "prompts/phrases/en-US.yaml"
    file.write_text(file.read_text() + "prompts:\n  hello: {say: [hello], bargein: no}\n")
    assert told(explore(root)) == []


# ---- what was cut


def hasty(root, *bargein):
    watcher, project = Hasty("1"), load(root, {}, clips=False)
    for number, policy in enumerate(bargein):
        request = Say(f"p{number}") if policy is None else Say(f"p{number}", bargein=policy)
        watcher.says(request, project, "")
        watcher.see(PromptSaid(f"u{number}", request.prompt, 1, (), 0.0))
    return watcher


def test_words_that_were_cut_and_may_not_be_are_known_by_what_the_dialog_said(tmp_path):
    from ivr.catalog.bargein import NEVER, BargeIn

    watcher = hasty(little(tmp_path, STATES), None, NEVER, NEVER)
    watcher.see(UtteranceHeard("u1", 100, Outcome.PLAYED, 1.0))
    pressed = []
    watcher.act(2.0, 0, lambda key, number: pressed.append(key), lambda now: None)
    assert pressed == ["1"] and not watcher.free
    watcher.see(BargedIn(5, "", False, 2.0))
    assert watcher.cut == ["p2"] and watcher.interrupted
    late = hasty(tmp_path, BargeIn(after=1.0))
    late.act(2.0, 0, lambda key, number: None, lambda now: None)
    assert not late.free
    usual = hasty(tmp_path, None)
    usual.act(2.0, 0, lambda key, number: None, lambda now: None)
    assert usual.free


# ---- the command


def test_the_command_and_its_bound(tmp_path, capsys, monkeypatch):
    root = copied(starter_root(), tmp_path)
    assert main(["simulate", str(root), "--explore", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["into_words"] == {"tried": {"key": 2}, "differs": []}
    assert main(["simulate", str(root), "--explore", "--json", "--most", str(answer["calls"] - 1)]) == 0
    cut = json.loads(capsys.readouterr().out)
    assert (cut["cut"], cut["into_words"]["tried"]) == (1, {"key": 1})


def test_dead_air_that_the_plain_branch_has_too_is_told_there_alone():
    def replayed(start: float, seconds: float) -> Replayed:
        dead = [DeadAir(start, start + seconds, f"nothing was heard after the digit at {start:.3f} s")]
        return Replayed(None, [], [], 0, [], frozenset(), dead, "the dialog ended")

    plain, hasty = replayed(3.2, 0.6), Hasty("1", at=1.0)
    assert list(pressed(plain, replayed(1.1, 0.62), hasty)) == []
    ((what, wrong),) = pressed(plain, replayed(1.1, 0.9), hasty)
    assert what.startswith("dead air of 0.90 s") and wrong
