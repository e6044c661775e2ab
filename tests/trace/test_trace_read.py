from __future__ import annotations

from dataclasses import fields
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import TraceError
from ivr.trace.events import CallEnded, CallEvent, DigitHeard, StateEntered, TraceEvent
from ivr.trace.jsonl import header, line, unmasked
from ivr.trace.read import read
from ivr.trace.sound import SoundEvent

KINDS = get_args(CallEvent) + get_args(SoundEvent)

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
        ([b'{"trace":"ivr","version":99,"call":"c"}'], "version 99"),
        ([b'{"trace":"ivr","call":"c"}'], "version None"),
        ([header("c"), line(StateEntered("a", 1.0)), line(CallEnded("x", 1.0))[:-8]], "line 3 of the trace is cut off"),
        ([header("c"), b"\xff\xfe"], "line 2 of the trace is cut off or damaged"),
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
