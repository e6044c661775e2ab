"""What a caller types or does not type, and when: digits ahead of the question, digits into words, silence."""

from __future__ import annotations

from collections import deque

import pytest
from parts_alone import kinds
from toy import clips, drive, make_plan, states, strategies

from ivr.call.asking import Asking
from ivr.call.outbox import Outbox
from ivr.dialog.listen import Ended, Listen, Typed
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


# ---- by itself


def test_silence_is_counted_from_the_last_word_heard():
    outbox = Outbox("c")
    asking = Asking(outbox)
    asking.start(Listen(first=5.0))
    asking.wait(1.0, saying=True)
    assert asking.until is None
    assert asking.overdue(99.0) is None
    asking.silent_from(3.0)
    assert asking.until == 8.0
    assert asking.overdue(7.999) is None
    assert asking.overdue(8.0) == (None,)
    assert asking.overdue(9.0) is None
    assert kinds(outbox, Listening, NoInput) == [Listening(5.0, 3.0), NoInput(8.0)]


def test_where_nothing_is_said_it_is_counted_at_once_and_an_answer_ends_it():
    asking = Asking(Outbox("c"))
    asking.start(Listen(first=5.0))
    asking.wait(1.0, saying=False)
    assert asking.until == 6.0
    asking.stop()
    assert asking.until is None
    asking.silent_from(2.0)
    assert asking.until is None


NUMBER = Listen(least=4, most=8, end="#", first=5.0, between=3.0, within=10.0)


def keys(asking: Asking, typed: str, now: float) -> Typed | None:
    return asking.keys(deque(typed), now)


def asked(listen: Listen) -> Asking:
    asking = Asking(Outbox("c"))
    asking.start(listen)
    asking.wait(0.0, saying=False)
    return asking


def test_each_key_begins_the_silence_between_keys():
    asking = asked(NUMBER)
    assert keys(asking, "1", 4.0) is None
    asking.silent_from(4.0)
    assert keys(asking, "2", 6.0) is None
    asking.silent_from(6.0)
    assert asking.next_timer() == 9.0
    assert asking.overdue(8.9) is None
    assert asking.overdue(9.0) == (Typed("12", Ended.PAUSE),)


def test_the_limit_of_all_keys_runs_from_the_first_one():
    asking = asked(NUMBER)
    for at in (4.0, 6.0, 8.0, 10.0, 12.0):
        assert keys(asking, "1", at) is None
        asking.silent_from(at)
    assert asking.next_timer() == 14.0
    assert asking.overdue(14.0) == (Typed("11111", Ended.LIMIT),)


def test_a_terminator_behind_a_complete_answer_is_swallowed_once_and_for_a_while():
    asking = asked(NUMBER)
    assert keys(asking, "12345678", 1.0) == Typed("12345678", Ended.LENGTH)
    assert asking.swallows("#", 2.0)
    assert not asking.swallows("#", 2.1)
    for late, key in ((5.0, "#"), (1.5, "9")):
        asking = asked(NUMBER)
        keys(asking, "12345678", 1.0)
        assert not asking.swallows(key, late)


def test_a_terminator_that_was_typed_ahead_too_is_swallowed():
    ahead = deque("12345678#9")
    assert asked(NUMBER).keys(ahead, 1.0) == Typed("12345678", Ended.LENGTH)
    assert "".join(ahead) == "9"


def test_a_terminator_that_completes_an_answer_swallows_no_other():
    asking = asked(NUMBER)
    assert keys(asking, "1234#", 1.0) == Typed("1234", Ended.KEY)
    assert not asking.swallows("#", 1.1)
