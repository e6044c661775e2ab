from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from ivr.media.samples import Samples, empty
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallStarted,
    DigitHeard,
    FirstAudio,
    Listening,
    LookupEnded,
    LookupStarted,
    PromptSaid,
    StateEntered,
    SynthesisEnded,
    SynthesisFirstAudio,
    SynthesisStarted,
    TraceEvent,
    TurnStarted,
)
from ivr.trace.jsonl import unmasked
from ivr.trace.lanes import audible, figures, signed
from ivr.trace.picture import picture
from ivr.trace.row import LEFT, PLOT
from ivr.trace.sound import SeamJoined, SegmentEnded, SegmentStarted, Strategy

RATE = 8000
SVG = "{http://www.w3.org/2000/svg}"


def noise(seconds: float) -> Samples:
    return (np.random.default_rng(1).standard_normal(round(seconds * RATE)) * 0.2).astype(np.float32)


def seam(at: float, gap: int = 0, step: float | None = 0.2, jump: float = 0.5) -> SeamJoined:
    return SeamJoined("u1", "u1.1", "u1.2", Strategy.STREAM, gap, step, jump, 0.4, at)


def call(gap: int = 0) -> list[TraceEvent]:
    return [
        CallStarted("c", "s", "", 0.0),
        TurnStarted("answer", 0.0),
        SegmentStarted("u1", "u1.1", Strategy.CLIP, "Your balance & <more> is", False, 0, 0.5, 0.1),
        FirstAudio("answer", "clip", 0.5, 0.1),
        LookupStarted("l1", "bank.balance", 0.2),
        LookupEnded("l1", "bank.balance", "returned", "4711", True, 0.8),
        SynthesisStarted("u1.2", "forty seven", True, 1, 0.8),
        SynthesisFirstAudio("u1.2", 0.9, 1.0),
        SynthesisEnded("u1.2", "done", "", False, 1.4),
        SegmentStarted("u1", "u1.2", Strategy.STREAM, "forty seven", True, 16000, 2.5, 2.2),
        seam(2.2, gap),
        DigitHeard("4", 6.0),
        BargedIn(30000, "Your balance is forty", True, 6.0),
        TurnStarted("digit", 6.0),
        Listening(5.0, 7.0),
        CallEnded("hung up", 9.0),
    ]


def drawn(events: list[TraceEvent], **changes: object) -> ElementTree.Element:
    given: dict[str, object] = {"title": "A call", "mask": unmasked} | changes
    return ElementTree.fromstring(picture(events, noise(3), noise(10), RATE, **given))  # type: ignore[arg-type]


def of_class(root: ElementTree.Element, *names: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if set(names) <= set(element.get("class", "").split())]


def words(root: ElementTree.Element) -> list[str]:
    return [(element[-1].tail if len(element) else element.text) or "" for element in root.iter(f"{SVG}text")]


def x_of(seconds: float, row: float) -> float:
    return LEFT + seconds / row * PLOT


def test_bars_stand_at_their_times_in_their_colours() -> None:
    root = drawn(call())
    (clip,) = of_class(root, "bar", "clip")[:1]
    row = 11.0  # ten seconds of sound, rounded up to a whole row
    bars = [of_class(root, "bar", kind)[-1] for kind in ("clip", "stream")]
    assert [float(bar.get("x", "")) for bar in bars] == [pytest.approx(x_of(at, row), abs=0.1) for at in (0.5, 2.5)]
    assert float(bars[0].get("width", "")) == pytest.approx(2.0 / row * PLOT, abs=0.2)
    assert clip.get("fill") is None  # colours are the style sheet's
    assert "Your balance & <more> is" in words(root)


def test_the_offset_moves_events_and_not_the_sound() -> None:
    plain, moved = drawn(call()), drawn(call(), offset=0.75)
    shift = float(of_class(moved, "bar", "stream")[-1].get("x", "")) - float(
        of_class(plain, "bar", "stream")[-1].get("x", "")
    )
    assert shift == pytest.approx(0.75 / 11 * PLOT, abs=0.2)
    ticks = [[tick.get("x") for tick in of_class(root, "tick")] for root in (plain, moved)]
    assert ticks[0] == ticks[1] and float(ticks[0][5] or "") == pytest.approx(x_of(5, 11.0), abs=0.1)
    assert of_class(plain, "ours")[0].get("d") == of_class(moved, "ours")[0].get("d")


