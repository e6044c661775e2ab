"""What a call may cost: in a scenario, in a mix of very many calls, and in a test that leads a call."""

import asyncio
import json
import os
import re
import shutil
from dataclasses import replace
from decimal import Decimal

import pytest
from explored import ENVIRON, Tones

from ivr.cli.main import main
from ivr.errors import ConfigError, ProjectError
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.project.starter import starter_root
from ivr.simulator.judging import judged
from ivr.simulator.many import Order, again, ready
from ivr.simulator.many import run as manyfold
from ivr.simulator.paying import MILLION, shown
from ivr.simulator.scenario.file import load_scenarios, read_scenario
from ivr.simulator.scenario.led import LedCall
from ivr.simulator.scenario.model import Expect, Press, Scenario, Wait
from ivr.simulator.scenario.run import Stage, run
from ivr.simulator.scenario.setting import Setting
from ivr.trace.events import SynthesisStarted


def cost(characters, price):
    """Of so many, at ``price`` a million."""
    return float(Decimal(price) * characters / MILLION)


CALLER = "lookups: {bank.balance: {value: 1234.56}}\nsteps:\n  - press: 1\n  - wait: 8s\n"


@pytest.fixture
def root(tmp_path):
    for part in ("prompts", "audio"):
        shutil.copytree(starter_root() / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def hosted(root, monkeypatch):
    """The same with a voice that costs something, nobody knows what."""
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    assert asyncio.run(render(read_sources(root, os.environ), Tones())).ok
    return root


def priced(root, profile="voice: {price: 20}\n", name="usual"):
    (root / "prompts/profiles" / f"{name}.yaml").write_text(profile)
    return load(root, os.environ)


def played(project, expect, profile=None):
    (scenario,), problems = read_scenario(f"{CALLER}expect:\n  {expect}\n", "calls/x.yaml", project)
    assert problems == []
    return Stage(project, profile=profile).run(scenario)


def test_the_bound_itself_is_kept_and_a_millionth_below_it_is_not(root):
    project = priced(root)
    characters = played(project, "characters: 1000").characters
    assert characters > 50
    exact = shown(cost(characters, 20))
    report = played(project, f"cost: {exact}")
    assert report.ok and report.cost == float(exact)
    (failure,) = played(project, f"cost: {shown(cost(characters - 1, 20))}").failures
    assert failure.line == 6 and failure.what == f"at most {shown(cost(characters - 1, 20))} to pay for a voice"
    assert failure.detail == f"it was {exact}: {characters} characters in 1 request, at 20 for 1,000,000 of them"


def test_a_call_that_asks_no_voice_costs_nothing(root):
    (scenario,), _ = read_scenario("steps:\n  - press: 9\nexpect: {cost: 0}\n", "x.yaml", priced(root))
    report = Stage(priced(root)).run(scenario)
    assert report.ok and report.cost == 0 and report.paid.requests == 0


def test_every_attempt_is_paid(root):
    project = priced(root)
    once = played(project, "cost: 9")
    (scenario,), _ = read_scenario(CALLER + "voice: {dies_after: 1s, heals: 2}\nexpect: {cost: 9}\n", "x", project)
    twice = Stage(project).run(scenario)
    assert twice.paid.requests == 2 > once.paid.requests and twice.cost > once.cost


def test_decimals_are_exact(root):
    price = priced(root, "voice: {price: 16.1}\n")
    assert Stage(price).price.of(1000) == Decimal("0.0161")


def test_amounts_are_shown_to_the_last_digit_without_exponents():
    amounts = (3e-7, 0.02, 20.0, 0.0, Decimal("1E+2"), Decimal("0.0300"))
    assert [shown(each) for each in amounts] == ["0.0000003", "0.02", "20", "0", "100", "0.03"]


# ---- whose price


def test_the_profile_that_is_named_wins(root):
    project = priced(root)
    priced(root, "voice: {price: 40}\n", "dear")
    assert played(project, "cost: 9", "dear").cost == pytest.approx(2 * played(project, "cost: 9").cost)


def test_a_price_of_nothing_is_one(root):
    assert played(priced(root, "voice: {price: 0}\n"), "cost: 0").ok


@pytest.mark.parametrize("profile", ["voice: {pace: 3}\n", "{}\n", None])
def test_without_a_price_an_expectation_is_a_mistake_of_the_scenario(hosted, profile, capsys):
    (hosted / "prompts/calls/x.yaml").write_text(f"{CALLER}expect:\n  characters: 900\n  cost: 0.02\n")
    if profile is None:
        (hosted / "prompts/profiles/usual.yaml").unlink()
        project = load(hosted, os.environ)
    else:
        project = priced(hosted, profile)
    with pytest.raises(ProjectError) as error:
        load_scenarios(project)
    (problem,) = error.value.problems
    assert (problem.line, problem.column, problem.code) == (7, 3, "no-price")
    assert "give prompts/profiles/usual.yaml voice.price, or prompts/ivr.yaml prices.http:127.0.0.1" in problem.remedy
    assert main(["check", str(hosted)]) == 1
    assert "prompts/calls/x.yaml:7:3: no price of the voice is known" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="no price of the voice is known: give prompts/profiles/usual"):
        run(project, Scenario("bye", (Press("9"),), Expect(cost=1.0)))


