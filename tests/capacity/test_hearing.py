from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.capacity.hearing import AUDIBLE_GAP, FRAME, RATE, SHORT_PAUSE, Hearing

MESSAGE = 800
SECONDS = MESSAGE / RATE
NEAR = 1e-6

starts = st.floats(0, 100_000)
early = st.lists(st.floats(0.001, 3.0), min_size=2, max_size=60)
"""How long before its turn each message comes."""
audible = st.floats(AUDIBLE_GAP + 0.0001, 5.0)


def arrivals(start: float, leads: list[float]) -> list[float]:
    """When the messages of one stream come: in order, each at least its lead before its turn, none before the start."""
    times = [start]
    for index, lead in enumerate(leads[1:], start=1):
        times.append(max(times[-1], start, start + index * SECONDS - lead))
    return [min(time, start + index * SECONDS) for index, time in enumerate(times)]


def played(hearing: Hearing, times: list[float]) -> list[float]:
    return [gap for time in times if (gap := hearing.media(MESSAGE, time))]


@given(starts, early)
def test_a_stream_with_any_lead_and_no_late_message_has_no_gap(start, leads):
    hearing = Hearing()
    assert played(hearing, arrivals(start, leads)) == []
    assert hearing.starved(start + len(leads) * SECONDS) == 0.0


@given(starts, early, st.data(), audible)
def test_one_late_message_is_one_gap_of_its_lateness(start, leads, data, late):
    times = arrivals(start, leads)
    index = data.draw(st.integers(1, len(times) - 1))
    times[index] = start + index * SECONDS + late
    times[index + 1 :] = [max(time, times[index]) for time in times[index + 1 :]]
    (gap,) = played(Hearing(), times)
    assert abs(gap - late) < NEAR


@given(starts, early, st.data())
def test_lateness_that_nobody_hears_is_no_gap(start, leads, data):
    times = arrivals(start, leads)
    index = data.draw(st.integers(1, len(times) - 1))
    times[index] = start + index * SECONDS + data.draw(st.floats(0, AUDIBLE_GAP - 0.0001))
    times[index + 1 :] = [max(time, times[index]) for time in times[index + 1 :]]
    assert played(Hearing(), times) == []


@given(early, audible)
def test_what_comes_after_a_clear_ends_no_gap_and_its_marks_come_back_at_once(leads, wait):
    hearing = Hearing()
    times = arrivals(0.0, leads)
    played(hearing, times)
    hearing.mark("end", times[-1])
    assert hearing.due(times[-1]) == []
    hearing.clear(times[-1])
    assert hearing.due(times[-1]) == ["end"]
    assert hearing.media(MESSAGE, times[-1] + wait) == 0.0
    assert hearing.starved(times[-1]) == 0.0


@given(early, st.data())
def test_marks_in_the_middle_change_no_gap_and_come_back_when_the_sound_before_them_was_heard(leads, data):
    hearing = Hearing()
    times = arrivals(0.0, leads)
    marked = sorted(data.draw(st.sets(st.integers(0, len(times) - 1))))
    for index, time in enumerate(times):
        assert hearing.media(MESSAGE, time) == 0.0
        if index in marked:
            hearing.mark(str(index), time)
    for index in marked:
        assert hearing.due((index + 1) * SECONDS - NEAR) == []
        assert hearing.due((index + 1) * SECONDS + NEAR) == [str(index)]


@given(st.floats(AUDIBLE_GAP + 0.0001, SHORT_PAUSE - 0.001))
def test_a_short_silence_behind_a_mark_belongs_to_the_turn_and_is_a_gap(dry):
    hearing = Hearing()
    hearing.media(MESSAGE, 0.0)
    hearing.mark("segment", 0.0)
    assert abs(hearing.media(MESSAGE, SECONDS + dry) - dry) < NEAR


@given(st.floats(SHORT_PAUSE + 0.001, 60.0))
def test_a_long_silence_behind_a_mark_is_a_dialog_that_listens(pause):
    hearing = Hearing()
    hearing.media(MESSAGE, 0.0)
    hearing.mark("end", 0.0)
    assert hearing.starved(SECONDS + pause) == 0.0
    assert hearing.media(MESSAGE, SECONDS + pause) == 0.0


@given(st.floats(-FRAME, 1.0), st.floats(0, 5.0))
def test_what_answers_a_caller_who_acted_in_silence_ends_no_gap(after, wait):
    hearing = Hearing()
    hearing.media(MESSAGE, 0.0)
    hearing.mark("end", 0.0)
    hearing.acted(SECONDS + after)
    assert hearing.media(MESSAGE, SECONDS + max(0.0, after) + wait) == 0.0


@given(audible)
def test_acting_while_words_wait_for_their_rest_excuses_nothing(dry):
    hearing = Hearing()
    hearing.media(MESSAGE, 0.0)
    hearing.acted(SECONDS + dry / 2)
    assert abs(hearing.starved(SECONDS + dry) - dry) < NEAR
    assert abs(hearing.media(MESSAGE, SECONDS + dry) - dry) < NEAR


def test_an_answer_excuses_one_silence_and_not_the_next():
    hearing = Hearing()
    hearing.media(MESSAGE, 0.0)
    hearing.mark("end", 0.0)
    hearing.acted(0.2)
    assert hearing.media(MESSAGE, 0.3) == 0.0
    assert hearing.media(MESSAGE, 0.6) > 0.1
