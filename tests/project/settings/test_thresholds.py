"""Thresholds as the settings have them."""

import os

import pytest

from ivr.errors import ProjectError
from ivr.project.load import load
from ivr.project.settings.settings import read_settings
from ivr.project.starter import copy_starter


def thresholds(text):
    found, _, problems = read_settings(f"thresholds:\n  - {text}\n", "ivr.yaml", {})
    assert problems == []
    return found.thresholds[0]


def problem(text):
    (found,) = read_settings(f"thresholds:\n  - {text}\n", "ivr.yaml", {})[2]
    return f"{found.line}:{found.column}: {found.what}, {found.remedy}"


@pytest.mark.parametrize(
    ("text", "scope", "name", "metric", "figure", "limit"),
    [
        ("ttfa.p95 <= 300ms", "", "", "ttfa", "p95", 0.3),
        ("dead_air.p99 == 0", "", "", "dead_air", "p99", 0.0),
        ("dead_air.calls < 3", "", "", "dead_air", "calls", 3.0),
        ("prompt.balance.late.max <= 1.5 s", "prompt", "balance", "late", "max", 1.5),
        ("strategy.stream.ttfa.p50 < 2s", "strategy", "stream", "ttfa", "p50", 2.0),
        ("cost.mean <= 0.02", "", "", "cost", "mean", 0.02),
        ("broken.calls == 0", "", "", "broken", "calls", 0.0),
    ],
)
def test_what_can_be_written(text, scope, name, metric, figure, limit):
    found = thresholds(text)
    assert (found.scope, found.name, found.metric, found.figure, found.limit) == (scope, name, metric, figure, limit)


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [("<=", 1, 1, 0), ("<", 1, 0, 0), ("==", 0, 1, 0), (">=", 0, 1, 1), (">", 0, 0, 1)],
)
def test_each_comparison(operator, below, same, above):
    found = thresholds(f"cost.mean {operator} 5")
    assert [found.holds(value) for value in (4, 5, 6)] == [below, same, above]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fast", "2:5: 'fast' is no threshold"),
        ("ttfa.p95 = 3s", "2:14: '=' does not compare"),
        ("tfa.p95 <= 3s", "2:5: there is no metric 'tfa', did you mean 'ttfa'?"),
        ("ttfa.q95 <= 3s", "2:10: 'ttfa' has no figure 'q95'"),
        ("ttfa.p100 <= 3s", "2:10: 'ttfa' has no figure 'p100'"),
        ("ttfa.p95 <= 300", "2:17: '300' is no time"),
        ("ttfa <= 3s", "2:5: 'ttfa' is not what is measured"),
        ("strategy.steam.ttfa.p95 <= 3s", "2:14: there is no strategy 'steam', did you mean 'stream'?"),
        ("prompt.a.dead_air.p95 <= 3s", "2:14: there is no metric 'dead_air' of one prompt"),
        ("broken.max == 0", "2:12: 'broken' has no figure 'max', there is calls"),
        ("cost.mean <= much", "2:18: 'much' is no number"),
    ],
)
def test_each_mistake_is_told_at_its_character(text, said):
    assert problem(text).startswith(said)


def test_one_threshold_alone_is_no_list():
    (found,) = read_settings("thresholds: ttfa.p95 <= 3s\n", "ivr.yaml", {})[2]
    assert "write a list" in found.remedy


def test_a_prompt_that_there_is_not_is_told_when_the_project_is_read(tmp_path):
    copy_starter(tmp_path)
    (tmp_path / "prompts/ivr.yaml").write_text("thresholds:\n  - prompt.balanse.ttfa.p95 <= 3s\nclip_rate: 8000\n")
    with pytest.raises(ProjectError) as raised:
        load(tmp_path, os.environ)
    (found,) = raised.value.problems
    assert (found.line, found.column, found.remedy) == (2, 12, "did you mean 'balance'?")