def test_private_words_and_digits_are_masked_unless_shown() -> None:
    masked, shown = drawn(call(), mask=lambda text: "#" * len(text)), drawn(call())
    whole = ElementTree.tostring(masked, encoding="unicode")
    for secret in ("forty", "4711", "seven", "key 4"):
        assert secret not in whole
        assert secret in ElementTree.tostring(shown, encoding="unicode")
    assert "forty" not in picture(call(), empty(), empty(), RATE, title="")


def test_seams_that_are_heard_are_red() -> None:
    assert len(of_class(drawn(call()), "figures", "good")) == 1
    root = drawn(call(gap=12))
    assert not of_class(root, "figures", "good")
    assert "gap 12 · +0.2 LU" in words(root)
    tick = of_class(root, "seam", "bad")[-1]
    assert float(tick.get("x1", "")) == pytest.approx(x_of(2.5, 11.0), abs=0.1)


def test_a_seam_is_audible_by_its_gap_its_step_or_its_jump() -> None:
    assert not audible(seam(0.0)) and not audible(seam(0.0, step=None)) and not audible(seam(0.0, step=-1.0, jump=1.0))
    assert audible(seam(0.0, gap=1)) and audible(seam(0.0, step=-1.1)) and audible(seam(0.0, jump=1.2))
    assert figures(seam(0.0, step=None)) == "gap 0"
    assert figures(seam(0.0, step=-1.26, jump=1.5)) == "gap 0 · −1.3 LU · jump 1.5"
    assert (signed(-0.01), signed(0.04), signed(2.0)) == ("+0.0", "+0.0", "+2.0")


def test_work_turns_keys_and_figures_are_on_it() -> None:
    root = drawn(call())
    text = words(root)
    assert "bank.balance returned: 4711, 0.60 s" in text
    assert "“forty seven”, 0.60 s" in text
    assert "answer: first audio 500 ms, clip" in text
    assert "digit: nothing heard for it" in text
    assert {"barge-in", "end: hung up", "4", "A call"} <= set(text)
    assert "time to first audio over 2 turns: p50 500 ms · p95 500 ms · p99 500 ms" in text
    assert "1 seam; worst gap 0 samples, level step +0.2 LU, jump 0.50; covers: none" in text
    assert of_class(root, "first") and of_class(root, "key") and of_class(root, "listening") and of_class(root, "wait")
    lookup = of_class(root, "work", "lookup")[-1]
    assert float(lookup.get("width", "")) == pytest.approx(0.6 / 11 * PLOT, abs=0.2)


def test_it_stands_by_itself() -> None:
    whole = picture(call(), noise(3), noise(10), RATE, title="<script>")
    assert "<script" not in whole and "href" not in whole and "url(" not in whole and "@import" not in whole
    assert whole.count("http") == 1  # the name space


