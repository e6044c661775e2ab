"""By what a state decides, and what of that a trace masks."""

import pytest
from manners import tables

from ivr.simulator.keys import Keys, Unknown, restored
from ivr.simulator.undecided import undecided
from ivr.trace.difference import Difference, Step
from ivr.trace.doors import KeyCame, LookupCame, MediaCame, StreamCame
from ivr.trace.events import LookupStarted, StateEntered
from ivr.trace.values import written

STATES = """\
dialog: main
start: a
states:
  a: {say: main, collect: {as: pin, digits: 4, goto: b}}
  b: {lookup: {run: bank.balance, as: x, with: {x: pin}}, say: greeting, goto: c}
  c: {set: {y: x + 1.0}, goto: d}
  d: {branch: [{if: y > 3.0, goto: e}, {goto: f}]}
  e: {branch: [{if: call.caller == '+1', goto: f}, {goto: g}]}
  f: {branch: [{if: now.hour > 3, goto: e}, {goto: g}]}
  g: {say: main, menu: {options: {1: e, 2: f}}}
"""
EVENTS = (
    StreamCame("MZ1", "{}", "voice", ("from",), ("+00",), 0.0),
    LookupStarted("lookup1", "bank.balance", 1.0),
    LookupCame("lookup1", written(5.0), True, 2.0),
)


def differs(kind="state", what="h (branch 1)", at=5.0):
    return Difference(Step(kind, what, at, 1.0, 2), None)


def why(state, events=EVENTS, keys=None, shown=False, **first):
    there = [*events, StateEntered(state, 4.0)]
    found = undecided(differs(**first), there, tables(STATES).tables, keys or Keys(), shown=shown)
    assert all((one.state, one.at) == (state, 5.0) for one in found)
    return [one.why for one in found]


@pytest.mark.parametrize(
    ("state", "reasons"),
    [
        ("d", ["'y', what bank.balance returned"]),
        ("c", ["'x', what bank.balance returned"]),
        ("e", ["'call', what the gateway said of the call"]),
        ("f", []),
        ("g", []),
    ],
)
def test_a_state_is_not_decided_by_what_is_a_stand_in_however_it_came_there(state, reasons):
    assert why(state) == reasons


def test_where_personal_data_is_shown_everything_is_decided():
    assert why("d", shown=True) == []


def test_what_is_not_private_decides():
    events = [*EVENTS[:2], LookupCame("lookup1", written(5.0), False, 2.0)]
    assert why("d", events) == []


def test_a_key_that_led_nowhere_does_not_decide_where_it_was_pressed():
    assert why("g", keys=Keys(unknown=[Unknown(3, 5.0, 9.0)])) == ["the key that was pressed at 5.000 s"]
    assert why("g", keys=Keys(unknown=[Unknown(3, 3.0, 4.0)])) == []


def test_the_callers_sound_does_not_decide():
    heard = [*EVENTS, MediaCame(50, 8000, 900, 1.0, 2.0)]
    (reason,) = why("g", heard, kind="caller", what="speaks")
    assert reason == "the caller's sound, which is not in the trace"
    assert why("g", heard, kind="prompt", what="main") == []
    assert why("g", kind="caller", what="speaks") == []


def test_what_a_dialog_in_python_goes_by_is_not_known():
    (reason,) = why("somewhere")
    assert "in Python" in reason


def keys(*events):
    found = restored(
        events, tables(STATES + "  h: {say: main, confirm: {yes: a, no: g, keys: {yes: 4, no: 5}}}\n").tables.values()
    )
    return found.known, [key.place for key in found.unknown]


def pressed(*at):
    return [KeyCame("0", time) for time in at]


def test_keys_are_told_by_where_they_led():
    assert keys(*pressed(1.0), StateEntered("e", 1.0, "option 2")) == ({0: "2"}, [])
    assert keys(*pressed(1.0, 1.1), StateEntered("e", 1.1, "option 12")) == ({0: "1", 1: "2"}, [])
    assert keys(StateEntered("h", 0.5), *pressed(1.0), StateEntered("g", 1.0, "no")) == ({1: "5"}, [])
    assert keys(*pressed(1.0), StateEntered("e", 1.0, "command 7")) == ({0: "7"}, [])


def test_wrong_keys_before_are_not():
    assert keys(*pressed(1.0, 2.0), StateEntered("e", 2.0, "option 2")) == ({1: "2"}, [0])
    assert keys(*pressed(1.0)) == ({}, [0])
    assert keys(KeyCame("#", 1.0)) == ({}, [])


def test_a_star_is_no_key_that_led_elsewhere():
    events = [KeyCame("*", 1.0), *pressed(1.1), StateEntered("e", 4.0, "option 9")]
    assert keys(*events) == ({1: "9"}, [])


def test_until_the_next_state_a_wrong_key_may_matter():
    (key,) = restored([*pressed(1.0), StateEntered("e", 1.0, "no_match 1"), StateEntered("f", 3.0)], ()).unknown
    assert (key.at, key.until) == (1.0, 3.0)


def test_keys_typed_ahead_are_taken_in_their_order():
    events = [*pressed(1.0, 1.1, 1.2), StateEntered("e", 4.0, "option 1"), StateEntered("f", 9.0, "option 2")]
    assert keys(*events) == ({0: "1", 1: "2"}, [2])


def test_a_number_that_was_typed_stays_a_stand_in_and_does_not_take_the_next_key():
    typed = [*pressed(1.0, 1.1), KeyCame("#", 1.2), StateEntered("b", 1.2, "typed 2 keys")]
    assert keys(*typed, *pressed(2.0), StateEntered("e", 2.0, "option 2")) == ({4: "2"}, [])
    ahead = [*pressed(1.0, 1.1), KeyCame("#", 1.2), *pressed(1.3), StateEntered("b", 4.0, "typed 2 keys")]
    assert keys(*ahead, StateEntered("e", 5.0, "option 2")) == ({3: "2"}, [])


def test_the_places_of_numbers_that_were_typed_are_kept():
    typed = [*pressed(1.0, 1.1), KeyCame("#", 1.2), StateEntered("b", 1.2, "typed 2 keys")]
    assert restored([*typed, *pressed(2.0), StateEntered("e", 2.0, "option 2")], ()).typed == [(0, 1)]
