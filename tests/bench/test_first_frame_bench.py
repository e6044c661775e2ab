"""The bench of first frames works; whether its figures hold is for a machine that does nothing else."""

import json
import sys

import pytest

from bench import first_frame


def test_it_sees_every_value_and_prints_what_it_saw(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench", "--lines", "2", "--keys", "2", "--json"])
    monkeypatch.setattr(first_frame, "HOLD", 10_000.0)
    with pytest.raises(SystemExit) as stopped:
        first_frame.main()
    told = json.loads(capsys.readouterr().out)
    assert stopped.value.code == 0
    assert told["title"].startswith("4 values")
    assert all(row["seen"] > 0 for row in told["rows"])


def test_a_figure_that_is_over_is_told(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bench", "--lines", "1", "--keys", "1", "--json"])
    monkeypatch.setattr(first_frame, "HOLD", 0.0)
    with pytest.raises(SystemExit) as stopped:
        first_frame.main()
    assert stopped.value.code == 1