def test_a_waveform_shows_where_it_is_loud() -> None:
    sound = np.zeros(RATE * 10, dtype=np.float32)
    sound[RATE * 4 : RATE * 5] = np.tile(np.array([0.5, -0.5], dtype=np.float32), RATE // 2)
    root = ElementTree.fromstring(picture([], empty(), sound, RATE, title=""))
    (path,) = of_class(root, "ours")
    points = [tuple(map(float, point.split(","))) for point in path.get("d", "").strip("MZ").split()]
    heights = [y for _, y in points]
    for edge in (min(heights), max(heights)):
        loud = [x for x, y in points if y == edge]
        assert min(loud) == pytest.approx(x_of(4, 11.0), abs=4) and max(loud) == pytest.approx(x_of(5, 11.0), abs=4)
    assert max(heights) - min(heights) > 60
    assert len(points) < 20  # level stretches are two points
    assert not of_class(root, "caller")


def test_a_minute_of_noise_stays_small_and_goes_over_several_rows() -> None:
    whole = picture(call(), noise(60), noise(60), RATE, title="A call")
    assert len(whole) < 300_000
    assert len(of_class(ElementTree.fromstring(whole), "ours")) == 4


def test_a_bar_over_the_edge_of_a_row_goes_on_in_the_next() -> None:
    events: list[TraceEvent] = [
        SegmentStarted("u", "u.1", Strategy.CLIP, "words", False, 0, 1.0, 1.0),
        CallEnded("", 30.0),
    ]
    root = ElementTree.fromstring(picture(events, empty(), empty(), RATE, title=""))
    assert len(of_class(root, "bar", "clip")) == 3  # one of them is the legend's
    assert {"words", "… words"} <= set(words(root))


@pytest.mark.parametrize("events", [[], [CallStarted("c", "s", "", 0.0)], [TurnStarted("answer", 5.0)], call()[:9]])
def test_what_ended_early_or_never_began_is_drawn_as_well(events: list[TraceEvent]) -> None:
    root = ElementTree.fromstring(picture(events, empty(), empty(), RATE, title="", offset=-1.0))
    assert "time to first audio" in " ".join(words(root))


def test_crowded_labels_are_left_out_and_nothing_leaves_the_sheet() -> None:
    events: list[TraceEvent] = [
        SegmentStarted("u1", "u1.2", Strategy.STREAM, "x", False, 400 * n, n / 20, n / 20) for n in range(200)
    ]
    events += [seam(n / 20, gap=n) for n in range(200)]
    events += [LookupStarted(f"l{n}", "bank.balance", n / 20) for n in range(200)]
    root = drawn([*events, CallEnded("done", 10.0)])
    assert len(of_class(root, "seam", "bad")) >= 199
    assert 0 < len(of_class(root, "figures", "bad")) < 100
    wide = float(root.get("width", ""))
    assert all(float(box.get("x", "")) + float(box.get("width", "")) <= wide for box in root.iter(f"{SVG}rect"))


def slack_of(due: float) -> ElementTree.Element:
    events: list[TraceEvent] = [
        PromptSaid("u1", "balance", 1, (), 1.0),
        SegmentStarted("u1", "u1.1", Strategy.CLIP, "Your balance is", False, 0, 1.0, 1.0),
        SegmentEnded("u1", "u1.1", Strategy.CLIP, round((due - 1.0) * RATE), 1.0),
        SynthesisStarted("u1.2", "twelve", False, 1, 1.0),
        SynthesisFirstAudio("u1.2", max(0.0, due - 4.0), 4.0),
        SegmentStarted("u1", "u1.2", Strategy.STREAM, "twelve", False, round((due - 1.0) * RATE), max(due, 4.0), 4.0),
        CallEnded("", 9.5),
    ]
    return drawn(events)


def test_slack_falls_to_what_was_left_and_is_red_where_there_was_none() -> None:
    early, late = slack_of(6.0), slack_of(3.0)
    (path,) = (one for one in of_class(early, "slack") if one.tag == f"{SVG}path")
    points = [tuple(map(float, point.split(","))) for point in path.get("d", "").strip("MZ").split()]
    assert [points[0][0], points[-1][0]] == [pytest.approx(x_of(at, 11.0), abs=0.1) for at in (1.0, 4.0)]
    zero, high, left = points[0][1], points[1][1], points[2][1]
    assert (zero - left) / (zero - high) == pytest.approx(2 / 5, abs=0.02)
    assert "2.00 s" in words(early) and not of_class(early, "slack", "low") and of_class(early, "dot", "good")
    (path,) = (one for one in of_class(late, "slack") if one.tag == f"{SVG}path")
    assert max(float(point.split(",")[0]) for point in path.get("d", "").strip("MZ").split()) == pytest.approx(
        x_of(3.0, 11.0), abs=0.1
    )
    (red,) = of_class(late, "slack", "low")
    assert float(red.get("x", "")) == pytest.approx(x_of(3.0, 11.0), abs=0.1)
    assert float(red.get("width", "")) == pytest.approx(1.0 / 11 * PLOT, abs=0.1)
    assert "−1.00 s" in words(late) and of_class(late, "dot", "bad")


def test_states_stand_below_until_the_next() -> None:
    root = drawn([StateEntered("main", 0.0, "start"), StateEntered("balance", 4.0, "option 1"), CallEnded("", 9.0)])
    bars = of_class(root, "state")
    assert [float(bar.get("width", "")) for bar in bars] == [
        pytest.approx(wide / 11 * PLOT, abs=0.2) for wide in (4.0, 5.0)
    ]
    assert {"main", "balance"} <= set(words(root))
    assert "by option 1" in (bars[1][0].text or "")
