"""The recogniser in the caller's place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.call.plan import plan_calls
from ivr.project.load import load
from ivr.project.starter import project_root
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import EMULATED
from ivr.simulator.listening import listen
from ivr.simulator.reference import RATE, on_the_telephone
from ivr.simulator.simulation import Simulated, simulate
from ivr.simulator.store import SpeechStore, stored_voice
from ivr.speech.synthesizer import SpeechRequest
from ivr.testing.heard import Heard
from ivr.trace.sound import Outcome, SegmentStarted, Strategy, UtteranceHeard


class Patient:
    def begin(self, driver, phone):
        driver.at(9.0, lambda now: phone.press("1", now))

    def see(self, event, now):
        pass


def call(voice, audio=True):
    gateway = EMULATED["twilio"]
    plan = plan_calls(load(project_root(None), {}), gateway.capabilities, provider="scripted")
    conditions = Conditions(voice, lookups={"bank.balance": Answer(100, 0.2)})
    return simulate(plan, gateway, conditions, Patient(), {"from": "+15550100"}, 45, audio=audio)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    return call(stored_voice(SpeechStore(tmp_path_factory.mktemp("speech"))))


def test_what_cannot_be_understood_is_found_and_names_what_was_to_be_said(spoken):
    understood = listen(spoken)
    backwards = Heard()
    for at, sound in zip(spoken.phone.heard._at, spoken.phone.heard._sound, strict=True):
        backwards.append(at, sound[::-1])
    spoken.phone.heard, kept = backwards, spoken.phone.heard
    try:
        spoiled = listen(spoken)
    finally:
        spoken.phone.heard = kept
    assert len(spoiled) > len(understood)
    assert all(finding.text in str(finding) for finding in spoiled)


def test_tones_in_place_of_words_are_found():
    findings = listen(call(Conditions().voice))
    assert any(finding.heard is None and not finding.why for finding in findings)


def test_a_call_without_audio_cannot_be_listened_to():
    with pytest.raises(ValueError, match="simulate the call with audio"):
        listen(call(Conditions().voice, audio=False))


class Receiver:
    def __init__(self, heard):
        self.heard = heard


def said(store, *utterances):
    """Each utterance right behind the one before; its parts are spoken one by one, the second by a live voice."""
    heard, trace, at = Heard(), [], 0.0
    for number, parts in enumerate(utterances):
        for part, (text, strategy) in enumerate(zip(parts, (Strategy.CLIP, Strategy.STREAM), strict=False)):
            trace.append(SegmentStarted(f"u{number}", f"u{number}.{part}", strategy, text, False, 0, at, at))
            spoken = store.speech(SpeechRequest(text, "en-us", "en-US", 1.0))
            sound = on_the_telephone(spoken.samples, spoken.rate, -19.0)
            heard.append(at, sound)
            at += len(sound) / RATE
        trace.append(UtteranceHeard(f"u{number}", round(at * RATE), Outcome.PLAYED, at))
    return Simulated(trace, Receiver(heard), at)


def test_words_right_behind_others_are_listened_to_without_those(tmp_path):
    store = SpeechStore(tmp_path)
    assert listen(said(store, ["One moment."], ["Your appointment is cancelled."], ["Is there anything else?"])) == []


def test_a_row_of_zeros_is_understood(tmp_path):
    assert listen(said(SpeechStore(tmp_path), ["You entered,", "zero zero zero zero zero zero zero zero."])) == []
    early = said(SpeechStore(tmp_path), ["You entered,", "early early early early early early early early."])
    trace = [
        replace(each, text=each.text.replace("early", "zero")) if part == 1 else each
        for part, each in enumerate(early.trace)
    ]
    (finding,) = listen(replace(early, trace=trace))
    assert finding.heard is None and not finding.why
