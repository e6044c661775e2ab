"""Scenarios, exploring and many calls measure silence alike, whatever the way and the gateway's opening."""

from __future__ import annotations

import os

import pytest

from ivr.project.load import load
from ivr.project.starter import copy_starter, starter_root
from ivr.simulator.many import Order, again, run
from ivr.simulator.scenario.file import load_scenarios
from ivr.simulator.scenario.run import Stage

FAR = "network: {out: %s, back: %s}\nlookups: {bank.balance: {delay: 6s, returns: [12.5]}}\n"
SHAKY = "network: {out: 10ms, back: 10ms, jitter: {histogram: {5ms: 1, 60ms: 1}}}\n" + FAR.partition("\n")[2]
SLOW = """\
network: {out: 150ms, back: 150ms}
voice: {first_audio: 300ms}
lookups: {bank.balance: {value: 12.5, delay: 6s}}
expect: {dead_air: off}
steps:
  - hear: Welcome
  - press: "1"
  - wait: 12s
  - hang_up: yes
"""


def order(tmp_path, profile: str, gateway: str, **settings: str) -> Order:
    file = tmp_path / "far.yaml"
    file.write_text(profile)
    return Order(starter_root(), {**os.environ, **settings}, 12, profile=str(file), gateway=gateway)


@pytest.mark.parametrize(
    ("profile", "gateway"),
    [
        (FAR % ("100ms", "100ms"), "asterisk/alaw"),
        (FAR % ("400ms", "100ms"), "asterisk/text"),
        (SHAKY, "asterisk/alaw"),
    ],
    ids=["100 ms", "400 ms", "shaky"],
)
def test_a_long_way_and_the_wait_for_the_callers_line_are_no_dead_air(tmp_path, profile, gateway):
    totals = run(order(tmp_path, profile, gateway))
    assert (totals.quiet, totals.broken) == ([], [])


@pytest.mark.parametrize("gateway", ["twilio", "asterisk/alaw"])
def test_silence_is_found_that_far_away(tmp_path, gateway):
    totals = run(order(tmp_path, FAR % ("100ms", "100ms"), gateway, IVR_COVER_ENABLED="no"))
    assert totals.quiet and all(each.seconds > 0.4 for each in totals.quiet)


@pytest.mark.parametrize("gateway", ["twilio", "asterisk/alaw"])
def test_a_scenario_and_many_calls_find_the_same_silence(tmp_path, gateway):
    root = tmp_path / "bank"
    copy_starter(root)
    (root / "prompts" / "calls" / "slow.yaml").write_text(SLOW)
    environ = {**os.environ, "IVR_COVER_ENABLED": "no"}
    made, _ = again(Order(root, environ, 1, gateway=gateway, mix=(("slow", 1.0),)), 1)
    project = load(root, environ)
    (scenario,) = [each for each in load_scenarios(project) if each.name == "slow"]
    report = Stage(project).run(scenario, 1, gateway=gateway)
    assert report.dead_air == made.silences(0.2) != ()
    assert all(each.start > 1.0 for each in report.dead_air), "the opening is none"
