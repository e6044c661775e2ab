"""Calls without their audio: the same trace, by its hash, as with it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from toy import drive, make_plan, strategies

from ivr.call.plan import plan_calls
from ivr.playout.remembered import LiveMemory
from ivr.project.load import load
from ivr.project.starter import project_root
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import EMULATED
from ivr.simulator.simulation import simulate
from ivr.testing.twilio import Faults
from ivr.testing.voices import ScriptedVoice
from ivr.trace.digest import digest

MEMORY = LiveMemory()


def spans_only(driver):
    driver.audio = False


def stretches(heard):
    """Where sound was heard without a break: from when on, and how many samples."""
    found = []
    for at, piece in zip(heard._at, heard._sound, strict=True):
        if found and abs(found[-1][0] + found[-1][1] / 8000 - at) < 1e-9:
            found[-1][1] += len(piece)
        else:
            found.append([at, len(piece)])
    return found


def hard(seed: int):
    """A call with live speech, interruptions, jitter, a voice that may break, and marks that get lost."""
    chance = random.Random(seed)
    keys = sorted((chance.uniform(0.0, 20.0), chance.choice("1111233336")) for _ in range(8))
    breaks = {"dies_after": chance.choice([0.0, 0.3]), "heals": chance.choice([None, 1])} if seed % 2 else {}
    voice = ScriptedVoice(chance.uniform(0.05, 2.0), chance.uniform(0.8, 3.0), **breaks)
    lookups = {"bank.balance": Answer(1234.5, chance.uniform(0.0, 3.0)), "bank.score": Answer(7, 0.4)}
    faults = Faults(drop_marks={"1.3"}, late_marks=0.1) if seed % 3 == 0 else None
    return {"keys": keys, "voice": voice, "lookups": lookups, "jitter": 0.02, "seed": seed, "faults": faults}


@pytest.mark.parametrize("seed", range(8))
def test_the_trace_of_a_call_is_the_same_without_its_audio_and_with_speech_remembered(seed):
    own = drive(**hard(seed))
    remembered = [drive(replace(make_plan(), memory=MEMORY), **hard(seed)) for _ in range(2)]
    spans = drive(replace(make_plan(), memory=MEMORY), **hard(seed), setup=spans_only)
    for run in (*remembered, spans):
        assert digest(run.trace) == digest(own.trace)
        assert run.sent == own.sent
        assert stretches(run.heard) == stretches(own.heard)
        assert run.far.cleared == own.far.cleared
    assert own.heard.known and not spans.heard.known


def test_those_calls_have_live_speech_interruptions_and_fallbacks_in_them():
    runs = [drive(**hard(seed)) for seed in range(8)]
    for strategy in ("stream", "filler", "fallback"):
        assert any(strategy in strategies(run) for run in runs), strategy
    assert any(type(event).__name__ == "BargedIn" for run in runs for event in run.trace)


def test_another_call_has_another_hash():
    assert digest(drive(keys=[(2.5, "4")]).trace) != digest(drive(keys=[(2.6, "4")]).trace)


class Presser:
    def begin(self, driver, phone):
        driver.at(1.0, lambda now: phone.press("1", now))
        driver.at(15.0, phone.hang_up)

    def see(self, event, now):
        pass


@pytest.mark.parametrize("name", ["twilio", "asterisk/ulaw", "asterisk/slin16", "audiosocket"])
def test_the_trace_is_the_same_over_every_gateway(name):
    project = load(project_root(None), {})
    gateway = EMULATED[name]
    traces = []
    for audio in (True, False):
        plan = plan_calls(project, gateway.capabilities, provider="scripted", memory=LiveMemory())
        conditions = Conditions(lookups={"bank.balance": Answer(100, 0.6)})
        traces.append(simulate(plan, gateway, conditions, Presser(), {"from": "+15550100"}, 60, audio=audio).trace)
    assert digest(traces[0]) == digest(traces[1])
    assert len(traces[0]) > 10
