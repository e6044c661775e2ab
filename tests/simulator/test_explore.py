"""Exploring the three projects that come with the runtime, and small ones that have something wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest
from explored import EXAMPLES, copied, explore, forgotten, little, wrongs

from ivr.cli.main import main
from ivr.media.private import stand_in
from ivr.media.samples import silence
from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.project.starter import starter_root
from ivr.simulator.explore_replay import Replay
from ivr.simulator.explore_report import as_dict, heard, tree
from ivr.trace.sound import SegmentStarted


@pytest.fixture(autouse=True)
def modules_of_projects():
    with forgotten():
        yield


# ---- the projects that come with the runtime


@pytest.mark.parametrize(
    ("source", "states"), [(starter_root(), 8), (EXAMPLES / "clinic", 23), (EXAMPLES / "parcel", 0)], ids=str
)
def test_every_state_and_every_rung_and_every_prompt_is_reached(source, states, tmp_path):
    found = explore(copied(source, tmp_path))
    assert (found.unreached, found.unclimbed, found.unsaid, found.left) == ({}, {}, (), 0)
    assert wrongs(found) == []
    assert len(found.states) == states
    assert all(count in (1, 2, 3, 4) for _, _, count in found.rungs) and len(found.rungs) > 10
    assert found.differs == [] and found.hasty["key"] >= 2
    assert any(
        line.startswith("into words: ") and line.endswith("; nothing different") for line in tree(found, stand_in)
    )


@pytest.mark.parametrize("gateway", ["asterisk/alaw", "audiosocket"])
def test_a_gateway_that_is_waited_for_at_its_opening_is_not_wrong(gateway, tmp_path):
    found = explore(copied(starter_root(), tmp_path), by=gateway)
    assert wrongs(found) == [] and found.unreached == {}


def test_states_of_one_name_in_two_dialogs_are_two(tmp_path):
    states = """\
  a: {say: hello, menu: {options: {1: b, 2: again}, no_input: {goto: b, limit: 1}, no_match: {goto: b, limit: 1}}}
  again: {dialog: {run: other, goto: b}}
  b: {say: bye, hang_up: yes}
"""
    root = little(tmp_path, states)
    other = """\
dialog: other
start: a
states:
  a: {say: hello, menu: {options: {1: c}, no_input: {goto: c, limit: 2}, no_match: {goto: c, limit: 2}}}
  b: {say: bye, menu: {options: {1: c}}}
  c: {return: yes}
"""
    (root / "prompts" / "dialogs" / "other.yaml").write_text(other)
    found = explore(root)
    assert found.unreached == {"other.b": "nothing leads there"} and found.unclimbed == {}
    assert found.states == {"main.a", "again", "main.b", "other.a", "c"}
    silent = {(state, count) for state, error, count in found.rungs if error == "no_input"}
    assert silent == {("main.a", 1), ("main.a", 2), ("other.a", 1), ("other.a", 2), ("other.a", 3)}
    lines = list(tree(found, stand_in))
    assert any(line.strip() == "[other.a]" for line in lines) and any(line.strip() == "[again]" for line in lines)
    assert "5 states" in lines[-1] and "1 state and 0 rungs not" in lines[-1]


# ---- what it cannot reach, and why


def test_a_state_that_nothing_leads_to_and_one_whose_condition_is_never_true(tmp_path):
    states = """\
  a: {lookup: {run: bank.rank, as: rank}, say: hello, branch: [{if: rank == "gold" + rank, goto: never}, {goto: b}]}
  never: {say: bye, hang_up: yes}
  b: {hang_up: yes}
"""
    code = "def rank() -> str:\n    raise AssertionError('never run')\n"
    found = explore(little(tmp_path, states, code=code))
    assert list(found.unreached) == ["main.never"]
    assert "branch rank ==" in found.unreached["main.never"]


def test_values_of_conditions_types_and_a_file_are_tried_and_the_projects_code_is_not_run(tmp_path):
    states = """\
  a:
    lookup: {run: bank.rank, as: rank, failed: bad}
    say: hello
    branch: [{if: rank == "gold", goto: gold}, {if: size(rank) == 11, goto: eleven}, {goto: b}]
  gold: {say: bye, hang_up: yes}
  eleven: {say: bye, hang_up: yes}
  bad: {say: bye, hang_up: yes}
  b: {say: bye, hang_up: yes}
"""
    code = "from pathlib import Path\ndef rank() -> str:\n    Path(__file__).with_suffix('.run').touch()\n"
    root = little(tmp_path, states, code=code)
    assert list(explore(root).unreached) == ["main.eleven"]
    assert explore(root, {"bank.rank": ["gold", "elevenelevn", "x"]}).unreached == {}
    assert not (root / "prompts" / "bank.run").exists()


def test_what_hangs_on_two_answers_is_found_by_going_through_again(tmp_path):
    states = """\
  a: {say: hello, menu: {options: {1: one, 2: two}}}
  one: {lookup: {run: bank.vip, as: vip, timeout: 5s}, set: {kind: '1'}, goto: ask}
  two: {lookup: {run: bank.vip, as: vip, timeout: 5s}, set: {kind: '2'}, goto: ask}
  ask: {say: hello, menu: {options: {1: next}}}
  next: {branch: [{if: vip && kind == 1, goto: deep}, {goto: b}]}
  deep: {say: bye, hang_up: yes}
  b: {say: bye, hang_up: yes}
