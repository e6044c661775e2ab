from __future__ import annotations

import gzip
import json
import re
import xml.etree.ElementTree as ElementTree
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from recorded import made, write

from ivr.cli.main import main
from ivr.cli.timeline_read import names
from ivr.cli.trace_files import traces
from ivr.media.wave import read_channels, write_wav


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    directory = tmp_path / "calls"
    for number in range(4):
        run = made(number)
        write(directory / f"day{number % 2}", f"call-{number}", run.trace, run if number < 2 else None)
    return directory


def pieces(page: str, kind: str) -> list[bytes]:
    return [gzip.decompress(b64decode(text)) for text in re.findall(rf'<template id="{kind}\d+">([^<]+)<', page)]


def test_one_trace_is_a_picture(calls, tmp_path, capsys):
    out = tmp_path / "call.svg"
    assert main(["timeline", str(calls / "day0" / "call-0.jsonl"), "-o", str(out)]) == 0
    text = out.read_text()
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert 'class="ours"' in text and "no recording" not in text
    assert capsys.readouterr().out.startswith(f"1 call written to {out}, 0.0 MB")
    assert main(["timeline", str(calls / "day0" / "call-2.jsonl"), "-o", str(out)]) == 0
    assert "no recording of the call" in out.read_text()


def test_one_trace_may_be_a_page(calls, tmp_path):
    assert main(["timeline", str(calls / "day0" / "call-0.jsonl"), "-o", str(tmp_path / "one.html")]) == 0
    assert (tmp_path / "one.html").read_text().startswith("<!doctype html>")


def test_the_file_is_named_by_how_many_there_are(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["timeline", str(calls)]) == 0
    assert main(["timeline", str(calls / "day0" / "call-0.jsonl")]) == 0
    assert main(["timeline", str(calls / "day1")]) == 0
    assert {path.name for path in tmp_path.glob("timeline*")} == {"timeline.html", "timeline.svg"}


def test_the_worst_call_is_first_and_the_best_are_left_out(calls, tmp_path):
    out = tmp_path / "all.html"
    assert main(["timeline", str(calls), "-o", str(out), "--worst", "2"]) == 0
    text = out.read_text()
    assert re.findall(r'<a href="#c\d+"[^>]*>([^<]+)', text) == ["day1/call-3.jsonl", "day0/call-2.jsonl"]
    assert "2 better calls of 4 are left out (--worst)" in text


def test_sound_comes_with_audio_alone_and_within_its_limit(calls, tmp_path, capsys):
    out = tmp_path / "all.html"
    assert main(["timeline", str(calls), "-o", str(out)]) == 0
    assert pieces(out.read_text(), "s") == []
    assert any(b"not in this page (--audio)" in piece for piece in pieces(out.read_text(), "t"))
    assert main(["timeline", str(calls), "-o", str(out), "--audio"]) == 0
    sounds = pieces(out.read_text(), "s")
    wavs = sorted(path.read_bytes() for path in calls.rglob("*.wav"))
    assert sorted(sounds) == wavs and len(wavs) == 2
    assert re.search(r"\d\.\d MB, \d\.\d MB of it sound", capsys.readouterr().out)
    (channels, rate) = read_channels(sounds[0])
    assert len(channels) == 2 and rate == 8000


def test_what_is_beyond_the_limit_of_sound_is_told(calls, tmp_path):
    hiss = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 150_000)).astype(np.float32)  # which nothing packs
    for path in calls.rglob("*.wav"):
        path.write_bytes(write_wav(list(hiss), 8000))
    out = tmp_path / "all.html"
    assert main(["timeline", str(calls), "-o", str(out), "--audio", "--audio-limit", "1"]) == 0
    assert len(pieces(out.read_text(), "s")) == 1
    told = [piece.decode() for piece in pieces(out.read_text(), "t")]
    assert sum(bool(re.search(r"18\.8 s, 0\.\d\d MB of this page", piece)) for piece in told) == 1
    assert sum("beyond this page's 1 MB of sound (--audio-limit)" in piece for piece in told) == 1


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def test_a_damaged_trace_is_named_and_the_others_are_shown(calls, tmp_path, capsys):
    damage(calls / "day0" / "call-2.jsonl")
    torn = calls / "day1" / "call-3.jsonl"
    torn.write_bytes(torn.read_bytes().replace(b'"event":"StateEntered"', b'"event":"State', 1))
    newer = calls / "newer.jsonl"
    newer.write_text('{"trace":"ivr","version":99,"call":"x"}\n')
    (calls / "empty.jsonl").write_text("")
    (calls / "other.jsonl").write_bytes(b"\xff\xfe\x00")
    out = tmp_path / "all.html"
    assert main(["timeline", str(calls), "-o", str(out)]) == 1
    told = capsys.readouterr()
    assert "3 calls written" in told.out
    for name, why in (
        ("day0/call-2", "ends in the middle of line"),
        ("day1/call-3", "damaged"),
        ("newer", "version 99"),
        ("empty", "is empty"),
        ("other", "damaged"),
    ):
        (line,) = [line for line in told.err.splitlines() if f"{name}.jsonl: " in line]
        assert line.startswith("ivr: ") and why in line
        assert why in out.read_text() and line.endswith("(left out)") != (name == "day0/call-2")


