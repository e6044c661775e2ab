import pytest
from changed_text import changed
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.phrases_file import read_phrases
from ivr.dialog.checks import check_against
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.ladders import END, NO_HANDLERS, Event, Handlers, Rung, Target
from ivr.dialog.listen import Listen
from ivr.dialog.table import Branch, Branches, Condition, Goto, HangUp, LookupStep, Menu, Question, State, Table

GOOD = """\
dialog: main
start: welcome
states:
  welcome:
    say: greeting                  # a prompt/phrase or a list
    goto: menu
  menu:
    say: main_menu
    menu:
      first_digit: 5s
      options: {1: balance, 2: hours, 9: goodbye, "*": menu, '#': welcome}
      no_input: {say: no_input, limit: 2, goto: goodbye}
      no_match: {say: no_match, limit: 3}
  hours: {say: [hours, anything_else], goto: menu}
  balance:
    set: {tries: "tries + 1"}
    lookup: {run: bank.balance, as: amount, with: {caller: call.caller}, timeout: 600 ms, failed: unavailable}
    say: balance
    branch:
      - if: amount < 0.0
        goto: overdrawn
      - goto: menu
  overdrawn: {say: overdrawn, goto: menu, hang_up: no}
  unavailable: {goto: menu}
  goodbye:
    say: goodbye
    hang_up: yes
"""


def good(text: str) -> Table:
    dialog, problems = read_dialog(text, "main.yaml")
    assert [str(problem) for problem in problems] == []
    assert dialog is not None
    return dialog.table


def problems(text: str) -> list[str]:
    dialog, found = read_dialog(text, "main.yaml")
    assert dialog is None
    return [str(problem) for problem in found]


def test_the_example() -> None:
    table = good(GOOD)
    assert (table.name, table.start) == ("main", "welcome")
    assert list(table.states) == "welcome menu hours balance overdrawn unavailable goodbye".split()
    assert table.states["welcome"] == State("welcome", Goto("menu"), say=("greeting",))
    assert table.states["hours"].say == ("hours", "anything_else")
    assert table.states["goodbye"] == State("goodbye", HangUp(), say=("goodbye",))
    again, wrong = ("no_input",), ("no_match",)
    ladders = {
        Event.NO_INPUT: (Rung(1, again), Rung(2, again), Rung(3, leave=Target("goodbye"))),
        Event.NO_MATCH: (Rung(1, wrong), Rung(2, wrong), Rung(3, wrong), Rung(4, leave=END)),
    }
    options = {"1": "balance", "2": "hours", "9": "goodbye", "*": "menu", "#": "welcome"}
    listen = Listen(options=frozenset(options), first=5.0)
    assert table.states["menu"].exit == Menu(options, Question(listen, Handlers(ladders)))
    assert table.states["balance"] == State(
        "balance",
        Branches((Branch("overdrawn", Condition("amount < 0.0", "main.yaml:20:13")), Branch("menu"))),
        assignments={"tries": Condition("tries + 1", "main.yaml:16:18")},
        lookup=LookupStep("bank.balance", "amount", {"caller": Condition("call.caller", "main.yaml:17:60")}, 0.6, True),
        say=("balance",),
        handlers=Handlers({Event.LOOKUP_FAILED: (Rung(leave=Target("unavailable")),)}),
    )


def test_what_may_be_left_out() -> None:
    table = good(
        "dialog: d\nstart: a\nstates: {a: {lookup: {run: b.c, as: v, private: no}, menu: {options: {1: a}}}}\n"
    )
    assert table.states["a"].exit == Menu({"1": "a"}, Question(Listen(options=frozenset("1")), NO_HANDLERS))
    assert table.states["a"].lookup == LookupStep("b.c", "v", {}, 8.0, False)


WAYS = "menu, collect, confirm, record, branch, goto, dialog, return, transfer, hang_up"
BROKEN = """\
dialog: Main
start: welcom
sates: {}
states:
  welcome:
    say: [greeting, 'Bad Name']
    goto: menus
  menu:
    say: main_menu
    menu:
      first_digit: 5
      options: {1E: balance, E: hours, 9: goodby}
      no_input: {say: no_input, limit: two, goto: goodbye}
      no_mach: {say: no_match}
    goto: welcome
  dead: {say: greeting, hang_up: no}
  balance:
    set: {tries: "tries +", call: "1", other: "tries and 1"}
    lookup: {run: balance, as: amount, with: {caller: call.caler(1)}, timeout: 8, failed: unavailabl}
    branch:
      - goto: menu
      - if: amount = 0.0
        goto: welcome
  empty:
  negated:
    branch:
      - if: !known
        goto: menu
      - goto: menu
  goodbye:
    hang_up: maybe
    hang_up: yes
"""


