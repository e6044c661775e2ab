"""Playout: pacing, what was heard and what a clear leaves, by a clock that the test moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paced import LONG, SHORT, Rig, clip, playout
from toy import HOLD, clips, make_tone

from ivr.gateways.codec import MarkKind
from ivr.playout.pacing import Schedule
from ivr.playout.segments import Mark, PendingSegment, SilenceSegment, Span, SpeechSegment, Utterance
from ivr.testing.voices import babble
from ivr.trace.sound import Abandoned, MarkResolved, Outcome, SegmentStarted, UtteranceHeard


def test_the_lead_goes_at_once_and_then_four_messages_whenever_a_third_of_it_is_left():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(1.05)
    spans = [(round(at, 6), output.samples) for at, output in rig.out if isinstance(output, Span)]
    assert spans[:6] == [(0.0, 800)] * 6
    assert [at for at, _ in spans[6:]] == pytest.approx([n / 5 for n in (2, 4) for _ in "1234"])
    assert {samples for _, samples in spans} == {800}


def test_a_lead_of_three_messages_is_refilled_by_one():
    rig = Rig(playout(schedule=Schedule(0.3, 0.1)))
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(0.35)
    at = [at for at, output in rig.out if isinstance(output, Span)]
    assert at == pytest.approx([0.0, 0.0, 0.0, 0.1, 0.2, 0.3])


def test_of_a_cover_no_more_is_sent_than_a_late_wake_needs():
    """Words that come must wait for what was sent of it."""
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (PendingSegment("u1.1"),)), 0.0)
    rig.run(3.0)
    held = [at for at, output in rig.out if isinstance(output, Span) and output.clip is clips()[HOLD]]
    assert len(held) > 5
    ahead = [(held.index(at) + held.count(at)) * 0.1 - (at - held[0]) for at in held]
    assert max(ahead) < 0.35


def test_a_late_wake_does_not_add_up():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(0.05)
    for late in (0.29, 0.47, 0.61):
        rig.made.due(late)
    assert rig.made.next_timer(0.61) == pytest.approx(0.8)


def test_a_wake_that_is_asked_for_again_after_its_time_is_not_lost():
    made = playout()
    made.enqueue(Utterance("u1", (clip(),)), 0.0)
    made.due(0.0)
    assert [made.next_timer(now) for now in (0.0, 0.1, 0.15, 5.0)] == pytest.approx([0.4] * 4)


def test_the_very_first_audio_measures_the_path():
    rig = Rig(playout(), path=0.02)
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(0.1)
    assert rig.made.ledger.path == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("lead", "message", "sent"),
    [(0.3, 0.1, 2400), (1.0, 0.1, 8000), (0.1, 0.1, 1600), (0.3, 0.02, 2400)],
)
def test_the_lead_is_the_schedules_but_two_messages_at_least(lead, message, sent):
    rig = Rig(playout(schedule=Schedule(lead, message)))
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(0.0)
    assert len(rig.sent) == sent


def test_the_lead_is_never_more_than_the_far_side_holds():
    rig = Rig(playout(schedule=Schedule(5.0, 0.1), max_lead=1.0))
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(0.0)
    assert len(rig.sent) == 8000


def test_without_marks_the_clock_tells_what_was_heard():
    rig = Rig(playout(MarkKind.NONE))
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT),)), 0.0)
    rig.run(5.0)
    assert not any(isinstance(output, Mark) for _, output in rig.out)
    (heard,) = rig.of(UtteranceHeard)
    assert heard.outcome is Outcome.ESTIMATED
    assert heard.at == pytest.approx(0.2 + rig.made.ledger.path, abs=1e-3)


def test_marks_that_never_come_back_are_estimated():
    rig = Rig(playout(), echo=False)
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT),)), 0.0)
    rig.run(9.0)
    (heard,) = rig.of(UtteranceHeard)
    assert heard.outcome is Outcome.ESTIMATED
    assert heard.at <= 0.2 + 4 * rig.made.ledger.path + 2.0
    assert len({event.name for event in rig.of(MarkResolved)}) == len(rig.of(MarkResolved)) == 2


def test_a_wait_is_not_saying():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (SpeechSegment("u1.wait", ""),), wait=True), 0.0)
    rig.run(3.0)
    assert not rig.made.saying
    assert not rig.made.idle


def test_slack_is_what_is_still_to_be_heard():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(), SilenceSegment("u1.2", 800), SpeechSegment("u1.3", "words"))), 0.0)
    rig.run(0.5)
    assert rig.made.feed("u1.3", babble("words"), 22050, (), 0.5) == pytest.approx(3.0 + 0.1 - 0.5)
    assert rig.made.feed("u1.3", babble("words"), 22050, (), 0.6) is None


def test_audio_for_nobody_is_not_taken():
    made = playout()
    assert made.feed("u9.9", babble("x"), 22050, (), 0.0) is None
    made.finished("u9.9")
    made.failed("u9.9")
    assert made.again("u9.9") is False
    assert made.due(0.0) == []


def test_all_silent_audio_is_a_failure():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (SpeechSegment("u1.1", "words"),)), 0.0)
    rig.made.feed("u1.1", np.zeros(22050, np.float32), 22050, (), 0.0)
    rig.made.finished("u1.1")
    rig.run(1.0)
    assert [event.segment for event in rig.of(Abandoned)] == ["u1.1"]
    assert rig.sent == clips()["sorry"].payload


def test_a_clear_stops_everything_and_says_what_was_heard():
    rig = Rig(playout(), path=0.1)
    rig.made.enqueue(Utterance("u1", (clip(), clip("u1.2"))), 0.0)
    rig.run(1.0)
    cut = rig.clear()
    assert cut.position == 8000  # sent one path before, cut one path later
    assert [(part.segment, part.samples, part.text, part.complete) for part in cut.heard] == [
        ("u1.1", 8000, "one", False)
    ]
    assert [event.segment for event in rig.of(Abandoned)] == ["u1.1", "u1.2"]
    before = len(rig.sent)
    rig.run(9.0)
    assert len(rig.sent) == before
    assert rig.of(UtteranceHeard) == []
    assert rig.made.idle


@pytest.mark.parametrize("at", [0.0, 2.95, 3.05, 3.5])
def test_a_clear_at_an_edge(at):
    rig = Rig(playout(), path=0.1)
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(at)
    cut = rig.clear()
    assert cut.position == min(round(at * 8000), LONG.samples)


def test_two_clears_in_a_row():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(1.0)
    first, second = rig.clear(), rig.clear()
    assert first.position == second.position
    assert second.heard == ()
    rig.run(9.0)
    names = [event.name for event in rig.of(MarkResolved)]
    assert len(names) == len(set(names))
    assert {first.sentinel, second.sentinel} <= set(names)


def test_a_clear_on_an_empty_queue():
    rig = Rig(playout())
    cut = rig.clear()
    assert (cut.position, cut.heard) == (0, ())


def test_a_blocked_socket_gets_nothing_and_then_everything():
    rig = Rig(playout())
    rig.made.block(True)
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT),)), 0.0)
    rig.run(2.0)
    assert rig.sent == b""
    assert rig.made.next_timer(2.0) is None
    rig.made.block(False)
    rig.run(4.0)
    assert rig.sent == SHORT.payload


def test_drop_says_no_more():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(), clip("u1.2", SHORT))), 0.0)
    rig.made.due(0.0)
    rig.made.drop(0.0)
    rig.run(4.0)
    assert rig.made.idle
    assert [event.segment for event in rig.of(SegmentStarted)] == ["u1.1"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(1, 60)),
        st.tuples(st.just("pass"), st.floats(0.0, 1.5)),
        st.tuples(st.just("clear"), st.just(0)),
    ),
    max_size=14,
)


@given(STEPS, st.sampled_from([0.0, 0.06, 0.2]), st.sampled_from(list(MarkKind)[:2]))
@settings(max_examples=100, deadline=None)
def test_laws_of_any_sequence(steps, path, kind):
    rig = Rig(playout(kind), path)
    said, cuts = 0, []
    for step, value in steps:
        if step == "say":
            said += 1
            rig.made.enqueue(Utterance(f"u{said}", (clip(f"u{said}.1", make_tone(value * 0.02)),)), rig.now)
        elif step == "pass":
            rig.run(rig.now + value)
        else:
            sent = rig.made.ledger.sent
            cut = rig.clear()
            assert cut.position <= sent
            assert sum(part.samples for part in cut.heard) <= cut.position
            cuts.append(cut.position)
    rig.run(rig.now + 60)
    assert cuts == sorted(cuts)
    assert rig.made.idle
    assert rig.made.next_timer(rig.now) is None
    names = [event.name for event in rig.of(MarkResolved)]
    placed = [output.name for _, output in rig.out if isinstance(output, Mark)]
    assert len(names) == len(set(names))
    assert set(placed) <= set(names)
    finished = [event.utterance for event in rig.of(UtteranceHeard)]
    assert finished == sorted(set(finished), key=lambda name: int(name[1:]))
