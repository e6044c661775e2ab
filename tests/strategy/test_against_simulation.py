"""What a plan expects is what simulated calls then measure, turn by turn."""

import shutil

import pytest
from directory import Directory, Voice
from said_turns import said_turns

from ivr.project.starter import copy_starter, starter_root
from ivr.simulator.many import Order
from ivr.strategy.plan import make_plan

ERROR = 0.020
"""Seconds by which a turn that begins in memory may be off: the silence at the beginning of a clip."""
LIVE_ERROR = 0.050
"""The same of one that begins with live words: sound comes in pieces, and is held until there is enough of it."""
STEADY = """
voice: {first_audio: {normal: 350ms, deviation: 60ms}}
lookups:
  bank.balance: {delay: {normal: 700ms, deviation: 80ms}, returns: [1234.56, 0.00, -75.40]}
"""
SLOW = """
voice: {first_audio: {lognormal: 500ms, p95: 1500ms}}
lookups:
  bank.balance: {delay: {lognormal: 1500ms, p95: 5s}, returns: [1234.56, -75.40]}
"""


@pytest.fixture(scope="module")
def starter():
    return said_turns(Order(starter_root(), {}, 120, seed=2))  # every branch is taken in these calls


def planned(made):
    """By state and first prompt."""
    plan = make_plan(made.project, made.world.profile)
    return {(turn.key.state, *turn.key.prompts[0]): turn for turn in plan.turns}


def measured(tmp_path, profile, calls, changes=(), environ=None):
    copy_starter(tmp_path / "project")
    shutil.copytree(starter_root() / "audio", tmp_path / "project/audio", dirs_exist_ok=True)
    directory = Directory(tmp_path / "project")
    for file, old, new in changes:
        directory.replace(file, old, new)
    directory.render(Voice())
    file = directory.write("prompts/profiles/tried.yaml", profile)
    return said_turns(Order(directory.root, environ or {}, calls, seed=7, profile=str(file)))


def test_all_turns_of_the_starter_are_voiced_as_planned(starter):
    made, found = starter
    turns = make_plan(made.project, made.world.profile).turns
    assert set(found.states) == set(made.project.tables["main"].states)  # every branch was taken
    expected = {(turn.key.state, *prompt): turn.strategy for turn in turns for prompt in turn.key.prompts}
    mixed = {key for key in found.strategies if key[2] > 3}  # silences and wrong answers in turn
    assert set(found.strategies) - mixed <= set(expected)  # the prompts of ladders with them
    assert {(turn.key.state, *turn.key.prompts[0]) for turn in turns} <= set(found.strategies)
    heard = {key: counts.most_common(1)[0][0] for key, counts in found.strategies.items() if key not in mixed}
    assert heard == {key: expected[key] for key in heard}
    assert heard["balance", "balance", 1] == "clip then stream"
    for key, strategy in heard.items():  # but for amounts in whose place the fallback was said
        assert found.strategies[key][strategy] > 0.9 * found.strategies[key].total()


def test_first_sounds_of_the_starter_come_when_they_are_expected(starter):
    made, found = starter
    turns = planned(made)
    triggered = {key for key, turn in turns.items() if turn.ttfa and turn.key.cause == "say"}
    begins = [("welcome", "greeting"), ("balance", "balance"), ("hours", "hours"), ("goodbye", "farewell")]
    assert triggered == {(*each, 1) for each in begins}
    assert triggered <= set(found.ttfa) <= set(turns)
    for key in found.ttfa:
        for percent, seconds in found.figures(key).items():
            assert seconds == pytest.approx(turns[key].ttfa[percent], abs=ERROR), key


LIVE_FIRST = [("prompts/phrases/en-US.yaml", "Thank you. The current balance of your account is {amount:money}.",
               "\"{amount:money} is what you have.\"")]  # fmt: skip


def test_words_that_begin_live_are_covered_after_the_grace(tmp_path):
    made, found = measured(tmp_path, STEADY, 60, LIVE_FIRST)
    turn = planned(made)["balance", "balance", 1]
    assert (turn.strategy, turn.row.value) == ("stream then clip", "Pre-gen phrases + stream dynamic parts")
    assert len(found.ttfa["balance", "balance", 1]) > 20
    assert found.figures(("balance", "balance", 1)) == pytest.approx({50: 0.15, 95: 0.15}, abs=ERROR)
    assert turn.ttfa == pytest.approx({50: 0.15, 95: 0.15, 99: 0.15}, abs=1e-9)


def test_without_covers_they_wait_for_lookup_and_voice(tmp_path):
    made, found = measured(tmp_path, STEADY, 160, LIVE_FIRST, {"IVR_COVER_ENABLED": "no"})
    turn, key = planned(made)["balance", "balance", 1], ("balance", "balance", 1)
    assert len(found.ttfa[key]) > 70
    assert turn.ttfa[50] > 0.9
    assert turn.ttfa[95] > turn.ttfa[50] + 0.1
    assert found.figures(key) == pytest.approx({each: turn.ttfa[each] for each in (50, 95)}, abs=LIVE_ERROR)


def test_words_behind_a_silent_lookup_wait_for_it(tmp_path):
    silent = [("prompts/dialogs/main.yaml", "    say: balance\n", "")]
    made, found = measured(tmp_path, STEADY, 160, silent, {"IVR_COVER_ENABLED": "no"})
    turns = planned(made)
    assert turns["overdrawn", "overdrawn", 1].before == ("bank.balance",)
    for key in (("overdrawn", "overdrawn", 1), ("again", "again", 1)):
        assert len(found.ttfa[key]) > 15
        assert found.figures(key)[50] == pytest.approx(turns[key].ttfa[50], abs=LIVE_ERROR)


def test_covers_are_heard_as_often_as_expected(tmp_path):
    made, found = measured(tmp_path, SLOW, 200)
    key = ("balance", "balance", 1)
    turn = planned(made)[key]
    (live,) = turn.values
    assert found.live[key] > 100
    assert 0.15 < live.covered < 0.5
    assert found.covered[key] / found.live[key] == pytest.approx(live.covered, abs=0.06)
    assert live.more is not None
    assert found.characters / found.said[key] == pytest.approx(turn.characters, rel=0.06)
