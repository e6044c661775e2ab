"""The schema of scenarios: current, right for what the reader takes, wrong for what it refuses by the file alone."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from ivr.cli.main import main
from ivr.project.load import load
from ivr.project.schema.published import published
from ivr.project.starter import starter_root
from ivr.simulator.scenario.file import read_scenario
from ivr.simulator.scenario.schema import scenario_text
from ivr.simulator.scenario.shapes import ScenarioShape
from ivr.simulator.scenario.step_shapes import KINDS

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(json.loads(published("scenario")))
WAITS = "steps: [wait: 1s]\n"


@pytest.fixture(scope="module")
def starter():
    return load(starter_root(), os.environ)


def wrong(text):
    """As an editor sees it, which reads YAML 1.2."""
    reader = YAML(typ="safe", pure=True)
    return [error.message for error in VALIDATOR.iter_errors(json.loads(json.dumps(reader.load(text), default=str)))]


def test_what_is_published_is_current(capsys):
    assert (ROOT / "docs/schema/scenario.json").read_text() == scenario_text(), (
        "run: python -c \"from ivr.simulator.scenario.schema import *; print(scenario_text(), end='')\""
    )
    assert main(["schema", "scenario"]) == 0
    assert capsys.readouterr().out == scenario_text()
    Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("file", [*ROOT.glob("prompts/calls/*.yaml"), *ROOT.glob("examples/*/prompts/calls/*.yaml")])
def test_what_ships_is_right(file):
    assert wrong(file.read_text()) == []


RIGHT = [
    "scenario: x\nabout: A caller.\ngateway: asterisk/slin16\nfrom: 15550100\nto: '+15550199'\n" + WAITS,
    "parameters: {tenant: 3, vip: yes, name: Ann}\nwhen: 2026-11-25 15:00\nhang_up: 2m\n" + WAITS,
    "network: {out: 20ms, back: 20 ms, jitter: 5ms, loss: 0.1, queue: 2s}\n" + WAITS,
    "lookups: {bank.balance: {value: 1.5, delay: 600ms}}\n" + WAITS,
    "lookups: {bank.balance: [{text: 12}, {error: shut}, {status: 503}, {error: shut, status: 500}, {value: [1]}]}\n"
    + WAITS,
    "transfers: [{outcome: busy, after: 4s}, {refused: no such line}]\n" + WAITS,
    "voice: {first_audio: 1s, pace: 1.5, dies_after: 2s, stalls_after: 1s, stall: 3s, empty: no, heals: 2}\n" + WAITS,
    "expect: {states: main, never: [hours], digits: 19, ttfa: 100ms, dead_air: off, strategies: clip}\n" + WAITS,
    "expect: {without: [filler, hold], characters: 100, outcome: the dialog ended}\n" + WAITS,
    "steps: [hear: Welcome, {phrase: balance, within: 2s, not_before: 1s, strategy: stream}, strategy: hold]\n",
    "steps: [press: 12#, {press: 1, held: 200ms, gap: 50ms}, speak: 2s, silent: 2, ended: yes]\n",
    "steps: [{silent: 1, within: 30s}, {hang_up: yes, after: 1s}]\n",
    "steps: [{hang_up: true, at: 9s}]\n",
    "steps: [interrupt: {at: press one, press: 1}, interrupt: {after: 1s, speak: 2s, stops: no, within: 5s}]\n",
    "steps: [interrupt: {sent: greeting, hang_up: yes}]\n",
    "steps: [repeat: {times: 3, steps: [hear: Welcome, repeat: {times: 2, steps: [press: '*']}]}]\n",
    "gateway: asterisk/ulaw\nsteps: [xoff: 2s, ended: 5s]\n",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_the_reader_takes_is_right(starter, text):
    assert read_scenario(text, "calls/x.yaml", starter)[1] == []
    assert wrong(text) == []


def test_every_key_is_among_what_is_tried():
    tried = " ".join(RIGHT)
    fields = (field.alias or name for name, field in ScenarioShape.model_fields.items())
    assert [key for key in (*fields, *KINDS) if f"{key}:" not in tried] == ["rows"]  # the next test has it


def test_cells_of_a_table_may_stand_for_any_word_or_number(starter, tmp_path):
    cells = {"g": "twilio", "n": "2", "t": "1s", "key": "12#", "yes": "yes", "out": "busy", "state": "main"}
    cells |= {"loss": "0.5", "code": "503", "day": "2026-11-25 15:00", "phrase": "greeting"}
    (tmp_path / "x.csv").write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n")
    text = (
        "rows: x.csv\ngateway: $g\nwhen: $day\nnetwork: {out: $t, loss: $loss}\nvoice: {pace: $n, empty: $yes}\n"
        "lookups: {bank.balance: {status: $code, delay: $t}}\ntransfers: [{outcome: $out, after: $t}]\n"
        "expect: {states: $state, digits: $key, dead_air: $t, characters: $n}\nsteps:\n"
        "- repeat: {times: $n, steps: [press: $key, silent: $n, wait: $t, phrase: $phrase]}\n"
        "- interrupt: {sent: $phrase, press: $key, stops: $yes}\n- ended: $t\n"
    )
    scenarios, problems = read_scenario(text, str(tmp_path / "x.yaml"), starter)
    assert (len(scenarios), problems) == (1, [])
    assert wrong(text) == []
    assert wrong(text.replace("times: $n", "times: n")) != []


WRONG = [
    "steps: []\n",
    "scenario: x\n",
    "stepps: [wait: 1s]\n" + WAITS,
    "steps: [wiat: 1s]\n",
    "steps: [wait: 1]\n",
    "steps: [wait: soon]\n",
    "steps: [{within: 2s}]\n",
    "steps: [{hear: Welcome, wihtin: 2s}]\n",
    "steps: [{hear: Welcome, press: 1}]\n",
    "steps: [{hear: Welcome, phrase: greeting}]\n",
    "steps: [press: 1x]\n",
    "steps: [strategy: strem]\n",
    "steps: [hang_up: no]\n",
    "steps: [{hang_up: yes, after: 1s, at: 2s}]\n",
    "steps: [silent: 0]\n",
    "steps: [interrupt: {press: 1}]\n",
    "steps: [interrupt: {at: a, after: 1s, press: 1}]\n",
    "steps: [interrupt: {at: a}]\n",
    "steps: [interrupt: {at: a, press: 1, speak: 1s}]\n",
    "steps: [repeat: {times: 3}]\n",
    "steps: [repeat: {times: 0, steps: [wait: 1s]}]\n",
    "steps: [phrase: Greeting]\n",
    "gateway: twillio\n" + WAITS,
    "network: {loss: 2}\n" + WAITS,
    "lookups: {bank.balance: {delay: 1s}}\n" + WAITS,
    "lookups: {bank.balance: {value: 1, error: no}}\n" + WAITS,
    "transfers: [{after: 1s}]\n" + WAITS,
    "transfers: [{outcome: maybe}]\n" + WAITS,
    "expect: {digits: abc}\n" + WAITS,
    "expect: {ttfa: off}\n" + WAITS,
    "voice: {heals: 1}\n" + WAITS,
]


@pytest.mark.parametrize("text", WRONG)
def test_what_the_reader_refuses_is_wrong(starter, text):
    assert read_scenario(text, "calls/x.yaml", starter)[1] != []
    assert wrong(text) != []
