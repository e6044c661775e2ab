"""Dialogs in Python: what a line's methods ask, answer and raise; and the bank twice, in YAML and in Python."""

from __future__ import annotations

import pytest
from manners import call, tables
from toy import ANSWERS, drive, make_plan, strategies

from ivr.dialog.commands import Act, Command
from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.dialog.line import Line
from ivr.dialog.manners import Manners
from ivr.errors import DialogBroken, LookupFailed, NoAnswer
from ivr.media.private import Private
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import DialogFailed, StateEntered

BANK = """\
dialog: main
start: welcome
states:
  welcome: {say: greeting, goto: menu}
  menu:
    say: main
    menu:
      options: {1: balance, 2: score, 9: bye}
      first_digit: 3s
      no_input: {say: still_there, limit: 1, goto: bye}
      no_match: {say: not_known, limit: 1, goto: bye}
  balance:
    lookup: {run: bank.balance, as: amount, failed: no_news}
    say: [balance, else]
    goto: menu
  score:
    lookup: {run: bank.score, as: score}
    branch:
      - {if: score > 5, goto: rich}
      - {goto: poor}
  rich: {say: rich, goto: menu}
  poor: {say: poor, goto: menu}
  no_news: {say: no_news, goto: menu}
  bye: {say: bye, hang_up: yes}
"""


async def bank(call: Line) -> None:
    """The same in Python."""
    manners = Manners(first=3.0, no_input="still_there", no_match="not_known", tries=2)
    await call.say("greeting")
    while True:
        try:
            choice = await call.choose("main", "129", manners)
        except NoAnswer:
            choice = "9"
        match choice:
            case "1":
                await balance(call)
            case "2":
                score = await call.run("bank.score")
                await call.say("rich" if await score > 5 else "poor", score=score)
            case _:
                await call.say("bye")
                return


async def balance(call: Line) -> None:
    """The amount is on its way while the words before it are said."""
    amount = await call.run("bank.balance")
    await call.say("balance", amount=amount)
    await call.say("else")
    try:
        await amount
    except LookupFailed:
        await call.drop()
        await call.say("no_news")


def outside(run) -> tuple:
    """What a caller hears and a gateway sees.

    Names of states are left out: this bank notes none, as most dialogs in Python. The starter's bank notes them, and
    there they are compared too: ``tests/simulator/test_bank_twice.py``.
    """
    shown = [event for event in run.trace if type(event).__name__ != "StateEntered"]
    return run.sent, [(at, type(effect).__name__) for at, effect in run.done], [str(event) for event in shown]


