"""A dialog that several places run is gone through for each way on from there, and for no more."""

from __future__ import annotations

import pytest
from explored import explore, forgotten, little, wrongs


@pytest.fixture(autouse=True)
def modules_of_projects():
    with forgotten():
        yield


PIN = """\
dialog: pin
start: ask
states:
  ask: {say: hello, menu: {options: {1: right, 2: wrong}, no_input: {goto: wrong, limit: 1}}}
  right: {return: yes}
  wrong: {return: yes}
"""
STARTS = "  a: {say: hello, menu: {options: {1: one, 2: two}, no_input: {goto: end, limit: 1}}}\n"
END = "  end: {say: bye, hang_up: yes}\n"


def project(root, states, **dialogs):
    little(root, STARTS + states + END)
    for name, text in dialogs.items():
        (root / "prompts/dialogs" / f"{name}.yaml").write_text(text)
    return root


def test_each_place_that_runs_a_dialog_is_come_back_to(tmp_path):
    states = """\
  one: {dialog: {run: pin, goto: first}}
  two: {dialog: {run: pin, goto: second}}
  first: {say: hello, goto: end}
  second: {say: hello, menu: {options: {7: deep}}}
  deep: {say: bye, hang_up: yes}
"""
    found = explore(project(tmp_path, states, pin=PIN))
    assert found.unreached == {} and wrongs(found) == []
    paths = {branch.path for branch in found.branches()}
    assert {("presses 1", "presses 2"), ("presses 2", "presses 1"), ("presses 2", "presses 1", "presses 7")} <= paths


def test_places_that_go_on_alike_are_one(tmp_path):
    alike = "  one: {dialog: {run: pin, goto: end}}\n  two: {dialog: {run: pin, goto: end}}\n"
    once = explore(project(tmp_path, alike, pin=PIN))
    other = (
        "  one: {dialog: {run: pin, goto: end}}\n  two: {dialog: {run: pin, goto: b}}\n  b: {say: bye, hang_up: yes}\n"
    )
    twice = explore(project(tmp_path / "other", other, pin=PIN))
    assert once.calls < twice.calls
    (again,) = [branch for branch in once.branches() if branch.again and branch.path == ("presses 2",)]
    assert again.below == []


def test_what_is_kept_of_a_dialog_is_another_way_on(tmp_path):
    pin = PIN.replace("right: {return: yes}", "right: {return: {value: '1'}}")
    pin = pin.replace("wrong: {return: yes}", "wrong: {return: {value: '2'}}")
    states = """\
  one: {set: {second: '0'}, dialog: {run: pin, as: first, goto: which}}
  two: {dialog: {run: pin, as: second, goto: which}}
  which: {branch: [{if: second == 1, goto: deep}, {goto: end}]}
  deep: {say: bye, hang_up: yes}
"""
    assert explore(project(tmp_path, states, pin=pin)).unreached == {}


def test_a_function_that_two_lines_call(tmp_path):
    code = """\
async def answer(call):
    await call.say('hello')
    if await call.choose('hello', '12') == '1':
        await sure(call)
    elif await sure(call):
        await call.say('deep')
    await call.say('bye')

async def sure(call):
    return await call.choose('hello', '34') == '3'
"""
    root = little(tmp_path, STARTS + "  one: {goto: end}\n  two: {goto: end}\n" + END, "  deep: Deep.\n", code)
    (root / "prompts/ivr.yaml").write_text("project: Little\ncover: {enabled: no}\nstart: bank.answer\n")
    found = explore(root)
    assert ("presses 2", "presses 3") in {branch.path for branch in found.branches()}
    assert "deep" in found.said


def test_a_dialog_that_runs_itself_is_only_so_many_places(tmp_path):
    deep = """\
dialog: deep
start: ask
states:
  ask: {say: hello, menu: {options: {1: on, 2: also, 3: out}, no_input: {goto: out, limit: 1}}}
  on: {dialog: {run: deep, goto: out}}
  also: {dialog: {run: deep, goto: ask}}
  out: {return: yes}
"""
    states = "  one: {dialog: {run: deep, goto: end}}\n  two: {dialog: {run: deep, goto: a}}\n"
    found = explore(project(tmp_path, states, deep=deep))
    assert (found.unreached, found.left) == ({}, 0)


def test_many_dialogs_deep_there_are_only_so_many_places(tmp_path):
    def level(number):
        on = f"dialog: {{run: level_{number + 1}, goto: " if number < 6 else "goto: "
        close = "}" if number < 6 else ""
        return f"""\
dialog: level_{number}
start: ask
states:
  ask:
    say: hello
    menu: {{options: {{1: on, 2: also}}, no_input: {{goto: out, limit: 0}}, no_match: {{goto: out, limit: 0}}}}
  on: {{{on}out{close}}}
  also: {{{on}out_too{close}}}
  out: {{return: yes}}
  out_too: {{return: yes}}
"""

    states = "  one: {dialog: {run: level_1, goto: end}}\n  two: {dialog: {run: level_1, goto: end}}\n"
    found = explore(project(tmp_path, states, **{f"level_{n}": level(n) for n in range(1, 7)}), most=2000)
    assert (found.unreached, found.left) == ({}, 0)
    assert found.calls < 1000


def test_a_bound_cuts_what_was_seen_before_and_nothing_else(tmp_path):
    long = "".join(f"  s{n}: {{say: hello, menu: {{options: {{1: s{n + 1}}}}}}}\n" for n in range(3, 12))
    states = (
        "  one: {dialog: {run: pin, goto: end}}\n  two: {dialog: {run: pin, goto: b}}\n"
        "  b: {say: bye, hang_up: yes}\n" + long + "  s12: {say: bye, hang_up: yes}\n"
    )
    root = project(tmp_path, states.replace("2: two", "2: two"), pin=PIN)
    main = root / "prompts/dialogs/main.yaml"
    main.write_text(main.read_text().replace("{1: one, 2: two}", "{1: one, 2: two, 3: s3}"))
    whole = explore(root)
    assert whole.unreached == {}
    cut = explore(root, most=whole.calls - 1)
    assert cut.left == 1 and "main.s12" not in cut.unreached
