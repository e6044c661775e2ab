"""What recorded calls said, counted."""

import pytest
from planned import planned, project

from ivr.strategy.measured import Measured
from ivr.strategy.phrases import counted
from ivr.strategy.plan import make_plan
from ivr.trace.events import LocaleChosen, PromptSaid, SynthesisStarted


def test_every_request_is_paid_for():
    found = Measured()
    twice = [SynthesisStarted("s1", "12345", True, 1, 0.0), SynthesisStarted("s1", "12345", True, 2, 1.0)]
    found.add(twice, masked=False)
    found.add([PromptSaid("u1", "hello", 1, (), 0.0)], masked=True)
    assert (found.calls, found.requests, found.characters, found.per_call) == (2, 2, 10, 5.0)
    assert Measured().per_call == 0.0


def test_words_of_masked_traces_are_of_a_mean_length():
    found = Measured()
    found.add([SynthesisStarted("s1", "xxx xxx and xxx.", True, 1, 0.0)], masked=True)
    assert found.characters == len("xxxxx xxxxx and xxxxx.")
    found.add([SynthesisStarted("s1", "xxx xxx and xxx.", False, 1, 0.0)], masked=True)  # nobody's own words
    assert found.characters == len("xxxxx xxxxx and xxxxx.") + len("xxx xxx and xxx.")


def test_phrases_are_heard_as_often_as_their_prompts_were_said(tmp_path):
    directory = project(tmp_path, "dialog: main\nstart: a\nstates:\n  a: {say: again, hang_up: yes}\n")
    found = Measured()
    said = [PromptSaid("u1", "again", 1, (), 0.0), PromptSaid("u2", "again", 2, (), 1.0)]
    found.add([*said, LocaleChosen("en-GB", 2.0), PromptSaid("u3", "gone", 1, (), 3.0)], masked=True)
    found.add([said[0]], masked=True)
    loaded = directory.load()
    heard = counted(loaded, found.said, found.calls)
    assert heard == {("hello", "en-US"): 1.0, ("menu", "en-US"): 1.5}
    assert planned(directory).phrases[0].per_call == 1.0
    from ivr.project.profiles.shapes import ProfileShape

    plan = make_plan(loaded, ProfileShape(), counted=heard)
    assert {each.name: each.per_call for each in plan.phrases if each.per_call} == pytest.approx(
        {"hello": 1, "menu": 1.5}
    )
