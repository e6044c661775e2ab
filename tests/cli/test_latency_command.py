"""``ivr latency`` as its user runs it."""

import json

import pytest

from ivr.cli.main import main
from ivr.trace.events import FirstAudio, PromptSaid, SynthesisFirstAudio, SynthesisStarted
from ivr.trace.jsonl import header, line
from ivr.trace.sound import SegmentStarted, Strategy


def call(ttfa, region="eu"):
    """A call whose greeting comes from memory at once, and whose balance takes ``ttfa`` seconds."""
    return [
        PromptSaid("u1", "greeting", 1, (), 0.0),
        SegmentStarted("u1", "u1.1", Strategy.CLIP, "", False, 0, 0.0, 0.0),
        FirstAudio("answer", "clip", 0.002, 0.0),
        PromptSaid("u2", "balance", 1, (), 2.0),
        SynthesisStarted("u2.1", "x", True, 1, 2.0),
        SynthesisFirstAudio("u2.1", 0.0, 2.0 + ttfa, "http:[tts]", region),
        SegmentStarted("u2", "u2.1", Strategy.STREAM, "", True, 0, 2.0, 2.0),
        FirstAudio("digit", "stream", ttfa, 2.0),
    ]


@pytest.fixture
def calls(tmp_path):
    """Four of them, in a directory within."""
    (tmp_path / "monday").mkdir()
    for number, ttfa in enumerate((0.1, 0.2, 0.3, 0.9)):
        data = header(f"c{number}") + b"".join(map(line, call(ttfa, "eu" if number % 2 else "us")))
        (tmp_path / "monday" / f"c{number}.jsonl").write_bytes(data)
    return tmp_path


def latency(capsys, *words):
    status = main(["latency", *map(str, words)])
    return status, capsys.readouterr()


def test_percentiles_by_strategy_prompt_provider_and_region(calls, capsys):
    status, said = latency(capsys, calls, "--json")
    told = json.loads(said.out)
    assert (status, told["calls"], told["unread"]) == (0, 4, [])
    assert told["ttfa"] == {"count": 8, "p50": 0.002, "p95": 0.9, "p99": 0.9}
    stream = {"count": 4, "p50": 0.2, "p95": 0.9, "p99": 0.9}
    assert told["by"]["strategy"]["stream"] == told["by"]["prompt"]["balance"] == stream
    assert told["by"]["provider"] == {"http:[tts]": stream, "memory": told["by"]["prompt"]["greeting"]}
    assert told["by"]["region"]["us"] == {"count": 2, "p50": 0.1, "p95": 0.3, "p99": 0.3}
    assert told["by"]["voice"]["http:[tts]"]["count"] == 4
    assert [(each["up_to"], each["turns"]) for each in told["histogram"] if each["turns"]] == [
        (0.002, 4),
        (0.1, 1),
        (0.2, 1),
        (0.5, 1),
        (1.0, 1),
    ]


def test_a_table_and_a_histogram_for_people(calls, capsys):
    status, said = latency(capsys, calls / "monday" / "c0.jsonl", calls / "monday")
    assert status == 0
    assert said.out.startswith("4 calls, 8 turns with audio")
    lines = [line.split() for line in said.out.splitlines()]
    assert ["TTFA", "8", "2.0", "900.0", "900.0"] in lines
    assert ["http:[tts]", "4", "200.0", "900.0", "900.0"] in lines
    assert ["to", "2", "ms", "█" * 40, "4"] in lines
    assert ["to", "1000", "ms", "█" * 10, "1"] in lines


def test_a_file_that_cannot_be_read_is_told_and_the_others_count(calls, capsys):
    (calls / "bad.jsonl").write_bytes(b'{"trace":"ivr","version":7}\n')
    cut = calls / "cut.jsonl"
    cut.write_bytes((header("c") + b"".join(map(line, call(0.2))))[:-9])
    status, said = latency(capsys, calls, "--json")
    told = json.loads(said.out)
    assert status == 1
    assert told["calls"] == 5 and len(told["unread"]) == 1
    assert f"ivr: {calls / 'bad.jsonl'}: the trace is of version 7" in said.err
    assert f"ivr: warning: {cut}: the trace ends in the middle of line 9" in said.err


def test_where_none_can_be_read_it_fails(tmp_path, capsys):
    status, said = latency(capsys, tmp_path)
    assert status == 2 and "has no .jsonl files" in said.err
    (tmp_path / "a.jsonl").write_text("no")
    status, said = latency(capsys, tmp_path)
    assert status == 2 and "no trace could be read" in said.err


def test_calls_without_a_turn_have_no_figures(tmp_path, capsys):
    (tmp_path / "a.jsonl").write_bytes(header("c"))
    status, said = latency(capsys, tmp_path)
    assert (status, said.out) == (0, "1 call, 0 turns with audio\n")