def test_the_price_of_the_settings_counts_where_the_profile_has_none(hosted):
    with (hosted / "prompts/ivr.yaml").open("a") as file:
        file.write("prices: {http:127.0.0.1: {price: 0.05, per: 1000, currency: EUR}}\n")
    report = played(priced(hosted, "{}\n"), "cost: 0.002")
    characters = report.characters
    assert report.cost == characters * 50 / MILLION
    (failure,) = report.failures
    assert failure.detail.startswith(f"it was {shown(report.cost)} EUR: {characters} characters in 1 request")
    assert failure.detail.endswith(", at 0.05 EUR for 1,000 of them")
    assert played(priced(hosted, "voice: {price: 1}\n"), "cost: 0.002").cost == characters / MILLION
    made = ready(Order(hosted, dict(os.environ), 1))
    assert made.price is not None and made.price.of(MILLION) == 1
    priced(hosted, "{}\n")
    price = ready(Order(hosted, dict(os.environ), 1)).price
    assert price is not None and (price.of(MILLION), price.currency) == (50, "EUR")


def test_the_embedded_voice_costs_nothing_and_that_is_said(root):
    report = played(priced(root, "{}\n"), "cost: 0.02")
    assert report.ok and report.cost == 0.0
    assert "at most 0.02 to pay for a voice that costs nothing" in [each.what for each in report.verdicts]


def test_a_profile_that_is_wrong_is_told_itself_and_alone(root, capsys):
    (root / "prompts/calls/x.yaml").write_text(f"{CALLER}expect: {{cost: 0.02}}\n")
    (root / "prompts/profiles/usual.yaml").write_text("voice: {price: much}\n")
    assert main(["check", str(root)]) == 1
    out = capsys.readouterr().out
    assert "usual.yaml:1:16: 'price' is 'much'" in out and "no price" not in out
    assert main(["simulate", str(root), "x"]) == 2
    assert "usual.yaml:1:16: 'price' is 'much'" in capsys.readouterr().err


WRONG = {"two cents": "write a number", "inf": "write a number", "-1": "give at least 0", "{at most: 1}": "a mapping"}


@pytest.mark.parametrize("written", WRONG)
def test_what_is_no_cost(root, written):
    scenarios, problems = read_scenario(f"{CALLER}expect: {{cost: {written}}}\n", "x.yaml", priced(root))
    assert scenarios == [] and WRONG[written] in str(problems[0]) and problems[0].line == 5