"""
    found = explore(little(tmp_path, states, code="def vip() -> bool:\n    return False\n"))
    assert "main.deep" not in found.unreached


def test_each_failure_in_a_row_is_another_place(tmp_path):
    states = """\
  a: {lookup: {run: bank.get, as: x}, on: {lookup_failed: [hello, hello, {goto: c}]}, say: hello, goto: b}
  b: {say: bye, hang_up: yes}
  c: {say: bye, hang_up: yes}
"""
    found = explore(little(tmp_path, states, code="def get() -> int:\n    return 1\n"))
    assert (found.unreached, found.unclimbed, found.left) == ({}, {}, 0)
    climbed = sorted(count for state, error, count in found.rungs if (state, error) == ("a", "lookup_failed"))
    assert climbed == [1, 2, 3]


def test_a_bound_is_said(tmp_path):
    found = explore(copied(starter_root(), tmp_path), most=5)
    assert (found.calls, found.left > 0) == (5, True)
    assert any("bound of 5" in why for why in found.unreached.values())
    assert any(line.startswith("cut: ") for line in tree(found, stand_in))


BY_A_KEY = """\
  a: {say: hello, menu: {options: {1: one, 2: two}}}
  one: {set: {lang: '"a"'}, goto: ask}
  two: {set: {lang: '"b"'}, goto: ask}
  ask: {say: hello, menu: {options: {1: which}}}
  which: {branch: [{if: 'lang == "a"', goto: b}, {goto: deep}]}
  deep: {say: bye, hang_up: yes}
  b: {say: bye, hang_up: yes}
"""


def test_what_hangs_on_a_variable_that_a_key_sets_is_found_by_going_through_again(tmp_path):
    found = explore(little(tmp_path, BY_A_KEY))
    assert (found.unreached, found.left) == ({}, 0)


def test_the_bound_counts_what_is_gone_through_again(tmp_path, monkeypatch):
    made = []
    make = Replay.make

    def counted(*args, **options):
        made.append(1)
        return make(*args, **options)

    monkeypatch.setattr(Replay, "make", counted)
    root = little(tmp_path, BY_A_KEY)
    whole = explore(root)
    assert whole.calls == len(made)
    once = next(n for n in range(1, whole.calls) if explore(root, most=n).left < 3)  # all of the first time, or nearly
    for most in (once, once + 5):
        made.clear()
        found = explore(root, most=most)
        assert found.calls == len(made) <= most
        assert found.unreached == {"main.deep": f"the bound of {most} calls cut it"}


def test_what_stands_behind_a_lookup_after_a_hang_up_is_told_so(tmp_path):
    states = """\
  a: {say: hello, menu: {options: {1: b}}}
  b: {say: bye, hang_up: yes}
  left: {lookup: {run: bank.note, as: done, failed: lost}, branch: [{if: done == 1, goto: won}, {goto: b}]}
  won: {goto: b}
  lost: {goto: b}
