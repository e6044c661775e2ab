"""How often a call comes to each state."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import planned, project, turns

from ivr.project.profiles.profile import load_profile
from ivr.project.starter import starter_root

START = "dialog: main\nstart: a\nstates:\n"


def leaving(text):
    """Errors leave for the state that ERRORS names."""
    return re.sub(r"ERRORS_(\w)", r"no_input: {limit: 0, goto: \1}, no_match: {limit: 0, goto: \1}", text)


def often(plan):
    return {(key[0], key[1]): turn.per_call for key, turn in turns(plan).items() if key[2] == "say"}


def test_all_ways_out_of_a_menu_are_equally_likely(tmp_path):
    dialog = START + (
        "  a: {say: hello, menu: {options: {1: b, 2: c}, ERRORS_c}}\n"
        "  b: {say: sum, set: {amount: '1.0'}, goto: a}\n  c: {say: bye, hang_up: yes}\n"
    )
    found = often(planned(project(tmp_path, leaving(dialog))))
    assert found == pytest.approx({("main", "a"): 4 / 3, ("main", "b"): 1 / 3, ("main", "c"): 1.0})


def test_rungs_that_ask_again_are_said_on_the_way_that_leaves(tmp_path):
    dialog = START + (
        "  a:\n    say: again\n"
        "    menu: {options: {1: c}, no_input: {say: wait, limit: 2, goto: c}, max_errors: {limit: 9, goto: c}}\n"
        "  c: {say: bye, hang_up: yes}\n"
    )
    found = turns(planned(project(tmp_path, leaving(dialog))))
    causes = {cause: turn.per_call for (_, state, cause), turn in found.items() if state == "a"}
    assert {cause: causes[cause] for cause in ("say", "no_input 1", "no_input 2")} == pytest.approx(
        {"say": 1.0, "no_input 1": 0.25, "no_input 2": 0.25}
    )
    assert found["main", "a", "no_input 1"].key.prompts == (("wait", 1), ("again", 2))
    assert found["main", "a", "no_input 2"].key.prompts == (("wait", 1), ("again", 3))


def test_a_lookup_fails_as_often_as_the_profile_says(tmp_path):
    dialog = START + (
        "  a: {lookup: {run: bank.balance, as: amount, failed: c}, say: sum, goto: b}\n"
        "  b: {say: hello, hang_up: yes}\n  c: {say: bye, hang_up: yes}\n"
    )
    directory = project(tmp_path, dialog)
    told = "lookups: {bank.balance: {returns: [1.5], fails: 3%, never: 1%}}"
    assert often(planned(directory, told))["main", "c"] == pytest.approx(0.04)
    assert often(planned(directory))["main", "c"] == pytest.approx(0.5)


SUB = "dialog: sub\nstart: x\nstates:\n  x: {say: menu, menu: {options: {1: y, 2: z}, ERRORS_y}}\n"


def test_a_dialog_that_is_run_goes_on_as_often_as_it_returns(tmp_path):
    dialog = START + (
        "  a: {dialog: {run: sub, goto: b}}\n  b: {say: hello, dialog: {run: sub, goto: c}}\n"
        "  c: {say: bye, hang_up: yes}\n"
    )
    sub = SUB + "  y: {say: wait, return: yes}\n  z: {say: sorry, hang_up: yes}\n"
    found = often(planned(project(tmp_path, leaving(dialog), sub=leaving(sub))))
    expected = {("main", "b"): 0.75, ("main", "c"): 0.75**2, ("sub", "x"): 1.75, ("sub", "y"): 1.75 * 0.75}
    assert {key: found[key] for key in expected} == pytest.approx(expected)


def test_one_that_is_gone_over_to_is_not_come_back_from(tmp_path):
    dialog = START + (
        "  a: {say: hello, menu: {options: {1: b}, no_input: [{dialog: sub}], no_match: {limit: 0, goto: b}}}\n"
        "  b: {say: bye, hang_up: yes}\n"
    )
    sub = "dialog: sub\nstart: x\nstates:\n  x: {say: sorry, hang_up: yes}\n"
    found = often(planned(project(tmp_path, dialog, sub=sub)))
    assert found["main", "b"] == pytest.approx(2 / 3)
    assert found["sub", "x"] == pytest.approx(1 / 3)


def test_dialogs_that_run_each_other_settle(tmp_path):
    dialog = START + (
        "  a: {say: hello, menu: {options: {1: b, 2: c}, ERRORS_c}}\n"
        "  b: {dialog: {run: main, goto: c}}\n  c: {say: bye, return: yes}\n"
    )
    found = often(planned(project(tmp_path, leaving(dialog))))
    assert found["main", "a"] == pytest.approx(4 / 3)  # a quarter of the runs begins another
    assert found["main", "c"] == pytest.approx(4 / 3)


def test_calls_without_an_end_have_no_average(tmp_path):
    dialog = START + ("  a: {say: hello, menu: {options: {1: b}, ERRORS_b}}\n  b: {say: bye, goto: a}\n")
    plan = planned(project(tmp_path, leaving(dialog)))
    assert set(often(plan).values()) == {None}
    assert plan.live is None
    assert plan.notes == ("calls do not end by themselves: how often things are said is not known",)
    assert turns(plan)["main", "a", "say"].ttfa[50] == 0.0


def test_a_dialog_that_nothing_leads_to_is_looked_at_and_never_heard(tmp_path):
    other = "dialog: other\nstart: x\nstates:\n  x: {say: sorry, hang_up: yes}\n"
    plan = planned(project(tmp_path, START + "  a: {say: hello, hang_up: yes}\n", other=other))
    assert often(plan) == {("main", "a"): 1.0, ("other", "x"): 0.0}
    assert turns(plan)["other", "x", "say"].ttfa[50] == 0.0


@pytest.mark.parametrize("root", ["", "examples/clinic"])
def test_the_ways_that_are_walked_are_those_of_the_chain(root, monkeypatch):
    from ivr.project.load import load
    from ivr.strategy import plan

    walked = {}

    def caught(key, locale, pieces, figures, per_call, assumed):
        walked[key, locale] = sum(weight for weight, _ in (*figures.at_once, *figures.behind))
        return made(key, locale, pieces, figures, per_call, assumed)

    made = plan.turn
    monkeypatch.setattr(plan, "turn", caught)
    loaded = load(starter_root() / root, {}, clips=False)
    turns = plan.make_plan(loaded, load_profile(loaded)).turns
    assert walked == pytest.approx({(turn.key, turn.locale): turn.per_call for turn in turns}, abs=1e-5)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(0, 5))
def test_what_is_come_to_is_what_is_left(targets, start):
    """In any menu of six states, of which the last ends the call: who comes to a state comes from some other."""
    from ivr.dialog.ladders import Event, Handlers, Rung, Target
    from ivr.dialog.repertoire import Repertoire
    from ivr.dialog.table import HangUp, Menu, Question, State, Table
    from ivr.strategy.chain import Chain, Place
    from ivr.strategy.likely import chosen

    names = [f"s{number}" for number in range(6)]
    leaves = Handlers({Event.NO_INPUT: (Rung(1, leave=Target("s5")),), Event.NO_MATCH: (Rung(1, leave=Target("s5")),)})
    states = {}
    for number, name in enumerate(names[:5]):
        options = {str(key): names[target] for key, target in enumerate(targets) if key % 5 == number}
        states[name] = State(name, Menu(options, Question(handlers=leaves)))
    states["s5"] = State("s5", HangUp())
    table = Table("main", names[start], states)
    repertoire = Repertoire({"main": table})
    choices = {("main", name): chosen(state, table, repertoire, {}) for name, state in states.items()}
    chain = Chain({"main": table}, choices)
    begins = {chain.start("main", "en-US"): 1.0}
    found = chain.visits(begins).places
    assert found[Place("main", "s5", "en-US")] == pytest.approx(1.0)
    for place, visits in found.items():
        arrived = begins.get(place, 0.0) + sum(
            found.get(Place("main", name, "en-US"), 0.0) * each.chance
            for name in names
            for each in choices["main", name]
            if each.way.target.state == place.state
        )
        assert visits == pytest.approx(arrived)
