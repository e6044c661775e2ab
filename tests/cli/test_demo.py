"""The demo as its user runs it: a real call in real time, and what is left of it."""

import importlib.util
import json
import xml.etree.ElementTree as ElementTree

import pytest

from ivr.cli.main import main
from ivr.media.wave import read_wav
from ivr.trace.read import read
from ivr.trace.sound import SegmentStarted, Strategy

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="the extra 'voice' is not installed"
)


def test_a_call_and_its_files(tmp_path, capsys):
    assert main(["demo", "--keys", "9", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [turn["trigger"] for turn in told["turns"]] == ["answer", "digit"]
    assert set(told["summary"]["ttfa"]) == {"p50", "p95", "p99"}
    assert told["summary"]["worst_gap"] in (0, None)
    samples, rate = read_wav((tmp_path / "call.wav").read_bytes())
    assert rate == 8000 and len(samples) > 2 * rate
    header, events = read((tmp_path / "call.jsonl").read_bytes().splitlines())
    assert header["trace"] == "ivr" and type(events[-1]).__name__ == "CallEnded"
    assert ElementTree.fromstring((tmp_path / "call.svg").read_text()).tag.endswith("svg")


def test_keys_that_no_telephone_has(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--keys", "1x"])
    assert ended.value.code == 2
    assert "0-9 * # A-D" in capsys.readouterr().err


def test_an_answer_for_a_function_that_is_not_there(capsys):
    assert main(["demo", "--answer", "bank.balnce=3"]) == 2
    assert "it has: bank.balance" in capsys.readouterr().err


def test_a_directory_that_cannot_be_made_is_told_before_the_call(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert main(["demo", "--out", str(tmp_path / "file" / "out")]) == 2
    assert "name another --out" in capsys.readouterr().err


def test_a_fault_strikes_words_of_any_length(tmp_path, capsys):
    words = ["demo", "--keys", "19", "--fault", "die", "--answer", "bank.balance=1", "--out", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fault_struck"] is True
    _, events = read((tmp_path / "call.jsonl").read_bytes().splitlines())
    assert Strategy.FALLBACK in [event.strategy for event in events if isinstance(event, SegmentStarted)]


def test_a_fault_that_nothing_could_feel_is_told(tmp_path, capsys):
    assert main(["demo", "--keys", "9", "--fault", "stall", "--out", str(tmp_path)]) == 0
    assert "the fault did not strike: no live words" in capsys.readouterr().out
