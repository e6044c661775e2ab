"""A value of the dialog's own that its slot cannot say: the fallback stands in for it, or the state goes elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from manners import call, states, tables
from tone_voice import listen, plan, speak
from toy import drive, make_plan

from ivr.call.readback import Mode
from ivr.dialog.ladders import Event, Handlers, Rung
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import DialogFailed, LookupStarted, StateEntered
from ivr.trace.sound import UNSAYABLE, Abandoned

WHY = f"{UNSAYABLE}: slot 'amount': expected an amount of money such as 12.50"
BAD = [10**15, "a lot", None, float("nan"), [], True, object()]


def whys(run):
    return [event.why for event in run.of(Abandoned) if event.why.startswith(UNSAYABLE)]


def ways(run):
    return [event.why for event in run.of(StateEntered)]


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("mode", Mode)
def test_D14_in_python_the_fallback_stands_in_for_it_and_the_call_goes_on(mode, value):
    async def dialog(line):
        await line.say("balance", amount=value)
        await line.say("bye")

    run = drive(replace(plan(mode), dialog=dialog), voice=ScriptedVoice(speak=speak))
    heard = [tone.word for tone in listen(run.heard, run.driver.now)]
    assert heard == ["<balance>", "<sorry>", "<bye>"]
    assert run.of(DialogFailed) == [] and run.syntheses() == ([], []) and run.dead_air() == []
    assert [why.startswith(WHY) for why in whys(run)] == [True]
    assert run.ended == "the dialog ended"


def test_in_a_question_too():
    async def dialog(line):
        await line.choose("balance", "1", amount="a lot")
        await line.say("bye")

    run = drive(replace(plan(Mode.AUTO), dialog=dialog), keys=[(4.0, "1")], voice=ScriptedVoice(speak=speak))
    heard = [tone.word for tone in listen(run.heard, run.driver.now)]
    assert heard == ["<balance>", "<sorry>", "<bye>"] and run.of(DialogFailed) == []


def test_D14_sayable_tells_of_it_before_anything_is_said():
    told = []

    async def dialog(line):
        running = await line.run("bank.balance")
        for value in (12, "12.50", "a lot", 10**13, running):
            told.append(await line.sayable("balance", amount=value))
        await running
        told.append(await line.sayable("balance", amount=running))
        await line.say("bye")

    run = drive(make_plan(dialog), lookups={"bank.balance": Answer("much", 0.5)})
    assert told == [True, True, False, False, True, False]
    assert run.said() == ["bye"] and whys(run) == []


def test_a_prompt_that_does_not_exist_or_has_no_value_breaks_the_dialog_as_in_say():
    for prompt, error in (("nowhere", "PhraseNotFound"), ("balance", "SlotError")):

        async def dialog(line, prompt=prompt):
            await line.sayable(prompt)

        assert [event.error for event in drive(make_plan(dialog)).of(DialogFailed)] == [error]


@pytest.mark.parametrize("value", ["'a lot'", "null", "[1]", "true", "1e15"])
def test_D2_in_a_table_the_fallback_stands_in_for_it_and_the_call_goes_on(value):
    run = call(f'  a: {{set: {{amount: "{value}"}}, say: balance, goto: z}}\n  z: {{say: bye, hang_up: yes}}\n')
    assert (states(run), run.said()) == (["a", "z"], ["balance", "bye"])
    assert run.of(DialogFailed) == [] and run.dead_air() == []
    assert [why.startswith(WHY) for why in whys(run)] == [True]
    assert "I am sorry" in str([event for event in run.trace]), "the fallback was heard"


def looking(own: str, value: str = "'a lot'") -> str:
    """A state that has its own way out, looks up something else, and says a value that is set."""
    return f"""\
dialog: main
start: a
states:
  a: {{set: {{amount: "{value}"}}, lookup: {{run: bank.keep, as: other}}, on: {{{own}}}, say: balance, goto: z}}
  b: {{say: legal, goto: z}}
  z: {{say: bye, hang_up: yes}}
"""


@pytest.mark.parametrize("delay", [0.0, 0.5, 4.0])
def test_D13_a_state_goes_its_own_way_without_a_word_of_what_it_cannot_say(delay):
    run = call(tables(looking("lookup_failed: {say: no_news, goto: b}")), lookups={"bank.keep": Answer(1, delay)})
    assert (states(run), run.said()) == (["a", "b", "z"], ["no_news", "legal", "bye"])
    assert ways(run)[1] == UNSAYABLE
    assert run.of(DialogFailed) == whys(run) == []


@pytest.mark.parametrize("delay", [0.0, 0.5, 4.0])
def test_D13_so_it_does_when_its_lookup_returned_what_cannot_be_said(delay):
    text = "  a: {lookup: {run: bank.keep, as: amount, failed: b}, say: balance, goto: z}\n"
    text += "  b: {say: legal, goto: z}\n  z: {say: bye, hang_up: yes}\n"
    run = call(text, lookups={"bank.keep": Answer("a lot", delay)})
    assert (states(run), ways(run)[1], len(run.of(LookupStarted))) == (["a", "b", "z"], UNSAYABLE, 1)
    assert run.dead_air() == []
    run = call(text, lookups={"bank.keep": Answer(12, delay)})
    assert states(run) == ["a", "z"]


@pytest.mark.parametrize("own", ["", "lookup_failed: no_news", "lookup_failed: {limit: 2}"])
def test_D13_no_lookup_is_made_again_for_it_and_no_call_ended(own):
    """A ladder that leads nowhere; one of the project's, which knows nothing of the state."""
    project = Handlers({Event.LOOKUP_FAILED: (Rung(1, ("no_news",)),)})
    run = call(tables(looking(own), handlers=project), lookups={"bank.keep": Answer(1, 0.5)})
    assert (states(run), len(run.of(LookupStarted))) == (["a", "z"], 1)
    assert [why.startswith(WHY) for why in whys(run)] == [True]


def test_what_can_be_said_is():
    run = call(tables(looking("lookup_failed: {goto: b}", "12.5")), lookups={"bank.keep": Answer(1, 0.5)})
    assert (states(run), run.said()) == (["a", "z"], ["balance", "bye"])
