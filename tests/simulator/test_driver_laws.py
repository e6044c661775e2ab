"""Laws of whole calls in virtual time: what is heard is what was made, in order, and without unplanned silence."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import ANSWERS, Run, clips, drive, make_plan

from ivr.call.effects import Play
from ivr.media.g711 import mulaw_decode
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import Listening, LookupEnded, LookupStarted, SynthesisEnded, SynthesisStarted
from ivr.trace.sound import MarkResolved, SeamJoined, SegmentEnded, SegmentStarted, Strategy

AT_ONCE = {name: Answer(answer.value) for name, answer in ANSWERS.items()}
PROMPT = b"\xff" * 2400  # 300 ms, what a full stop asks for


def played(run: Run) -> bytes:
    """All that the caller heard, without the silence between runs."""
    return b"".join(run.heard._sound)


def breaks(run: Run) -> list[tuple[float, float]]:
    """Where the far end's queue ran dry, exact to a sample."""
    ends = [at + len(sound) / 8000 for at, sound in zip(run.heard._at, run.heard._sound, strict=True)]
    pairs = zip(ends, run.heard._at[1:], strict=False)
    return [(stop, start) for stop, start in pairs if start - stop > 0.5 / 8000]


def unplanned_breaks(run: Run) -> list[tuple[float, float]]:
    """Breaks in which the dialog did not listen."""
    listened = [event.at for event in run.of(Listening)]
    return [
        (stop, start)
        for stop, start in breaks(run)
        if bisect_right(listened, start) == bisect_right(listened, stop - run.path - 0.001)
    ]


def words(*names: str) -> bytes:
    return b"".join(PROMPT if name == "." else clips()[name].payload for name in names)


# ---- samples


def test_what_is_heard_is_the_clips_sample_for_sample():
    run = drive(keys=[(2.5, "4"), (7.0, "8")])
    expected = words(
        "greeting", ".", "main", "legal", ".", "main", "not_known", ".", "main", "still_there", ".", "main", "bye"
    )
    assert played(run) == run.sent == expected
    assert {seam.gap for seam in run.of(SeamJoined)} == {0}
    assert unplanned_breaks(run) == []


@pytest.mark.parametrize(("first_audio", "pace"), [(0.05, 8.0), (0.2, 4.0), (0.1, 1.2)])
def test_live_speech_is_spliced_onto_clips_without_a_gap(first_audio, pace):
    run = drive(keys=[(2.5, "1"), (9.0, "9")], voice=ScriptedVoice(first_audio, pace), lookups=AT_ONCE)
    assert played(run) == run.sent
    head, tail = words("greeting", ".", "main", "balance"), words(".", "else", ".", "main", "bye")
    assert run.sent.startswith(head)
    assert run.sent.endswith(tail)
    live = run.sent[len(head) : -len(tail)]
    (ended,) = [event for event in run.of(SegmentEnded) if event.strategy is Strategy.STREAM]
    assert len(live) == ended.samples
    assert len(live) % 160 == 0
    # Every word is there: silence inside is no longer than the space between two of the voice's words.
    quiet = np.abs(mulaw_decode(live)) < 0.003
    longest = max((len(run_) for run_ in "".join("x" if q else " " for q in quiet).split()), default=0)
    assert longest < 0.045 * 8000 + 160
    assert {seam.gap for seam in run.of(SeamJoined)} == {0}
    assert unplanned_breaks(run) == []


def test_a_path_with_jitter_loses_no_sample():
    for seed in range(10):
        run = drive(keys=[(3.5, "1"), (9.5, "9")], path_out=0.1, path_in=0.05, jitter=0.02, seed=seed, lookups=AT_ONCE)
        assert played(run) == run.sent
        assert run.far.protocol_errors == []


# ---- time


def late(seed: int, most: float):
    chance = random.Random(seed)
    return lambda: chance.uniform(0.0, most)


def test_a_wake_that_is_late_by_less_than_the_lead_but_one_message_is_not_heard():
    keys = [(2.5, "4"), (7.0, "8")]
    on_time = drive(keys=keys)
    for seed in range(40):
        run = drive(keys=keys, late=late(seed, 0.190))
        assert unplanned_breaks(run) == [], seed
        assert played(run) == played(on_time), seed
        assert run.dead_air() == []


def test_a_later_wake_is_heard():
    runs = [drive(keys=[(2.5, "4")], late=late(seed, 0.6)) for seed in range(10)]
    assert any(unplanned_breaks(run) for run in runs)


def test_the_same_seed_gives_the_same_trace_and_the_same_bytes():
    for seed in range(8):
        one, two = (drive(**hard_call(seed), seed=seed, jitter=0.02) for _ in range(2))
        assert one.trace == two.trace
        assert one.sent == two.sent
        assert one.heard._at == two.heard._at


def test_a_call_does_not_depend_on_the_calls_before_it():
    plan = make_plan()
    one, two = drive(plan, keys=[(2.5, "1")]), drive(plan, keys=[(2.5, "1")])
    assert one.trace == two.trace


# ---- bad days


def voices(draw_from) -> ScriptedVoice:
    """A provider with any latency and any fault."""
    options = {
        "first_audio": draw_from("first_audio"),
        "pace": draw_from("pace"),
        "chunk": draw_from("chunk"),
    }
    match draw_from("fault"):
        case "dies":
            options["dies_after"] = draw_from("after")
        case "stalls":
            options["stalls_after"] = draw_from("after")
        case "pauses":
            options |= {"stalls_after": draw_from("after"), "stall": draw_from("stall")}
        case "empty":
            options["empty"] = True
        case "silent":
            options["speak"] = lambda text: (np.zeros(11025, np.float32), 22050)
    return ScriptedVoice(**options, heals=draw_from("heals"))


