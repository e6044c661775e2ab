"""How long a voice takes to its first sound: as the simulator's provider answers, with faults, regions and retries."""

import numpy as np
import pytest

from ivr.project.profiles.profile import read_profile
from ivr.project.settings.voice import VoiceSettings
from ivr.strategy.delays import CASES
from ivr.strategy.voice import AGAIN, AT_HAND, REFUSED, first_sound


def sounds(voice, **settings):
    profile, problems = read_profile(f"voice: {{first_audio: 400ms, pace: 1000, {voice}}}\n", "p.yaml")
    assert problems == []
    return first_sound(profile.voice, VoiceSettings.model_validate(settings)).begins - AT_HAND / 1000


def shares(found):
    values, counts = np.unique(found.round(4), return_counts=True)
    return {float(value): float(count) / CASES for value, count in zip(values, counts, strict=True)}


def test_a_voice_without_trouble_takes_its_time():
    assert shares(sounds("regions: 1")) == {0.4: 1.0}


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ("fault: slow, by: 2s", 2.4),
        ("fault: stall, after: 0s, lasts: 1s", 1.4),
        ("fault: stall, after: 500ms, lasts: 1s", 0.4),
        ("fault: broken, after: 500ms", 0.4),
        ("fault: empty", 0.4 + AGAIN + 0.4),
        ("fault: broken, after: 0s", 0.4 + AGAIN + 0.4),
        ("fault: refused", REFUSED + AGAIN + 0.4),
        ("fault: refused, retry_after: 2s", REFUSED + 2.0 + 0.4),
        ("fault: dead, after: 0s", 5.0 + AGAIN + 0.4),
    ],
)
def test_a_fault_takes_as_long_as_it_does(fault, after):
    found = shares(sounds(f"faults: [{{{fault}, chance: 20%}}]"))
    assert sum(found.values()) == pytest.approx(1.0)
    assert found[0.4] >= 0.79
    if after != 0.4:
        again = (
            1.0 if "slow" in fault or "stall" in fault else 0.8
        )  # it is asked twice, and mostly well the second time
        assert found[round(after, 4)] == pytest.approx(0.2 * again, abs=0.01)


def test_what_is_refused_for_good_never_sounds():
    found = sounds("faults: [{fault: refused, status: 401, chance: 20%}]")
    assert np.isinf(found).mean() == pytest.approx(0.2, abs=0.01)
    assert np.isinf(sounds("faults: [{fault: empty, chance: 50%}]", retries=0)).mean() == pytest.approx(0.5, abs=0.01)


def test_another_region_is_asked_when_one_fails_or_is_late():
    failing = "regions: 2, faults: [{fault: empty, chance: 20%}]"
    assert shares(sounds(failing))[0.8] == pytest.approx(0.16, abs=0.01)
    slow = "regions: 2, faults: [{fault: slow, by: 3s, chance: 20%}]"
    assert shares(sounds(slow))[1.4] == pytest.approx(0.16, abs=0.01)  # the hedge of 1 s, and its own 400 ms
    assert shares(sounds(slow, hedge="500ms"))[0.9] == pytest.approx(0.16, abs=0.01)
    assert shares(sounds(slow, hedge="off"))[3.4] == pytest.approx(0.2, abs=0.01)


def test_patience_with_a_voice_ends():
    assert np.isinf(sounds("faults: [{fault: slow, by: 9s, chance: 100%}]", first_audio="2s")).all()
