"""`ivr check` tells of values that their slots can never say, and says nothing of those that they may."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ivr.cli.check import _scenarios
from ivr.errors import ProjectError
from ivr.project.load import load
from ivr.project.starter import copy_starter

ROOT = Path(__file__).parents[3]
PHRASES = """\
locale: en-US
phrases:
  hello: Hello.
  owed: You owe {amount:money}.
  due: It is due on {amount:date}.
  code: The code is {amount:code}.
  number: There are {amount:number}.
  place: You are the {amount:ordinal}.
  news: "{amount:text}."
  ends: It ends in {amount:digits}.
  wait: One moment.
  music: {sound: music.wav}
  sorry: Sorry.
"""
CODE = """\
from __future__ import annotations
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, Literal, Optional, TypedDict


class Bill(TypedDict):
    due: date
    sum: Decimal
    paid: bool
    parts: list[str]


@dataclass
class Whole:
    sum: int


def kept(function):
    @wraps(function)
    def called(*arguments):
        return str(function(*arguments))
    return called


def plain(): ...
def anything() -> Any: ...
def flag() -> bool: ...
def maybe() -> Optional[bool]: ...
def amount() -> Decimal: ...
def perhaps() -> Decimal | None: ...
def either() -> bool | str: ...
def day() -> date: ...
def moment() -> datetime: ...
def entries() -> list[str]: ...
def text() -> str: ...
def count() -> int: ...
def nothing() -> None: ...
def whole() -> Whole: ...
def bill() -> Bill: ...
def word() -> Literal["much"]: ...
def lost() -> "Nowhere": ...
@kept
def wrapped() -> bool: ...
async def later() -> bool: ...
async def ask(call) -> bool: ...
"""


@pytest.fixture
def told(little):
    """What is said of a project whose dialog has these states."""
    little.write("prompts/phrases/en-US.yaml", PHRASES)
    little.write("prompts/shop.py", CODE)

    def check(states, head="", **files):
        little.write("prompts/dialogs/main.yaml", f"dialog: main\nstart: a\n{head}states:\n{states}")
        for name, text in files.items():
            little.write(f"prompts/{name.replace('__', '/')}.{'py' if name == 'lib' else 'yaml'}", text)
        try:
            found = load(little.root, {}, clips=False, thorough=True, also=_scenarios).warnings
        except ProjectError as error:
            found = error.problems
        return [
            f"{Path(each.file).name}:{each.line}:{each.column}: {each.severity}: {each.what}, {each.remedy}"
            for each in found
            if each.code == "unsayable"
        ]

    return check


def set_to(value, prompt="owed"):
    return f'  a: {{say: hello, set: {{amount: "{value}"}}, goto: b}}\n  b: {{say: {prompt}, hang_up: yes}}\n'


@pytest.mark.parametrize(
    ("value", "prompt", "why"),
    [
        (
            "'abc'",
            "owed",
            "'owed' says 'amount' as money: expected an amount of money such as 12.50, and got another text",
        ),
        ("10000000000000", "owed", "below 1,000,000,000,000"),
        ("'2026-02-30'", "due", "a day that no calendar has"),
        ("'tomorrow'", "due", "and got another text"),
        ("20261126", "due", "and got a value of type int"),
        ("0", "place", "from 1 to below 10,000"),
        ("1.5", "place", "and got a fraction"),
        ("451", "ends", "expected a text of digits such as '0451', and got a value of type int"),
        ("'4-5'", "ends", "expected digits only"),
        ("5", "news", "expected a text; a number needs the kind number, money or digits"),
        ("[1]", "owed", "and got a value of type list"),
        ("true", "owed", "and got a value of type bool"),
        ("null", "owed", "and got a value of type NoneType"),
        ("'a b!'", "code", "expected digits and letters only"),
        ("1 == 2", "owed", "a value of type bool"),
        ("call.caller == 'x'", "owed", "expected an amount of money such as 12.50, and this is a bool"),
    ],
)
def test_a_constant_is_told_where_it_stands(told, value, prompt, why):
    (found,) = told(set_to(value, prompt))
    place, _, what = found.partition(": error: ")
    assert place == "main.yaml:4:33" and why in what and ", " in what.partition(why)[2] + ", "
    assert f"'{prompt}' says 'amount' as " in what


@pytest.mark.parametrize(
    ("value", "prompt"),
    [
        ("12", "owed"),
        ("'12.50'", "owed"),
        ("-0.5", "owed"),
        ("'2024-02-29'", "due"),
        ("'0451'", "ends"),
        ("''", "news"),
        ("'A7-0B'", "code"),
        ("call.caller", "owed"),
        ("now.date", "due"),
        ("call.parameters.sum", "owed"),
        ("call.caller == '' ? 'abc' : '12'", "owed"),
        ("string(now.hour)", "ends"),
        ("now.hour", "owed"),
    ],
)
def test_of_what_may_be_said_there_is_no_word(told, value, prompt):
    assert told(set_to(value, prompt)) == []


@pytest.mark.parametrize(
    ("digits", "prompt", "why"),
    [
        (
            "8",
            "due",
            "error: 'due' says 'amount' as date: expected a date such as '2026-03-31', and a caller types 8 digits",
        ),
        ("16", "number", "error: 'number' says 'amount' as number: expected a number such as 12 or 2.5, below"),
        ("5-8", "place", "error: 'place' says 'amount' as ordinal"),
        ("1-16", "owed", "warning: 'owed' says 'amount' as money: expected an amount of money such as 12.50, below"),
        ("8", "ends", ""),
        ("12", "number", ""),
        ("1-4", "place", ""),
        ("8", "news", ""),
        ("16", "code", ""),
    ],
)
@pytest.mark.parametrize("declared", ["", "variables: {amount: digits}\n"])
def test_what_a_caller_types(told, digits, prompt, why, declared):
    states = f"  a: {{say: hello, collect: {{as: amount, digits: {digits}, goto: b}}}}\n"
    found = told(states + f"  b: {{say: {prompt}, hang_up: yes}}\n", declared)
    assert [why in each for each in found] == ([True] if why and not (declared and prompt in ("due", "owed")) else [])


def test_what_valid_may_refuse_is_no_mistake(told):
    states = '  a: {say: hello, collect: {as: amount, digits: 1-16, valid: "size(amount) < 9", goto: b}}\n'
    assert told(states + "  b: {say: owed, hang_up: yes}\n") == []


def looked_up(function, prompt="owed", more=""):
    states = f"  a: {{say: hello, lookup: {{run: shop.{function}, as: amount}}, goto: b}}\n"
    return states + f"  b: {{{more}say: {prompt}, hang_up: yes}}\n"


@pytest.mark.parametrize(
    ("function", "prompt", "returns"),
    [
        ("flag", "owed", "bool"),
        ("maybe", "owed", "Optional[bool]"),
        ("day", "owed", "date"),
        ("entries", "owed", "list[str]"),
        ("nothing", "owed", "None"),
        ("whole", "owed", "Whole"),
        ("bill", "owed", "Bill"),
        ("word", "owed", "Literal['much']"),
        ("later", "owed", "bool"),
        ("count", "ends", "int"),
        ("amount", "due", "Decimal"),
        ("moment", "ends", "datetime"),
    ],
)
def test_what_a_function_is_annotated_to_return(told, function, prompt, returns):
    (found,) = told(looked_up(function, prompt))
    assert found.startswith(f"main.yaml:4:33: error: '{prompt}' says 'amount' as ")
    assert f", and 'shop.{function}' returns {returns}, " in found


@pytest.mark.parametrize(
    ("function", "prompt"),
    [
        ("plain", "owed"),
        ("anything", "owed"),
        ("amount", "owed"),
        ("perhaps", "owed"),
        ("either", "owed"),
        ("day", "due"),
        ("moment", "due"),
        ("text", "owed"),
        ("text", "due"),
        ("count", "place"),
        ("count", "owed"),
        ("lost", "owed"),
        ("wrapped", "owed"),
    ],
)
def test_what_it_may_return_is_no_mistake(told, function, prompt):
    assert told(looked_up(function, prompt)) == []


def test_the_fields_of_what_it_returns(told):
    def field(name, prompt):
        states = "  a: {say: hello, lookup: {run: shop.bill, as: it}, goto: b}\n"
        return told(states + f"  b: {{set: {{amount: it.{name}}}, say: {prompt}, hang_up: yes}}\n")

    assert field("sum", "owed") == field("due", "due") == field("nowhere", "owed") == []
    (found,) = field("paid", "owed")
    assert (
        "main.yaml:4:33: error: 'owed' says 'amount' as money: " in found and "'paid' of 'shop.bill' is bool" in found
    )
    assert len(field("parts", "owed")) == len(field("due", "owed")) == 1


def test_a_value_that_is_set_after_it_is_what_counts(told):
    assert told(looked_up("flag", more='set: {amount: "5"}, ')) == []
    assert len(told(looked_up("flag", more="set: {amount: amount}, "))) == 1


def test_a_function_that_never_fits_its_variable(told):
    states = "  a: {say: hello, lookup: {run: shop.%s, as: amount}, goto: b}\n  b: {say: owed, hang_up: yes}\n"
    (found,) = told(states % "flag", "variables: {amount: money}\n")
    assert "'shop.flag' returns bool, and 'amount' is declared to be money, declare it as what comes" in found
    assert told(states % "count", "variables: {amount: money}\n") == []
    assert told(states % "text", "variables: {amount: money}\n") == []


TWO = '  a: {say: hello, menu: {options: {1: b, 2: c}}}\n  b: {set: {amount: "%s"}, goto: d}\n'
TWO += '  c: {set: {amount: "%s"}, goto: d}\n  d: {say: owed, hang_up: yes}\n'


def test_one_of_two_values_is_a_warning_and_both_are_errors(told):
    (found,) = told(TWO % ("'abc'", "5"))
    assert found.startswith("main.yaml:5:21: warning: 'owed' says 'amount' as money: ")
    assert [each.split(": ")[1] for each in told(TWO % ("'abc'", "[]"))] == ["error", "error"]
    assert told(TWO % ("''", "5")) == told(TWO % ("null", "5")) == []  # these say that there is none


def test_what_a_dialog_is_handed_and_what_it_returns(told):
    other = "dialog: other\nstart: x\nstates: {x: {say: owed, return: {value: \"'%s'\"}}}\n"
    states = '  a: {say: hello, dialog: {run: other, with: {amount: "%s"}, as: amount, goto: b}}\n'
    states += "  b: {say: owed, hang_up: yes}\n"
    assert told(states % "5", dialogs__other=other % "5") == []
    (found,) = told(states % "'abc'", dialogs__other=other % "5")
    assert found.startswith("main.yaml:4:55: error: 'owed' says 'amount' as money: ")
    (found,) = told(states % "5", dialogs__other=other % "abc")
    assert found.startswith("other.yaml:3:41: error: 'owed' says 'amount' as money: ")
    python = "  a: {say: hello, dialog: {run: shop.ask, as: amount, goto: b}}\n  b: {say: owed, hang_up: yes}\n"
    (found,) = told(python, dialogs__other="dialog: other\nstart: x\nstates: {x: {say: hello, return: yes}}\n")
    assert "and 'shop.ask' returns bool" in found


def test_what_is_recorded_and_the_start_of_a_variable(told):
    (found,) = told("  a: {say: hello, record: {as: amount, goto: b}}\n  b: {say: news, hang_up: yes}\n")
    assert "and what is recorded is a Recording" in found
    head = "variables: {amount: {type: number, start: %s}}\n"
    (found,) = told("  a: {say: owed, hang_up: yes}\n", head % 10**13)
    assert found.startswith("main.yaml:3:43: error: 'owed' says 'amount' as money: ")
    assert told("  a: {say: owed, hang_up: yes}\n", head % 12) == []


def test_a_warning_can_be_meant(told):
    assert told(TWO % ("'abc'", "5"), "ignore: unsayable\n") == []


@pytest.mark.parametrize("example", ["starter", "clinic", "parcel"])
def test_the_examples_and_the_starter_get_no_word(tmp_path, example):
    root = tmp_path / "p"
    if example == "starter":
        copy_starter(root)
    else:
        shutil.copytree(ROOT / "examples" / example, root)
    try:
        found = load(root, {}, clips=False, thorough=True).warnings
    except ProjectError as error:
        found = error.problems
    assert [each for each in found if each.code == "unsayable"] == []


ANSWERED = "  a: {say: hello, lookup: {run: shop.plain, as: amount}, goto: b}\n  b: {say: owed, hang_up: yes}\n"
PROFILE = "lookups:\n  shop.plain:\n    returns: [12.50, %s]\n"
CALL = "lookups:\n  shop.plain: {%s}\nsteps:\n  - phrase: %s\n  - ended: 9s\n"


@pytest.mark.parametrize("value", ["a lot", "10000000000000", "yes", "[1]"])
def test_what_a_profile_has_a_lookup_return(told, value):
    (found,) = told(ANSWERED, profiles__usual=PROFILE % value)
    assert found.startswith("usual.yaml:3:22: warning: 'owed' says 'amount' as money: expected an amount of money")


@pytest.mark.parametrize("value", ["5", "-0.01", "'7'", "null"])
def test_what_it_may_return(told, value):
    assert told(ANSWERED, profiles__usual=PROFILE % value) == []


def test_what_conditions_see_first_or_another_state_sets_gets_no_word(told):
    judged = "  a: {say: hello, lookup: {run: shop.plain, as: amount}, "
    judged += "branch: [{if: \"amount == 'x'\", goto: b}, {goto: b}]}\n"
    assert told(judged + "  b: {say: owed, hang_up: yes}\n", profiles__usual=PROFILE % "a lot") == []
    kept = ANSWERED.replace("b: {say", "b: {set: {amount: \"'5'\"}, say")
    assert told(kept, profiles__usual=PROFILE % "a lot") == []


def test_what_the_state_says_itself_is_said_whatever_conditions_see(told):
    states = (
        "  a: {lookup: {run: shop.plain, as: amount%s}, say: owed, branch: [{if: amount < 0.0, goto: b}, {goto: b}]}\n"
    )
    states += "  b: {say: hello, hang_up: yes}\n"
    call = CALL % ("value: a lot", "hello")
    assert len(told(states % "", calls__one=call)) == len(told(states % ", failed: b", calls__one=call)) == 1
    assert told(states % ", failed: b", calls__one=call + "expect: {states: [a, b]}\n") == []


def test_what_does_not_fit_a_declared_variable(told):
    (found,) = told(ANSWERED, "variables: {amount: money}\n", profiles__usual=PROFILE % "a lot")
    assert (
        "warning: the lookup fails, by the type of 'amount': it is to be an amount of money, and is another text"
        in found
    )


def test_an_author_may_mean_it(told, little):
    little.replace("prompts/ivr.yaml", "project:", "ignore: unsayable\nproject:")
    files = {"profiles__usual": PROFILE % "a lot", "calls__one": CALL % ("value: a lot", "hello")}
    assert told(ANSWERED, **files) == []


@pytest.mark.parametrize(
    ("answer", "place"),
    [("value: a lot", "2:23"), ("text: much, delay: 1s", "2:22"), ("value: yes", "2:23"), ("value: 1e14", "2:23")],
)
def test_what_a_scenario_answers(told, answer, place):
    (found,) = told(ANSWERED, calls__one=CALL % (answer, "hello"))
    assert found.startswith(f"one.yaml:{place}: warning: 'owed' says 'amount' as money: ")


@pytest.mark.parametrize(
    ("answer", "phrase"), [("value: 12.5", "hello"), ("error: it is down", "hello"), ("value: a lot", "sorry")]
)
def test_a_scenario_of_the_fallback_means_it(told, answer, phrase):
    assert told(ANSWERED, calls__one=CALL % (answer, phrase)) == []


PART = (
    "  a: {say: hello, lookup: {run: shop.plain, as: r}, goto: b}\n  b: {set: {amount: r.d}, say: ends, hang_up: yes}\n"
)


def test_a_part_of_an_answer_that_is_handed_on(told):
    (found,) = told(PART, profiles__usual=PROFILE % "{p: '1', d: 112}")
    assert found.startswith("usual.yaml:3:34: warning: 'ends' says 'amount' as digits: expected a text")
    assert ", write a text, '112' in quotes, or say it as " in found
    assert told(PART, profiles__usual=PROFILE % "{p: 1, d: '112'}") == []
    (found,) = told(PART, calls__one=CALL % ("value: {d: 112}", "hello"))
    assert found.startswith("one.yaml:2:27: warning: 'ends' says 'amount' as digits: ")
    judged = PART.replace("b: {set", "b: {lookup: {run: shop.plain, as: x, with: {a: r.d}}, set")
    assert told(judged, profiles__usual=PROFILE % "{d: 112}") == []


def test_values_that_are_refused_alike_are_told_once(told):
    (found,) = told(ANSWERED, profiles__usual=PROFILE % "a lot, more, 7, '12.50'")
    assert found.startswith("usual.yaml:3:22: ") and " (1 more of its values alike), write what fits, such as " in found


def test_what_the_annotation_tells_is_not_told_of_each_value(told):
    states = ANSWERED.replace("shop.plain", "shop.flag")
    (found,) = told(states, profiles__usual=(PROFILE % "yes").replace("shop.plain", "shop.flag"))
    assert "'shop.flag' returns bool" in found
