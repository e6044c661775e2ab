"""docs/dialog.md, row by row: ladders of lookups that fail and of the end of a call, in state, dialog and project."""

from __future__ import annotations

import pytest
from manners import attempts, call, states, tables, typed
from toy import drive, make_plan

from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.errors import HungUp, LookupFailed
from ivr.simulator.driver import Answer
from ivr.trace.events import CallEnded, LookupEnded, LookupStarted, StateEntered

DOWN = Answer(error="it is down", delay=0.5)
FAILING = {"bank.keep": DOWN}
OTHER = "dialog: other\nstart: o\nstates:\n  o: {say: legal, hang_up: yes}\n"


def dialog(own: str = "", its: str = "", more: str = "") -> str:
    """A dialog that looks up in ``a``; ``own`` are the ladders of the state, ``its`` those of the dialog."""
    return f"""\
dialog: main
start: a
on: {{{its}}}
states:
  a: {{lookup: {{run: bank.keep, as: amount{more}}}, on: {{{own}}}, say: balance, goto: z}}
  b: {{say: legal, goto: z}}
  z: {{say: bye, hang_up: yes}}
"""


def then(*answers: Answer):
    """A lookup that answers one by one, the last for ever; and when it was asked."""
    left = list(answers)
    return {"bank.keep": lambda: left.pop(0) if len(left) > 1 else left[0]}


def why(run) -> str:
    """What led out of the first state."""
    return run.of(StateEntered)[1].why


def test_D1_every_scope_has_a_ladder_and_the_innermost_of_a_count_is_taken():
    project = Handlers({Event.LOOKUP_FAILED: (Rung(1, ("sorry",), Target(dialog="other")),)})
    files = dialog("lookup_failed: {say: no_news, goto: b}", "lookup_failed: {say: poor, goto: z}"), OTHER
    run = call(tables(*files, handlers=project), lookups=FAILING)
    assert (states(run), run.said()[1:3], why(run)) == (["a", "b", "z"], ["no_news", "legal"], "lookup_failed 1")
    files = dialog("", "lookup_failed: {say: poor, goto: z}"), OTHER
    run = call(tables(*files, handlers=project), lookups=FAILING)
    assert (states(run), run.said()[1]) == (["a", "z"], "poor")
    run = call(tables(dialog(), OTHER, handlers=project), lookups=FAILING)
    assert (states(run), run.said()[1]) == (["a", "o"], "sorry")


def test_D1_of_all_scopes_the_rung_with_the_highest_count_is_taken():
    run = call(
        tables(dialog("lookup_failed: [{say: no_news}]", "lookup_failed: [{}, {say: poor, goto: b}]")), lookups=FAILING
    )
    assert (run.said(), why(run)) == (["balance", "no_news", "balance", "poor", "legal", "bye"], "lookup_failed 2")


def test_D1_failed_is_the_short_form():
    run = call(tables(dialog(more=", failed: b")), lookups=FAILING)
    assert (states(run), why(run)) == (["a", "b", "z"], "lookup_failed 1")


def test_D8_a_rung_without_a_target_looks_up_again_while_its_words_are_said():
    file = dialog("lookup_failed: [{say: one_moment}, {say: no_news}, {goto: b}]")
    run = call(tables(file), lookups=then(DOWN, DOWN, Answer(12.5, 0.5)))
    assert run.said() == ["balance", "one_moment", "balance", "no_news", "balance", "bye"]
    assert attempts(run, "balance") == [1, 2, 3]
    assert [event.outcome for event in run.of(LookupEnded)] == ["failed", "failed", "returned"]
    asked, ended = run.of(LookupStarted), run.of(LookupEnded)
    assert [each.at for each in asked[1:]] == [each.at for each in ended[:-1]], "each is made when the last has failed"
    assert states(run) == ["a", "z"] and run.dead_air() == []


def test_D8_what_was_queued_is_not_said_and_reprompt_no_leaves_out_the_words_of_the_state():
    run = call(
        tables(dialog("lookup_failed: [{say: no_news, reprompt: no}, {goto: b}]")), lookups=then(DOWN, Answer(1))
    )
    assert run.said() == ["balance", "no_news", "bye"]
    assert run.dead_air() == []


def test_D9_failures_count_from_one_when_the_state_is_come_to_again():
    file = dialog("lookup_failed: [{say: no_news}, {goto: again}]").replace(
        "  b:", "  again: {say: main, menu: {options: {1: a}, no_input: {goto: z}}}\n  b:"
    )
    run = call(tables(file), [(8.0, "1")], lookups=FAILING)
    assert states(run) == ["a", "again", "a", "again", "z"]
    assert attempts(run, "balance") == [1, 2, 1, 2]