def test_a_table_may_have_it(root):
    project = priced(root)
    (root / "rows.csv").write_text("most\n0.00001\n9\n")
    text = f"rows: rows.csv\n{CALLER}expect: {{cost: $most}}\n"
    scenarios, problems = read_scenario(text, str(root / "x.yaml"), project)
    assert problems == [] and [Stage(project).run(each).ok for each in scenarios] == [False, True]


# ---- the command, a mix, and a call that a test leads


def test_the_command(hosted, capsys):
    priced(hosted, "{}\n")
    (hosted / "prompts/profiles/dear.yaml").write_text("voice: {price: 1000}\n")
    (hosted / "prompts/calls/x.yaml").write_text(f"{CALLER}expect: {{cost: 0.02}}\n")
    assert main(["simulate", str(hosted), "x"]) == 2
    assert "x.yaml:5:10: no price" in capsys.readouterr().err
    assert main(["simulate", str(hosted), "x", "--profile", "dear"]) == 1
    out = capsys.readouterr().out
    assert "x.yaml:5: at most 0.02 to pay for a voice: it was 0.0" in out and "at 1000 for 1,000,000 of them" in out
    assert main(["simulate", str(hosted), "x", "--profile", "dear", "--json"]) == 1
    (call,) = json.loads(capsys.readouterr().out)["calls"]
    assert call["requests"] == 1 and call["cost"] == call["characters"] / 1000
    assert main(["simulate", str(hosted), "x", "--profile", "deer"]) == 2
    assert "did you mean 'dear'?" in capsys.readouterr().err


def test_in_a_mix_each_request_of_a_region_is_paid(hosted):
    slow = "voice: {price: 20, regions: 2, first_audio: 3s}\nlookups: {bank.balance: {returns: [1]}}\n"
    priced(hosted, slow)
    (hosted / "prompts/calls/x.yaml").write_text(f"{CALLER}expect: {{cost: 0}}\n")
    order = Order(hosted, {**os.environ, "IVR_VOICE_HEDGE": "500ms"}, 1, mix=(("x", 1.0),))
    call, totals = again(order, 1, made=ready(order))
    assert call.requests == 2
    (broken,) = totals.broken
    words = f"it was {shown(cost(call.characters, 20))}: {call.characters} characters in 2 requests"
    assert words in broken.why
    with pytest.raises(ProjectError, match="no price"):
        (hosted / "prompts/profiles/free.yaml").write_text("voice: {regions: 2}\n")
        ready(replace(order, profile="free"))


def test_in_a_mix_characters_are_those_that_are_paid_for(hosted):
    priced(hosted, "voice: {price: 20, regions: 2, first_audio: 3s}\nlookups: {bank.balance: {returns: [1]}}\n")
    (hosted / "prompts/calls/x.yaml").write_text(f"{CALLER}expect: {{characters: 100}}\n")
    order = Order(hosted, {**os.environ, "IVR_VOICE_HEDGE": "500ms"}, 1, mix=(("x", 1.0),))
    call, totals = again(order, 1, made=ready(order))
    assert call.characters > 100 >= sum(len(each.text) for each in call.trace if isinstance(each, SynthesisStarted))
    (broken,) = totals.broken
    assert f"there were {call.characters}" in broken.why


def test_in_a_mix_a_voice_of_the_scenarios_own_is_paid_too(hosted):
    priced(hosted)
    (hosted / "prompts/calls/x.yaml").write_text(f"{CALLER}voice: {{first_audio: 300ms}}\nexpect: {{cost: 0}}\n")
    order = Order(hosted, dict(os.environ), 1, mix=(("x", 1.0),))
    call, totals = again(order, 1, made=ready(order))
    assert (call.requests, totals.requests) == (1, 1) and totals.characters == call.characters > 50
    assert "1 request" in totals.broken[0].why


def bounded(root, threshold):
    file = root / "prompts/ivr.yaml"
    file.write_text(re.sub("(?m)^thresholds:.*$", f"thresholds:\n  - {threshold}", file.read_text()))
    return Order(root, dict(os.environ), 2, mix=(("x", 1.0),))