CHOICES = {
    "first_audio": st.one_of(st.floats(0.0, 0.5), st.floats(0.0, 6.0)),
    "pace": st.one_of(st.just(4.0), st.floats(0.4, 8.0)),
    "chunk": st.sampled_from([0.02, 0.1, 0.4]),
    "fault": st.sampled_from(["none", "none", "dies", "stalls", "pauses", "empty", "silent"]),
    "after": st.one_of(st.just(0.0), st.floats(0.0, 1.5)),
    "stall": st.floats(0.0, 6.0),
    "heals": st.sampled_from([None, None, 2, 3]),
}
DELAYS = st.one_of(st.just(0.0), st.floats(0.0, 0.5), st.floats(0.0, 10.0))


def hard_call(seed: int) -> dict:
    """One call of that kind, from a seed."""
    chance = random.Random(seed)
    first_audio, pace = chance.uniform(0.0, 3.0), chance.uniform(0.5, 6.0)
    voice = ScriptedVoice(first_audio, pace, dies_after=chance.choice([None, 0.3]), heals=chance.choice([None, 2]))
    keys = [(2.0 + 4 * n + chance.uniform(0, 3), chance.choice("12348")) for n in range(4)]
    lookups = {name: Answer(answer.value, chance.uniform(0.0, 3.0)) for name, answer in ANSWERS.items()}
    return {"voice": voice, "keys": keys, "lookups": lookups}


def begun_and_ended(run: Run) -> None:
    """Every synthesis and every lookup ends exactly once, in the trace and for the shell."""
    running: Counter[str] = Counter()
    for event in run.of(SynthesisStarted, SynthesisEnded):
        running[event.segment] += 1 if isinstance(event, SynthesisStarted) else -1
        assert running[event.segment] in {0, 1}
    assert set(running.values()) <= {0}
    begun, cancelled = run.syntheses()
    assert len(begun) == len(set(begun)) == len(run.of(SynthesisStarted))
    assert len(cancelled) == len([event for event in run.of(SynthesisEnded) if event.outcome == "cancelled"])
    assert set(cancelled) <= set(begun)
    assert [event.lookup for event in run.of(LookupStarted)] == sorted(
        (event.lookup for event in run.of(LookupEnded)), key=lambda name: int(name[6:])
    )
    assert run.driver._live == run.driver._waiting == set()


@given(st.data())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_whatever_is_late_or_broken_the_caller_never_waits_in_unplanned_silence(data):
    voice = voices(lambda name: data.draw(CHOICES[name], name))
    lookups = {
        name: Answer(answer.value, data.draw(DELAYS, name), data.draw(st.sampled_from([None, None, "broken"]), name))
        for name, answer in ANSWERS.items()
    }
    # A condition that cannot be decided ends the call, as it should: this one fails never, and in less than its 8 s.
    lookups["bank.score"] = Answer(7, min(lookups["bank.score"].delay, 7.5))
    keys = [
        (2.5, data.draw(st.sampled_from("123"))),
        (data.draw(st.floats(2.6, 14.0)), data.draw(st.sampled_from("1234"))),
    ]
    run = drive(
        make_plan(retries=data.draw(st.integers(0, 2))),
        voice=voice,
        lookups=lookups,
        keys=keys,
        path_out=data.draw(st.sampled_from([0.0, 0.1])),
        path_in=data.draw(st.sampled_from([0.0, 0.06])),
        until=400.0,
    )
    assert run.dead_air() == []
    assert run.ended == "the dialog ended"
    assert run.said()[-1] == "bye"
    assert run.far.protocol_errors == []
    begun_and_ended(run)
    names = [event.name for event in run.of(MarkResolved)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("seed", range(12))
def test_with_late_wakes_too_silence_stays_within_the_lateness_that_is_left(seed):
    # The grace of 150 ms, the wake's lateness, and two quiet edges.
    run = drive(**hard_call(seed), late=late(seed, 0.190))
    assert run.dead_air(threshold=0.150 + 0.190 + 0.050) == []
    begun_and_ended(run)


def test_without_covers_the_same_lateness_is_heard():
    dead = 0
    for seed in range(20):
        chance = random.Random(seed)
        voice = ScriptedVoice(first_audio=chance.uniform(0.05, 1.0))
        lookups = {name: Answer(answer.value, 4.0) for name, answer in ANSWERS.items()}
        lookups["bank.news"] = Answer("Rates are up", 3.9)
        options = {"keys": [(2.5, chance.choice("123"))], "voice": voice, "lookups": lookups}
        covered, bare = drive(**options), drive(make_plan(covers=None), **options)
        assert covered.dead_air() == []
        dead += bool(bare.dead_air())
        assert max((silence.stop - silence.start for silence in bare.dead_air()), default=0) < 6
    assert dead == 20


def test_the_sound_of_a_hard_call_is_what_was_sent():
    for seed in range(10):
        run = drive(**hard_call(seed))
        cut = sum(samples for _, samples in run.far.cleared)
        assert run.far.queue.samples == len(run.sent)
        assert len(played(run)) == len(run.sent) - cut
        assert sum(effect.span.samples for _, effect in run.done if isinstance(effect, Play)) == len(run.sent)
        started = [event.position for event in run.of(SegmentStarted)]
        assert started == sorted(started)
