"""Syntheses that are under way: begun, asked for again, given up, cancelled."""

from __future__ import annotations

import numpy as np
import pytest
from parts_alone import kinds, speaking
from toy import covers, drive, make_plan, strategies

from ivr.call.effects import CancelSpeech, Synthesize
from ivr.call.syntheses import RETRY_AFTER
from ivr.dialog.requests import Say
from ivr.errors import SpeechBroken, SpeechRefused
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import StaleDropped, SynthesisEnded, SynthesisStarted


def test_a_synthesis_that_fails_is_asked_for_again_and_then_given_up():
    voice = ScriptedVoice(dies_after=0.0)
    run = drive(make_plan(retries=2), keys=[(2.5, "1"), (10.0, "9")], voice=voice)
    begun, cancelled = run.syntheses()
    assert [attempt for _, attempt in begun] == [1, 2, 3]
    assert cancelled == []
    assert [event.outcome for event in run.of(SynthesisEnded)] == ["failed"] * 3
    assert "fallback" in strategies(run)
    assert run.dead_air() == []


def test_a_synthesis_that_heals_is_heard_without_the_fallback():
    voice = ScriptedVoice(dies_after=0.0, heals=2)
    run = drive(keys=[(2.5, "1"), (12.0, "9")], voice=voice)
    assert "fallback" not in strategies(run)
    assert "stream" in strategies(run)


@pytest.mark.parametrize("covered", [True, False])
def test_audio_that_is_all_silence_is_a_failure_not_a_wait(covered):
    voice = ScriptedVoice(speak=lambda text: (np.zeros(22050, np.float32), 22050))
    run = drive(make_plan(covers=covers() if covered else None), keys=[(2.5, "1"), (9.0, "9")], voice=voice)
    assert run.ended == "the dialog ended"
    assert run.driver.now < 15
    assert ("fallback" in strategies(run)) == covered


@pytest.mark.parametrize(("status", "attempts"), [(401, 1), (404, 1), (408, 2), (429, 2), (500, 2), (503, 2)])
def test_only_what_may_pass_by_itself_is_asked_for_again(status, attempts):
    def voice(request, attempt):
        yield 0.1, SpeechRefused(status, "no")

    run = drive(voice=voice, keys=[(2.5, "1")], until=20)
    assert len(run.of(SynthesisStarted)) == attempts


def test_a_provider_that_asks_for_time_gets_it():
    def voice(request, attempt):
        yield 0.1, SpeechRefused(429, "slow down", retry_after=1.5)

    first, second = (event.at for event in drive(voice=voice, keys=[(2.5, "1")], until=20).of(SynthesisStarted))
    assert second - first == pytest.approx(1.6)


# ---- by themselves


def test_every_live_segment_is_asked_for_when_the_prompt_is_said():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.say(Say("balance", {"amount": 2}), 1.0)
    effects = [effect for effect in outbox.effects() if isinstance(effect, Synthesize)]
    assert [effect.segment for effect in effects] == ["u1.2", "u2.2"]
    assert all(effect.attempt == 1 for effect in effects)


def test_a_failed_synthesis_is_asked_for_again_after_a_while():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.syntheses.failed("u1.2", 1, SpeechBroken("gone"), 2.0)
    assert made.syntheses.next_timer() == 2.0 + RETRY_AFTER
    made.syntheses.handle_timer(2.0 + RETRY_AFTER - 0.001)
    assert len([e for e in outbox.effects() if isinstance(e, Synthesize)]) == 1
    made.syntheses.handle_timer(2.0 + RETRY_AFTER)
    (again,) = outbox.effects()
    assert isinstance(again, Synthesize) and again.attempt == 2
    made.syntheses.failed("u1.2", 1, SpeechBroken("late"), 3.0)
    assert isinstance(outbox.trace()[-1], StaleDropped)
    made.syntheses.failed("u1.2", 2, SpeechBroken("gone"), 3.0)
    assert made.syntheses.next_timer() is None


def test_what_waits_to_be_asked_for_again_is_cancelled_without_an_end_of_its_own():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.syntheses.failed("u1.2", 1, SpeechBroken("gone"), 2.0)
    outbox.effects(), outbox.trace()
    made.cancel_all(2.1)
    assert (outbox.effects(), outbox.trace(), made.syntheses.next_timer()) == ([], [], None)


def test_what_is_cancelled_ends_once():
    made, _, outbox, _ = speaking()
    made.say(Say("news", {"headline": "One"}), 1.0)
    made.cancel("u1.2", 1.1)
    made.cancel("u1.2", 1.1)
    assert len([e for e in outbox.effects() if isinstance(e, CancelSpeech)]) == 1
    assert [event.outcome for event in kinds(outbox, SynthesisEnded)] == ["cancelled"]
