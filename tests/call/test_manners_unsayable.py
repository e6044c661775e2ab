"""A value of the dialog's own that its slot cannot say: the fallback stands in for it, or the state goes elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from manners import KEPT, call, states, tables
from tone_voice import listen, plan, speak
from toy import drive, make_plan

from ivr.call.readback import Mode
from ivr.catalog.wording import NO_VALUE
from ivr.dialog.ladders import Event, Handlers, Rung
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import DialogFailed, LookupStarted, StateEntered
from ivr.trace.sound import UNSAYABLE, Abandoned, SegmentStarted, Strategy

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


def test_a_prompt_that_does_not_exist_breaks_the_dialog_as_in_say():
    async def dialog(line):
        await line.sayable("nowhere")

    assert [event.error for event in drive(make_plan(dialog)).of(DialogFailed)] == ["PhraseNotFound"]


MISSING = f"{UNSAYABLE}: slot 'amount': {NO_VALUE}"


def test_D14_a_slot_without_a_value_is_one_that_cannot_be_said():
    told = []

    async def dialog(line):
        told.append(await line.sayable("balance"))
        await line.say("balance")
        await line.say("bye")

    run = drive(replace(plan(Mode.AUTO), dialog=dialog), voice=ScriptedVoice(speak=speak))
    assert [tone.word for tone in listen(run.heard, run.driver.now)] == ["<balance>", "<sorry>", "<bye>"]
    assert (told, whys(run), run.of(DialogFailed), run.dead_air()) == ([False], [MISSING], [], [])


@pytest.mark.parametrize("own", [True, False])
def test_D13_so_it_is_in_a_state_that_only_another_one_looks_up_for(own):
    failed = ", failed: b" if own else ""
    text = f"""\
  a: {{say: main, menu: {{options: {{1: look, 2: tell}}}}}}
  look: {{lookup: {{run: bank.balance, as: amount}}, say: else, goto: a}}
  tell: {{lookup: {{run: bank.keep, as: other{failed}}}, say: balance, goto: z}}
  b: {{say: legal, goto: z}}
  z: {{say: bye, hang_up: yes}}
"""
    run = call(text, [(2.0, "2")], lookups=KEPT)
    assert states(run) == ["a", "tell", *(["b"] if own else []), "z"]
    assert (whys(run), ways(run)[2]) == (([], MISSING) if own else ([MISSING], "goto"))
    assert run.of(DialogFailed) == [] and run.dead_air() == [] and run.ended == "the dialog ended"
    run = call(text, [(2.0, "1"), (6.0, "2")], lookups=KEPT)
    assert states(run) == ["a", "look", "a", "tell", "z"] and whys(run) == []


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
    assert ways(run)[1].startswith(WHY)
    assert run.of(DialogFailed) == whys(run) == []


@pytest.mark.parametrize("delay", [0.0, 0.5, 4.0])
def test_D13_so_it_does_when_its_lookup_returned_what_cannot_be_said(delay):
    text = "  a: {lookup: {run: bank.keep, as: amount, failed: b}, say: balance, goto: z}\n"
    text += "  b: {say: legal, goto: z}\n  z: {say: bye, hang_up: yes}\n"
    run = call(text, lookups={"bank.keep": Answer("a lot", delay)})
    assert (states(run), len(run.of(LookupStarted))) == (["a", "b", "z"], 1)
    assert ways(run)[1].startswith(WHY)
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


CHAIN = """\
  c1: {say: greeting, goto: c2}
  c2: {say: legal, goto: c3}
  c3: {set: {amount: "12"}, say: balance, goto: c4}
  c4: {say: no_news, goto: c5}
  c5: {lookup: {run: bank.keep, as: amount, failed: c6}, say: [busy, balance], goto: z}
  c6: {say: connecting, goto: z}
  z: {say: bye, hang_up: yes}
"""


FAILING = [Answer(1e13), Answer(1e13, 0.4), Answer(1e13, 9.0), Answer(error="no"), Answer(error="no", delay=6.0)]


@pytest.mark.parametrize("answer", FAILING)
def test_D15_words_of_the_states_before_are_heard_all_the_same(answer):
    """It fails at once, while words sound, or after all of them."""
    run = call(tables("dialog: main\nstart: c1\nstates:\n" + CHAIN), lookups={"bank.keep": answer})
    assert states(run) == ["c1", "c2", "c3", "c4", "c5", "c6", "z"]
    heard = [event.text for event in run.of(SegmentStarted) if event.strategy in (Strategy.CLIP, Strategy.STREAM)]
    before = ["Thank you for calling.", "Calls are recorded.", "You have,", "twelve dollars", "No news today."]
    own = ["All are busy.", "You have,"][: len(heard) - len(before) - 2]
    assert heard == [*before, *own, "We connect you.", "Good bye."]
    assert bool(own) == (answer.delay >= 6.0)
    assert run.dead_air() == []


@pytest.mark.parametrize("mode", Mode)
def test_D2_where_covers_are_switched_off_the_fallback_stands_in_all_the_same(mode):
    async def dialog(line):
        await line.say("balance", amount="a lot")
        await line.say("bye")

    made = plan(mode)
    made = replace(made, covers=made.covers.only_fallback, dialog=dialog)
    run = drive(made, voice=ScriptedVoice(speak=speak))
    assert [tone.word for tone in listen(run.heard, run.driver.now)] == ["<balance>", "<sorry>", "<bye>"]
    assert run.dead_air() == []


def test_D2_so_it_does_for_a_voice_or_a_lookup_that_fails_and_lateness_is_silence():
    async def dialog(line):
        await line.say("balance", amount=await line.run("bank.balance"))
        await line.say("bye")

    made = plan(Mode.STREAM)
    made = replace(made, covers=made.covers.only_fallback, dialog=dialog)
    refuses = ScriptedVoice(0.05, dies_after=0.0, speak=speak)
    for voice, answer in ((refuses, Answer(12, 0.1)), (ScriptedVoice(), Answer(error="no", delay=0.1))):
        run = drive(made, voice=voice, lookups={"bank.balance": answer})
        assert [tone.word for tone in listen(run.heard, run.driver.now)] == ["<balance>", "<sorry>", "<bye>"]
    run = drive(made, voice=ScriptedVoice(speak=speak), lookups={"bank.balance": Answer(12, 3.0)})
    heard = [tone.word for tone in listen(run.heard, run.driver.now)]
    assert heard == ["<balance>", "twelve", "dollars", "<bye>"]
    assert [dead.stop - dead.start > 2 for dead in run.dead_air()] == [True]
