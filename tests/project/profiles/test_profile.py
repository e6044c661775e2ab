"""Latency profiles: distributions, faults, and every mistake with its place."""

import os
from decimal import Decimal
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import ConfigError, ProjectError
from ivr.project.load import load
from ivr.project.profiles.distributions import Constant, Histogram, LogNormal, Normal
from ivr.project.profiles.profile import load_profile, read_profile
from ivr.project.starter import copy_starter, starter_root

PROBABILITIES = st.floats(1e-9, 1 - 1e-9)
DISTRIBUTIONS = [Constant(0.3), Normal(0.3, 0.1), LogNormal(0.3, 0.5), Histogram((0.1, 0.4, 1.0), (0.2, 0.9, 1.0))]


def profile(text):
    found, problems = read_profile(text, "p.yaml")
    assert problems == []
    return found


def problems(text):
    found, wrong = read_profile(text, "p.yaml")
    assert found is None
    return [f"{each.line}:{each.column}: {each.what}" for each in wrong]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: type(each).__name__)
@given(PROBABILITIES, PROBABILITIES)
def test_quantiles_rise_and_are_never_below_nothing(distribution, one, other):
    low, high = sorted([one, other])
    assert 0 <= distribution.at(low) <= distribution.at(high)


def test_what_is_written_of_a_distribution_is_what_is_drawn():
    first = profile("voice: {first_audio: {lognormal: 300ms, p95: 900ms}}").voice.first_audio
    assert (first.at(0.5), first.at(0.95)) == (0.3, 0.9)
    bell = profile("voice: {first_audio: {normal: 1s, deviation: 200ms}}").voice.first_audio
    assert (bell.at(0.5), bell.at(1e-9)) == (1.0, 0.0)
    assert profile("voice: {pace: 3}").voice.pace == Constant(3.0)


def test_a_recorded_histogram_has_the_shares_that_were_counted():
    recorded = profile("voice: {first_audio: {histogram: {1s: 10, 200ms: 20, 400ms: 70}}}").voice.first_audio
    assert [recorded.at(p) for p in (0.2, 0.9, 1 - 1e-12)] == pytest.approx([0.2, 0.4, 1.0])
    values = [recorded.at((n + 0.5) / 1000) for n in range(1000)]
    assert sum(value <= 0.4 for value in values) == 900
    assert mean(values) == pytest.approx(0.2 * 0.1 + 0.7 * 0.3 + 0.1 * 0.7, abs=0.001)


def test_lookups_return_numbers_and_yes_and_texts_as_they_look():
    returns = "[1, 2.50, yes, 00123, +1555, {a: [no, x]}]"
    found = profile(f"lookups: {{a.b: {{returns: {returns}}}}}").lookups["a.b"].returns
    assert [str(each) for each in found] == ["1", "2.50", "True", "00123", "+1555", "{'a': [False, 'x']}"]


def test_what_stands_in_quotes_is_a_text_also_within_mappings_and_lists():
    returns = """['4512', "2.50", 'yes', 4512, {d: '1', p: 112, all: ['7', 7]}, {text: 4512}, {text: [1]}]"""
    found = profile(f"lookups: {{a.b: {{returns: {returns}}}}}").lookups["a.b"].returns
    mapping = {"d": "1", "p": 112, "all": ["7", 7]}
    assert found == ["4512", "2.50", "yes", 4512, mapping, "4512", {"text": [1]}]
    block = profile("lookups:\n  a.b:\n    returns:\n      - |-\n        4512\n").lookups["a.b"].returns
    assert block == ["4512"]


