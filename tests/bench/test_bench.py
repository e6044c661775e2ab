"""The bench's own parts: the floor under the driver, which rounds count, and what is made of them."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from capacity_toys import FIGURES

from bench import rounds
from bench.chart import chart
from bench.floor import frame, unmasked
from bench.rounds import Cell, floor_failed, loads, measure, series
from bench.soak import soak
from bench.table import rows, show
from bench.targets import floor, ours
from ivr.capacity.measure import step
from ivr.capacity.run import Load


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
