"""Where a dialog broke, and what of that is shown: in whole projects, whose callers' data is 4711 everywhere."""

from __future__ import annotations

import json

import pytest
from toy import drive

from ivr.call.plan import plan_calls
from ivr.dialog.broken_at import own_line
from ivr.gateways.twilio import TWILIO
from ivr.project.code.functions import import_functions
from ivr.simulator.driver import Answer
from ivr.trace.events import DialogFailed
from ivr.trace.jsonl import line

MAIN = """\
dialog: main
start: top
variables: {pin: digits, count: number, bag: mapping, text: text}
states:
  top:
    collect: {as: pin, digits: 4, goto: then}
  then:
"""
BAG = "set: {bag: '{\"pin\": pin}'}"
PY = "async def answer(call):\n    pin = (await call.collect('hello', 4)).value\n"
"""What is named plainly and does not exist is found when a project is read; `getattr` is not looked into."""
KEYS = [(2.0 + n / 4, key) for n, key in enumerate("4711")]


@pytest.fixture
def broken(little, voice):
    """What a call of the project is noted to have failed by."""

    def call(keys=KEYS, lookups=None, **files):
        for file, text in files.items():
            little.write(f"prompts/{file.replace('__', '/')}.{'yaml' if '__' in file else 'py'}", text)
        if "desk" in files:
            little.write("prompts/ivr.yaml", f"{(little.root / 'prompts/ivr.yaml').read_text()}start: desk.answer\n")
        little.render(voice)
        plan = plan_calls(little.load(clips=True), TWILIO, provider="scripted")
        run = drive(plan, keys=keys, lookups=lookups)
        (failed,) = run.of(DialogFailed)
        written = json.loads(line(failed))
        shown = f"{failed.told} {written}"
        assert "4711" not in shown, "what the caller typed"
        assert failed.what in written["what"] and failed.where == written["where"]
        return failed.error, failed.where.removeprefix(f"{little.root}/prompts/"), failed.what, written["detail"]

    return call


@pytest.mark.parametrize(
    ("states", "found"),
    [
        (
            f"    {BAG}\n    branch: [{{if: bag.pin > 5, goto: top}}, {{goto: top}}]\n",
            (
                "ConditionError",
                "dialogs/main.yaml:9:19",
                "'bag.pin > 5' failed: the types do not fit ('bag' is a mapping), "
                "convert with int(), double() or string()",
            ),
        ),
        (
            f"    {BAG[:-1]}, count: bag.pin + 'x'}}\n    goto: top\n",
            ("DialogBroken", "dialogs/main.yaml:8:39", "'count': it is to be a number, and is another text"),
        ),
        (
            "    dialog: {run: other, with: {count: '[pin]'}, goto: top}\n",
            ("DialogBroken", "dialogs/main.yaml:7:3", "dialog 'other': 'count': it is to be a number, and is a list"),
        ),
        (
            "    dialog: {run: other, with: {count: '3'}, as: text, goto: top}\n",
            ("DialogBroken", "dialogs/main.yaml:7:3", "dialog 'main': 'text': it is to be a text, and is a int"),
        ),
        (
            "    dialog: {run: other, with: {count: '4'}, goto: top}\n",
            (
                "ConditionError",
                "dialogs/other.yaml:6:17",
                "'1 / (4 - count)' failed: division by zero ('count' is a whole number), test the divisor before",
            ),
        ),
        (
            "    lookup: {run: shop.left, as: count}\n    branch: [{if: count > 1, goto: top}, {goto: top}]\n",
            ("LookupFailed", "dialogs/main.yaml:7:3", "lookup 'shop.left' failed"),
        ),
    ],
)
def test_of_a_table_the_state_or_the_expression_is_told(broken, states, found):
    other = (
        "dialog: other\nstart: a\nvariables: {count: number, half: number}\nstates:\n  a:\n"
        "    set: {half: 1 / (4 - count)}\n    return: {value: count}\n"
    )
    lookups = {"shop.left": Answer(error="KeyError: 4711")}
    error, where, what, detail = broken(lookups=lookups, dialogs__main=MAIN + states, dialogs__other=other)
    assert (error, where, what) == found
    if error != "LookupFailed":
        assert detail.endswith(what), "there is nothing in it to be masked"


