"""The parts of a call by themselves: asking, turns, lookups, and what they leave in the outbox."""

from __future__ import annotations

from collections import deque

import pytest
from toy import clips, make_plan

from ivr.call.asking import Asking
from ivr.call.effects import CancelLookup, CancelSpeech, Lookup, Origin, Synthesize
from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.speaking import RETRY_AFTER, Speaking
from ivr.call.turns import Turns
from ivr.dialog.listen import Ended, Listen, Typed
from ivr.dialog.requests import Run, Say
from ivr.errors import ClipError, LookupFailed, PhraseNotFound, SlotError, SpeechBroken
from ivr.playout.playout import Playout
from ivr.trace.events import (
    FirstAudio,
    Listening,
    LookupEnded,
    LookupStarted,
    NoInput,
    PromptSaid,
    StaleDropped,
    SynthesisEnded,
    TurnStarted,
)
from ivr.trace.sound import SegmentStarted, Strategy


def kinds(outbox: Outbox, *wanted: type) -> list:
    return [event for event in outbox.trace() if isinstance(event, wanted)]


# ---- asking


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


# ---- turns


def sounds(at: float, sounds_at: float, strategy: Strategy = Strategy.CLIP) -> SegmentStarted:
    return SegmentStarted("u1", "u1.1", strategy, "", False, 0, sounds_at, at)


def test_the_first_sound_after_a_trigger_is_timed_once():
    outbox = Outbox("c")
    turns = Turns(outbox)
    turns.begin("digit", 1.0)
    turns.see(sounds(1.0, 1.01, Strategy.SILENCE))
    turns.see(sounds(1.1, 1.25))
    turns.see(sounds(1.2, 1.5))
    (first,) = kinds(outbox, FirstAudio)
    assert (first.trigger, first.ttfa) == ("digit", pytest.approx(0.25))


def test_a_value_does_not_hide_the_digit_that_the_caller_waits_since():
    outbox = Outbox("c")
    turns = Turns(outbox)
    turns.begin("digit", 1.0)
    turns.begin("value", 2.0)
    turns.see(sounds(2.0, 2.0))
    turns.begin("value", 3.0)
    assert [event.trigger for event in kinds(outbox, TurnStarted)] == ["digit", "value"]


# ---- lookups


def lookups(**functions) -> tuple[Lookups, Outbox]:
    outbox = Outbox("c")
    outbox.origin = Origin("c", "MZ1", 1)
    return Lookups(functions, outbox), outbox


def test_a_lookup_is_an_effect_and_ends_once():
    made, outbox = lookups(find=len)
    handle = made.start(Run("find", None, ("abc",), {"k": 1}), 1.0)
    (effect,) = outbox.effects()
    assert effect == Lookup(Origin("c", "MZ1", 1), handle.id, "find", len, ("abc",), {"k": 1})
    assert made.result(handle) is None
    assert made.returned(handle.id, 3, 2.0) is handle
    assert made.returned(handle.id, 4, 2.1) is None
    assert made.failed(handle.id, "late", 2.2) is None
    assert made.overdue(99.0) == []
    result = made.result(handle)
    assert result is not None and (result.value, result.error) == (3, None)
    assert [type(event) for event in outbox.trace()] == [LookupStarted, LookupEnded, StaleDropped, StaleDropped]


def test_a_function_of_the_dialog_needs_no_name_in_the_project():
    made, outbox = lookups()
    made.start(Run("builtins.len", len), 1.0)
    assert [type(effect) for effect in outbox.effects()] == [Lookup]


def test_a_name_that_the_project_does_not_have_fails_at_once():
    made, outbox = lookups()
    handle = made.start(Run("nowhere", None), 1.0)
    assert outbox.effects() == []
    result = made.result(handle)
    assert result is not None and isinstance(result.error, LookupFailed)
    assert "nowhere" in str(result.error)
    assert made.next_timer() is None


def test_time_outs_are_each_lookups_own():
    made, outbox = lookups(find=len)
    slow, quick = made.start(Run("find", None, timeout=5.0), 1.0), made.start(Run("find", None, timeout=1.0), 1.0)
    assert made.next_timer() == 2.0
    assert made.overdue(1.999) == []
    assert made.overdue(2.0) == [quick]
    assert made.next_timer() == 6.0
    made.cancel_all(3.0)
    assert [effect.id for effect in outbox.effects() if isinstance(effect, CancelLookup)] == [quick.id, slow.id]
    assert [event.outcome for event in kinds(outbox, LookupEnded)] == ["timed out", "failed"]


