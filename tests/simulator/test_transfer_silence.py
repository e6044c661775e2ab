"""While a call is transferred its caller hears the other party: whoever judges silence leaves that time out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from directory import Directory

from ivr.catalog.party import TransferOutcome
from ivr.project.load import load
from ivr.simulator.emulated import EMULATED
from ivr.simulator.explore import Explorer
from ivr.simulator.explore_values import Tried
from ivr.simulator.many import Order, run
from ivr.simulator.scenario.file import read_scenario
from ivr.simulator.scenario.report import Report
from ivr.simulator.scenario.run import Stage
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import TransferEnded, TransferStarted
from ivr.trace.worst import call_figures

GATEWAYS = ("twilio", "asterisk/ulaw")
BEGIN = """\
dialog: main
start: top
states:
  top:
    say: hello
    transfer: {to: "+15550123", timeout: 20s, busy: back, no_answer: back, failed: back, goto: back}
"""
AT_ONCE = "  back: {say: bye, hang_up: yes}\n"
LATER = """\
  back: {lookup: {run: shop.left, as: left, timeout: 5s}, branch: [{if: left > 0, goto: told}, {goto: told}]}
  told: {say: bye, hang_up: yes}
"""
SLOW = "lookups: {shop.left: {value: 5, delay: 2s}}\n"


def project(rendered: Path, to: Path, *, then: str = AT_ONCE, covered: bool = True) -> Path:
    """A line that does nothing but transfer, and ``then``."""
    shutil.copytree(rendered, to)
    directory = Directory(to)
    cover = "" if covered else "enabled: no, "
    words = f"cover: {{{cover}filler: wait, hold: music, fallback: sorry}}\ntransfer: {{allow: ['+1*']}}\n"
    directory.write("prompts/ivr.yaml", f"project: Little\n{words}")
    directory.write("prompts/dialogs/main.yaml", BEGIN + then)
    return to


@pytest.fixture(scope="module")
def stage(rendered, tmp_path_factory) -> Stage:
    """What is said behind a transfer comes at once."""
    return Stage(load(project(rendered, tmp_path_factory.mktemp("at once") / "little"), {}))


@pytest.fixture(scope="module")
def silent(rendered, tmp_path_factory) -> Stage:
    """Behind a transfer a lookup is waited for, and nothing covers it."""
    to = tmp_path_factory.mktemp("later") / "little"
    return Stage(load(project(rendered, to, then=LATER, covered=False), {}))


def scenario(stage: Stage, outcome: str, gateway: str, more: str = "") -> Report:
    text = f"transfers: [{{outcome: {outcome}, after: 12s}}]\n{more}steps:\n  - hear: Hello\n  - ended: 30s\n"
    (found,), problems = read_scenario(text, "x.yaml", stage.project)
    assert problems == []
    return stage.run(found, gateway=gateway)


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("outcome", TransferOutcome)
def test_a_scenario_does_not_take_it_for_dead_air(stage, gateway, outcome):
    report = scenario(stage, outcome, gateway)
    assert report.failures == () and report.dead_air == ()
    (began,) = [event.at for event in report.made.trace if isinstance(event, TransferStarted)]
    (ended,) = [event for event in report.made.trace if isinstance(event, TransferEnded)]
    assert (ended.outcome, round(ended.at - began)) == (outcome, 12)
    assert call_figures({}, report.made.trace).gaps == ()


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("outcome", TransferOutcome)
def test_silence_behind_it_is_dead_air_at_once(silent, gateway, outcome):
    report = scenario(silent, outcome, gateway, SLOW)
    (ended,) = [event.at for event in report.made.trace if isinstance(event, TransferEnded)]
    assert [each.what for each in report.failures] == ["no dead air over 200 ms"]
    (dead,) = report.dead_air
    assert (dead.start, dead.stop) == pytest.approx((ended, ended + 2.0), abs=0.03)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_very_many_calls_and_exploring_do_not_either(stage, gateway):
    totals = run(Order(stage.project.root, {}, 20, seed=1, gateway=gateway))
    assert (totals.quiet, totals.broken, totals.calls) == ([], [], 20)
    assert totals.outcomes["the dialog ended"] > 10
    tried, plan = Tried(stage.project), stage.plan(gateway)
    found = Explorer(stage.project, plan, EMULATED[gateway], ScriptedVoice(), {}, tried).run()
    assert [wrong for branch in found.branches() for wrong in branch.wrong] == []
    assert sum(isinstance(event, TransferEnded) for branch in found.branches() for event in branch.replayed.events) == 4
