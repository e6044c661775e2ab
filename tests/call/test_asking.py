"""What a caller types or does not type, and when: digits ahead of the question, digits into words, silence."""

from __future__ import annotations

import pytest
from toy import clips, drive, make_plan, states, strategies

from ivr.simulator.driver import Answer
from ivr.testing.twilio import Faults
from ivr.trace.events import (
    BargedIn,
    DigitHeard,
    Listening,
    LookupEnded,
    NoInput,
    PromptSkipped,
    TurnStarted,
)
from ivr.trace.sound import SegmentStarted, Strategy, UtteranceHeard


def test_digits_typed_ahead_are_taken_in_order_and_skip_what_would_be_said():
    run = drive(keys=[(0.5, "2"), (0.6, "1"), (0.7, "9")])
    assert states(run) == ["welcome", "menu", "score", "rich", "menu", "balance", "menu", "bye"]
    assert [event.prompt for event in run.of(PromptSkipped)] == ["rich", "main", "balance", "else", "main"]
    assert run.said()[-1] == "bye"
    assert run.ended == "the dialog ended"


def test_a_digit_interrupts_and_the_answer_begins_at_the_same_time():
    run = drive(keys=[(1.0, "9")])
    (barge,) = run.of(BargedIn)
    begun = next(event for event in run.of(SegmentStarted) if event.text == "Good bye.")
    assert barge.at == begun.at == run.sends('"clear"')[0] == 1.0


def test_a_prompt_that_may_not_be_interrupted_holds_digits_until_it_was_heard():
    async def dialog(line):
        await line.say("legal")
        assert await line.ask() == "7"
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "7")])
    heard = run.of(UtteranceHeard)[0]
    assert run.sends('"clear"') == []
    assert run.far.cleared == []
    assert run.far.queue.samples == clips()["legal"].samples
    assert run.of(DigitHeard)[0].at < heard.at <= run.of(TurnStarted)[-1].at
    assert run.ended == "the dialog ended"


def test_a_prompt_that_may_not_be_interrupted_is_said_in_spite_of_digits_typed_ahead():
    run = drive(keys=[(0.2, "4"), (0.25, "9")])
    assert "legal" in run.said()
    assert "legal" not in [event.prompt for event in run.of(PromptSkipped)]
    texts = [event.text for event in run.of(SegmentStarted)]
    assert "Calls are recorded." in texts
    assert run.far.cleared[1:] == []


def test_a_say_may_forbid_what_its_prompt_allows():
    async def dialog(line):
        await line.say("greeting", bargein=False)
        await line.ask()

    run = drive(make_plan(dialog), keys=[(0.3, "7")])
    assert run.sends('"clear"') == []


def test_a_digit_during_a_wait_for_a_lookup_does_not_end_the_hold():
    run = drive(keys=[(2.5, "2"), (4.0, "9")], lookups={"bank.score": Answer(7, 4.0)})
    assert run.dead_air() == []
    assert run.sends('"clear"') == []
    (ended,) = run.of(LookupEnded)
    assert ended.at == pytest.approx(6.5)
    held = [event for event in run.of(SegmentStarted) if event.strategy is Strategy.HOLD]
    assert len(held) == 1
    assert states(run) == ["welcome", "menu", "score", "rich", "menu", "bye"]


def test_a_digit_that_cuts_words_before_a_wait_leaves_the_wait_covered():
    async def dialog(line):
        handle = await line.run("bank.score")
        await line.say("greeting")
        await handle
        await line.say("bye")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.5, "5")], lookups={"bank.score": Answer(7, 4.0)})
    assert len(run.of(BargedIn)) == 1
    assert run.dead_air() == []
    assert strategies(run)[1:3] == ["filler", "hold"]


def test_the_no_input_timer_starts_when_the_last_word_was_heard_not_sent():
    run = drive(path_out=0.1, path_in=0.1)
    listening, silent = run.of(Listening)[0], run.of(NoInput)[0]
    last_sample = run.far.heard.played_samples(silent.at)
    assert last_sample == run.far.heard.played_samples(listening.at + 0.03)  # all was played when it began
    truth = 0.2 + clips()["greeting"].samples / 8000 + 0.3 + clips()["main"].samples / 8000
    assert listening.at == pytest.approx(truth, abs=0.02)
    assert silent.at == pytest.approx(listening.at + 3.0, abs=1e-6)


def test_a_lost_mark_does_not_hold_the_dialog_for_ever():
    run = drive(faults=Faults(drop_marks=lambda name: True))
    assert run.ended == "the dialog ended"
    assert len(run.of(NoInput)) == 2


def test_the_ladder_of_silence_ends_in_goodbye():
    run = drive()
    assert run.said() == ["greeting", "main", "still_there", "main", "bye"]
    assert len(run.of(NoInput)) == 2
    assert run.ended == "the dialog ended"


def test_the_ladder_of_wrong_digits_ends_in_goodbye():
    run = drive(keys=[(2.0, "7"), (4.0, "8")])
    assert run.said() == ["greeting", "main", "not_known", "main", "bye"]
    assert run.of(NoInput) == []


def test_silence_and_wrong_digits_are_counted_apart():
    run = drive(keys=[(2.0, "7")])
    assert run.said() == ["greeting", "main", "not_known", "main", "still_there", "main", "bye"]
