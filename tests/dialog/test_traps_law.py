"""What is said of a caller who presses nothing, held against calls in which nobody presses anything."""

import json
import random
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.engine import Engine
from ivr.dialog.inspection.examine import Examined, examine
from ivr.dialog.inspection.times import Around
from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.dialog.line import Line
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.requests import Ask, Handle, HangUp, Returned, Run
from ivr.errors import LookupFailed, Severity

NAMES = st.sampled_from("abcde")
MANY = 3000
"""Requests after which a silent call is taken to go on for ever: far more than any of these dialogs takes."""
TRAPS = {"endless", "dead-end", "silence", "runs-itself"}


@st.composite
def rungs(draw):
    found = []
    for _ in range(draw(st.integers(1, 3))):
        leave = draw(st.sampled_from([{}, {}, {"goto": draw(NAMES)}, {"hang_up": "yes"}, {"dialog": "main"}]))
        found.append({"reprompt": "no", **leave})
    return found


@st.composite
def states(draw):
    def state():
        ladders = {"no_input": draw(rungs()), "no_match": [{"hang_up": "yes"}]}
        if draw(st.integers(0, 3)) == 0:
            ladders["max_errors"] = {"limit": draw(st.integers(1, 4)), "goto": draw(NAMES)}
        lookup = {"run": "shop.left", "as": "amount", **({"failed": draw(NAMES)} if draw(st.booleans()) else {})}
        branch = {"lookup": lookup, "branch": [{"if": "amount > 1", "goto": draw(NAMES)}, {"goto": draw(NAMES)}]}
        menu = {"menu": {"options": {"1": draw(NAMES)}, **ladders}}
        other = {"dialog": {"run": draw(st.sampled_from(["main", "other"])), "goto": draw(NAMES)}}
        ends = st.sampled_from([{"hang_up": "yes"}, {"return": "yes"}])
        return draw(st.sampled_from([menu, menu, {"goto": draw(NAMES)}, branch, other, draw(ends)]))

    limit = {"max_errors": {"limit": draw(st.integers(1, 6)), **draw(st.sampled_from([{"goto": draw(NAMES)}, {}]))}}
    on = {"on": limit} if draw(st.integers(0, 2)) == 0 else {}
    return {"dialog": "main", "start": "a", **on, "states": {name: state() for name in "abcde"}}


OTHER = {
    "dialog": "other",
    "start": "a",
    "states": {"a": {"menu": {"options": {"1": "b"}, "no_input": {"goto": "b", "limit": 1}}}, "b": {"return": "yes"}},
}


def silent(repertoire: Repertoire, seed: int, dialog: str = "main") -> bool:
    """Whether a call in which nobody presses a key ends; its lookups give this and that, or fail."""
    drawn = random.Random(seed)
    engine = Engine(repertoire.answer(dialog, Line()))
    request = engine.start()
    for number in range(MANY):
        match request:
            case None | HangUp():
                engine.close()
                return True
            case Ask():
                request = engine.resume(None)
            case Run():
                request = engine.resume(Handle(str(number), "shop.left", False))
            case Returned():
                failed = drawn.random() < 0.3
                request = engine.throw(LookupFailed("shop.left", "")) if failed else engine.resume(drawn.choice([0, 5]))
            case _:
                request = engine.resume(None)
    engine.close()
    return False


def read(*dialogs):
    sources = {each["dialog"]: read_dialog(json.dumps(each), f"{each['dialog']}.yaml")[0] for each in dialogs}
    return sources, Repertoire({name: source.table for name, source in sources.items()})


def traps(sources, repertoire):
    found = examine(Examined(sources, repertoire, (), "main", Around(14400.0, None)))
    return [each for each in found if each.code in TRAPS and each.severity is Severity.ERROR]


def menu(*no_input, **more):
    return {"menu": {"options": {"1": "c"}, "no_input": [{"reprompt": "no", **rung} for rung in no_input], **more}}


FOUR_ROUND = {
    "dialog": "main",
    "start": "a",
    "on": {"max_errors": {"limit": 4, "goto": "a"}},
    "states": {"a": menu({"goto": "b"}), "b": menu({}), "c": {"hang_up": "yes"}},
}
"""The fourth error comes in b before the third silence there, which would end the call, and leads to a again."""


def test_errors_made_before_a_question_take_it_to_a_limit_before_its_ladder():
    sources, repertoire = read(FOUR_ROUND)
    assert not silent(repertoire, 0)
    (trap,) = traps(sources, repertoire)
    assert (trap.code, "'a', 'b' follow each other" in trap.what) == ("silence", True)


def test_the_limit_of_a_call_counts_through_the_dialogs_that_it_runs():
    main = {
        "dialog": "main",
        "start": "a",
        "states": {"a": {"dialog": {"run": "other", "goto": "b"}}, "b": menu({}), "c": {"hang_up": "yes"}},
    }
    sources, tables = read(main, OTHER)
    ends = []
    for limit in (5, 6):
        over = Handlers({Event.MAX_ERRORS: (Rung(limit, leave=Target(dialog="main")),)})
        repertoire = replace(tables, handlers=over)
        ends.append(silent(repertoire, 0))
        assert ends[-1] == (not traps(sources, repertoire))
    assert ends == [False, True]


@settings(max_examples=250, deadline=None)
@given(states(), st.integers(0, 10), st.sampled_from([None, 2, 3, 4, 5, 7]))
@example(FOUR_ROUND, 0, None)
def test_where_no_trap_is_told_silence_ends_the_call(main, seed, limit):
    sources, repertoire = read(main, OTHER)
    if limit is not None:
        over = Rung(limit, leave=Target(dialog="main"))
        repertoire = replace(repertoire, handlers=Handlers({Event.MAX_ERRORS: (over,)}))
    if not traps(sources, repertoire):
        try:
            assert silent(repertoire, seed)
        except LookupFailed:
            pass  # a branch on a value that failed, which nobody answers: the call ends by that
        except RecursionError:
            pass


@settings(max_examples=250, deadline=None)
@given(states(), st.integers(0, 10))
def test_from_a_trap_no_silent_call_ends(main, seed):
    main["states"] = {
        name: state if "dialog" not in state else {"goto": state["dialog"]["goto"]}
        for name, state in main["states"].items()
    }
    sources, repertoire = read(main)
    for trap in traps(sources, repertoire):
        states = sources["main"].table.states
        start = next(
            name for name in states if sources["main"].source.position(("states", name), key=True)[1] == trap.column
        )
        table = replace(sources["main"].table, start=start)
        try:
            there = Repertoire(
                {**repertoire.tables, "there": table}
            )  # rungs that go over to main begin at its own start
            assert not silent(there, seed, "there"), (trap, start)
        except LookupFailed:
            pass
