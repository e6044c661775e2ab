"""Very many calls of the starter with faults: nobody waits in silence, and the same seed gives the same bytes."""

import json
import os
import shutil
from dataclasses import replace
from decimal import Decimal

import pytest

from ivr.errors import ConfigError
from ivr.project.settings.prices import Price
from ivr.project.starter import copy_starter, starter_root
from ivr.simulator.cell import run_cell
from ivr.simulator.many import Order, again, counted, ready, run
from ivr.simulator.totals import Quiet, Totals

BAD_DAY = """
voice:
  first_audio: {lognormal: 700ms, p95: 2500ms}
  regions: 2
  price: 16
  faults:
    - {fault: slow, chance: 5%, by: 3s}
    - {fault: stall, chance: 5%, after: 400ms, lasts: 1.5s}
    - {fault: empty, chance: 5%}
    - {fault: refused, chance: 5%}
    - {fault: dead, chance: 5%, after: 0s}
    - {fault: broken, chance: 5%}
lookups:
  bank.balance: {delay: {lognormal: 1500ms, p95: 6s}, returns: [1234.56, -75.40], fails: 5%, never: 2%}
network: {out: 30ms, back: 30ms, jitter: {histogram: {2ms: 9, 40ms: 1}}}
cell: {calls: 20, every: 4s}
script:
  - {at: 20s, for: 10s, fault: slow, by: 2s, region: 1}
  - {at: 50s, for: 10s, fault: refused, retry_after: 2s}
"""


@pytest.fixture(scope="module")
def order(tmp_path_factory) -> Order:
    file = tmp_path_factory.mktemp("profiles") / "bad_day.yaml"
    file.write_text(BAD_DAY)
    return Order(starter_root(), dict(os.environ), 200, seed=3, profile=str(file))


@pytest.fixture(scope="module")
def bad_day(order) -> Totals:
    return run(order)


@pytest.fixture(scope="module")
def uncovered(order) -> Totals:
    return run(bare(order))


def bare(order):
    return replace(order, environ={**order.environ, "IVR_COVER_ENABLED": "no"})


PRICE = Price.model_construct(price=Decimal(16), per=1_000_000, currency="USD")


def text(totals):
    return json.dumps(totals.as_dict(PRICE))


def test_on_a_bad_day_nobody_waits_in_silence_and_every_call_ends(bad_day):
    assert bad_day.calls == 200
    assert bad_day.quiet == []
    assert bad_day.broken == []
    assert {"filler", "hold", "fallback", "stream"} <= set(bad_day.strategies)


def test_without_covers_the_same_seeds_are_heard_as_silence_and_named(uncovered):
    assert not {"filler", "hold", "still"} & set(uncovered.strategies)
    assert len({each.call for each in uncovered.quiet}) > 5
    assert all(each.seconds > 0.2 for each in uncovered.quiet)
    assert uncovered.broken == []


def test_a_call_that_was_named_is_the_same_again_by_its_number(order, uncovered):
    named = uncovered.quiet[0]
    call, totals = again(bare(order), named.call)
    assert call.number == named.call
    assert named in totals.quiet
    assert totals.calls == 1


def test_a_call_that_the_run_does_not_have_is_an_error(order):
    with pytest.raises(ConfigError, match="calls 1 to 200"):
        again(order, 201)


def test_jobs_and_the_order_of_cells_change_nothing(order):
    few = replace(order, calls=30)
    one, two = run(few), run(few, jobs=2)
    assert text(one) == text(two)
    backwards, made = Totals(), ready(few)
    for cell in reversed(list(made.world.cells(30))):
        backwards.merge(counted(made, cell))
    assert text(backwards) == text(one)


def test_another_seed_is_another_run(order, bad_day):
    other = run(replace(order, calls=10, seed=4))
    assert text(other) != text(run(replace(order, calls=10)))


def test_progress_is_told_up_to_the_last_call(order):
    told = []
    run(replace(order, calls=25), told=told.append)
    assert told == [20, 25]


def test_calls_of_a_cell_overlap_and_each_has_its_own_trace(order):
    made = ready(replace(order, calls=20))
    calls = list(run_cell(made.world, range(1, 21)))
    assert sorted(call.number for call in calls) == list(range(1, 21))
    for call in calls:
        assert call.trace[0].at < 1.0
        assert call.reason is not None


def test_what_the_calls_cost_is_counted_by_request(bad_day):
    voice = bad_day.as_dict(PRICE)["voice"]
    assert voice["requests"] > 0
    assert voice["cost"] == pytest.approx(voice["characters"] * 16 / 1e6)


def test_a_lookup_without_an_answer_is_named(tmp_path):
    file = tmp_path / "none.yaml"
    file.write_text("voice: {pace: 4}\n")
    assert ready(Order(starter_root(), dict(os.environ), 1, profile=str(file))).unanswered == ["bank.balance"]


def test_a_gateway_that_nobody_emulates_is_an_error(order):
    with pytest.raises(ConfigError, match="there is twilio"):
        ready(replace(order, gateway="carrier pigeon"))


@pytest.mark.parametrize("gateway", ["asterisk/ulaw", "audiosocket"])
def test_the_same_over_other_gateways(order, gateway):
    totals = run(replace(order, calls=10, gateway=gateway))
    assert (totals.calls, totals.broken, totals.quiet) == (10, [], [])


def test_calls_are_named_in_order():
    assert sorted([Quiet(2, "a", 1.0, 1.0, ""), Quiet(1, "b", 9.0, 1.0, "")])[0].call == 1


SCENARIO = """
gateway: GATEWAY
lookups: {bank.balance: {value: 12.5, delay: 300ms}}
steps:
  - phrase: greeting
  - press: 2
  - phrase: WORDS
expect: {never: [balance]}
"""


@pytest.fixture
def scripted(tmp_path, order):
    """An order for the starter with two scenarios, of which one expects what is not said."""
    copy_starter(tmp_path / "a")
    calls = tmp_path / "a/prompts/calls"
    shutil.rmtree(calls, ignore_errors=True)
    calls.mkdir()
    (calls / "good.yaml").write_text(SCENARIO.replace("WORDS", "hours").replace("GATEWAY", "twilio"))
    (calls / "bad.yaml").write_text(SCENARIO.replace("WORDS", "overdrawn").replace("GATEWAY", "asterisk/ulaw"))
    return replace(order, root=tmp_path / "a", calls=24, profile=None)


def test_a_mix_of_scenarios_and_chance_by_their_weights(scripted):
    totals = run(replace(scripted, mix=(("good", 3.0), ("chance", 1.0), ("bad", 0.0))), jobs=2)
    assert set(totals.kinds) == {"good", "chance"}
    assert totals.kinds["good"] > totals.kinds["chance"]
    assert totals.broken == []


def test_an_expectation_that_fails_names_the_call_and_the_line(scripted):
    totals = run(replace(scripted, calls=3, mix=(("bad", 1.0),)))
    assert {each.call for each in totals.broken} == {1, 2, 3}
    assert "overdrawn" in totals.broken[0].why
    assert "bad.yaml:7" in totals.broken[0].why


def test_all_scenarios_by_one_word_and_what_there_is_not(scripted):
    assert {kind.name for kind in ready(replace(scripted, mix=(("scenarios", 1.0),))).world.mix.kinds} == {
        "good",
        "bad",
    }
    with pytest.raises(ConfigError, match="did you mean 'good'"):
        ready(replace(scripted, mix=(("goood", 1.0),)))
    with pytest.raises(ConfigError, match="nobody calls"):
        ready(replace(scripted, mix=(("good", 0.0),)))
