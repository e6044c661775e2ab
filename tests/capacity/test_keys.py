from __future__ import annotations

import os
from dataclasses import replace

import pytest

from ivr.capacity.keys import Keys, keys
from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.dialog.table import Branch, Branches, Goto, HangUp, LookupStep, Menu, Question, State, Table
from ivr.errors import ConfigError
from ivr.project.load import load
from ivr.project.starter import starter_root

STARTER = load(starter_root(), os.environ, clips=False)
"""Its phrase "balance" has a slot, its phrase "hours" has none."""


def project(*states: State):
    table = Table("main", states[0].name, {state.name: state for state in states})
    return replace(STARTER, tables={"main": table})


def leaving(event: str, state: str) -> Question:
    return Question(handlers=Handlers({Event(event): (Rung(1, ("hours",)), Rung(2, leave=Target(state)))}))


def test_those_of_the_starter():
    assert keys(STARTER) == Keys(memory=("2", "9"), live=("1",), live_from_the_start=False)
    assert keys(STARTER).pressed(live=False) == ("2", "9")
    assert keys(STARTER).pressed(live=True) == ("1", "2", "9")


def test_a_menu_that_nothing_reaches_is_not_asked():
    found = keys(
        project(
            State("a", exit=Menu({"1": "b"})),
            State("b", say=("hours",), exit=HangUp()),
            State("c", exit=Menu({"5": "b"})),
        )
    )
    assert (found.memory, found.live) == (("1",), ())


def test_a_key_is_live_where_a_slot_or_a_lookup_lies_before_the_next_question():
    found = keys(
        project(
            State("a", exit=Menu({"1": "b", "2": "d", "3": "a"})),
            State("b", exit=Branches((Branch("a"), Branch("c")))),
            State("c", say=("balance",), exit=Goto("a")),
            State("d", lookup=LookupStep("bank.balance", "x"), exit=Goto("a")),
        )
    )
    assert (found.memory, found.live) == (("3",), ("1", "2"))


def test_a_key_that_is_live_in_one_menu_is_pressed_in_none():
    found = keys(
        project(
            State("a", exit=Menu({"1": "b", "2": "b"})),
            State("b", say=("hours",), exit=Menu({"1": "c", "2": "a"})),
            State("c", say=("balance",), exit=Goto("a")),
        )
    )
    assert (found.memory, found.live) == (("2",), ("1",))


def test_a_key_that_means_nothing_somewhere_leads_to_what_is_said_then():
    found = keys(
        project(
            State("a", exit=Menu({"1": "b"})),
            State("b", say=("hours",), exit=Menu({"2": "a"}, leaving("no_match", "c"))),
            State("c", say=("balance",), exit=HangUp()),
        )
    )
    assert (found.memory, found.live) == (("2",), ("1",))


def test_a_call_that_is_live_from_the_start_wants_to_be_allowed():
    found = keys(project(State("a", say=("balance",), exit=Menu({"1": "a"}))))
    with pytest.raises(ConfigError, match="--live"):
        found.pressed(live=False)
    assert found.pressed(live=True) == ("1",)


def test_a_dialog_without_menus_has_no_keys_and_states_may_go_in_circles():
    assert keys(project(State("a", exit=Goto("b")), State("b", exit=Goto("a")))).memory == ()
