import math

from hypothesis import given
from hypothesis import strategies as st

from ivr.pregen.provider.gate import Gate, Pace, backoff

PACE = Pace()
WAITS = st.sampled_from([0.0, 0.5, 1.0, 7.0, 700.0])


def gate(width=4, chance=1.0, **pace):
    return Gate(width, Pace(**pace), lambda: chance)


def test_it_is_open_at_first():
    assert gate().shut(0.0) == 0
    assert gate().width == 4
    assert not gate().hopeless


def test_a_refusal_shuts_it_for_as_long_as_the_provider_says():
    it = gate()
    it.refused(0, 10.0, 7.0)
    assert (it.shut(10.0), it.shut(16.5), it.shut(17.0)) == (7.0, 0.5, 0.0)


def test_what_was_out_when_it_was_shut_is_the_same_refusal():
    it = gate()
    for _ in range(4):
        it.refused(0, 10.0, None)
    assert (it.turn, it.width, it.shut(10.0)) == (1, 2, 1.0)
    it.refused(0, 10.5, 3.0)
    assert it.shut(10.5) == 3.0


def test_waits_grow_while_refusals_last_and_begin_anew_after_an_answer():
    it, waits = gate(), []
    for turn in range(8):
        it.refused(turn, 0.0, None)
        waits.append(it.shut(0.0))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    it.answered(8)
    it.refused(8, 0.0, None)
    assert it.shut(0.0) == 1


def test_who_says_at_once_again_and_again_is_asked_less_and_less():
    it, waits = gate(), []
    for turn in range(4):
        it.refused(turn, 0.0, 0.0)
        waits.append(it.shut(0.0))
    assert waits == [0, 1, 2, 4]


def test_fewer_are_asked_at_once_after_refusals_and_one_more_after_as_many_answers():
    it = gate(8)
    it.refused(0, 0.0, None)
    it.refused(1, 0.0, None)
    assert it.width == 2
    widths = []
    for _ in range(60):
        it.answered(2)
        widths.append(it.width)
    assert widths[:6] == [2, 3, 3, 3, 4, 4]
    assert widths[-1] == 8


def test_an_answer_to_what_was_asked_before_tells_nothing():
    it = gate()
    it.refused(0, 0.0, None)
    it.answered(0)
    it.refused(1, 0.0, None)
    assert it.shut(0.0) == 2


def test_it_is_hopeless_when_refusals_last_longer_than_patience():
    it = gate(patience=10.0)
    for turn, now in enumerate((0.0, 1.0, 3.0)):
        it.refused(turn, now, None)
        assert not it.hopeless
    it.refused(3, 7.0, None)
    assert it.hopeless
    it = gate(patience=10.0)
    it.refused(0, 0.0, 3600.0)
    assert it.hopeless


@given(
    width=st.integers(1, 64),
    chance=st.floats(0, 1),
    events=st.lists(st.tuples(st.booleans(), st.integers(0, 3), WAITS, st.none() | WAITS), max_size=12),
)
def test_whatever_comes_it_never_opens_before_it_was_asked_to(width, chance, events):
    it, now = gate(width, chance), 0.0
    for refused, late, passed, retry_after in events:
        now += passed
        turn = max(it.turn - late, 0)
        if refused:
            it.refused(turn, now, retry_after)
            assert it.opens >= now + (retry_after or 0.0)
        else:
            it.answered(turn)
        assert 1 <= it.width <= width
        assert it.shut(now) == max(it.opens - now, 0.0) or it.turn == 0
        assert math.isfinite(it.opens)


@given(attempt=st.integers(0, 5000), chance=st.floats(0, 1))
def test_a_wait_lies_between_half_and_the_whole(attempt, chance):
    whole = min(PACE.longest, PACE.first * 2.0 ** min(attempt, 60))
    assert whole / 2 <= backoff(PACE, attempt, chance) <= whole
