import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import ConfigError
from ivr.speech.breaker import COOL_DOWN, FAILURES, LONGEST, Breaker


def opened(at=0.0, **options):
    breaker = Breaker(**options)
    for _ in range(options.get("failures", FAILURES)):
        breaker.failed(breaker.enter(at), at)
    return breaker


def test_only_failures_in_a_row_open_it():
    breaker = Breaker(3)
    for verdict in "ffsffsff":
        ticket = breaker.enter(0.0)
        assert not (breaker.failed(ticket, 0.0) if verdict == "f" else breaker.succeeded(ticket))
    assert breaker.state(0.0) == "closed"
    assert breaker.failed(breaker.enter(0.0), 0.0)
    assert (breaker.state(0.0), breaker.enter(0.0)) == ("open", None)


def test_what_was_left_counts_neither_way():
    breaker = Breaker(2)
    breaker.failed(breaker.enter(0.0), 0.0)
    breaker.left(breaker.enter(0.0))
    assert breaker.failed(breaker.enter(0.0), 0.0)


def test_one_probe_at_a_time_and_it_closes_it():
    breaker = opened()
    assert breaker.enter(COOL_DOWN - 0.001) is None
    probe = breaker.enter(COOL_DOWN)
    assert breaker.state(COOL_DOWN) == "half-open"
    assert breaker.enter(COOL_DOWN) is None
    breaker.left(probe)
    again = breaker.enter(COOL_DOWN)
    assert again is not None
    assert breaker.succeeded(again)
    assert breaker.state(COOL_DOWN) == "closed"


def test_the_first_audio_of_a_probe_lets_others_in_but_one_failure_shuts_them_out():
    breaker = opened()
    probe = breaker.enter(COOL_DOWN)
    assert breaker.heard(probe) and not breaker.heard(probe)
    other = breaker.enter(COOL_DOWN)
    assert other is not None
    assert breaker.failed(probe, COOL_DOWN)
    late = COOL_DOWN + 2 * COOL_DOWN - 0.001
    assert breaker.state(late) == "open" and breaker.shaken(late)


def test_the_cool_down_doubles_up_to_the_longest_and_begins_anew_after_success():
    breaker, now, waits = opened(), 0.0, []
    for _ in range(6):
        begun = now
        while breaker.enter(now) is None:
            now += 0.25
        waits.append(now - begun)
        breaker.failed(breaker._opened, now)
    assert waits == [1, 2, 4, 8, 10, 10]
    now += LONGEST
    breaker.succeeded(breaker.enter(now))
    for _ in range(FAILURES):
        breaker.failed(breaker.enter(now), now)
    assert breaker.enter(now + COOL_DOWN) is not None


def test_a_request_from_before_it_opened_says_nothing_new():
    breaker = Breaker(1)
    old, other = breaker.enter(0.0), breaker.enter(0.0)
    breaker.failed(breaker.enter(0.0), 0.0)
    assert not breaker.failed(old, 0.9)
    assert not breaker.succeeded(other) and not breaker.heard(other)
    probe = breaker.enter(COOL_DOWN)
    breaker.left(old)
    assert breaker.enter(COOL_DOWN) is None  # the probe is still out
    assert breaker.succeeded(probe)


def test_what_the_provider_asks_for_is_heeded_up_to_the_longest():
    breaker = Breaker(2)
    breaker.failed(breaker.enter(0.0), 0.0, 5.0)
    assert breaker.shaken(4.9) and not breaker.shaken(5.0)
    breaker.failed(breaker.enter(0.0), 0.0, 3600.0)
    assert breaker.enter(LONGEST - 0.1) is None and breaker.enter(LONGEST) is not None


@pytest.mark.parametrize("wrong", [{"failures": 0}, {"cool_down": 0.0}, {"cool_down": 20.0}, {"longest": math.nan}])
def test_wrong_settings(wrong):
    with pytest.raises(ConfigError):
        Breaker(**wrong)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "heard", "succeeded", "failed", "left"]),
        st.floats(0, 5),
        st.integers(0, 30),
        st.none() | st.floats(0, 1e6),
    ),
    max_size=60,
)


@given(STEPS, st.integers(1, 4))
def test_it_never_locks_out_for_longer_than_the_longest_and_never_lets_two_probes_out(steps, failures):
    breaker, now, out, row = Breaker(failures), 0.0, [], 0
    probes: set[int] = set()
    for number, (what, later, which, asked) in enumerate(steps):
        now += later
        before = breaker.state(now)
        if what == "enter":
            ticket = breaker.enter(now)
            assert (ticket is None) == (before == "open" or (before == "half-open" and bool(probes)))
            if ticket is not None:
                out.append((number, ticket))
                if before == "half-open":
                    probes.add(number)
            continue
        if not out:
            continue
        at = which % len(out)
        name, ticket = out[at] if what == "heard" else out.pop(at)
        probes.discard(name)
        current = ticket == breaker._opened
        match what:
            case "heard":
                changed = breaker.heard(ticket)
            case "succeeded":
                changed = breaker.succeeded(ticket)
                row = 0 if current else row
            case "failed":
                changed = breaker.failed(ticket, now, asked)
                row += current
            case _:
                breaker.left(ticket)
                changed = False
        after = breaker.state(now)
        assert changed == ((before == "closed") != (after == "closed"))
        assert current or after == before
        if (before, after) == ("closed", "open") and "heard" not in {step[0] for step in steps}:
            assert row >= failures
    for _, ticket in out:
        breaker.left(ticket)
    assert breaker.enter(now + LONGEST) is not None
