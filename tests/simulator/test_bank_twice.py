"""The starter's bank in YAML and in Python: the same to whoever calls it, byte for byte in virtual time.

Compared is all of a call: each event of its trace, with its time and with personal data shown, and each sample that the
caller hears. No event is left out. A dialog in Python has no states of its own to note, so ``tests/python_bank.py``
notes them by ``entered``, with the reasons that a table gives; nothing else in it is there for this test.

Left out is what is no part of a call: ``ivr check`` and ``ivr graph`` do not look into Python.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache

import pytest
from python_bank import bank
from random_callers import GATEWAYS, call
from random_judge import wrong

from ivr.call.plan import CallPlan, plan_calls
from ivr.gateways.twilio import TWILIO
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.starter import starter_root
from ivr.simulator.conditions import Conditions
from ivr.simulator.draws import Draws
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import EMULATED
from ivr.simulator.explore_values import Tried
from ivr.simulator.scenario.file import load_scenarios, read_scenario
from ivr.simulator.scenario.model import Scenario
from ivr.simulator.scenario.run import Stage
from ivr.simulator.simulation import simulate
from ivr.simulator.wanderer import Wanderer, Wanderers
from ivr.trace.events import StateEntered
from ivr.trace.jsonl import line, unmasked

BALANCES = [0, 12.5, -3.0, 1234567.89]
TIMES = int(os.environ.get("IVR_CALLERS", "40"))
MORE = {
    "overdrawn": """\
lookups: {bank.balance: {value: -75.4, delay: 600ms}}
steps:
  [{phrase: main_menu}, {press: 1}, {phrase: overdrawn, within: 12s}, {press: 9}, {phrase: goodbye}, {ended: 3s}]
expect: {states: [main, balance, overdrawn, again, goodbye], never: [unavailable], outcome: the dialog ended}
""",
    "unavailable": """\
lookups: {bank.balance: {error: the bank is down, delay: 4s}}
steps:
  [{phrase: main_menu}, {press: 1}, {phrase: unavailable, within: 12s}, {press: 2}, {phrase: hours}, {hang_up: yes}]
expect: {states: [main, balance, unavailable, again, hours], never: [overdrawn]}
""",
    "a silent caller": """\
steps: [{ended: 60s}]
expect: {states: [welcome, main, goodbye], never: [again], outcome: the dialog ended}
""",
    "a wrong key, then silence": """\
steps:
  - {phrase: main_menu}
  - {press: 7}
  - {phrase: no_match}
  - {press: 2}
  - {phrase: hours}
  - {phrase: no_input, within: 30s}
  - {ended: 40s}
expect: {states: [main, hours, again, goodbye], outcome: the dialog ended}
""",
    "wrong keys for ever": """\
steps:
  - {press: 2}
  - {phrase: hours}
  - {press: 7}
  - {phrase: no_match}
  - {press: 8}
  - {phrase: no_match}
  - {press: 0}
  - {ended: 20s}
expect: {states: [main, hours, again, goodbye], outcome: the dialog ended}
""",
}
"""What the starter's own scenarios leave out."""


@cache
def projects() -> tuple[Project, Project]:
    """As it ships, and with the dialog in Python in the place of the table that answers."""
    table = load(starter_root(), os.environ)
    settings = table.settings.model_copy(update={"start": "python.bank"})
    return table, replace(table, settings=settings, functions={**table.functions, "python.bank": bank})


@cache
def stages() -> tuple[Stage, Stage]:
    table, python = projects()
    return Stage(table), Stage(python)


@cache
def plans() -> tuple[CallPlan, CallPlan]:
    table, python = (plan_calls(project, TWILIO, provider="scripted") for project in projects())
    return table, python


def lines(trace) -> list[bytes]:
    """The trace as it would be written."""
    return [line(event, unmasked) for event in trace]


def heard(phone) -> bytes:
    """Every sample, from the beginning of the call to the last sound."""
    return phone.heard.timeline(0.0, phone.heard.stop or 0.0).tobytes()


def own_scenarios() -> list[Scenario]:
    """The starter's, below prompts/calls/."""
    return load_scenarios(projects()[0])


@pytest.mark.parametrize("gateway", EMULATED)
@pytest.mark.parametrize("name", ["", *MORE])
def test_every_scenario_is_the_same_over_every_gateway(name, gateway):
    found, problems = read_scenario(MORE[name], "calls/more.yaml", projects()[0]) if name else (own_scenarios(), [])
    assert problems == [] and found
    for scenario in found:
        table, python = (stage.run(scenario, gateway=gateway) for stage in stages())
        assert table.failures == () == python.failures
        assert lines(table.made.trace) == lines(python.made.trace)
        assert heard(table.made.phone) == heard(python.made.phone)


def test_any_caller_hears_the_same():
    project = projects()[0]
    over = [{gateway: plan.over(EMULATED[gateway].capabilities) for gateway in GATEWAYS} for plan in plans()]
    for seed in range(TIMES):
        table, python = (call(Tried(project), each, seed) for each in over)
        assert wrong(project, python) == [], seed
        assert lines(table.call.trace) == lines(python.call.trace), seed
        assert heard(table.call.phone) == heard(python.call.phone), seed


def test_callers_by_chance_hear_the_same_and_come_everywhere():
    exits, entered = Wanderers(projects()[0]).exits, set()
    for number in range(TIMES):
        answers = {"bank.balance": Answer(BALANCES[number % 4], 0.4 + number % 5, "down" if number % 7 == 6 else None)}
        made = [
            simulate(
                plan,
                EMULATED["twilio"],
                Conditions(lookups=answers),
                Wanderer(exits, Draws(3, number)),
                {"from": "+15550100", "to": "+15550199"},
            )
            for plan in plans()
        ]
        assert lines(made[0].trace) == lines(made[1].trace)
        assert heard(made[0].phone) == heard(made[1].phone)
        entered |= {event.state for event in made[0].trace if isinstance(event, StateEntered)}
    assert entered == set(projects()[0].tables["main"].states)
