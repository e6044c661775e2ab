from __future__ import annotations

from dataclasses import replace

import pytest
from capacity_toys import FIGURES
from hypothesis import given
from hypothesis import strategies as st

from ivr.capacity.search import CLOSE, MOST, TRIES, Limits, Search, Verdict, sentence, verdict


def searched(capacity: int, first: int = 20) -> tuple[Search, list[int]]:
    search = Search(first)
    tried: list[int] = []
    while (lines := search.lines) is not None:
        tried.append(lines)
        search.tell(Verdict(lines, () if lines <= capacity else ("gaps in sound: 1",)))
    return search, tried


@given(st.integers(0, 5000), st.integers(1, 100))
def test_it_finds_what_holds_to_within_a_twentieth(capacity, first):
    search, tried = searched(capacity, first)
    assert search.holds <= capacity
    assert search.gives is not None and capacity < search.gives.lines
    assert search.gives.lines - search.holds <= max(1, CLOSE * search.holds)
    assert len(tried) < 60


def test_it_doubles_then_halves():
    _, tried = searched(70)
    assert tried[:6] == [20, 40, 80, 80, 60, 70]


def test_where_nothing_gives_it_ends_at_the_most():
    search, tried = searched(10**6)
    assert (search.holds, search.gives, tried[-1]) == (MOST, None, MOST)
    assert "not tried" in sentence(search.holds, search.gives, None, 1)


def test_one_bad_step_is_measured_again_before_it_counts():
    search = Search(20)
    search.tell(Verdict(20, ("gaps in sound: 1",)))
    assert search.lines == 20
    search.tell(Verdict(20))
    assert (search.holds, search.lines) == (20, 40)


@pytest.mark.parametrize("bad", [20, 40, 80])
def test_neighbours_that_spoil_a_step_twice_do_not_set_the_limit(bad):
    search, spoilt = Search(20), [bad, bad]
    while (lines := search.lines) is not None:
        holds = lines <= 150
        if lines in spoilt:
            spoilt.remove(lines)
            holds = False
        search.tell(Verdict(lines, () if holds else ("gaps in sound: 1",)))
    assert spoilt == [] and 150 / (1 + CLOSE) - 1 <= search.holds <= 150 < search.gives.lines


@given(st.randoms(use_true_random=False), st.integers(1, 400))
def test_it_ends_however_the_steps_come_out(random, first):
    search, number = Search(first), 0
    while (lines := search.lines) is not None:
        number += 1
        assert number < 400 and 1 <= lines <= MOST
        void = "the driver was late" if random.random() < 0.1 else None
        search.tell(Verdict(lines, ("gaps in sound: 1",) if void is None and random.random() < 0.5 else (), void))
    assert search.gives is None or search.gives.lines > search.holds


def test_a_driver_that_stays_at_fault_ends_the_search():
    search = Search(20)
    search.tell(Verdict(20))
    for _ in range(TRIES):
        assert search.lines == 40
        search.tell(Verdict(40, void="the driver was late"))
    assert search.lines is None and search.gives is None
    assert sentence(20, None, search.void, 2) == (
        "holds at least 20 calls on 2 cores; then the driver gave first: the driver was late"
    )


def test_a_single_step_counts_as_it_is():
    search = Search(30)
    bad = Verdict(30, ("processor: 0.99 of 1 core in use",))
    search.tell(bad)
    search.stop(bad)
    assert (search.lines, search.gives, search.holds) == (None, bad, 0)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"refused": {"503 Service Unavailable": 3}}, "calls refused: 503 Service Unavailable (3)"),
        ({"broken": {"the socket closed with 1006": 1}}, "calls broken"),
        ({"gaps": 2, "worst_gap": 0.08}, "gaps in sound: 2, the longest 80 ms"),
        ({"greeting": {50: 0.001, 99: 0.021}}, "time to first audio: p99 21.0 ms"),
        ({"prompt": {50: 0.001, 99: 0.021}}, "time to first audio: p99 21.0 ms"),
        ({"processor": 0.97}, "processor: 0.97 of 1 core"),
        ({"greeting": {}, "prompt": {}}, "no call was answered"),
    ],
)
def test_each_limit_has_its_reason(changed, word):
    assert verdict(FIGURES, Limits()).holds
    (reason,) = verdict(replace(FIGURES, **changed), Limits()).reasons
    assert reason.startswith(word)


def test_what_callers_suffer_stands_first():
    seen = replace(FIGURES, processor=1.0, gaps=1, refused={"503": 1})
    assert [reason.partition(":")[0] for reason in verdict(seen, Limits()).reasons] == [
        "calls refused",
        "gaps in sound",
        "processor",
    ]


def test_words_that_are_looked_up_come_when_they_come():
    assert verdict(replace(FIGURES, prompt={50: 0.5, 99: 0.9}), Limits(prompts=False)).holds


def test_a_void_step_says_nothing_else():
    judged = verdict(replace(FIGURES, gaps=9, void="the driver was late"), Limits())
    assert (judged.holds, judged.reasons, judged.void) == (False, (), "the driver was late")


def test_a_late_driver_excuses_a_failure_and_spoils_no_success():
    late = replace(FIGURES, void="the driver was late", only_late=True)
    assert verdict(late, Limits()).holds
    assert verdict(replace(late, gaps=1), Limits()).void == "the driver was late"
