"""Traces of simulated calls are files as `ivr serve` writes them: `ivr replay` and `ivr latency` take them."""

import json
from pathlib import Path

import pytest

from ivr.cli.main import main
from ivr.project.starter import copy_starter


@pytest.fixture
def project(tmp_path) -> Path:
    copy_starter(tmp_path / "bank")
    return tmp_path / "bank"


def settle(project: Path, was: str, now: str) -> None:
    settings = project / "prompts/ivr.yaml"
    text = settings.read_text()
    assert text.count(was) == 1
    settings.write_text(text.replace(was, now))


def only(project: Path, number: int, *options: str) -> Path:
    file = project.parent / f"{number}.jsonl"
    made = ["--calls", "12", "--only", str(number), "--trace", str(file), *options]
    assert main(["simulate", str(project), *made]) == 0
    return file


def events(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("gateway", ["twilio", "asterisk/alaw", "audiosocket"])
def test_one_of_very_many_calls_is_replayed(project, capsys, gateway):
    file = only(project, 7, "--gateway", gateway)
    header, *told = events(file)
    (began,) = [event for event in told if event["event"] == "CallStarted"]
    assert header["call"] == began["call"] == "call-7"
    capsys.readouterr()
    assert main(["replay", str(file), "--project", str(project)]) == 0
    assert "the same today" in capsys.readouterr().out


def test_doors_change_nothing_else_and_are_left_out_where_the_project_says_so(project, capsys):
    with_doors = events(only(project, 7))
    settle(project, "  replay: yes", "  replay: no")
    file = only(project, 7)
    without = events(file)
    assert 1 < len(without) < len(with_doors)
    kinds = {event["event"] for event in without[1:]}
    assert [event for event in with_doors[1:] if event["event"] in kinds] == without[1:]
    assert main(["replay", str(file), "--project", str(project)]) == 2
    assert "record it with trace.replay: yes" in capsys.readouterr().err


def test_scenarios_are_replayed(project, capsys):
    traces = project.parent / "traces"
    assert main(["simulate", str(project), "balance", "--trace", str(traces)]) == 0
    (file,) = traces.iterdir()
    assert main(["replay", str(file), "--project", str(project)]) == 0
    assert "1234" not in file.read_text()


def test_personal_data_is_shown_where_the_project_says_so(project):
    settle(project, "  private: mask", "  private: show")
    traces = project.parent / "traces"
    assert main(["simulate", str(project), "balance", "--trace", str(traces)]) == 0
    (file,) = traces.iterdir()
    assert events(file)[0]["private"] == "show" and "1234.56" in file.read_text()


def test_latency_is_told_by_region(project, capsys):
    files = [str(only(project, number)) for number in (2, 7, 11)]
    capsys.readouterr()
    assert main(["latency", *files, "--json"]) == 0
    assert "region 1" in json.loads(capsys.readouterr().out)["by"]["voice_region"]