def test_all_mistakes_at_once() -> None:
    assert problems(BROKEN) == [
        "main.yaml:1:9: 'Main' is not a name, use small letters, digits and '_', beginning with a letter",
        "main.yaml:2:8: no state 'welcom', did you mean 'welcome'?",
        "main.yaml:3:1: unknown key 'sates', did you mean 'states'?",
        "main.yaml:6:21: 'Bad Name' is not a name, use small letters, digits and '_', beginning with a letter",
        "main.yaml:7:11: no state 'menus', did you mean 'menu'?",
        "main.yaml:11:20: '5' has no unit, write '5s' for seconds or '5ms' for milliseconds",
        "main.yaml:12:17: '1E' has what is no key of a telephone, use 0 to 9, '*', '#', A to D",
        "main.yaml:12:30: 'E' is no key of a telephone, use one of 0 to 9, '*', '#', A to D",
        "main.yaml:12:33: no state 'hours', the states are welcome, menu, dead, balance, empty, negated, goodbye",
        "main.yaml:12:43: no state 'goodby', did you mean 'goodbye'?",
        "main.yaml:13:40: 'limit' is 'two', write a whole number",
        "main.yaml:14:7: unknown key 'no_mach', did you mean 'no_match'?",
        f"main.yaml:15:5: state 'menu' has both menu and goto, keep one of {WAYS}",
        f"main.yaml:16:3: state 'dead' leads nowhere, give it one of {WAYS}",
        "main.yaml:18:26: the expression ends too early, complete it",
        "main.yaml:18:29: the name 'call' is taken, choose another name",
        "main.yaml:18:54: 'and' does not belong here, write && for 'and'",
        "main.yaml:19:19: 'balance' names no function, write module.function, such as bank.balance",
        "main.yaml:19:60: there is no function 'caler', set the value by a lookup instead",
        "main.yaml:19:80: '8' has no unit, write '8s' for seconds or '8ms' for milliseconds",
        "main.yaml:19:91: no state 'unavailabl', the states are welcome, menu, dead, balance, empty, negated, goodbye",
        "main.yaml:21:9: the entries after this one are never reached, give it an 'if'",
        "main.yaml:22:9: no entry applies when this condition is false, add '- goto: …'",
        "main.yaml:22:20: '=' means nothing in CEL, compare with ==",
        "main.yaml:24:3: 'empty' is empty, give it a value, or remove it",
        "main.yaml:27:13: the tag '!known' means nothing here, remove it, or put a text that begins with '!' in quotes",
        "main.yaml:31:14: 'maybe' is neither yes nor no, write yes or no",
        "main.yaml:32:5: key 'hang_up' is there twice, remove it or the one in line 31",
    ]


def test_the_positions_are_those_of_the_text() -> None:
    """An eye on the list above: what the message quotes stands at the place that it gives."""
    lines = BROKEN.splitlines()
    quoted = 0
    for problem in problems(BROKEN):
        _, line, column, what = problem.split(":", 3)
        word = what.split("'")[1] if what.startswith((" unknown key '", " no state '", " '", " the name '")) else None
        if word and word not in ("limit", "empty"):
            assert lines[int(line) - 1][int(column) - 1 :].lstrip("'").startswith(word), problem
            quoted += 1
    assert quoted >= 15