@pytest.mark.parametrize(
    ("code", "error", "place", "what"),
    [
        (
            "await getattr(call, 'say')('greting')",
            "PhraseNotFound",
            3,
            "no phrase 'greting' for locale 'en-US': add it",
        ),
        ("await call.say(f'tier_{pin}')", "PhraseNotFound", 3, "no phrase 'xxxx_0000' for locale 'en-US': add it"),
        ("name = 'greting'\n    await call.say(name)", "PhraseNotFound", 4, "no phrase 'xxxxxxx' for locale"),
        (
            "h = call.run('shop.left')\n    await call.say('hello', d=h)",
            "DialogBroken",
            4,
            "say(…) was given a coroutine of 'Line.run', which is never a value: await it, as in",
        ),
        (
            "await getattr(call, 'dialog')('pya', pin=pin)",
            "DialogBroken",
            3,
            "there is no dialog 'pya' under prompts/dialogs/",
        ),
        ("await call.dialog(pin)", "DialogBroken", 3, "there is no dialog '0000' under prompts/dialogs/"),
        ("await getattr(call, 'open')('desk')", "DialogBroken", 3, "there is no calendar 'desk' in prompts/hours.yaml"),
        ("await call.speak(pin)", "DialogBroken", 3, "speak('0000'): this is no locale"),
        ("await call.say('hello', bargein=pin)", "DialogBroken", 3, "bargein='0000': use True, False"),
        ("await call.transfer(pin)", "TransferRefused", 3, "a transfer to somebody whom this project may not call"),
        ("await call.lookup('shop.left')", "LookupFailed", 3, "lookup 'shop.left' failed"),
        ("await call.lookup(pin)", "LookupFailed", 3, "lookup '0000' failed"),
        (
            "from ivr.dialog.web import HttpRequest\n    await (await call.fetch(HttpRequest('GET', f'http://h/{pin}/..')))",
            "LookupFailed",
            4,
            "lookup 'xxx xxxx://x/0000/..' failed",
        ),
        ("await call.choose(\n        'hello', '1'\n    )", "NoAnswer", 3, "no answer: no_input 3"),
        ("while True:\n        await call.say('hello')", "DialogBroken", 4, "the dialog made 1000 requests and never"),
        ("await call.say(5)", "PhraseNotFound", 3, "no phrase '0' for locale"),
        (
            "class Foreign:\n        def __await__(self):\n            yield pin\n    await Foreign()",
            "DialogBroken",
            5,
            "the dialog awaited str, which no call can answer",
        ),
        ("import asyncio\n    await asyncio.sleep(1)", "RuntimeError", 4, ""),
        ("raise ValueError(pin)", "ValueError", 3, ""),
        ("import json\n    json.loads(pin + 'x')", "JSONDecodeError", 4, ""),
        ("from ivr.errors import SlotError\n    raise SlotError(pin, pin)", "SlotError", 4, ""),
        ("from ivr.errors import LookupFailed\n    raise LookupFailed(pin, pin)", "LookupFailed", 4, ""),
        ("from ivr.catalog.sayas import say_as\n    say_as('x', 'money', pin + 'y')", "SlotError", 4, "slot 'x'"),
    ],
)
def test_of_python_the_projects_own_line_is_told(broken, code, error, place, what):
    lookups = {"shop.left": Answer(error="KeyError: 4711")}
    found = broken(lookups=lookups, desk=f"{PY}    {code}\n")
    assert found[:2] == (error, f"prompts/desk.py:{place}")
    assert found[2].startswith(what) and bool(found[2]) == bool(what)


def test_of_two_modules_the_inner_one_is_told(broken):
    desk = f"{PY}    from . import rates\n    await rates.told(call, pin)\n"
    rates = "async def told(call, pin):\n    await call.say('greting')\n"
    assert broken(desk=desk, rates=rates)[:2] == ("PhraseNotFound", "prompts/rates.py:2")


def test_of_python_below_a_table_and_a_table_below_python_the_inner_one_is_told(broken, little):
    part = "async def part(call):\n    await getattr(call, 'say')('greting')\n"
    states = "    dialog: {run: part.part, goto: top}\n"
    assert broken(dialogs__main=MAIN + states, part=part)[:2] == ("PhraseNotFound", "prompts/part.py:2")
    table = "dialog: main\nstart: a\nstates:\n  a: {set: {x: 1 / 0}, hang_up: yes}\n"
    found = broken(dialogs__main=table, desk=f"{PY}    await call.dialog('main')\n")
    assert found[:2] == ("ConditionError", "dialogs/main.yaml:4:16")


def test_what_a_dialog_does_when_the_caller_has_hung_up_has_its_place_too(little, voice):
    on, end = "on: {hang_up: {goto: end}}\n", f"{{{BAG[:-1]}, count: bag.pin + 'x'}}, hang_up: yes}}"
    little.write("prompts/dialogs/main.yaml", f"{MAIN}    goto: top\n  end: {end}\n{on}")
    little.render(voice)
    plan = plan_calls(little.load(clips=True), TWILIO, provider="scripted")
    (failed,) = drive(plan, keys=KEYS, hang_up_at=6.0).of(DialogFailed)
    assert failed.where == f"{little.root}/prompts/dialogs/main.yaml:9:43"
    assert failed.what == "'count': it is to be a number, and is another text"


def test_an_error_that_cannot_be_told_is_contained(broken):
    code = (
        "    class Odd(Exception):\n        def __str__(self):\n            raise ValueError('4711')\n    raise Odd\n"
    )
    assert broken(desk=PY + code) == ("Odd", "prompts/desk.py:6", "", "")


def test_a_lookups_own_line_is_told(tmp_path):
    (tmp_path / "shop.py").write_text("import json\ndef left(text):\n    return json.loads(text)\n")
    functions, problems = import_functions(tmp_path)
    assert problems == []
    with pytest.raises(ValueError) as caught:
        functions["shop.left"]("4711x")
    assert own_line(caught.value) == "prompts/shop.py:3"
    with pytest.raises(ValueError) as caught:
        json.loads("4711x")
    assert own_line(caught.value).startswith("test_broken_at.py:")
