"""The command: its search with figures made up, and once against a real server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from capacity_toys import FIGURES

from ivr.capacity import figures as figures_module
from ivr.capacity.cores import Cores
from ivr.capacity.search import MOST
from ivr.cli import capacity
from ivr.cli.main import main


class Taken(list):
    """Targets and loads, and what their figures are to have."""

    def __init__(self):
        self.changes = {}


@pytest.fixture
def steps(monkeypatch):
    """What was measured; a server that holds 50 lines, and figures that the test may change."""
    taken = Taken()

    async def step(target, load):
        taken.append((target, load))
        seen = replace(FIGURES, lines=load.lines, gaps=0 if load.lines <= 50 else 3)
        return replace(seen, **taken.changes)

    monkeypatch.setattr(capacity, "step", step)
    return taken


def test_it_says_how_many_and_what_gives_first(steps, capsys):
    assert main(["capacity"]) == 0
    said = capsys.readouterr().out
    assert "callers press 2, 9; 1 left out" in said
    assert "20 lines: holds" in said and "80 lines: gives: gaps in sound: 3" in said
    assert "holds 50 calls on 1 core; first gives: gaps in sound: 3" in said
    target, load = steps[0]
    assert load.keys == ("2", "9") and load.call_seconds == 5.0
    assert "--workers" not in target.command


def test_its_options_reach_the_server_and_the_load(steps, monkeypatch):
    monkeypatch.setenv("IVR_SERVE_CALLS", "3")
    words = [
        "--workers",
        "2",
        "--cores",
        "1",
        "--listener",
        "picows",
        "--call",
        "2s",
        "--step",
        "3s",
        "--live",
        "--lines",
        "10",
    ]
    assert main(["capacity", *words]) == 0
    ((target, load),) = steps
    assert list(target.command)[-4:] == ["--listener", "picows", "--workers", "2"]
    assert target.environ["IVR_SERVE_CALLS"] == str(MOST)
    assert (load.keys, load.call_seconds, load.seconds, load.lines) == (("1", "2", "9"), 2.0, 3.0, 10)


def test_the_server_gets_a_core_for_each_worker(steps, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(capacity, "split", lambda cores: asked.append(cores) or Cores((), ()))
    for words in ([], ["--workers", "3"], ["--workers", "3", "--cores", "2"]):
        assert main(["capacity", "--lines", "10", *words]) == 0
    assert asked == [1, 3, 2]
    assert "no core of its own" in capsys.readouterr().out


def test_one_number_of_lines_is_measured_once_and_told_by_the_status(steps, capsys):
    assert main(["capacity", "--lines", "60", "--json"]) == 1
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert (answer["holds"], answer["gives_at"], len(answer["steps"])) == (0, 60, 1)
    assert "60 lines: gives" in err


def test_what_was_found_is_written_for_the_environment(steps, tmp_path, capsys):
    file = tmp_path / "capacity.env"
    assert main(["capacity", "--write", str(file)]) == 0
    assert file.read_text().splitlines()[-1] == "IVR_SERVE_CALLS=50"
    assert str(file) in capsys.readouterr().out


def test_nothing_is_written_where_nothing_holds(steps, tmp_path, capsys):
    file = tmp_path / "capacity.env"
    assert main(["capacity", "--lines", "60", "--write", str(file)]) == 2
    assert not file.exists() and "was not written" in capsys.readouterr().err


def test_a_disk_that_refuses_is_a_message(steps, tmp_path, capsys):
    assert main(["capacity", "--lines", "10", "--write", str(tmp_path / "no" / "where")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_driver_at_fault_is_said(steps, capsys):
    steps.changes["void"] = "the driver was late"
    assert main(["capacity"]) == 1
    assert len(steps) == 3
    assert "the driver gave first: the driver was late" in capsys.readouterr().out


def test_a_hosted_voice_is_paid_and_that_is_said(steps, monkeypatch, capsys):
    monkeypatch.setenv("IVR_VOICE_PROVIDER", "http")
    monkeypatch.setenv("IVR_VOICE_URL", "https://voice.example")
    assert main(["capacity", "--lines", "10", "--live"]) == 0
    assert "paid" in capsys.readouterr().out
    assert main(["capacity", "--lines", "10"]) == 0
    assert "paid" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["--lines", "0"], ["--cores", "x"], ["--ttfa", "5"], ["--step", "soon"], ["--listener", "none"]]
)
def test_wrong_words_are_refused(words):
    with pytest.raises(SystemExit) as ended:
        main(["capacity", *words])
    assert ended.value.code == 2


def test_more_cores_than_there_are(steps, capsys):
    assert main(["capacity", "--cores", "90000"]) == 2
    assert "--cores 90000" in capsys.readouterr().err


def test_a_real_server_is_started_dialled_and_ended(monkeypatch, capsys):
    monkeypatch.setattr(figures_module, "LATE", 10.0)  # whoever else uses this machine
    main(["capacity", "--lines", "3", "--call", "1s", "--step", "1s", "--ttfa", "5s", "--json"])
    (seen,) = json.loads(capsys.readouterr().out)["steps"]
    assert seen["calls"] > 0 and seen["greeting"] and seen["void"] is None
    assert not seen["refused"] and not seen["broken"]
    assert seen["processor"] > 0 and seen["processes"] >= 1
