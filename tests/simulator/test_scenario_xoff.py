"""A gateway that says XOFF because a scenario wants it to: what is sent meanwhile, and what the caller hears of it."""

import os
from dataclasses import replace

import pytest

from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.emulated import EMULATED, XOFFS
from ivr.simulator.scenario.file import read_scenario
from ivr.simulator.scenario.model import Hear, Scenario, Xoff
from ivr.simulator.scenario.run import Stage
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.trace.sound import SegmentEnded, SegmentStarted


@pytest.fixture(scope="module")
def starter():
    return load(starter_root(), os.environ)


@pytest.fixture
def sent(monkeypatch):
    """When sound was sent."""
    times = []
    receive = AsteriskFarEnd.receive

    def noted(self, message, now):
        if isinstance(message, bytes):
            times.append(now)
        receive(self, message, now)

    monkeypatch.setattr(AsteriskFarEnd, "receive", noted)
    return times


def ahead(project, lead):
    """The project with so many seconds of sound waiting at the gateway."""
    playout = project.settings.playout.model_copy(update={"lead": lead})
    return replace(project, settings=project.settings.model_copy(update={"playout": playout}))


def played(project, lasts, gateway):
    text = f"gateway: {gateway}\nsteps:\n- hear: for your balance\n- xoff: {lasts}\n- wait: 5s\n"
    (scenario,), problems = read_scenario(text, "x.yaml", project)
    assert problems == []
    report = Stage(project).run(scenario)
    return report, next(each.at for each in report.verdicts if "XOFF" in each.what)


@pytest.mark.parametrize("gateway", sorted(XOFFS))
@pytest.mark.parametrize(("lead", "lasts"), [(0.6, 0.3), (0.6, 2.0), (3.0, 2.0)])
def test_nothing_is_sent_until_xon_and_a_gap_is_heard_where_less_was_waiting(starter, sent, gateway, lead, lasts):
    report, off = played(ahead(starter, lead), f"{lasts}s", gateway)
    assert max(at for at in sent if at <= off) > off - lead
    assert min(at for at in sent if at > off) >= off + lasts
    assert not report.made.phone.queue.dropped
    if lead > lasts:
        assert report.ok and not report.dead_air
        return
    (gap,) = report.dead_air
    assert lasts - lead - 0.05 < gap.stop - gap.start < lasts
    assert gap.start > off and gap.stop == pytest.approx(off + lasts, abs=0.05)
    (failure,) = report.failures
    assert failure.what == "no dead air over 200 ms" and "no pause of that length" in failure.detail


@pytest.mark.parametrize("way", ["0ms", "100ms"])
@pytest.mark.parametrize(("lasts", "dry"), [("300ms", False), ("2s", True)])
def test_words_behind_the_gap_are_heard_behind_it(starter, lasts, dry, way):
    text = (
        f"gateway: asterisk/ulaw\nnetwork: {{out: {way}, back: {way}}}\nsteps:\n- hear: for your balance\n"
        f"- xoff: {lasts}\n- hear: end this call press nine\n- press: 9\n- phrase: goodbye\nexpect: {{dead_air: off}}\n"
    )
    (scenario,), problems = read_scenario(text, "x.yaml", starter)
    assert problems == []
    report = Stage(starter).run(scenario)
    assert report.ok
    begun = next(
        e for e in report.made.trace if isinstance(e, SegmentStarted) and e.text.startswith("For your balance")
    )
    ended = next(e for e in report.made.trace if isinstance(e, SegmentEnded) and e.segment == begun.segment)
    # When the caller had really heard all of it, by the far end's own count.
    heard = report.made.phone.heard
    tick = next(tick for tick in range(2000) if heard.played_samples(tick / 100) >= begun.position + ended.samples)
    told = next(each for each in report.verdicts if "press nine" in each.what)
    assert told.at == pytest.approx(tick / 100, abs=0.1)  # but for the full stop
    first = next(each for each in report.verdicts if "for your balance" in each.what)
    assert (told.at - first.at > 6.5) is dry


def test_a_gateway_without_xoff_is_told(starter):
    text = "steps:\n- repeat: {times: 2, steps: [xoff: 2s]}\n"
    _, problems = read_scenario(text, "x.yaml", starter)
    assert [str(each) for each in problems] == [
        "x.yaml:2:30: twilio knows no XOFF, use asterisk/ulaw or another of Asterisk's"
    ]
    scenario = Scenario("x", (Hear("Welcome"), Xoff(2.0, line=2)))
    for gateway in sorted({*EMULATED} - XOFFS):
        (failure,) = Stage(starter).run(scenario, gateway=gateway).failures
        assert (failure.detail, failure.line) == ("this gateway knows no XOFF; only Asterisk's has it", 2)
