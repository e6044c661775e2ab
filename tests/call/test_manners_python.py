"""docs/dialog.md, row by row: where a dialog in Python differs from a table (B10, C8)."""

from __future__ import annotations

import pytest
from manners import attempts, tables
from talker import speech
from toy import drive, make_plan

from ivr.dialog.commands import Act, Command
from ivr.trace.events import BargedIn


def call(talk, keys=(), commands=None, **options):
    repertoire = tables("dialog: t\nstart: a\nstates: {a: {return: yes}}\n", commands=commands or {})
    repertoire = type(repertoire)(repertoire.tables, {"py.talk": talk}, repertoire.handlers, repertoire.commands)
    return drive(make_plan(lambda line: repertoire.answer("py.talk", line)), keys=keys, **options)


def test_B10_an_interruption_raises_nothing_and_the_key_answers_the_question():
    seen = []

    async def talk(line):
        await line.say("greeting")
        seen.append("said")
        await line.say("main")
        seen.append(await line.ask())

    run = call(talk, [(0.5, "7")])
    assert [event.by for event in run.of(BargedIn)] == ["digit"]
    assert seen == ["said", "7"]


def test_B10_spoke_tells_of_speech():
    seen = []

    async def talk(line):
        await line.say("greeting", bargein="speech")
        seen.append((await line.ask(), await line.spoke()))

    run = call(talk, says=[(0.3, speech(1.0))])
    assert [event.by for event in run.of(BargedIn)] == ["speech"]
    assert seen == [(None, True)]


def test_C8_back_at_a_second_question_in_python_repeats_that_question():
    seen = []

    async def talk(line):
        seen.append(await line.choose("greeting", "1"))
        seen.append(await line.choose("main", "2"))

    run = call(talk, [(3.0, "1"), (6.0, "*"), (9.0, "2")], {"*": Command(Act.BACK)})
    assert seen == ["1", "2"]
    assert attempts(run, "greeting") == [1] and attempts(run, "main") == [1, 1]


@pytest.mark.parametrize("command", [Act.BACK, Act.REPEAT])
def test_C8_an_option_of_the_same_key_is_the_codes_own_way_back(command):
    seen = []

    async def talk(line):
        while True:
            seen.append(await line.choose("greeting", "1"))
            seen.append(await line.choose("main", "2*"))
            if seen[-1] != "*":
                return

    call(talk, [(3.0, "1"), (6.0, "*"), (9.0, "1"), (12.0, "2")], {"*": Command(command)})
    assert seen == ["1", "*", "1", "2"]
