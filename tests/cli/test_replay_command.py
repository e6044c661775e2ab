"""``ivr replay`` as its user runs it."""

import json
import os
import shutil
from decimal import Decimal

import pytest

from ivr.call.plan import plan_calls
from ivr.cli.main import main
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.driver import Answer, Driver
from ivr.simulator.emulated import EMULATED, Network
from ivr.testing.voices import ScriptedVoice
from ivr.trace.doors import DoorEvent
from ivr.trace.jsonl import header, line


@pytest.fixture(scope="module")
def events():
    """A call of the starter: the balance, then the goodbye."""
    there = EMULATED["twilio"]
    plan = plan_calls(load(starter_root(), os.environ), there.capabilities, provider="scripted")
    phone = there.far_end({"from": "+15550100"}, Network(0.02, 0.02))
    answers = {"bank.balance": Answer(Decimal("12.50"), 0.3)}
    driver = Driver(plan, there.codec(), phone, ScriptedVoice(), answers, record=True)
    driver.at(2.0, lambda now: phone.press("1", now))
    driver.at(14.0, lambda now: phone.press("9", now))
    return driver.run()


@pytest.fixture
def trace(events, tmp_path):
    return written(tmp_path / "call.jsonl", events)


def written(path, events):
    path.write_bytes(header("c1") + b"".join(map(line, events)))
    return path


@pytest.fixture
def changed(tmp_path):
    """The starter, in which nine leads to the opening hours."""
    root = tmp_path / "changed"
    shutil.copytree(starter_root(), root, ignore=shutil.ignore_patterns("__pycache__"))
    dialog = root / "prompts/dialogs/main.yaml"
    dialog.write_text(dialog.read_text().replace("9: goodbye", "9: hours"))
    return root


def replay(capsys, *words):
    status = main(["replay", *map(str, words)])
    return status, capsys.readouterr()


def test_the_same_call_is_0(trace, capsys):
    status, said = replay(capsys, trace, "--project", starter_root())
    assert (status, said.err) == (0, "")
    assert said.out.startswith("call c1, ") and said.out.endswith(", 3 turns: the same today\n")


def test_another_dialog_is_1_and_told_from_its_first_difference_on(trace, changed, capsys):
    status, said = replay(capsys, trace, "--project", changed)
    assert status == 1
    first, recorded, today, *rest = said.out.splitlines()
    assert "differs today from 14.0" in first and first.endswith("in turn 3")
    assert recorded.strip() == "- recorded: state goodbye (option 9)"
    assert today.strip() == "+ today: state hours (option 9)"
    assert any("prompt hours" in text for text in rest)


def test_json_has_all_of_it(trace, changed, capsys):
    status, said = replay(capsys, trace, "--project", changed, "--json")
    told = json.loads(said.out)
    assert status == 1
    assert (told["call"], told["verdict"], told["turns"], told["cut_off"]) == ("c1", "differs", 3, None)
    first = told["differences"][0]
    assert (first["turn"], first["later"]) == (3, None)
    assert first["recorded"]["what"] == "goodbye (option 9)" and first["today"]["what"] == "hours (option 9)"


def test_a_trace_that_is_cut_off_is_compared_as_far_as_it_goes(trace, capsys):
    whole = trace.read_bytes()
    trace.write_bytes(whole[: whole.index(b"\n", 9000) - 5])
    status, said = replay(capsys, trace, "--project", starter_root())
    assert status == 0
    assert "cut off there: the same today" in said.out
    assert said.err.startswith("ivr: warning: ") and "ends in the middle of line" in said.err


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"trace":"ivr","version":2,"call":"c","release":"9.0"}\n', "version 2, newer than this reader of version 1"),
        (b"", "the trace is empty"),
        (b"RIFF", "line 1 of the trace is cut off or damaged"),
        (header("c"), "record it with trace.replay: yes"),
    ],
)
def test_what_cannot_be_replayed_is_2_with_the_reason(tmp_path, capsys, data, why):
    path = tmp_path / "call.jsonl"
    path.write_bytes(data)
    status, said = replay(capsys, path, "--project", starter_root())
    assert status == 2 and said.out == ""
    assert said.err.startswith(f"ivr: {path}: ") and why in said.err


def test_a_trace_without_doors_and_a_file_that_is_not_there_are_2(tmp_path, events, capsys):
    path = written(tmp_path / "plain.jsonl", [event for event in events if not isinstance(event, DoorEvent)])
    assert replay(capsys, path, "--project", starter_root())[0] == 2
    status, said = replay(capsys, tmp_path / "none.jsonl")
    assert status == 2 and "cannot be read (No such file or directory)" in said.err


def test_a_stand_in_that_decides_is_2_and_told(tmp_path, trace, changed, capsys):
    dialog = changed / "prompts/dialogs/main.yaml"
    # All of the shape of 12.50 are.
    text = dialog.read_text().replace("9: hours", "9: goodbye").replace("amount < 0.0", "amount < 120.0")
    dialog.write_text(text)
    status, said = replay(capsys, trace, "--project", changed)
    assert status == 2
    assert "a stand-in keeps it from deciding: at" in said.out
    assert "state 'balance' goes by 'amount', what bank.balance returned" in said.out


def test_what_a_stand_in_decides_is_2_and_all_else_is_told(events, tmp_path, capsys):
    root = tmp_path / "between"
    shutil.copytree(starter_root(), root, ignore=shutil.ignore_patterns("__pycache__"))
    dialog = root / "prompts/dialogs/main.yaml"
    # 12.50 was not overdrawn; what its stand-in is said as, 11.11, is.
    dialog.write_text(dialog.read_text().replace("amount < 0.0", "amount < 12.0"))
    trace = written(tmp_path / "call.jsonl", events)
    status, said = replay(capsys, trace, "--project", root)
    first, assumed = said.out.splitlines()
    assert (status, first.partition(": ")[2]) == (2, "the same today, but for what a stand-in decides")
    assert "state 'balance' goes by 'amount', what bank.balance returned" in assumed
    told = json.loads(replay(capsys, trace, "--project", root, "--json")[1].out)
    assert (told["verdict"], told["differences"], told["undecided"]) == ("undecided", [], [])
    assert [one["state"] for one in told["assumed"]] == ["balance"]
    dialog.write_text(dialog.read_text().replace("9: goodbye", "9: hours"))
    status, said = replay(capsys, trace, "--project", root)
    assert status == 1 and "a stand-in was taken as one that leads where it did then" in said.out
    assert "+ today: state hours (option 9)" in said.out
