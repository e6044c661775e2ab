"""Scenarios run against the starter, and wrong ones told where they stand before they run."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from ivr.cli.main import main
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.project.starter import starter_root
from ivr.simulator.emulated import EMULATED
from ivr.simulator.scenario.file import load_scenarios, read_scenario
from ivr.simulator.scenario.model import Ended, Expect, Hear, Interrupt, Press, Scenario, Silent
from ivr.simulator.scenario.run import Stage

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def stage():
    return Stage(load(starter_root(), os.environ))


@pytest.mark.parametrize("gateway", EMULATED)
def test_the_starters_scenario_holds_over_every_gateway(stage, gateway):
    for scenario in load_scenarios(stage.project):
        report = stage.run(scenario, gateway=gateway)
        assert report.failures == ()
        assert report.states[-1] == "goodbye"


@pytest.mark.parametrize("name", ["clinic", "parcel"])
def test_the_scenarios_of_the_examples_hold_over_every_gateway(tmp_path, voice, name):
    root = tmp_path / name
    shutil.copytree(EXAMPLES / name, root, ignore=shutil.ignore_patterns("__pycache__"))
    assert asyncio.run(render(read_sources(root, {}), voice)).ok
    stage = Stage(load(root, {}))
    scenarios = load_scenarios(stage.project)
    assert scenarios
    for scenario in scenarios:
        for gateway in EMULATED:
            assert stage.run(scenario, gateway=gateway).failures == ()


def test_a_failing_step_says_what_was_heard_instead_and_where_it_stands(stage):
    text = "steps:\n  - hear: Welcome\n  - hear: Nobody says this\n    within: 2s\n  - press: 1\n"
    (scenario,), problems = read_scenario(text, "calls/x.yaml", stage.project)
    assert problems == []
    report = stage.run(scenario)
    (failure,) = report.failures
    assert failure.line == 3
    assert "'For your balance, press one." in failure.detail and " s" in failure.detail
    assert report.verdicts[2].ok is None and report.digits == ""


def test_expectations_on_the_whole_call(stage):
    steps = (Hear(phrase="greeting"), Silent(3), Ended())
    good = stage.run(Scenario("quiet", steps, Expect(states=("main", "goodbye"), outcome="dialog ended")))
    assert good.ok
    bad = stage.run(Scenario("quiet", steps, Expect(states=("hours",), digits="1", outcome="nothing such")))
    assert [each.what.split()[0] for each in bad.failures] == ["states", "digits", "outcome"]


def test_words_that_may_not_be_interrupted_go_on(stage):
    steps = (Interrupt(Press("9"), at="press one"), Interrupt(Press("1"), after=0.5, stops=False))
    assert stage.run(Scenario("rude", steps)).ok
    report = stage.run(Scenario("rude", (steps[0], Interrupt(Press("1"), after=0.5))))
    assert "the words went on" in report.failures[0].detail


def test_a_seed_gives_the_same_call(stage):
    text = "network: {out: 20ms, back: 20ms, jitter: 5ms}\nsteps:\n  - hear: Welcome\n  - press: 9\n  - ended: yes\n"
    (scenario,), _ = read_scenario(text, "x.yaml", stage.project)
    first, again, other = (stage.run(scenario, seed) for seed in (1, 1, 2))
    assert first.made.trace == again.made.trace != other.made.trace


BROKEN = {
    "steps:\n  - hear: Hello\n    wihtin: 2s\n": ":3:5: unknown key 'wihtin', did you mean 'within'?",
    "steps:\n  - hear: Hello\n    not_before: 5s\n    within: 2s\n": ":3:17: it can never hold: not before 5 s",
    "steps:\n  - phrase: greting\n": ":2:13: no phrase 'greting', did you mean 'greeting'?",
    "steps:\n  - phrase: hold\n": ":2:13: the phrase 'hold' has no words",
    "steps:\n  - press: 1x\n": ":2:12: '1x' has what is no key",
    "steps:\n  - press: $pin\n": ":2:12: there is no column 'pin'",
    "steps:\n  - hang_up: yes\n  - wait: 1s\n": ":3:5: the call is over after the step 'hang_up'",
    "steps:\n  - interrupt: {press: 1}\n": "it has 0 moments",
    "steps:\n  - speak: none.wav\n": "none.wav: there is no such file",
    "steps:\n  - strategy: strem\n": "no strategy 'strem', did you mean 'stream'?",
    "gateway: twillio\nsteps:\n  - wait: 1s\n": ":1:10: no gateway 'twillio' can be emulated, did you mean 'twilio'?",
    "steps:\n  - wait: 1s\nexpect: {states: [balanse]}\n": "no state 'balanse', did you mean 'balance'?",
    "lookups:\n  bank.balanc: {value: 1}\nsteps:\n  - wait: 1s\n": ":2:3: nothing looks up 'bank.balanc'",
    "gateway: audiosocket\nfrom: 1\nsteps:\n  - wait: 1s\n": ":2:1: audiosocket brings no 'from'",
    "steps: []\n": ":1:8: ",
    "steps:\n  - strategy: still\n": "it can never hold: the project has no still",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_wrong_is_told_where_it_stands(stage, text):
    scenarios, problems = read_scenario(text, "calls/x.yaml", stage.project)
    assert scenarios == []
    assert any(BROKEN[text] in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_a_row_of_the_table_is_one_call(stage, tmp_path):
    (tmp_path / "rows.csv").write_text("key,state\n1,balance\n2,hours\n")
    text = "rows: rows.csv\nlookups: {bank.balance: {value: 1}}\nsteps:\n  - press: $key\n  - phrase: $state\n"
    scenarios, problems = read_scenario(text, str(tmp_path / "x.yaml"), stage.project)
    assert problems == []
    assert [stage.run(each).digits for each in scenarios] == ["1", "2"]
    assert all(stage.run(each).ok for each in scenarios)


def test_the_command(tmp_path, capsys):
    assert main(["simulate", str(starter_root()), "balance", "--trace", str(tmp_path)]) == 0
    assert "1 call, 0 failed" in capsys.readouterr().out
    assert (tmp_path / "balance-1.jsonl").read_bytes().startswith(b'{"trace":"ivr"')
    assert main(["simulate", str(starter_root()), "nobody"]) == 2
