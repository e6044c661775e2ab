from hypothesis import given
from hypothesis import strategies as st

from ivr.runtime.door.admission import RESERVED, Admission, Busy, Limits


def test_without_limits_everybody_is_taken_until_it_drains():
    door = Admission(Limits())
    for _ in range(1000):
        door.begin("1.2.3.4")
    assert door.busy("1.2.3.4", 0.0, 0.0) is None
    door.draining = True
    assert door.busy("1.2.3.4", 0.0, 0.0) is Busy.DRAINING
    assert door.busy("1.2.3.4", 0.0, 0.0, announced=True) is None


def test_late_wakes_refuse_new_calls_but_none_that_was_announced():
    door = Admission(Limits(late=0.05))
    assert door.busy("a", 0.05, 0.0) is None
    assert door.busy("a", 0.051, 0.0) is Busy.LATE
    assert door.busy("a", 0.051, 0.0, announced=True) is None


def test_one_address_fills_its_own_places_only():
    door = Admission(Limits(calls=10, calls_per_address=2))
    door.begin("a")
    door.begin("a")
    assert door.busy("a", 0.0, 0.0) is Busy.ADDRESS
    assert door.busy("b", 0.0, 0.0) is None
    door.end("a")
    assert door.busy("a", 0.0, 0.0) is None


def test_a_place_is_kept_for_a_call_that_was_announced_and_given_away_when_it_does_not_come():
    door = Admission(Limits(calls=1))
    door.keep("t", 0.0)
    assert door.busy("a", 0.0, 1.0) is Busy.CALLS
    assert door.busy("a", 0.0, 1.0, announced=True) is None
    assert door.busy("a", 0.0, RESERVED) is None
    assert door.expected(RESERVED) == 0.0


def test_a_call_that_is_announced_again_has_one_place_for_all_its_tickets():
    door = Admission(Limits(calls=2))
    for n in range(5):
        door.keep(f"t{n}", float(n), "CA1")
    assert door.busy("a", 0.0, 4.0) is None
    assert door.expected(4.0) == RESERVED
    door.came("t1")
    assert door.expected(4.0) == 0.0
    door.keep("other", 4.0, "CA2")
    door.keep("unnamed", 4.0)
    assert door.busy("a", 0.0, 4.0) is Busy.CALLS


def test_how_long_announced_calls_are_expected():
    door = Admission(Limits())
    assert door.expected(0.0) == 0.0
    door.keep("t", 0.0)
    door.keep("u", 1.0)
    assert door.expected(1.0) == RESERVED
    door.came("u")
    assert door.expected(1.0) == RESERVED - 1.0
    assert door.expected(RESERVED) == 0.0


def test_a_place_that_was_taken_is_no_longer_kept():
    door = Admission(Limits(calls=2))
    door.keep("t", 0.0)
    door.came("t")
    assert door.expected(0.0) == 0.0
    door.begin("a")
    assert door.busy("a", 0.0, 1.0) is None


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=60), st.integers(1, 5), st.integers(1, 3))
def test_no_order_of_calls_passes_a_limit(steps, calls, each):
    door = Admission(Limits(calls=calls, calls_per_address=each))
    open_calls = []
    for address, begins in steps:
        if begins and door.busy(address, 0.0, 0.0) is None:
            door.begin(address)
            open_calls.append(address)
        elif not begins and address in open_calls:
            open_calls.remove(address)
            door.end(address)
        assert door.calls == len(open_calls) <= calls
        assert all(open_calls.count(one) <= each for one in "ab")


def test_calls_that_another_worker_announced_pass_the_limit_by_a_quarter_and_no_more():
    door = Admission(Limits(calls=8))
    for _ in range(8):
        door.begin("a")
    assert door.busy("a", 0.0, 0.0) is Busy.CALLS
    for _ in range(2):
        assert door.busy("a", 0.0, 0.0, announced=True) is None
        door.begin("a")
    assert door.busy("a", 0.0, 0.0, announced=True) is Busy.CALLS
