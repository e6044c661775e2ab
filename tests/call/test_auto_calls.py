"""A thousand calls whose voice answers soon, late or never: what the far end played, word for word."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from math import inf

import pytest
from tone_voice import listen, plan, speak
from toy import drive

from ivr.call.readback import Mode
from ivr.catalog.sayas import say_as
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import SynthesisEnded, SynthesisStarted

CALLS = 1000
MARGIN = 0.1
"""Seconds before words are due at which it is decided how they are said: one message."""
WORK = 0.1
"""Seconds in which what a provider sends first becomes enough to begin with: two or three chunks."""
PLANS = {filler: plan(Mode.AUTO, filler=filler) for filler in (True, False)}


def amount(chance: random.Random) -> Decimal:
    cents = chance.choice([0, 1, 100, 105, chance.randrange(10_000), chance.randrange(10**9)])
    return Decimal(chance.choice([1, 1, 1, -1]) * cents) / 100


def voice(chance: random.Random) -> tuple[ScriptedVoice, float]:
    """And after how many seconds its first audio comes."""
    first = chance.choice([0.05, 0.1, 0.2, chance.uniform(0.05, 0.5), chance.uniform(0.3, 3.0), 8.0, inf])
    if first == inf:
        return ScriptedVoice(stalls_after=0.0, speak=speak), inf
    return ScriptedVoice(first, speak=speak), first


def one(seed: int):
    chance = random.Random(seed)
    said, (spoken, first) = amount(chance), voice(chance)
    looked_up = Answer(said, chance.choice([0.01, 0.2, 0.5, chance.uniform(0.0, 4.0)]))
    path, jitter = chance.choice([0.0, 0.02, 0.15]), chance.choice([0.0, 0.03])
    run = drive(
        PLANS[chance.random() < 0.7],
        keys=[(1.5, "1"), (30.0, "9")],
        voice=spoken,
        lookups={"bank.balance": looked_up},
        path_out=path,
        path_in=path,
        jitter=jitter,
        seed=seed,
        until=9.0,
    )
    return run, say_as("amount", "money", said).split(), first


@pytest.mark.parametrize("part", range(4))
def test_stream_in_time_else_fragments_and_never_both(part):
    spliced = streamed = 0
    for seed in range(part, CALLS, 4):
        run, words, first = one(seed)
        heard = listen(run.heard, run.driver.now)
        names = [tone.word for tone in heard]
        at = names.index("<balance>") + 1
        while names[at] in ("<one_moment>", "<hold>"):
            at += 1
        value = heard[at : at + len(words)]
        assert [tone.word for tone in value] == words, seed  # every word once, in order, and none before
        assert names[at + len(words)] == "<else>", seed
        assert sum(not name.startswith("<") for name in names) == len(words), seed  # and nowhere else
        assert len({tone.spliced for tone in value}) == 1, seed
        assert run.dead_air() == [], seed
        asked = run.of(SynthesisStarted)
        assert len(asked) == 1
        began, came = value[0].start - run.path, asked[0].at + first
        if value[0].spliced:
            spliced += 1
            assert came + WORK > began - MARGIN, seed
            assert [event.outcome for event in run.of(SynthesisEnded)] == ["cancelled"], seed
        else:
            streamed += 1
            assert came < began, seed
    assert min(spliced, streamed) > CALLS / 4 / 5  # both ways were taken, and often


def test_the_judge_hears_what_is_not_covered_where_nothing_stands_in():
    never = ScriptedVoice(stalls_after=0.0, speak=speak)
    bare = replace(plan(Mode.STREAM), covers=None)
    run = drive(bare, keys=[(1.5, "1"), (5.0, "9")], voice=never, until=9.0)
    assert [dead.stop - dead.start > 2 for dead in run.dead_air()] == [True]
    instead = replace(plan(Mode.AUTO), covers=None)
    run = drive(instead, keys=[(1.5, "1"), (5.0, "9")], voice=never, until=9.0)
    assert run.dead_air() == []