"""
    root = little(tmp_path, states, code="def note() -> int:\n    return 1\n")
    dialog = root / "prompts" / "dialogs" / "main.yaml"
    dialog.write_text(dialog.read_text().replace("start: a", "start: a\non: {hang_up: {goto: left}}"))
    found = explore(root)
    why = "the caller has hung up, and the lookup of left does not come back then"
    assert found.unreached == {"main.won": why, "main.lost": why}


def test_quiet_inside_a_sound_of_the_projects_own_is_no_dead_air(tmp_path):
    states = "  a: {say: jingle, goto: m}\n  m: {say: hello, menu: {options: {1: b}}}\n  b: {say: bye, hang_up: yes}\n"
    root = little(tmp_path, states, "  jingle: {sound: sounds/jingle.wav}\n")
    (root / "audio" / "sounds").mkdir(parents=True)
    ring = tone(440, 0.6, 8000, -20)
    (root / "audio" / "sounds" / "jingle.wav").write_bytes(
        write_wav([np.concatenate((ring, silence(3600), ring))], 8000)
    )
    found = explore(root)
    assert wrongs(found) == [] and found.differs == []
    begun = [event for event in found.root.replayed.events if isinstance(event, SegmentStarted)]
    assert begun[0].quiet == pytest.approx((0.0, 0.45, 0.0), abs=0.02)


# ---- what is wrong


def test_a_dialog_that_raises_is_told_with_its_path(tmp_path):
    (tmp_path / "prompts").mkdir()
    root = little(tmp_path, "  a: {say: hello, goto: b}\n  b: {say: bye, hang_up: yes}\n")
    (root / "prompts" / "ivr.yaml").write_text("project: Little\ncover: {enabled: no}\nstart: bank.answer\n")
    (root / "prompts" / "bank.py").write_text(
        "async def answer(call):\n    await call.say('hello')\n"
        "    if await call.ask() == '7':\n        raise KeyError('seven')\n    await call.say('bye')\n"
    )
    found = explore(root)
    (bad,) = [branch for branch in found.branches() if branch.wrong]
    assert bad.path == ("types 7",) or bad.path == ("presses 7",)
    assert bad.wrong == ["the dialog raised KeyError at prompts/bank.py:4"]
    assert not as_dict(found, stand_in)["ok"]


def test_a_value_that_cannot_be_said_is_told_with_its_slot_and_why(tmp_path):
    code = "def balance():\n    return 1\n"
    states = "  a: {lookup: {run: bank.balance, as: sum}, goto: b}\n  b: {set: {rest: sum}, say: left, hang_up: yes}\n"
    root = little(tmp_path, states, "  left: You have {rest:money}.\n", code)
    found = explore(root, {"bank.balance": ["12x"]})
    why = "slot 'rest': expected an amount of money such as 12.50, and got another text"
    assert f"'left': its value cannot be said: {why}" in wrongs(found)


def test_what_is_wrong_in_many_ways_is_one_line(tmp_path):
    states = (
        "  a: {say: hello, menu: {options: {1: b, 2: c}}}\n  b: {say: hello, goto: d}\n  c: {goto: d}\n"
        "  d: {set: {rest: \"'x'\"}, say: left, hang_up: yes}\n"
    )
    root = little(tmp_path, states, "  left: You have {rest:money}.\n")
    found = explore(root)
    wrong = (
        "'left': its value cannot be said: slot 'rest': expected an amount of money such as 12.50, and got another text"
    )
    lines = list(tree(found, stand_in))
    assert [line for line in lines if line.startswith("wrong: ")] == [f"wrong: presses 1 and 1 way more: {wrong}"]
    assert lines[-1].endswith("; 1 wrong")
    assert as_dict(found, stand_in)["wrong"] == [{"what": wrong, "ways": 2, "first": ["presses 1"]}]


@pytest.mark.parametrize("own", ["", ", failed: c"])
def test_a_slot_without_a_value_is_told_whatever_way_is_taken_for_it(tmp_path, own):
    states = f"""\
  a: {{say: hello, menu: {{options: {{1: look, 2: tell}}}}}}
  look: {{lookup: {{run: bank.balance, as: sum}}, goto: a}}
  tell: {{lookup: {{run: bank.balance, as: other{own}}}, say: left, hang_up: yes}}
  c: {{say: bye, hang_up: yes}}
"""
    found = explore(little(tmp_path, states, "  left: You have {sum:money}.\n", "def balance():\n    return 1\n"))
    told = {wrong for wrong in wrongs(found) if "dead air" not in wrong}
    why = "its value cannot be said: slot 'sum': has no value; set it before the prompt is said"
    assert told == {why if own else f"'left': {why}"}


def test_a_forgotten_await_is_told_where_it_is_missed(tmp_path):
    (tmp_path / "prompts").mkdir()
    root = little(tmp_path, "  a: {say: bye, hang_up: yes}\n", "  left: You have {sum:money}.\n")
    (root / "prompts" / "ivr.yaml").write_text("project: Little\ncover: {enabled: no}\nstart: bank.answer\n")
    (root / "prompts" / "bank.py").write_text(
        "def balance():\n    return 1\n\n\nasync def answer(call):\n"
        "    sum = call.run(balance)\n    await call.say('left', sum=sum)\n"
    )
    told = "say(…) was given a coroutine of 'Line.run', which is never a value: await it, as in x = await call.run(f)"
    assert f"the dialog raised DialogBroken at prompts/bank.py:7: {told}" in wrongs(explore(root))


def test_what_is_private_is_masked(tmp_path):
    found = explore(copied(starter_root(), tmp_path), {"bank.balance": [77]})
    lines = [line for branch in found.branches() for line in heard(branch, stand_in)]
    assert any("xxxxxxx" in line for line in lines)
    assert not any("seventy" in line for line in lines)


# ---- the command


def test_the_command(tmp_path, capsys, monkeypatch):
    root = copied(starter_root(), tmp_path)
    assert main(["simulate", str(root), "--explore"]) == 0
    out = capsys.readouterr().out
    assert "0 states and 0 rungs not; nothing wrong" in out
    assert "Welcome to Harbour Bank." in out
    values = tmp_path / "tried.yaml"
    values.write_text("bank.balance: [{error: closed}, 5]\n")
    assert main(["simulate", str(root), "--json", "--values", str(values)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "main.overdrawn" in answer["unreached"]
    assert any("bank.balance fails: closed" in branch["path"] for branch in answer["branches"])


@pytest.mark.parametrize("text", ["bank.blance: [1]", "bank.balance: 5", "- 1", "a: [", None])
def test_values_that_are_none(text, tmp_path, capsys):
    file = tmp_path / "tried.yaml"
    if text is not None:
        file.write_text(text)
    assert main(["simulate", str(starter_root()), "--values", str(file)]) == 2
    assert "--values" in capsys.readouterr().err
