"""Exploring dialogs in Python: loops, dialogs that are not the same each time, and phrases that they name."""

from __future__ import annotations

import pytest
from explored import explore, forgotten, little

from ivr.media.private import stand_in
from ivr.simulator.explore_report import as_dict, tree


@pytest.fixture(autouse=True)
def modules_of_projects():
    with forgotten():
        yield


def python(root, code, phrases="  more: More.\n"):
    little(root, "  a: {say: hello, hang_up: yes}\n", phrases, code)
    (root / "prompts" / "ivr.yaml").write_text("project: Little\ncover: {enabled: no}\nstart: bank.answer\n")
    return root


LOOP = """\
async def answer(call):
    for _ in range(%d):
        await call.choose("hello", "12")
    await call.say("more")
    await call.choose("bye", "34")
"""


@pytest.mark.parametrize("rounds", [2, 3])
def test_what_stands_behind_a_short_loop_is_come_to(rounds, tmp_path):
    found = explore(python(tmp_path, LOOP % rounds))
    assert (found.unsaid, found.loops) == ((), set())
    assert any(branch.path == ("presses 1",) * rounds + ("presses 4",) for branch in found.branches())


def test_a_loop_that_is_left_is_told_with_what_nobody_said(tmp_path):
    found = explore(python(tmp_path, LOOP % 5))
    assert found.unsaid == ("bye", "more")
    assert found.loops == {"the question behind hello in answer, prompts/bank.py"}
    assert "left after 3 rounds" in "\n".join(tree(found, stand_in))
    assert as_dict(found, stand_in)["loops"] == sorted(found.loops)


def test_a_loop_that_asks_again_for_no_answer_is_no_difference_into_words(tmp_path):
    found = explore(python(tmp_path, LOOP % 2))
    assert found.hasty and found.differs == []


OTHERWISE = """\
seen = []
async def answer(call):
    seen.append(1)
    await call.choose("hello", "34" if len(seen) > 1 else "12")
    await call.say("bye")
"""
SHORTER = """\
seen = []
async def answer(call):
    seen.append(1)
    if len(seen) == 1:
        await call.choose("hello", "12")
    await call.say("bye")
"""


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (OTHERWISE, "answer in prompts/bank.py: it comes to a question (is silent, presses 3"),
        (SHORTER, "bank.answer: the call ended (the dialog ended)"),
    ],
)
def test_a_dialog_that_is_not_the_same_each_time_is_told_with_what_differed(code, what, tmp_path):
    found = explore(python(tmp_path, code))
    wrong = {branch.path: branch.wrong for branch in found.branches() if branch.replayed.differed}
    told = f"the dialog is not the same each time, {what}"
    assert wrong[("presses 1",)][0].startswith(told) and "'presses 1' to choose" in wrong[("presses 1",)][0]
    assert not as_dict(found, stand_in)["ok"]
    assert f"wrong: presses 1: {told}" in "\n".join(tree(found, stand_in))


def test_a_table_that_no_code_names_is_run_by_nothing(tmp_path):
    root = python(tmp_path, "async def answer(call):\n    await call.say('hello')\n")
    assert explore(root).unreached == {"main.a": "nothing runs that dialog"}


def test_a_table_that_code_runs_by_a_made_name_may_be_run(tmp_path):
    code = "async def answer(call):\n    await call.say('hello')\n    await call.dialog('ma' + 'in')\n"
    assert explore(python(tmp_path, code)).unreached == {}
