"""Playout: pacing, marks, what was heard and what a clear leaves, by a clock that the test moves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import HOLD, clips, covers, make_tone

from ivr.gateways.codec import MarkKind
from ivr.gateways.twilio import TWILIO
from ivr.media.format import MULAW_8K
from ivr.playout.account import MARK_EVERY
from ivr.playout.live import LiveSpeech
from ivr.playout.pacing import AT_ONCE, Schedule
from ivr.playout.playout import Playout
from ivr.playout.segments import ClipSegment, Mark, PendingSegment, SilenceSegment, Span, SpeechSegment, Utterance
from ivr.testing.voices import babble
from ivr.trace.sound import (
    Abandoned,
    MarkResolved,
    Outcome,
    SeamJoined,
    SegmentEnded,
    SegmentStarted,
    UtteranceHeard,
    UtteranceStarted,
)

AS_USUAL = Schedule()
LONG = make_tone(3.0, "long")
SHORT = make_tone(0.2, "short")


def playout(marks=MarkKind.ECHO_ON_CLEAR, with_covers=True, schedule=AS_USUAL, **changes) -> Playout:
    capabilities = replace(TWILIO, marks=marks, **changes)
    made = covers() if with_covers else None
    return Playout(capabilities, lambda voice: LiveSpeech(MULAW_8K, -20.0, 0.0), made, schedule)


def clip(name="u1.1", of=LONG, text="one two three") -> ClipSegment:
    return ClipSegment(name, of, text)


class Rig:
    """A playout, driven by its own timers; every mark comes back one round trip after its audio."""

    def __init__(self, made: Playout, path: float = 0.0, echo: bool = True) -> None:
        self.made, self.path, self.echo = made, path, echo
        self.now, self.sent, self.marks, self.out = 0.0, b"", [], []
        self.events, self.ends = [], 0.0

    def run(self, until: float) -> list:
        """The events until then."""
        seen = len(self.events)
        while True:
            self._due()
            timer = self.made.next_timer(self.now)
            echo = min((at for at, _ in self.marks), default=None)
            due = min((time for time in (timer, echo) if time is not None), default=None)
            if due is None or due > until:
                self.now = until
                return self.events[seen:]
            self.now = max(self.now, due)
            for at, name in [mark for mark in self.marks if mark[0] <= self.now]:
                self.marks.remove((at, name))
                self.made.mark_reached(name, self.now)
            self.made.handle_timer(self.now)

    def clear(self):
        self.ends = min(self.ends, self.now + self.path)
        cut = self.made.clear(self.now)
        self.events += self.made.events()
        self.marks = [(self.now + 2 * self.path, name) for _, name in self.marks]
        if cut.sentinel and self.echo:
            self.marks.append((self.now + 2 * self.path, cut.sentinel))
        return cut

    def of(self, *kinds):
        return [event for event in self.events if isinstance(event, kinds)]

    def _due(self) -> None:
        for output in self.made.due(self.now):
            self.out.append((self.now, output))
            if isinstance(output, Span):
                self.sent += output.payload
                self.ends = max(self.ends, self.now + self.path) + output.samples / 8000
            elif self.echo:
                self.marks.append((max(self.ends, self.now + self.path) + self.path, output.name))
        self.events += self.made.events()


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


def test_all_is_sent_in_order_and_heard():
    rig = Rig(playout(), path=0.05)
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), SilenceSegment("u1.2", 800), clip("u1.3", SHORT))), 0.0)
    rig.made.enqueue(Utterance("u2", (clip("u2.1", SHORT),)), 0.0)
    rig.run(5.0)
    assert rig.sent == SHORT.payload + b"\xff" * 800 + SHORT.payload * 2
    assert [(event.utterance, event.samples) for event in rig.of(UtteranceHeard)] == [("u1", 4000), ("u2", 1600)]
    assert [event.at for event in rig.of(UtteranceHeard)] == pytest.approx([0.55, 0.75])
    assert rig.made.idle
    assert not rig.made.saying


def test_every_start_has_its_end():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), SilenceSegment("u1.2", 800), clip("u1.3", SHORT))), 0.0)
    rig.run(5.0)
    started = [(event.segment, event.position) for event in rig.of(SegmentStarted)]
    assert started == [("u1.1", 0), ("u1.2", 1600), ("u1.3", 2400)]
    assert [(event.segment, event.samples) for event in rig.of(SegmentEnded)] == [
        ("u1.1", 1600),
        ("u1.2", 800),
        ("u1.3", 1600),
    ]
    assert [event.utterance for event in rig.of(UtteranceStarted)] == ["u1"]


def test_marks_stand_where_a_run_begins_every_so_often_and_at_an_end():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(5.0)
    at, sent = [], 0
    for _, output in rig.out:
        if isinstance(output, Mark):
            at.append(sent)
        else:
            sent += output.samples
    assert at[0] == 0
    assert at[-1] == LONG.samples
    steps = [b - a for a, b in pairwise(at)]
    assert max(steps) < (MARK_EVERY + AT_ONCE) * 8000
    assert set(steps[2:-1]) == {round(MARK_EVERY * 8000)}


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


def test_an_empty_utterance_was_heard_at_once():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", ()), 1.0)
    rig.run(1.0)
    assert [(event.utterance, event.samples) for event in rig.of(UtteranceHeard)] == [("u1", 0)]


def test_a_wait_is_not_saying():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (SpeechSegment("u1.wait", ""),), wait=True), 0.0)
    rig.run(3.0)
    assert not rig.made.saying
    assert not rig.made.idle


def test_a_seam_in_time_has_no_gap():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), clip("u1.2", SHORT))), 0.0)
    rig.run(2.0)
    (seam,) = rig.of(SeamJoined)
    assert (seam.before, seam.after, seam.gap) == ("u1.1", "u1.2", 0)


def test_an_uncovered_seam_tells_its_gap():
    rig = Rig(playout(with_covers=False))
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), SpeechSegment("u1.2", "words"))), 0.0)
    rig.run(1.0)
    rig.made.feed("u1.2", babble("words and more words"), 22050, (), 1.0)
    rig.made.finished("u1.2")
    rig.run(5.0)
    (seam,) = rig.of(SeamJoined)
    assert seam.gap == round(0.8 * 8000)
    assert seam.slack == pytest.approx(0.0)


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


def test_live_words_that_belong_to_nobody_are_offered_whole():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (SpeechSegment("a", "open"), SpeechSegment("b", "secret", private=True))), 0.0)
    for name in ("a", "b"):
        rig.made.feed(name, babble("some words"), 22050, (), 0.0)
        rig.made.finished(name)
    rig.run(3.0)
    assert [segment.text for segment in rig.made.completed] == ["open"]
    assert rig.sent.startswith(rig.made.completed[0].clip.payload)


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


def test_what_is_said_after_a_clear_goes_at_once_and_is_no_seam():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(1.0)
    rig.clear()
    rig.made.enqueue(Utterance("u2", (clip("u2.1", SHORT),)), 1.0)
    before = len(rig.out)
    rig.run(1.0)
    assert [output.samples for at, output in rig.out[before:] if isinstance(output, Span)] == [800, 800]
    rig.run(3.0)
    assert rig.of(SeamJoined) == []
    assert [event.utterance for event in rig.of(UtteranceHeard)] == ["u2"]


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
