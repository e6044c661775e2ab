"""A voice of several regions on a cell's clock, and what calls share."""

import pytest

from ivr.errors import SpeechBroken, SpeechEmpty, SpeechRefused, SpeechUnavailable
from ivr.media.samples import silence
from ivr.project.profiles.profile import read_profile
from ivr.simulator.clock import Clock
from ivr.simulator.desk import SimulatedDesk
from ivr.simulator.draws import Draws
from ivr.simulator.provider import Patience, answer
from ivr.speech.region import Steering
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest

HELLO = SpeechRequest("hello there", "en-us", "en-US")
CHUNK = SpeechChunk(silence(800), 8000)


def good(first, chunks=3):
    return [*((first + 0.1 * n, CHUNK) for n in range(chunks)), (first + 0.1 * chunks, None)]


class Bench:
    """A desk, and regions that answer by a list of scripts, one for each request."""

    def __init__(self, *regions, hedge=1.0, failures=5):
        self.clock = Clock()
        self.desk = SimulatedDesk(self.clock, len(regions), Steering(hedge, failures=failures))
        self.regions = [list(each) for each in regions]
        self.asked = []

    def say(self, request=HELLO):
        told = []

        def ask(region):
            self.asked.append((region, self.clock.now))
            return iter(self.regions[region].pop(0))

        cancel = self.desk.begin(request, ask, lambda part: told.append((round(self.clock.now, 3), part)))
        assert told == []
        return told, cancel

    def run(self, until=60.0):
        while self.clock.due <= until:
            self.clock.step()


def test_one_region_that_answers():
    bench = Bench([good(0.3)])
    told, _ = bench.say()
    bench.run()
    assert told == [(0.3, CHUNK), (0.4, CHUNK), (0.5, CHUNK), (0.6, None)]


def test_a_failure_before_the_first_audio_goes_to_the_next_region_at_once():
    bench = Bench([[(0.05, SpeechRefused(503, "no"))]], [good(0.3)])
    told, _ = bench.say()
    bench.run()
    assert bench.asked == [(0, 0.0), (1, 0.05)]
    assert (told[0][0], told[0][1].region, told[0][1].samples is CHUNK.samples) == (0.35, "region 2", True)
    assert told[-1] == (0.65, None)


def test_a_late_region_gets_company_and_the_first_with_audio_is_heard_alone():
    bench = Bench([good(5.0)], [good(0.3)], hedge=1.0)
    told, _ = bench.say()
    bench.run()
    assert bench.asked == [(0, 0.0), (1, 1.0)]
    assert [at for at, _ in told] == [1.3, 1.4, 1.5, 1.6]


def test_sound_tells_its_region_where_there_are_several():
    assert {part.region for _, part in said(Bench([good(0.3)]))} == {""}
    assert {part.region for _, part in said(Bench([good(0.3)], [good(0.3)]))} == {"region 1"}


def said(bench):
    told, _ = bench.say()
    bench.run()
    return told[:-1]


def test_success_without_audio_is_a_failure():
    bench = Bench([[(0.3, None)]])
    told, _ = bench.say()
    bench.run()
    ((_, error),) = told
    assert isinstance(error, SpeechEmpty)


def test_what_breaks_in_its_middle_is_told_and_not_tried_elsewhere():
    bench = Bench([[(0.3, CHUNK), (0.4, SpeechBroken("gone"))]], [good(0.3)])
    told, _ = bench.say()
    bench.run()
    assert [type(part) for _, part in told] == [SpeechChunk, SpeechBroken]
    assert bench.asked == [(0, 0.0)]


def test_a_breaker_that_calls_share_keeps_the_next_from_asking():
    refusals = [[(0.05, SpeechRefused(503, "no"))] for _ in range(2)]
    bench = Bench(refusals, failures=2)
    for n in range(2):
        bench.say(SpeechRequest(f"words {n}", "en-us", "en-US"))
    bench.run(0.5)
    told, _ = bench.say()
    bench.run(0.6)
    assert len(bench.asked) == 2
    ((_, error),) = told
    assert isinstance(error, SpeechUnavailable)


def test_two_who_want_the_same_words_share_one_synthesis():
    bench = Bench([good(0.3)])
    first, _ = bench.say()
    bench.run(0.45)
    second, _ = bench.say()
    bench.run()
    assert len(bench.asked) == 1
    assert [part for _, part in second] == [part for _, part in first]
    assert second[0][0] == pytest.approx(0.4)


def test_who_leaves_hears_no_more_and_takes_nothing_from_others():
    bench = Bench([good(0.3)])
    (first, leave), (second, _) = bench.say(), bench.say()
    bench.run(0.35)
    leave()
    bench.run()
    assert (len(first), len(second)) == (1, 4)


def test_what_all_have_left_is_begun_anew():
    bench = Bench([good(0.3), good(0.3)])
    _, leave = bench.say()
    leave()
    told, _ = bench.say()
    bench.run()
    assert len(bench.asked) == 2
    assert len(told) == 4


def parts(profile, seed=0, at=0.0, region=0):
    found, problems = read_profile(profile, "p.yaml")
    assert problems == []
    told = list(answer(HELLO, found, Draws(seed), at, region, Patience(5.0, 2.0)))
    return [at for at, _ in told], told[-1][1]


@pytest.mark.parametrize(
    ("fault", "ends", "error"),
    [
        ("fault: refused, status: 503", 0.05, "SpeechRefused"),
        ("fault: empty", 0.3, "SpeechEmpty"),
        ("fault: dead, after: 0s", 5.0, "SpeechTimeout"),
        ("fault: broken, after: 0s", 0.3, "SpeechBroken"),
        ("fault: stall, after: 0s, lasts: 3s", 3.3 + 0.57 / 4, "NoneType"),
        ("fault: slow, by: 1s", 1.3 + 0.57 / 4, "NoneType"),
        ("fault: slow, by: 9s", 5.0, "SpeechTimeout"),
        ("fault: stall, after: 300ms, lasts: 3s", 0.35 + 2.0, "SpeechTimeout"),
    ],
)
def test_each_fault_by_the_script(fault, ends, error):
    profile = f"voice: {{first_audio: 300ms}}\nscript: [{{at: 1s, for: 1s, {fault}}}]"
    times, last = parts(profile, at=1.5)
    assert type(last).__name__ == error
    assert times[-1] == pytest.approx(ends, abs=0.05)
    assert type(parts(profile, at=2.0)[1]).__name__ == "NoneType"


def test_a_slow_region_is_that_one_alone():
    profile = "voice: {first_audio: 300ms, regions: 2}\nscript: [{at: 0s, for: 9s, fault: slow, by: 1s, region: 2}]"
    assert parts(profile, region=0)[0][0] == pytest.approx(0.3)
    assert parts(profile, region=1)[0][0] == pytest.approx(1.3)


def test_faults_by_chance_come_as_often_as_they_say():
    profile = "voice: {faults: [{fault: empty, chance: 20%}, {fault: refused, chance: 10%}]}"
    kinds = [type(parts(profile, seed)[1]).__name__ for seed in range(500)]
    assert 75 < kinds.count("SpeechEmpty") < 125
    assert 30 < kinds.count("SpeechRefused") < 70