def test_a_threshold_of_what_calls_cost_needs_a_price(hosted, capsys):
    priced(hosted, "{}\n")
    (hosted / "prompts/calls/x.yaml").write_text(CALLER)
    order = bounded(hosted, "cost.mean <= 0.02")
    with pytest.raises(
        ConfigError, match=r"^thresholds: 'cost\.mean <= 0\.02' cannot be judged, for no price of the voice"
    ):
        ready(order)
    assert main(["simulate", str(hosted), "--calls", "2"]) == 2
    assert "prompts/ivr.yaml prices.http:127.0.0.1" in capsys.readouterr().err
    assert main(["check", str(hosted)]) == 1
    assert re.search(r"ivr\.yaml:\d+:5: no price of the voice is known.*give prompts/profiles", capsys.readouterr().out)
    priced(hosted, "voice: {price: 0}\n")
    assert main(["check", str(hosted)]) == 0
    made = ready(order)
    assert judged(made.project.settings.thresholds, manyfold(order, made=made), made.price)[0].holds


def test_thresholds_and_scenarios_count_the_same_to_the_last_digit(hosted):
    priced(hosted, "voice: {price: 0.7}\n")
    (hosted / "prompts/calls/x.yaml").write_text(CALLER)
    order = bounded(hosted, "cost.max <= 0")
    made = ready(order)
    totals = manyfold(order, made=made)
    verdict = judged(made.project.settings.thresholds, totals, made.price)[0]
    one = played(made.project, "cost: 9")
    assert verdict.value == one.cost == cost(one.characters, "0.7") < 0.0001
    assert not verdict.holds and str(verdict) == f"cost.max <= 0: it is {shown(one.cost)}"
    voice = totals.as_dict(made.price)["voice"]
    assert voice["cost"] == cost(2 * one.characters, "0.7") and voice["currency"] == ""
    assert totals.as_dict()["voice"]["cost"] is None


def unboxed(table):
    return re.sub(r"[\s│]+", " ", table)


def test_the_sum_names_its_money(hosted, capsys):
    priced(hosted)
    (hosted / "prompts/calls/x.yaml").write_text(CALLER)
    assert main(["simulate", str(hosted), "--calls", "1", "--mix", "x"]) == 0
    assert re.search(r" 0\.00\d+ of the money of voice.price to pay", unboxed(capsys.readouterr().out))
    priced(hosted, "{}\n")
    with (hosted / "prompts/ivr.yaml").open("a") as file:
        file.write("prices: {http:127.0.0.1: {price: 20, currency: EUR}}\n")
    assert main(["simulate", str(hosted), "--calls", "1", "--mix", "x"]) == 0
    assert re.search(r" 0\.00\d+ EUR to pay", unboxed(capsys.readouterr().out))


def test_a_price_that_is_known_is_told_of_scenarios_that_expect_nothing_of_it(hosted, capsys):
    priced(hosted)
    (hosted / "prompts/calls/x.yaml").write_text(CALLER)
    assert main(["simulate", str(hosted), "x", "--json"]) == 0
    (call,) = json.loads(capsys.readouterr().out)["calls"]
    assert call["cost"] == cost(call["characters"], 20) > 0
    (hosted / "prompts/profiles/usual.yaml").write_text("voice: {price: much}\n")
    assert main(["simulate", str(hosted), "x", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["calls"][0]["cost"] is None


def test_a_call_that_is_led(hosted):
    call = LedCall(Stage(priced(hosted)), "twilio", Setting(lookups={"bank.balance": 1234.56}))
    call.wait(0.1)
    assert call.cost == 0
    call.do(Press("1"))
    call.do(Wait(8))
    assert call.cost == cost(call.report.characters, 20) > 0
    for seconds in (-1, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match=rf"call.wait\({seconds}\): write seconds from 0"):
            call.wait(seconds)
    call.close()
    unpriced = LedCall(Stage(priced(hosted, "{}\n")), "twilio", Setting())
    with pytest.raises(ConfigError, match="no price"):
        assert unpriced.cost
