"""Values that dialogs in Python put into slots: told where they stand, if their slots can never say them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import ProjectError
from ivr.project.load import load

PHRASES = """\
locale: en-US
phrases:
  hello: Hello.
  owed: You owe {amount:money}.
  due: It is due on {amount:date}.
  ends: It ends in {amount:digits}.
  wait: One moment.
  music: {sound: music.wav}
  sorry: Sorry.
"""
BANK = """\
from decimal import Decimal


def flag() -> bool: ...
def amount() -> Decimal: ...
def plain(): ...
"""
START = """\
from ivr.dialog.line import Line
from . import bank
from .bank import flag

FAR = "far too much"


def own() -> bool: ...


async def talk(call: Line, other=None):
"""


@pytest.fixture
def told(little):
    little.write("prompts/phrases/en-US.yaml", PHRASES)
    little.write("prompts/bank.py", BANK)

    def check(*lines):
        little.write("prompts/lib.py", START + "".join(f"    {line}\n" for line in lines))
        try:
            found = load(little.root, {}, clips=False, thorough=True).warnings
        except ProjectError as error:
            found = error.problems
        return [
            f"{Path(each.file).name}:{each.line - 11}:{each.column}: {each.severity}: {each.what}, {each.remedy}"
            for each in found
            if each.code == "unsayable"
        ]

    return check


MONEY = "error: 'owed' says 'amount' as money: expected an amount of money such as 12.50"


@pytest.mark.parametrize(
    ("lines", "place", "why"),
    [
        (['await call.say("owed", amount="abc")'], "1:35", f"{MONEY}, and got another text"),
        (['await call.say("owed", amount=10**13)'], "", ""),
        (['await call.say("owed", amount=10000000000000)'], "1:35", f"{MONEY}, below 1,000,000,000,000"),
        (['await call.say("due", amount="2026-02-30")'], "1:34", "and got a day that no calendar has"),
        (['await call.say("owed", amount=FAR)'], "1:35", f"{MONEY}, and got another text"),
        (['await call.choose("owed", "12", amount=None)'], "1:44", "a value of type NoneType"),
        (['await call.confirm("owed", amount=[1])'], "1:39", "a value of type list"),
        (['sum = "abc"', 'await call.say("owed", amount=sum)'], "2:35", "got another text"),
        (['await call.say("owed", amount=await call.lookup("bank.flag"))'], "1:35", "'bank.flag' returns bool"),
        (['await call.say("owed", amount=await call.lookup(bank.flag))'], "1:35", "'bank.flag' returns bool"),
        (['await call.say("owed", amount=await call.run(flag))'], "1:35", "'bank.flag' returns bool"),
        (['await call.say("owed", amount=await call.run(own))'], "1:35", "'lib.own' returns bool"),
        (['it = await call.run("bank.flag")', 'await call.say("owed", amount=it)'], "2:35", "returns bool"),
        (['it = await call.run("bank.flag")', 'await call.say("owed", amount=await it)'], "2:35", "returns bool"),
        (
            ['pin = await call.collect("hello", 8)', 'await call.say("due", amount=pin)'],
            "2:34",
            "a caller types 8 digits",
        ),
    ],
)
def test_what_can_never_be_said(told, lines, place, why):
    found = told(*lines)
    assert [each.startswith(f"lib.py:{place}: error: ") and why in each for each in found] == ([True] if place else [])


@pytest.mark.parametrize(
    "lines",
    [
        ['await call.say("owed", amount=12)'],
        ['await call.say("owed", amount=-12.5)'],
        ['await call.say("owed", amount=other)'],
        ['await call.say("ends", amount="0451")'],
        ['await call.say(other, amount="abc")'],
        ['await call.say("owed", amount=await call.lookup("bank.amount"))'],
        ['await call.say("owed", amount=await call.lookup(bank.plain))'],
        ['await call.say("owed", amount=await call.lookup(other))'],
        ['it = "abc"', "it = other", 'await call.say("owed", amount=it)'],
        ['it = "abc"', "it += other", 'await call.say("owed", amount=it)'],
        ['for it in ("abc",):', '    await call.say("owed", amount=it)'],
        ['other = "abc"', 'await call.say("owed", amount=other)'],
        ['pin = await call.collect("hello", 8)', 'await call.say("ends", amount=pin)'],
        ['pin = await call.collect("hello", (1, 16), valid=bool)', 'await call.say("owed", amount=pin)'],
        ["bank = other", 'await call.say("owed", amount=await call.lookup(bank.flag))'],
        ['await other.say("owed", amount="abc")'],
        ['if await call.sayable("owed", amount=other):', '    await call.say("owed", amount=other)'],
    ],
)
def test_what_may_be_right_gets_no_word(told, lines):
    assert told(*lines) == []


def test_a_slot_that_another_locale_can_say(told, little):
    little.write("prompts/phrases/es-US.yaml", "locale: es-US\nphrases:\n  owed: Debe {amount:text}.\n")
    assert told('await call.say("owed", amount="abc")') == []