@pytest.mark.parametrize("value", [10**5000, type("Mute", (), {"__str__": lambda self: 1 / 0})()], ids=["long", "mute"])
def test_a_value_without_a_text_is_a_value(value):
    made, outbox = lookups(find=len)
    handle = made.start(Run("find", None), 1.0)
    assert made.returned(handle.id, value, 2.0) is handle
    assert made.result(handle).value is value
    assert "type" in kinds(outbox, LookupEnded)[0].detail


# ---- speaking


def speaking(plan=None, generation: int = 1) -> tuple[Speaking, Playout, Outbox, Lookups]:
    plan = plan or make_plan()
    found, outbox = lookups(find=len)
    outbox.origin = Origin("c", "MZ1", generation)
    playout = Playout(plan.capabilities, plan.make_live, plan.covers, plan.schedule)
    return Speaking(plan, playout, found, outbox), playout, outbox, found


def test_every_live_segment_is_asked_for_when_the_prompt_is_said():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.say(Say("balance", {"amount": 2}), 1.0)
    effects = [effect for effect in outbox.effects() if isinstance(effect, Synthesize)]
    assert [effect.segment for effect in effects] == ["u1.2", "u2.2"]
    assert all(effect.attempt == 1 for effect in effects)


def test_the_pause_behind_a_sentence_stands_before_the_next_one_only():
    made, _, outbox, _ = speaking()
    made.say(Say("greeting"), 1.0)
    made.say(Say("main"), 1.0)
    assert [event.pauses for event in kinds(outbox, PromptSaid)] == [(), (0.3,)]


def test_ids_of_another_stream_are_others():
    ids = set()
    for generation in (1, 2, 3):
        made, *_ = speaking(generation=generation)
        ids |= {made.say(Say("greeting"), 1.0), made.wait(1.0), made.apologise(1.0)}
    assert len(ids) == 9


def test_a_failed_synthesis_is_asked_for_again_after_a_while():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.failed("u1.2", 1, SpeechBroken("gone"), 2.0)
    assert made.next_timer() == 2.0 + RETRY_AFTER
    made.handle_timer(2.0 + RETRY_AFTER - 0.001)
    assert len([e for e in outbox.effects() if isinstance(e, Synthesize)]) == 1
    made.handle_timer(2.0 + RETRY_AFTER)
    (again,) = outbox.effects()
    assert isinstance(again, Synthesize) and again.attempt == 2
    made.failed("u1.2", 1, SpeechBroken("late"), 3.0)
    assert isinstance(outbox.trace()[-1], StaleDropped)
    made.failed("u1.2", 2, SpeechBroken("gone"), 3.0)
    assert made.next_timer() is None


def test_what_waits_to_be_asked_for_again_is_cancelled_without_an_end_of_its_own():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.failed("u1.2", 1, SpeechBroken("gone"), 2.0)
    outbox.effects(), outbox.trace()
    made.cancel_all(2.1)
    assert (outbox.effects(), outbox.trace(), made.next_timer()) == ([], [], None)


def test_what_is_cancelled_ends_once():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.cancel("u1.2", 1.1)
    made.cancel("u1.2", 1.1)
    assert len([e for e in outbox.effects() if isinstance(e, CancelSpeech)]) == 1
    assert [event.outcome for event in kinds(outbox, SynthesisEnded)] == ["cancelled"]


@pytest.mark.parametrize(
    ("say", "error"),
    [(Say("nowhere"), PhraseNotFound), (Say("balance"), SlotError)],
)
def test_what_cannot_be_said_is_refused(say, error):
    made, _, outbox, _ = speaking()
    with pytest.raises(error):
        made.say(say, 1.0)
    assert outbox.effects() == []


def test_a_clip_that_is_not_there_is_named(monkeypatch):
    plan = make_plan()
    without = {name: clip for name, clip in clips().items() if name != "main"}
    object.__setattr__(plan, "clips", without)
    made, *_ = speaking(plan)
    with pytest.raises(ClipError, match="main"):
        made.say(Say("main"), 1.0)


def test_a_value_that_came_before_the_prompt_is_said_like_any_other():
    made, _, outbox, found = speaking()
    handle = found.start(Run("find", None, private=False), 0.0)
    found.returned(handle.id, "One", 0.5)
    made.say(Say("news", {"headline": handle}), 1.0)
    (effect,) = [e for e in outbox.effects() if isinstance(e, Synthesize)]
    assert (effect.request.text, effect.private) == ("One", False)


def test_a_private_value_stays_private_whenever_it_comes():
    for late in (False, True):
        made, _, outbox, found = speaking()
        handle = found.start(Run("find", None), 0.0)
        if not late:
            found.returned(handle.id, "One", 0.5)
        made.say(Say("news", {"headline": handle}), 1.0)
        if late:
            found.returned(handle.id, "One", 1.5)
            made.lookup_ended(handle, 1.5)
        (effect,) = [e for e in outbox.effects() if isinstance(e, Synthesize)]
        assert effect.private