def test_D9_a_branch_for_a_status_comes_before_the_rungs():
    lookup = '{get: "https://api.example.com/x", as: amount, on: {404: b}}'
    file = dialog("lookup_failed: [{say: no_news}, {say: no_news}, {goto: z}]").replace(
        "{run: bank.keep, as: amount}", lookup
    )
    statuses = [503, 404]
    run = call(tables(file), lookups={"GET https://api.example.com/x": lambda _: Answer(status=statuses.pop(0))})
    assert (states(run), run.said()[1], why(run)) == (["a", "b", "z"], "no_news", "lookup answered 404")


@pytest.mark.parametrize("ladder", ["no_news", "[{count: 3, hang_up: yes}]", "{limit: 2}"])
def test_D10_a_ladder_that_says_no_more_looks_up_again_twice_and_the_call_ends(ladder):
    run = call(tables(dialog(f"lookup_failed: {ladder}")), lookups=FAILING)
    assert len(run.of(LookupStarted)) == 3
    assert states(run) == ["a"] and run.ended == "the dialog ended"


def test_D10_limit_says_how_often_and_where_to_go_then():
    run = call(tables(dialog("lookup_failed: {say: one_moment, limit: 1, goto: b}")), lookups=FAILING)
    assert (len(run.of(LookupStarted)), states(run)) == (2, ["a", "b", "z"])
    assert run.said()[:3] == ["balance", "one_moment", "balance"]


def test_D10_a_lookup_that_takes_too_long_has_failed_as_well():
    run = call(
        tables(dialog("lookup_failed: [no_news, {goto: b}]", more=", timeout: 2s")), lookups=then(Answer(1, 9.0))
    )
    assert [event.outcome for event in run.of(LookupEnded)] == ["timed out"] * 2
    assert states(run) == ["a", "b", "z"] and run.dead_air() == []


GONE = """\
dialog: main
start: a
on: {hang_up: {goto: its}}
states:
  a: {say: main, menu: {options: {1: b}}, on: {hang_up: %s}}
  b: {say: main, menu: {options: {1: a}}}
  own: {lookup: {run: bank.keep, as: y, with: {x: "'own'"}}, hang_up: yes}
  its: {lookup: {run: bank.keep, as: y, with: {x: "'its'"}}, hang_up: yes}
"""
KEPT = {"bank.keep": Answer(0, 0.0)}


def test_D11_a_state_answers_the_end_of_the_call_before_its_dialog():
    file = tables(GONE % "{goto: own}")
    assert typed(call(file, hang_up_at=1.0, lookups=KEPT)) == ["own"]
    assert typed(call(file, [(1.0, "1")], hang_up_at=2.0, lookups=KEPT)) == ["its"]
    assert typed(call(file, [(1.0, "1"), (2.0, "1")], hang_up_at=3.0, lookups=KEPT)) == ["own"]


def test_D11_hang_up_yes_there_does_nothing_and_a_dialog_takes_over():
    assert typed(call(tables(GONE % "{hang_up: yes}"), hang_up_at=1.0, lookups=KEPT)) == []
    after = (
        "dialog: after\nstart: c\nstates: {c: {lookup: {run: bank.keep, as: y, with: {x: \"'after'\"}}, return: yes}}\n"
    )
    assert typed(call(tables(GONE % "{dialog: after}", after), hang_up_at=1.0, lookups=KEPT)) == ["after"]


def test_D11_a_state_that_runs_another_dialog_has_its_turn_behind_that():
    inner = GONE.replace("dialog: main", "dialog: inner") % "{goto: own}"
    outer = """\
dialog: main
start: r
on: {hang_up: {goto: never}}
states:
  r: {dialog: {run: inner, goto: r}, on: {hang_up: {goto: run}}}
  run: {lookup: {run: bank.keep, as: y, with: {x: "'run'"}}, return: yes}
  never: {lookup: {run: bank.keep, as: y, with: {x: "'never'"}}, return: yes}
"""
    assert typed(call(tables(outer, inner), hang_up_at=1.0, lookups=KEPT)) == ["own", "run"]


def test_D12_in_python_the_exceptions_are_the_ladder():
    kept = []

    async def main(line):
        try:
            for words in ("one_moment", "no_news"):
                try:
                    kept.append(await line.lookup("bank.keep"))
                    break
                except LookupFailed:
                    await line.say(words)
            await line.say("main")
            await line.ask()
        except HungUp:
            kept.append("gone")
            raise

    run = drive(make_plan(main, functions=["bank.keep"]), lookups=then(DOWN, Answer(7, 0.5)), hang_up_at=4.0)
    assert (kept, run.said()) == ([7, "gone"], ["one_moment", "main"])
    assert isinstance(run.trace[-1], CallEnded)


def test_W11_a_caller_without_patience_has_the_lookup_made_again_too():
    more = ", timeout: 60s}, cover: {filler: one_moment, patience: 3s"
    file = dialog("lookup_failed: [{say: no_news}, {goto: b}]", more=more)
    run = call(tables(file), lookups=then(Answer(1, 40.0), Answer(12.5, 2.0)))
    assert [event.outcome for event in run.of(LookupEnded)] == ["timed out", "returned"]
    assert states(run) == ["a", "z"] and run.dead_air() == []