def test_what_the_function_is_annotated_to_return_decides():
    def pin() -> str: ...
    def sum() -> Decimal | None: ...

    text = "lookups: {a.pin: {returns: [4512, yes]}, a.sum: {returns: ['12', 3, none]}, a.c: {returns: [4512, '3']}}"
    found, problems = read_profile(text, "p.yaml", {"a.pin": pin, "a.sum": sum})
    assert found is not None and problems == []
    assert found.lookups["a.pin"].returns == ["4512", "yes"]
    assert [repr(each) for each in found.lookups["a.sum"].returns] == ["Decimal('12')", "Decimal('3')", "'none'"]
    assert found.lookups["a.c"].returns == [4512, "3"]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("voice: {first_audio: 300}", "1:22", "has no unit"),
        ("voice:\n  first_audio: {lognormal: 1s, p95: 300ms}", "2:16", "p95 is below the median"),
        ("voice: {first_audio: {histogram: {100ms: 0}}}", "1:22", "counts nothing"),
        ("voice: {faults: [{fault: stal, chance: 3%}]}", "1:26", "'stal'"),
        ("voice: {faults: [{fault: dead, chance: 3}]}", "1:40", "no chance"),
        ("voice: {faults: [{fault: dead, chance: 101%}]}", "1:40", "no chance"),
        ("voice: {faults: [{fault: empty, chance: 3%, after: 1s}]}", "1:18", "means nothing to a fault 'empty'"),
        ("voice: {faults: [{fault: dead, chance: 60%}, {fault: slow, chance: 60%}]}", "1:46", "over 100 %"),
        ("script: [{at: 1s, for: 2s, fault: dead, region: 2}]", "1:49", "no region 2"),
        ("lookups: {a.b: {delay: 1s}}", "1:11", "'returns' is missing"),
        ("netwrok: {out: 1s}", "1:1", "unknown key 'netwrok'"),
        ("network: {out: 100s}", "1:16", "100 s is out of range"),
        ("network: {back: {lognormal: 1s, p95: 6s}}", "1:17", "its 95th percentile, 6 s, is out of range"),
        ("network: {jitter: 2s}", "1:19", "2 s is out of range"),
        ("voice: {first_audio: {histogram: {9000s: 1}}}", "1:35", "9000 s is out of range"),
    ],
)
def test_each_mistake_is_told_with_its_place(text, where, what):
    (found,) = problems(text)
    assert found.startswith(f"{where}: ")
    assert what in found


def test_the_starters_own_profile_is_the_usual_one():
    project = load(starter_root(), os.environ)
    assert load_profile(project) == load_profile(project, "usual")
    assert "bank.balance" in load_profile(project).lookups


def test_a_profile_is_a_file_or_a_name_and_there_must_be_one(tmp_path):
    copy_starter(tmp_path / "a")
    project = load(tmp_path / "a", os.environ)
    other = tmp_path / "other.yaml"
    other.write_text("voice: {pace: 9}\n")
    assert load_profile(project, str(other)).voice.pace == Constant(9.0)
    with pytest.raises(ConfigError, match="did you mean 'usual'"):
        load_profile(project, "usaul")
    (tmp_path / "a/prompts/profiles/usual.yaml").unlink()
    assert load_profile(project).lookups == {}


def test_a_lookup_that_nobody_asks_for_is_a_mistake(tmp_path):
    project = load(starter_root(), os.environ)
    file = tmp_path / "p.yaml"
    file.write_text("lookups:\n  bank.balnce: {returns: [1]}\n")
    with pytest.raises(ProjectError) as raised:
        load_profile(project, str(file))
    (problem,) = raised.value.problems
    assert (problem.line, problem.column, problem.remedy) == (2, 3, "did you mean 'bank.balance'?")


def test_a_check_reads_every_profile_and_a_server_none(tmp_path):
    copy_starter(tmp_path)
    wrong = tmp_path / "prompts/profiles/other.yaml"
    wrong.write_text("lookups:\n  bank.blance: {returns: [1]}\n")
    (tmp_path / "prompts/profiles/third.yaml").write_text("voice: {pace: fast}\n")
    assert load(tmp_path, os.environ).settings.project == "Harbour Bank"
    with pytest.raises(ProjectError) as raised:
        load(tmp_path, os.environ, thorough=True)
    assert [(each.file.rpartition("/")[2], each.line) for each in raised.value.problems] == [
        ("other.yaml", 2),
        ("third.yaml", 1),
    ]
