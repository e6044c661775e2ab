"""Callers who speak and type at random instants, on dialogs with every policy: no call hangs, loops or breaks."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from asterisk_toy import call as asterisk
from asterisk_toy import plan
from talker import KEPT, heeding, kept, speech
from toy import drive

from ivr.catalog.bargein import POLICIES, BargeIn
from ivr.testing.asterisk_channel import Channel
from ivr.testing.line import background
from ivr.testing.twilio import Faults
from ivr.trace.events import (
    BargedIn,
    CallerSilent,
    CallerSpeaks,
    DialogFailed,
    RecordingEnded,
    RecordingStarted,
)

STATES = """\
  a: {say: [greeting, legal, main], menu: {options: {1: b, 2: c, 9: d}, first_digit: 2s}}
  b: {say: main, record: {as: message, silence: 1s, longest: 4s, first_speech: 2s, goto: e}}
  c: {lookup: {run: bank.balance, as: amount}, say: [balance, else], menu: {options: {1: a, 2: b}, first_digit: 2s}}
  d: {say: bye, hang_up: yes}
  e: {lookup: {run: bank.keep, as: y, with: {x: message}}, say: else, goto: a}
"""


def made(seed: int):
    chance = random.Random(seed)
    policies = [BargeIn(by, after) for by in POLICIES.values() for after in (0.0, 0.4, 1.0)]
    prompts = {name: chance.choice(policies) for name in ("greeting", "main", "else", "balance")}
    says = sorted((chance.uniform(0, 30), chance.choice([0.05, 0.3, 1.0, 3.0])) for _ in range(8))
    keys = sorted((chance.uniform(0, 30), chance.choice("1122#*79")) for _ in range(8))
    return chance, heeding(STATES, prompts), says, keys


def judged(run) -> None:
    assert run.ended is not None
    assert run.of(DialogFailed) == []
    assert run.far.protocol_errors == []
    assert run.sends("clear") or not run.of(BargedIn) or run.sends("FLUSH_MEDIA")
    events = run.of(CallerSpeaks, CallerSilent)
    assert all(one.since <= other.since for one, other in pairwise(events))
    assert all(type(one) is not type(other) for one, other in pairwise(events))
    assert len(run.of(RecordingStarted)) == len(run.of(RecordingEnded))
    assert all(recording.seconds <= 4.0 for recording in kept(run))
    assert run.driver.wakes < 20 * 50  # its own timers in 50 s; a loop would be thousands


def counting(driver) -> None:
    step, driver.wakes = driver._step, 0

    def counted():
        due = driver.call.next_timer(driver.now)
        driver.wakes += due is not None and due <= driver.now
        step()

    driver._step = counted


@pytest.mark.parametrize("seed", range(40))
def test_over_twilio(seed, monkeypatch):
    import toy

    chance, plan_, says, keys = made(seed)
    inbound = chance.choice([None, background()])
    lost = frozenset(chance.sample(range(1500), 100))
    path = chance.choice([0.0, 0.08])
    real = toy.Recorder.__init__

    def init(self, *arguments, **keywords):
        real(self, *arguments, **keywords)
        counting(self)

    monkeypatch.setattr(toy.Recorder, "__init__", init)
    run = drive(
        plan_,
        says=[(at, speech(length)) for at, length in says],
        keys=keys,
        inbound=inbound,
        faults=Faults(lose_frames=lost),
        lookups=KEPT,
        path_in=path,
        path_out=path,
        jitter=chance.choice([0.0, 0.03]),
        seed=seed,
        hang_up_at=chance.choice([50.0, chance.uniform(0, 40)]),
    )
    judged(run)


@pytest.mark.parametrize("seed", range(20))
def test_over_asterisk(seed):
    chance, plan_, says, keys = made(1000 + seed)
    name = chance.choice(["ulaw", "slin16", "slin24"])
    rate = {"ulaw": 8000, "slin16": 16000, "slin24": 24000}[name]

    def setup(driver, far):
        counting(driver)
        for at, length in says:
            driver.say(at, speech(length, rate))

    run = asterisk(
        Channel(format=name, sends_silence=chance.random() < 0.5),
        plan(name, plan_),
        keys=keys,
        lookups=KEPT,
        setup=setup,
        held=chance.choice([0.0, 0.1]),
        path_in=0.02,
        path_out=0.02,
        hang_up_at=chance.choice([50.0, chance.uniform(0, 40)]),
    )
    judged(run)
