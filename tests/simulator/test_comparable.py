"""What a baseline is of: another project's is refused, anything else that differs is told."""

import pytest

from ivr.errors import ConfigError
from ivr.project.profiles.profile import read_profile
from ivr.simulator.comparable import MOST, other, profile_values


def values(text=""):
    profile, problems = read_profile(text or "network: {out: 0ms}\n", "p.yaml")
    assert problems == []
    return profile_values(profile)


def run(**more):
    facts = {"project": "Bank", "calls": 10, "seed": 0, "profile": "a", "gateway": "", "mix": ["chance=1"]}
    return {**facts, "covers": True, "profile_values": values(), **more}


def test_the_same_is_no_difference_whatever_its_profile_is_called():
    assert other(run(), run(profile="b.yaml")) == []


def test_another_projects_is_refused():
    with pytest.raises(ConfigError, match="of the project 'Bank', and this is 'Parcel'"):
        other(run(), run(project="Parcel"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"calls": 20}, "calls (10, now 20)"),
        ({"gateway": "audiosocket"}, "gateway (none named, now audiosocket)"),
        ({"mix": ["balance=3", "chance=1"]}, "mix (chance=1, now balance=3 chance=1)"),
        ({"covers": False}, "covers (on, now off)"),
        ({"profile_values": values("voice: {first_audio: 1s}\n")}, "voice.first_audio of the profile"),
        ({"profile_values": values("network: {back: 1ms}\n")}, "network.back of the profile"),
        ({"profile_values": values("lookups: {a.b: {returns: [1]}}\n")}, "lookups.a.b of the profile"),
        ({"profile_values": values("script: [{at: 1s, for: 2s, fault: empty}]\n")}, "script of the profile"),
    ],
)
def test_what_differs_is_told(more, said):
    assert other(run(), run(**more)) == [said]


def test_what_is_long_differs_at_its_end_too():
    long = [f"lookups: {{a.b: {{returns: [{', '.join(map(str, range(300)))}, {last}]}}}}\n" for last in (1, 2)]
    assert other(run(profile_values=values(long[0])), run(profile_values=values(long[1]))) == [
        "lookups.a.b of the profile"
    ]
    assert max(map(len, values(long[0]).values())) < 120


def test_very_many_differences_are_counted():
    many = "".join(f"  a.b{n}: {{returns: [1]}}\n" for n in range(20))
    found = other(run(), run(profile_values=values(f"lookups:\n{many}")))
    assert found[MOST:] == ["14 other things"]
