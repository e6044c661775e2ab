"""What is said of an expression, held against calls: no call gets past a state whose types are told not to fit."""

import json
import random
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.dialog.checks import conditions_of
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.engine import Engine
from ivr.dialog.line import Line
from ivr.dialog.listen import Ended, Typed
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.requests import Ask, Entered, Handle, HangUp, Returned, Run
from ivr.dialog.value_checks import check_values
from ivr.errors import ConditionError, DialogBroken, LookupFailed

NOW = datetime(2026, 11, 26, tzinfo=UTC)
STEPS = 60
"""Requests of one call."""
NAMES = st.sampled_from("abcd")
VARIABLES = st.sampled_from(["n", "m", "t", "ok"])
SIMPLE = st.one_of(
    VARIABLES, st.sampled_from(["1", "2.5", "0.0", "'x'", "'7'", "true", "null", "call.caller", "now.year"])
)
TAKEN = ["n", "t"]
USUAL = {
    "n": [
        "n",
        "n + 1",
        "n + 1.5",
        "n * 2",
        "n / 2.0",
        "double(n)",
        "int(n)",
        "size(t)",
        "ok ? n : 1",
        "ok ? n : 1.5",
        "2",
        "0.5",
    ],
    "m": ["1.5", "m + 1.0", "double(n)"],
    "t": ["t + 'x'", "string(n)", "'7'", "ok ? t : 'y'"],
    "ok": [
        "n > 1",
        "n > 1.5",
        "t == 'x'",
        "!ok",
        "n + 1 > 2",
        "n + 1.5 > 2.0",
        "t > 'a'",
        "t > 5",
        "m + n > 1.0",
        "int(t) > 1",
    ],
}
"""What authors write, mostly rightly."""


@st.composite
def expressions(draw, depth=2):
    if depth == 0:
        return draw(SIMPLE)
    one, two = draw(expressions(depth=depth - 1)), draw(expressions(depth=depth - 1))
    made = ["{0}", "{0}", "({0} + {1})", "({0} * {1})", "({0} > {1})", "({0} == {1})", "int({0})", "double({0})"]
    made += ["string({0})", "({0} ? {1} : n)", "({0} && {1})", "!({0})", "size({0})", "({0}).contains({1})"]
    return draw(st.sampled_from(made)).format(one, two)


@st.composite
def dialogs(draw):
    def expression(name):
        return draw(expressions()) if draw(st.integers(0, 5)) == 0 else draw(st.sampled_from(USUAL[name]))

    def state():
        sets = {name: expression(name) for name in draw(st.lists(VARIABLES, max_size=2, unique=True))}
        goto = draw(NAMES)
        branch = {"branch": [{"if": expression("ok"), "goto": goto}, {"goto": draw(NAMES)}]}
        collect = {"collect": {"as": draw(st.sampled_from(TAKEN)), "digits": "1-3", "goto": goto}}
        if draw(st.booleans()):
            collect["collect"]["valid"] = expression("ok")
        lookup = {"lookup": {"run": "shop.left", "as": "n"}, "goto": goto}
        exits = [{"goto": goto}, branch, collect, lookup]
        return {**({"set": sets} if sets else {}), **draw(st.sampled_from(exits))}

    start = draw(st.sampled_from(["0", "0.5", "7"]))
    declared = {
        "n": {"type": "number", "start": start},
        "m": "money",
        "t": {"type": "text", "start": "x"},
        "ok": "yes_no",
    }
    variables = {"variables": declared} if draw(st.booleans()) else {}
    number = draw(st.sampled_from(["n", "1", "0.5"] if variables else ["1", "0.5"]))
    first = {"set": {"n": number, "t": "'x'", "m": "1.5", "ok": "true"}, "goto": "b"}
    states = {"a": first, "b": state(), "c": state(), "d": state()}
    return {"dialog": "main", "start": "a", **variables, "states": states}


def entered(repertoire: Repertoire, seed: int) -> tuple[list[str], bool]:
    """The states that a call comes to, and whether it broke in the last one."""
    drawn = random.Random(seed)
    engine = Engine(repertoire.answer("main", Line()))
    states: list[str] = []
    try:
        request = engine.start()
        for number in range(STEPS):
            match request:
                case None | HangUp():
                    break
                case Entered(state=state):
                    states.append(state)
                    request = engine.resume(None)
                case Ask():
                    request = engine.resume(Typed(drawn.choice(["1", "22", "0", "700"]), Ended.PAUSE))
                case Run(kind=kind):
                    request = engine.resume(Handle(str(number), "shop.left", False, kind))
                case Returned():
                    request = engine.resume(drawn.choice([0, 5, 2.5]))
                case _ if type(request).__name__ == "Clock":
                    request = engine.resume(NOW)
                case _:
                    request = engine.resume(None)
    except (ConditionError, DialogBroken, LookupFailed):
        return states, True
    finally:
        engine.close()
    return states, False


def told(source):
    """The states that no call gets past: an expression that is told of stands where every call comes to it."""
    problems = check_values({"main": source}, [], {}, {})
    places = {(problem.line, problem.column) for problem in problems if "never equals" not in problem.what}
    found = set()
    for state in source.table.states.values():
        for path, _ in conditions_of(state):
            always = path[2] in ("set", "collect") or path[2:4] == ("branch", 0)
            if always and source.source.position(path) in places:
                found.add(state.name)
    return found


WHOLE = {
    "dialog": "main",
    "start": "a",
    "states": {"a": {"set": {"n": "1"}, "goto": "b"}, "b": {"set": {"n": "(n + 2.5)"}, "goto": "b"}},
}

LOOKED_UP = {
    "dialog": "main",
    "start": "a",
    "variables": {"n": {"type": "number", "start": "0"}},
    "states": {
        "a": {"lookup": {"run": "shop.left", "as": "n"}, "goto": "b"},
        "b": {"set": {"n": "n + 1.5"}, "goto": "c"},
        "c": {"set": {"n": "n > 4.0 ? n * 2.0 : 1"}, "goto": "a"},
    },
}
"""Whole or with decimals, as the lookup likes."""


@settings(max_examples=200, deadline=None)
@given(dialogs(), st.integers(0, 20))
@example(WHOLE, 0)
@example(LOOKED_UP, 5)
def test_no_call_gets_past_an_expression_that_is_told_of(dialog, seed):
    source, problems = read_dialog(json.dumps(dialog, indent=1), "main.yaml")
    if source is None:
        assert problems
        return
    stuck = told(source)
    states, broke = entered(Repertoire({"main": source.table}), seed)
    for state, after in zip(states, [*states[1:], None], strict=True):
        if state in stuck:
            assert after is None and broke, (state, states)


def test_such_an_expression_is_told_of_at_all():
    source, _ = read_dialog(json.dumps(WHOLE, indent=1), "main.yaml")
    assert source is not None and told(source) == {"b"}
    assert entered(Repertoire({"main": source.table}), 0) == (["a", "b"], True)