def state(text: str) -> list[str]:
    return problems(f"dialog: d\nstart: a\nstates:\n  a: {text}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "4:3: state 'a' leads nowhere"),
        ("{hang_up: false}", "4:3: state 'a' leads nowhere"),
        ("{goto: a, hang_up: yes}", "4:16: state 'a' has both goto and hang_up"),
        ("{menu: {options: {1: a}}, branch: [{goto: a}]}", "4:32: state 'a' has both menu and branch"),
        ("{branch: []}", "4:15: 'branch' has 0 entries, give at least 1"),
        ("{branch: {goto: a}}", "4:15: 'branch' is a mapping, write a list"),
        ("{branch: [{if: 'true', goto: a}]}", "4:16: no entry applies when this condition is false"),
        ("{branch: [{if: 'true'}]}", "4:16: 'goto' is missing"),
        ("{branch: [{when: 'true', goto: a}]}", "4:17: unknown key 'when', allowed here: goto, if"),
        ("{menu: {options: {}}}", "4:23: 'options' has 0 entries"),
        ("{menu: {}}", "4:7: 'options' is missing"),
        ("{menu: {options: {a: a}}}", "4:24: 'a' is no key of a telephone"),
        ("{menu: {options: {1: a}, first_digit: 10m}}", "4:44: 600 s is out of range, give 0.1 s to 120 s"),
        ("{menu: {options: {1: a}, no_input: {limit: -1}}}", "4:49: 'limit' is '-1', give at least 0"),
        ("{say: [], goto: a}", "4:12: 'say' has 0 entries"),
        ("{say: {a: b}, goto: a}", "4:12: 'say' is a mapping, write a text"),
        ("{lookup: {run: a.b.c, as: x}, goto: a}", "4:21: 'a.b.c' names no function"),
        ("{lookup: {run: a.b}, goto: a}", "4:7: 'as' is missing"),
        ("{lookup: {run: a.b, as: true}, goto: a}", "4:30: the name 'true' is taken"),
        ("{lookup: {run: a.b, as: x, with: {timeout: '1'}}, goto: a}", "4:40: the name 'timeout' is taken"),
        ("{lookup: {run: a.b, as: x, timeout: 0s}, goto: a}", "4:42: 0 s is out of range"),
        ("{set: {attempt: '1'}, goto: a}", "4:13: the name 'attempt' is taken"),
        ("{set: {x: [1]}, goto: a}", "4:16: 'x' is a list, write a text"),
        ("{goto: [a]}", "4:13: 'goto' is a list, write a text"),
        ("x", "4:6: 'a' is 'x', write 'key: value' lines below it"),
    ],
)
def test_one_mistake(text: str, said: str) -> None:
    found = state(text)
    assert len(found) == 1, found
    assert found[0].startswith(f"main.yaml:{said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start: a\nstates: {a: {goto: a}}", ["1:1: 'dialog' is missing, add 'dialog: …'"]),
        ("dialog: d\nstart: a", ["1:1: 'states' is missing, add 'states: …'"]),
        ("dialog: d\nstart: a\nstate: {a: {goto: a}}", ["3:1: unknown key 'state', did you mean 'states'?"]),
        ("dialog: d\nstart: a\nstates: {A: {goto: a}}", ["3:10: 'A' is not a name"]),
        ("dialog: d\nstart: a\nstates: {a: {gotoo: a}}", ["3:14: unknown key 'gotoo', did you mean 'goto'?"]),
        ("dialog: d\nstart: a\nstates: {}", ["2:8: no state 'a'", "3:9: 'states' has 0 entries"]),
        ("dialog: d\nstart: a\nstates: [a]", ["3:9: 'states' is a list"]),
        ("dialog: d\nstart: a\nstates:", ["3:1: 'states' is empty"]),
        ("dialog: d\n\tstart: a", ["2:1: a tab stands where none may"]),
    ],
)
def test_mistakes_at_the_top(text: str, said: list[str]) -> None:
    found = problems(text)
    assert [problem.startswith(f"main.yaml:{each}") for problem, each in zip(found, said, strict=True)] == [True] * len(
        said
    ), found


@given(changed(GOOD, "x", "goto: a"))
def test_no_change_of_the_text_raises(text: str) -> None:
    dialog, found = read_dialog(text, "main.yaml")
    assert (dialog is None) == bool(found)
    lines = max(text.count("\n") + 1, len(text.splitlines()))
    assert all(1 <= problem.line <= lines + 1 and problem.column >= 1 for problem in found)
    if dialog is not None:
        catalogue, _ = read_phrases("locale: en-US\nphrases: {greeting: Hello.}", "en.yaml")
        assert catalogue is not None
        assert check_against(dialog, catalogue, ())
        assert set(dialog.table.states) >= {dialog.table.start}


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert read_dialog(text, "main.yaml")[1]


def own(state: str) -> Handlers:
    """The ladders of the first of three states."""
    return (
        good(f"dialog: d\nstart: a\nstates:\n  a: {state}\n  b: {{goto: a}}\n  c: {{hang_up: yes}}\n")
        .states["a"]
        .handlers
    )


def test_a_state_has_ladders_for_its_lookup_and_for_the_end_of_the_call() -> None:
    lookup = "lookup: {run: b.c, as: v%s}"
    short = own(f"{{{lookup % ', failed: b'}, goto: c}}")
    assert short == own(f"{{{lookup % ''}, on: {{lookup_failed: {{goto: b}}}}, goto: c}}")
    found = own(
        f"{{{lookup % ''}, on: {{lookup_failed: [wait, {{say: on, goto: b}}], hang_up: {{goto: b}}}}, goto: c}}"
    )
    rungs = (Rung(1, ("wait",)), Rung(2, ("on",), Target("b")))
    assert found == Handlers({Event.LOOKUP_FAILED: rungs, Event.HANG_UP: (Rung(leave=Target("b")),)})


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (
            "{on: {lookup_failed: wait}, goto: a}",
            "5:12: the state looks nothing up, remove it, or give the state a lookup",
        ),
        (
            "{lookup: {run: b.c, as: v, failed: a}, on: {lookup_failed: wait}, goto: a}",
            "5:50: the state has both 'failed' and 'lookup_failed', "
            "keep one: 'failed: s' is short for 'lookup_failed: {goto: s}'",
        ),
        ("{on: {hang_up: {say: bye}}, goto: a}", "5:21: nobody hears 'say' when the caller has hung up, …"),
        ("{on: {no_input: wait}, menu: {options: {1: a}}}", "5:12: unknown key 'no_input', …"),
    ],
)
def test_ladders_of_a_state_that_cannot_be(state: str, problem: str) -> None:
    (found,) = problems(f"dialog: d\nstart: a\n\nstates:\n  a: {state}\n")
    assert found.startswith(f"main.yaml:{problem.removesuffix('…')}")
