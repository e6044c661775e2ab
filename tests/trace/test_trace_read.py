from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr import __version__
from ivr.errors import TraceError
from ivr.trace.doors import DoorEvent, LookupCame, SpeechCame, StreamCame, TimerRang
from ivr.trace.events import CallEnded, CallEvent, DigitHeard, StateEntered, TraceEvent
from ivr.trace.jsonl import as_dict, header, line, unmasked
from ivr.trace.read import read, salvaged
from ivr.trace.sound import SegmentStarted, SoundEvent, Strategy
from ivr.trace.values import written

KINDS = get_args(CallEvent) + get_args(SoundEvent) + get_args(DoorEvent)

VALUES = {
    str: st.text(st.characters(codec="utf-8"), max_size=20),
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    float: st.integers(-(10**9), 10**9).map(lambda number: round(number / 10**6, 6)),
}
"""Floats are written to the microsecond."""


def values(hint: Any) -> st.SearchStrategy[Any]:
    if get_origin(hint) is UnionType:
        return st.one_of([st.none() if part is type(None) else values(part) for part in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=3).map(tuple)
    return VALUES[hint] if hint in VALUES else st.sampled_from(hint)


def made(kind: type) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: values(hint) for name, hint in get_type_hints(kind).items()})


def test_every_event_of_both_unions_is_read() -> None:
    assert len(KINDS) > 20
    assert set(KINDS) == set(get_args(TraceEvent))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_comes_back_as_it_was_written(kind: type) -> None:
    @settings(max_examples=25, deadline=None)
    @given(made(kind))
    def round_trip(event: TraceEvent) -> None:
        found, events = read([header("call"), line(event, unmasked)])
        assert events == [event]
        assert [type(getattr(events[0], f.name)) for f in fields(kind)] == [
            type(getattr(event, f.name)) for f in fields(kind)
        ]
        assert found["call"] == "call"

    round_trip()


def test_personal_data_is_read_as_the_stand_in_that_was_written() -> None:
    _, events = read([header("c"), line(DigitHeard("7", 1.0))])
    assert events == [DigitHeard("0", 1.0)]


def test_text_lines_empty_lines_and_line_ends_are_taken() -> None:
    lines = ["\n", header("c").decode(), "", line(StateEntered("menu", 1.0)).decode().rstrip(), "  \n"]
    assert read(lines)[1] == [StateEntered("menu", 1.0)]


def test_what_later_versions_add_is_left_out() -> None:
    more = orjson.loads(line(StateEntered("menu", 1.0))) | {"mood": [1]}
    new = {"event": "Hummed", "at": 2.0}
    odd = {"event": ["no", "name"]}
    assert read([header("c"), *map(orjson.dumps, (more, new, odd))])[1] == [StateEntered("menu", 1.0)]


def test_a_field_with_a_default_may_be_missing() -> None:
    assert read([header("c"), '{"event":"DigitHeard","digit":"1","at":1}'])[1] == [DigitHeard("1", 1.0, True)]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "the trace is empty"),
        (["\n"], "the trace is empty"),
        ([line(CallEnded("x", 1.0))], "line 1 is not the header"),
        (["[1]"], "line 1 of the trace is no object"),
        ([b'{"trace":"ivr","version":99,"call":"c"}'], "version 99, newer than this reader of version 1"),
        ([b'{"trace":"ivr","version":99,"release":"9.1"}'], "read it with release 9.1"),
        ([b'{"trace":"ivr","call":"c"}'], "version None"),
        ([header("c"), line(StateEntered("a", 1.0)), line(CallEnded("x", 1.0))[:-8]], "ends in the middle of line 3"),
        ([header("c"), line(CallEnded("x", 1.0))[:-8] + b"\n"], "line 2 of the trace is cut off or damaged"),
        ([header("c"), b"{", line(StateEntered("a", 1.0))], "line 2 of the trace is cut off or damaged"),
        ([header("c")[:-8]], "line 1 of the trace is cut off or damaged"),
        ([header("c"), b"\xff\xfe\n"], "line 2 of the trace is cut off or damaged"),
        ([header("c"), '{"event":"CallEnded","at":1}'], r"line 2 of the trace has no CallEnded\.reason"),
        (
            [header("c"), '{"event":"CallEnded","reason":1,"at":1}'],
            r"line 2 of the trace: CallEnded\.reason cannot be 1",
        ),
        ([header("c"), '{"event":"CallEnded","reason":"x","at":null}'], r"CallEnded\.at cannot be None"),
        ([header("c"), '{"event":"CallEnded","reason":"x","at":true}'], r"CallEnded\.at cannot be True"),
        ([header("c"), '{"event":"BargedIn","position":1.5,"at":1}'], r"BargedIn\.position cannot be 1\.5"),
        ([header("c"), '{"event":"MarkResolved","name":"1","outcome":"lost","at":1}'], r"outcome cannot be 'lost'"),
        ([header("c"), '{"event":"MarkResolved","name":"1","outcome":[],"at":1}'], r"outcome cannot be \[\]"),
    ],
)
def test_what_is_no_whole_trace_is_refused_with_its_line(lines: list[bytes | str], why: str) -> None:
    with pytest.raises(TraceError, match=why):
        read(lines)


