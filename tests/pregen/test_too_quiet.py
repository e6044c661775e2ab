"""Clips that cannot be as loud as they are to be are told by builds, `--check` and the page, and are no failure."""

import re
from dataclasses import replace

import numpy as np
import pytest
from directory import Voice

from ivr.catalog.carriers import Carrier
from ivr.cli.main import main
from ivr.errors import Severity
from ivr.pregen.doubts import doubts
from ivr.pregen.plan import make_plan
from ivr.speech.synthesizer import SpeechChunk


class Pulses(Voice):
    """Says everything as pulses, whose peaks are far over their loudness."""

    async def synthesize(self, request):
        self.asked[request.text] += 1
        samples = np.zeros(22050 * len(request.text) // 15, dtype=np.float32)
        samples[::150] = 0.5
        yield SpeechChunk(samples, 22050)


@pytest.fixture
def loud(little):
    little.replace("prompts/ivr.yaml", "project: Little", "project: Little\nloudness: -10")
    return little


def warned(report):
    return [problem for problem in report.problems if "under loudness" in problem.what]


def test_one_warning_tells_of_all_of_them_and_of_a_loudness_that_they_reach(loud):
    report = loud.render(Pulses())
    assert report.ok
    [problem] = warned(report)
    named = r"5 of 5 clips stay (\S+) .*LU under loudness -10, .*: hello, sorry, sum, sum.2, wait"
    assert float(re.match(named, problem.what)[1]) > 0.5
    assert problem.severity is Severity.WARNING
    assert (problem.file, problem.line) == (str(loud.root / "prompts/ivr.yaml"), 2)
    reached = re.match(r"set loudness to (-\d+), which all of them reach", problem.remedy)[1]
    loud.replace("prompts/ivr.yaml", "loudness: -10", f"loudness: {reached}")
    assert warned(loud.render(Pulses())) == []


def test_it_is_told_again_while_it_is_so(loud):
    first = warned(loud.render(Pulses()))
    assert warned(loud.render(Pulses())) == first
    report = loud.render(Pulses(), check=True)
    assert report.ok
    assert warned(report) == first


def test_who_looks_through_the_page_sees_it_at_each_clip(loud, tmp_path, monkeypatch, capsys):
    loud.render(Pulses())
    assert main(["preview", str(loud.root), "-o", str(tmp_path / "it.html")]) == 0
    assert (tmp_path / "it.html").read_text().count("its peaks leave no room") == 5


def test_a_voice_that_reaches_it_is_not_told_of(little, voice):
    assert warned(little.render(voice)) == []


def test_a_fragment_is_as_loud_as_in_its_sentence_and_not_told_of(loud):
    loud.render(Pulses())
    sources = loud.sources()
    plan = make_plan(sources, None)
    [step] = [step for step in plan.steps if step.clip.name == "hello"]
    assert doubts(sources, replace(plan, steps=(step,)), [step.entry], {})
    fragment = replace(step, clip=replace(step.clip, carrier=Carrier("You have", "left.")))
    assert doubts(sources, replace(plan, steps=(fragment,)), [step.entry], {}) == []
