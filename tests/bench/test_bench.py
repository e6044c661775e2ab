"""The bench's own parts: the floor under the driver, which rounds count, and what is made of them."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from capacity_toys import FIGURES

from bench import __main__ as command
from bench import rounds
from bench.__main__ import add_common
from bench.chart import chart
from bench.floor import frame, unmasked
from bench.rounds import Cell, floor_failed, loads, measure, series
from bench.soak import soak
from bench.table import rows, show
from bench.targets import floor, ours
from bench.virtual import speed
from ivr.capacity.cores import Cores
from ivr.capacity.measure import step
from ivr.capacity.run import Load
from ivr.cli import capacity
from ivr.cli.main import main
from ivr.project.starter import starter_root


def cell(server: str, lines: int, void: str | None = None, number: int = 1, **changes: object) -> Cell:
    return Cell(server, number, replace(FIGURES, lines=lines, void=void, **changes), void)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535])
def test_the_floors_frames_say_their_size(size):
    made = frame("x" * size)
    assert made.endswith(b"x" * size)
    assert (made[0], made[1]) == (0x81, min(size, 126))
    assert len(made) == size + (2 if size < 126 else 4)


@pytest.mark.parametrize("data", [b"", b"a", b"abcde", bytes(range(256))])
def test_masking_twice_is_nothing(data):
    mask = b"\x01\x02\x03\x04"
    once = unmasked(memoryview(data), mask)
    assert unmasked(memoryview(once), mask) == data
    assert once == bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))


@pytest.mark.parametrize("target", [floor(()), ours("asyncio", ())], ids=["floor", "asyncio"])
async def test_what_ours_is_compared_with_answers_as_a_server_must(target):
    seen = await step(target, Load("", 3, 1.5, call_seconds=1.0, keys=("2",), settle=0.2))
    assert seen.calls > 0 and seen.greeting and seen.clear and seen.prompt
    assert not seen.refused and not seen.broken


async def test_a_soak_makes_its_calls(monkeypatch):
    monkeypatch.setattr("bench.soak.WARM", 0.5)
    seen = await soak(floor(()), 20, ("2",))
    assert seen.calls >= 20 and seen.before > 0


def test_the_bench_puts_on_what_capacity_puts_on(monkeypatch):
    taken = []

    async def fake(target, load):
        taken.append(load)
        return replace(FIGURES, lines=load.lines)

    monkeypatch.setattr(capacity, "step", fake)
    assert main(["capacity", str(starter_root()), "--lines", "150"]) == 0
    parser = argparse.ArgumentParser()
    add_common(parser)
    args = parser.parse_args([])
    keys = taken[0].keys
    assert replace(taken[0], seed=0) in [replace(each, seed=0) for each in loads((150,), args.seconds, args.call, keys)]


async def test_rounds_are_interleaved_in_turned_order(monkeypatch):
    taken = []

    async def fake(target, load):
        taken.append((target, load.lines, load.seed))
        return replace(FIGURES, lines=load.lines, greeting={50: 0.001, 99: 0.001})

    monkeypatch.setattr(rounds, "step", fake)
    cells = await measure({"floor": "f", "ours": "o"}, loads((20,), 1.0, 1.0, ()), 2, lambda _: None)
    assert taken == [
        ("f", 1, 1),
        ("o", 1, 1),
        ("f", 20, 1),
        ("o", 20, 1),
        ("o", 1, 2),
        ("f", 1, 2),
        ("o", 20, 2),
        ("f", 20, 2),
    ]
    assert len(cells) == 8 and all(each.void is None for each in cells)


@pytest.mark.parametrize(
    "changes",
    [
        {"gaps": 1},
        {"refused": {"x": 1}},
        {"broken": {"x": 1}},
        {"greeting": {}},
        {"void": "x"},
        {"greeting": {99: 1.0}},
    ],
)
def test_a_floor_that_fails_says_why(changes):
    assert floor_failed(replace(FIGURES, **changes))
    assert floor_failed(FIGURES) is None


def test_medians_leave_void_rounds_out_unless_there_are_no_others():
    cells = [cell("ours", 20, None, 1, gaps=1), cell("ours", 20, None, 2, gaps=3), cell("ours", 20, "late", 3, gaps=99)]
    assert series(cells, "ours", 20).median(lambda seen: seen.gaps) == 2
    assert series(cells, "ours", 20).total(lambda seen: seen.gaps) == 4
    void = series(cells[2:], "ours", 20)
    assert (void.median(lambda seen: seen.gaps), void.valid) == (99, False)


def test_rows_tell_what_holds_and_the_ratio_to_the_floor(capsys):
    cells = [
        cell("floor", 1, greeting={50: 0.0005, 99: 0.001}),
        cell("ours", 1, greeting={50: 0.001, 99: 0.003}),
        cell("floor", 100, per_call_minute=0.1),
        cell("ours", 100, per_call_minute=0.2, gaps=1),
        cell("floor", 200, "the driver was late"),
        cell("ours", 200, "the driver was late"),
    ]
    found = {row.what: row for row in rows(cells)}
    assert (found["answer → greeting, p99"].outcome, found["answer → greeting, p50"].ratio) == ("over", 2.0)
    assert (found["100 lines: processor per call-minute"].outcome, found["100 lines: gaps, all rounds"].outcome) == (
        "ok",
        "over",
    )
    assert found["100 lines: processor per call-minute"].ratio == pytest.approx(2.0)
    assert {row.outcome for row in found.values() if row.what.startswith("200")} == {"void"}
    show(list(found.values()), "a title")
    assert "2.0 ×" in capsys.readouterr().out


def test_the_chart_is_an_svg_with_every_curve():
    cells = [cell(server, lines) for server in ("ours", "floor") for lines in (1, 100, 200)]
    drawn = chart(cells, "a <title>")
    root = ElementTree.fromstring(drawn)
    texts = {element.text or "".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"ours p50", "ours p99", "floor p50", "floor p99", "ours", "floor", "100", "200"} <= texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 12


def test_a_chart_of_nothing_is_still_one():
    ElementTree.fromstring(chart([cell("ours", 1)], "empty"))


FAST = {
    "times_real_time": 400.0,
    "times_real_time_spans": 900.0,
    "times_real_time_other_words": 300.0,
    "same_trace": True,
    "virtual_calls": 20,
    "virtual_grown_bytes": 0,
}


def test_calls_in_virtual_time_have_one_trace_with_and_without_audio():
    audio, spans = (speed(2, audio=with_audio) for with_audio in (True, False))
    assert audio.trace == spans.trace and audio.times > 0 and spans.times > 0


@pytest.fixture
def bench(monkeypatch):
    """Runs the command on cells made up; gives its status. ``before`` is called when it would measure."""

    def run(cells, *words, before=lambda: None):
        async def fake(*_):
            before()
            return cells

        monkeypatch.setattr(sys, "argv", ["bench", *words])
        monkeypatch.setattr(command, "split", lambda _: Cores((), ()))
        monkeypatch.setattr(command, "ready", lambda: 0.07)
        monkeypatch.setattr(command, "virtual", lambda quick: FAST)
        monkeypatch.setattr(command, "measure", fake)
        with pytest.raises(SystemExit) as ended:
            command.main()
        return ended.value.code

    return run


@pytest.mark.parametrize(("file", "said"), [("load.png", ".svg"), ("no/load.svg", "cannot be written")])
def test_a_chart_that_cannot_be_drawn_is_said_before_anything_is_measured(bench, tmp_path, capsys, file, said):
    measured = []
    assert bench([], "--chart", str(tmp_path / file), before=lambda: measured.append(file)) == 2
    assert said in capsys.readouterr().err and not measured
    assert not list(tmp_path.iterdir())


def test_a_chart_that_fails_at_the_end_leaves_the_table(bench, tmp_path, capsys):
    folder = tmp_path / "charts"
    folder.mkdir()
    assert bench([cell("ours", 20), cell("floor", 20)], "--chart", str(folder / "load.svg"), before=folder.rmdir) == 2
    out, err = capsys.readouterr()
    assert "20 lines: gaps" in out and "cannot be written" in err and "--chart" in err


def test_a_chart_is_drawn(bench, tmp_path):
    bench([cell("ours", 20), cell("floor", 20)], "--chart", str(tmp_path / "load.svg"))
    ElementTree.parse(tmp_path / "load.svg")


HOLDS = [cell(server, lines) for server in ("ours", "floor") for lines in (1, 20)]


@pytest.mark.parametrize(
    ("cells", "status", "said"),
    [
        (HOLDS, 0, ""),
        ([*HOLDS, cell("ours", 20, None, 2, gaps=2)], 1, "over: 20 lines: gaps, all rounds (2, to hold 0)"),
        ([cell("ours", 20, "the driver was late")], 3, "not known: 20 lines: gaps"),
        ([cell("ours", 20, clear={})], 3, "not known: 20 lines: digit → clear, p99"),
        ([cell("ours", 20, gaps=2, clear={})], 1, "not known: 20 lines: digit → clear, p99"),
        ([], 3, "nothing was measured"),
    ],
    ids=["holds", "over", "void", "not seen", "over and not seen", "nothing"],
)
@pytest.mark.parametrize("words", [(), ("--json",)])
def test_the_status_tells_and_a_sentence_says_why(bench, capsys, cells, status, said, words):
    assert bench(cells, *words) == status
    err = capsys.readouterr().err
    assert said in err if status else "bench:" not in err


def test_help_tells_of_the_status(bench, capsys):
    assert bench([], "--help") == 0
    assert "exit status" in capsys.readouterr().out.lower()