def test_a_trace_that_is_cut_off_at_any_byte_gives_what_is_before_it_and_says_so() -> None:
    whole = [StateEntered("menu", 1.0), DigitHeard("*", 2.0), CallEnded("x", 3.0)]
    first = header("c")
    data = first + b"".join(map(line, whole))
    for end in range(len(first), len(data) + 1):
        lines = data[:end].splitlines(keepends=True)
        found, events, cut = salvaged(lines)
        assert found["call"] == "c"
        assert events == whole[: len(events)]
        # Without its line end alone the last line is whole.
        assert bool(cut) == (lines[-1].rstrip()[-1:] != b"}")
        if cut:
            assert f"the trace ends in the middle of line {len(lines)}" in cut
            assert len(events) == len(lines) - 2


def test_doors_keep_their_times_to_the_last_digit() -> None:
    at = 1.2345678901234567
    assert read([header("c"), line(TimerRang(at))])[1] == [TimerRang(at)]
    assert read([header("c"), line(StateEntered("menu", at))])[1] == [StateEntered("menu", 1.234568)]


def test_the_header_says_whether_personal_data_is_shown_and_who_wrote_it() -> None:
    assert orjson.loads(header("c"))["private"] == "mask"
    assert orjson.loads(header("c", unmasked))["private"] == "show"
    assert orjson.loads(header("c"))["release"] == __version__


def test_what_the_gateway_said_and_what_lookups_returned_is_masked() -> None:
    came = StreamCame("MZ1", "{}", "voice", ("from", "vip"), ("+15550100", "yes"), 0.0)
    value = LookupCame("lookup1", written({"amount": Decimal("12.5"), "name": "Ann"}), True, 1.0)
    _, events = read([header("c"), line(came), line(value)])
    assert events[0].names == ("from", "vip")
    assert events[0].values == ("+00000000", "xxx")
    assert orjson.loads(events[1].value) == {"amount": {"$decimal": "00.0"}, "name": "xxx"}
    assert read([header("c", unmasked), line(came, unmasked), line(value, unmasked)])[1] == [came, value]


def test_of_speech_that_is_the_callers_no_word_shows():
    spoken = SegmentStarted("u1", "u1.1", Strategy.STREAM, "seven two, John.", True, 0, 1.0, 1.0)
    assert as_dict(spoken)["text"] == "xxx xxx, xxx."
    came = SpeechCame("u1.1", 1, 800, 8000, "AAzQzzAzzB", (240, 0, 5, 480, 6, 3), "", 1.0)
    assert (as_dict(came)["words"], set(as_dict(came)["loudness"][2:])) == ((), {as_dict(came)["loudness"][-1]})
    assert as_dict(came)["loudness"][:2] == "AA" and len(as_dict(came)["loudness"]) == 10
    for shown in (as_dict(replace(came, private=False)), as_dict(came, unmasked)):
        assert (shown["loudness"], shown["words"]) == (came.loudness, came.words)


@pytest.mark.parametrize("at", [1e308, 1e9, -1e9])
def test_a_time_that_no_call_comes_to_is_damage(at):
    there = [header("c"), line(StateEntered("a", 700_000.0)), line(StateEntered("b", at))]
    with pytest.raises(TraceError, match=r"line 3 .* no call is so long"):
        read(there)