def test_when_none_can_be_read_nothing_is_written(tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text("no trace")
    out = tmp_path / "all.html"
    assert main(["timeline", str(tmp_path / "a.jsonl"), str(tmp_path / "gone.jsonl"), "-o", str(out)]) == 2
    told = capsys.readouterr().err
    assert "a.jsonl: line 1 of the trace" in told and "gone.jsonl cannot be read (No such file" in told
    assert not out.exists()


def test_a_damaged_recording_costs_the_sound_alone(calls, tmp_path, capsys):
    wav = calls / "day0" / "call-0.wav"
    damage(wav)
    (calls / "day1" / "call-1.wav").write_bytes((calls / "day1" / "call-1.wav").read_bytes()[:22] + b"\x01\x00" * 40)
    out = tmp_path / "all.html"
    assert main(["timeline", str(calls), "-o", str(out), "--audio"]) == 1
    told = capsys.readouterr()
    assert f"{wav}: the WAV has" in told.err and "4 calls written" in told.out
    assert pieces(out.read_text(), "s") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-o", "x.png"], "name an .svg for one call, or an .html"),
        (["-o", "x.svg"], "an .svg holds no 4 calls"),
        (["-o", "gone/x.html"], "name another -o"),
    ],
)
def test_files_that_cannot_be(calls, tmp_path, monkeypatch, capsys, more, said):
    monkeypatch.chdir(tmp_path)
    assert main(["timeline", str(calls), *more]) == 2
    assert said in capsys.readouterr().err


def test_a_directory_without_traces_and_wrong_numbers(tmp_path, capsys):
    assert main(["timeline", str(tmp_path)]) == 2
    assert "has no .jsonl files" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["timeline", str(tmp_path), "--worst", "0"])
    assert "a whole number from 1 on" in capsys.readouterr().err


def test_sound_in_an_svg_is_refused(calls, capsys):
    assert main(["timeline", str(calls / "day0" / "call-0.jsonl"), "-o", "x.svg", "--audio"]) == 2
    assert "an .svg holds no sound" in capsys.readouterr().err


def test_a_trace_that_is_named_twice_is_shown_once(calls):
    one = calls / "day0" / "call-0.jsonl"
    assert traces([one, calls, one]) == [one, *(path for path in sorted(calls.rglob("*.jsonl")) if path != one)]
    assert names([one]) == ["call-0.jsonl"]
    assert names([one, calls / "day1" / "call-1.jsonl"]) == ["day0/call-0.jsonl", "day1/call-1.jsonl"]


def test_json_tells_the_calls_worst_first_and_draws_nothing(calls, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["timeline", str(calls), "--json", "--worst", "3"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert [call["name"] for call in found["calls"]][:2] == ["day1/call-3.jsonl", "day0/call-2.jsonl"]
    assert (len(found["calls"]), found["left_out"], found["problems"], told.err) == (3, 1, [], "")
    worst = found["calls"][0]
    assert worst["call"] == "call-3" and worst["dead_air"] > 1.0
    assert sum(seam["gap"] for seam in worst["seams"]) / worst["rate"] == pytest.approx(worst["dead_air"])
    assert list(tmp_path.iterdir()) == [calls]


def test_json_names_what_is_damaged_and_fails_where_nothing_can_be_read(calls, tmp_path, capsys):
    torn = calls / "day1" / "call-3.jsonl"
    torn.write_bytes(torn.read_bytes().replace(b'"event":"StateEntered"', b'"event":"State', 1))
    damage(calls / "day0" / "call-2.jsonl")
    assert main(["timeline", str(calls), "--json"]) == 1
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert len(found["calls"]) == 3
    assert [("left out" in problem, problem in told.err) for problem in found["problems"]] == [
        (False, True),
        (True, True),
    ]
    assert main(["timeline", str(torn), "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "no trace could be read" in told.err


@pytest.mark.parametrize("more", [["-o", "x.svg"], ["--audio"]])
def test_json_and_a_picture_exclude_each_other(calls, tmp_path, monkeypatch, capsys, more):
    monkeypatch.chdir(tmp_path)
    assert main(["timeline", str(calls), "--json", *more]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "--json draws nothing" in told.err
    assert not (tmp_path / "x.svg").exists()