SLOW = ScriptedVoice(first_audio=0.4)
SCENARIOS = {
    "silent": {},
    "hours of silence": {"until": 600.0},
    "goodbye": {"keys": [(3.0, "9")]},
    "barge-in": {"keys": [(0.4, "9")]},
    "balance": {"keys": [(3.0, "1"), (9.0, "9")]},
    "balance, slow": {"keys": [(3.0, "1")], "lookups": {"bank.balance": Answer(7, 4.0)}, "voice": SLOW},
    "balance, down": {"keys": [(3.0, "1")], "lookups": {"bank.balance": Answer(error="down", delay=0.7)}},
    "balance, never": {"keys": [(3.0, "1")], "lookups": {"bank.balance": Answer(7, 60.0)}, "until": 60.0},
    "rich": {"keys": [(3.0, "2"), (5.0, "9")]},
    "poor": {"keys": [(3.0, "2"), (5.0, "9")], "lookups": {"bank.score": Answer(1, 0.2)}},
    "score, slow": {"keys": [(3.0, "2"), (5.0, "9")], "lookups": {"bank.score": Answer(9, 5.0)}},
    "wrong": {"keys": [(3.0, "7"), (5.0, "8")]},
    "wrong, then right": {"keys": [(3.0, "7"), (6.0, "2"), (9.0, "9")]},
    "typed ahead": {"keys": [(0.2, "2"), (0.2, "1"), (0.2, "9")]},
    "impatient": {"keys": [(0.2 + n / 3, "12"[n % 2]) for n in range(12)]},
    "hangs up at once": {"hang_up_at": 0.05},
    "hangs up in the balance": {"keys": [(3.0, "1")], "hang_up_at": 4.0},
    "a long way": {"keys": [(3.0, "1"), (9.0, "9")], "path_out": 0.1, "path_in": 0.08, "jitter": 0.03},
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_bank_in_python_is_the_bank_in_yaml(scenario):
    options = {"seed": 3, **SCENARIOS[scenario]}
    library = tables(BANK, functions={"bank.answer": bank})
    runs = [
        drive(make_plan(lambda line, name=name: library.answer(name, line)), **options)
        for name in ("main", "bank.answer")
    ]
    assert outside(runs[0]) == outside(runs[1])
    assert len(runs[0].sent) > 0 or "hang_up_at" in options


def test_the_scenarios_differ():
    heard = {bytes(drive(make_plan(bank), **{"seed": 3, **options}).sent) for options in SCENARIOS.values()}
    assert len(heard) >= len(SCENARIOS) - 2  # two of them are silent callers


def run(dialog, keys=(), library=None, **options):
    plan = make_plan(dialog, functions=(*ANSWERS, "bank.keep"))
    if library is not None:
        library.functions["m.main"] = dialog
        plan = make_plan(lambda line: library.answer("m.main", line))
    return drive(plan, keys=keys, **options)


def answered(ask, keys=(), library=None, **options):
    """What ``ask`` comes to in a call, or what it raises."""
    found = []

    async def main(call: Line) -> None:
        try:
            found.append(await ask(call))
        except Exception as error:
            found.append(error)
            raise

    made = run(main, keys, library, **options)
    return (found or [None])[0], made


def keys_at(start: float, keys: str):
    return [(start + n / 5, key) for n, key in enumerate(keys)]


def test_a_choice_is_one_of_its_options():
    value, _ = answered(lambda call: call.choose("main", ["1", "12"]), keys_at(4.0, "12"))
    assert value == "12"


def test_a_number_is_private_and_has_its_length_and_is_valid():
    async def ask(call):
        return await call.collect("main", (4, 6), valid=lambda keys: keys.startswith("4"))

    value, made = answered(ask, keys_at(4.0, "1234#") + keys_at(8.0, "4321#"))
    assert value == Private("4321")
    assert made.said() == ["main", "main"]


def test_a_fixed_number_needs_no_terminator():
    value, _ = answered(lambda call: call.collect("main", 3), keys_at(4.0, "007"))
    assert value == Private("007")


def test_a_key_that_is_no_digit_is_in_no_number():
    value, made = answered(lambda call: call.collect("main", 3), keys_at(4.0, "0*7") + keys_at(8.0, "007"))
    assert value == Private("007")
    assert made.said() == ["main", "main"]


@pytest.mark.parametrize(("key", "value"), [("1", True), ("2", False)])
def test_a_confirmation_is_true_or_false(key, value):
    assert answered(lambda call: call.confirm("main"), [(4.0, key)])[0] is value


def test_words_for_errors_come_before_the_questions_own_and_taper():
    manners = Manners(no_input=("still_there", "sorry"), no_match="not_known", tries=4)
    value, made = answered(lambda call: call.choose("main", "1", manners))
    assert isinstance(value, NoAnswer)
    assert value.why == "no_input 4"
    assert made.said()[:7] == ["main", "still_there", "main", "sorry", "main", "sorry", "main"]


def test_wrong_answers_may_have_a_number_of_their_own():
    manners = Manners(first=2.0, tries=1, wrong=3)
    error, _ = answered(lambda call: call.choose("main", "1", manners), [(0.5, "7"), (1.0, "8"), (1.5, "9")])
    assert str(error) == "no answer: no_match 3"
    error, _ = answered(lambda call: call.choose("main", "1", manners), [(0.5, "7")])
    assert str(error) == "no answer: no_input 1"


def test_no_answer_that_nobody_catches_is_a_dialog_that_failed():
    _, made = answered(lambda call: call.choose("main", "1", Manners(tries=1)))
    assert made.of(DialogFailed)[0].error == "NoAnswer"
    assert made.ended == "the dialog failed"


def test_a_lookup_is_waited_for_and_covered():
    value, made = answered(lambda call: call.lookup("bank.score"), lookups={"bank.score": Answer(7, 3.0)})
    assert value == 7
    assert "filler" in strategies(made)
    value, _ = answered(lambda call: call.lookup("bank.score"), lookups={"bank.score": Answer(error="down")})
    assert isinstance(value, LookupFailed)


def test_the_projects_commands_and_limits_hold_in_python_too():
    other = "dialog: other\nstart: o\nstates:\n  o: {say: legal, hang_up: yes}\n"
    commands = {"0": Command(Act.GO, Target(dialog="other")), "#": Command(Act.REPEAT), "*": Command(Act.BACK)}
    limit = Handlers({Event.MAX_ERRORS: (Rung(2, ("sorry",), Target(dialog="other")),)})

    def library():
        return tables(other, functions={}, commands=commands, handlers=limit)

    async def ask(call):
        return await call.choose("main", "1")

    made = answered(ask, [(4.0, "0")], library())[1]
    assert made.said()[-2:] == ["main", "legal"]
    assert [event.why for event in made.of(StateEntered)] == ["command 0"]
    assert answered(ask, [(4.0, "#"), (8.0, "*"), (12.0, "1")], library())[0] == "1"
    assert answered(ask, [(4.0, "7"), (8.0, "7")], library())[1].said()[-2:] == ["sorry", "legal"]


def test_a_table_runs_python_and_python_runs_a_table():
    main = """\
dialog: main
start: a
states:
  a: {dialog: {run: m.inner, with: {number: "'12'"}, as: told, goto: b}}
  b: {branch: [{if: told == 'ok 12', goto: c}, {goto: a}]}
  c: {say: bye, hang_up: yes}
"""
    ask = (
        "dialog: ask\nstart: q\nstates:\n  q: {say: main, menu: {options: {1: r}}}\n  r: {return: {value: \"'ok'\"}}\n"
    )

    async def inner(call: Line, number: str) -> str:
        return f"{await call.dialog('ask')} {number}"

    made = call(tables(main, ask, functions={"m.inner": inner}), [(4.0, "1")])
    assert made.said() == ["main", "bye"]
    assert made.ended == "the dialog ended"


def test_a_dialog_that_does_not_exist_or_is_none_is_told():
    value, _ = answered(
        lambda call: call.dialog("nowhere"), library=tables("dialog: x\nstart: a\nstates: {a: {hang_up: yes}}\n")
    )
    assert isinstance(value, DialogBroken)
    assert "no dialog 'nowhere'" in str(value)
    plain = tables("dialog: x\nstart: a\nstates: {a: {hang_up: yes}}\n", functions={"m.plain": lambda call: 5})
    value, _ = answered(lambda call: call.dialog("m.plain"), library=plain)
    assert "async def plain(call)" in str(value)
    value, _ = answered(lambda call: call.dialog("x"))
    assert "without a project" in str(value)
