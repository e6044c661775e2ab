"""What a plan expects of values that are read back is what simulated calls then measure, in each mode."""

import pytest
from strategy.read_back import BALANCE, BALANCE_KEY, PHRASES, called, rendered

ERROR, SHARE = 0.050, 0.06
"""Seconds, and of all values: see docs/plan.md."""
VOICE = "{first_audio: {lognormal: 700ms, p95: 2500ms}, faults: [{fault: empty, chance: 6%}]}"
LATE = f"""
voice: {VOICE}
lookups:
  bank.balance: {{delay: {{lognormal: 1500ms, p95: 5s}}, returns: [1234.56, -75.40], fails: 5%}}
"""
SOON = """
voice: {first_audio: {lognormal: 500ms, p95: 1200ms}, faults: [{fault: empty, chance: 3%}]}
lookups:
  bank.balance: {delay: {normal: 700ms, deviation: 300ms}, returns: [1234.56, -75.40]}
"""
KNOWN = """
voice: {first_audio: {lognormal: 450ms, p95: 1200ms}, faults: [{fault: empty, chance: 6%}]}
lookups:
  bank.balance: {delay: {normal: 700ms, deviation: 80ms}, returns: [-1234.56, -75.40]}
"""
TWO = (PHRASES, BALANCE, '"Thank you. The balance is {amount:money}, and it was {amount:money}."')
DIALOG = "prompts/dialogs/main.yaml"


def uncovered(more=""):
    still = f"    cover: {{filler: no, hold: no{more}}}\n"
    return (DIALOG, "    say: balance\n", still), (DIALOG, "    say: overdrawn\n", f"{still}    say: overdrawn\n")


SILENT = (DIALOG, "    say: balance\n", "")
FIRST = (PHRASES, "Please note that your account is overdrawn.", '"{amount:money} is what you owe."')


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = {}

    def of(mode, *changes):
        if (mode, changes) not in made:
            made[mode, changes] = rendered(tmp_path_factory.mktemp("read_back") / "project", mode, changes)
        return made[mode, changes]

    return of


def shares(found, key):
    heard = found.live[key] + found.spliced[key]
    assert heard > 80
    return found.spliced[key] / heard, found.covered[key] / heard


def test_in_fragments_nobody_is_asked_and_lookups_alone_are_covered(project):
    turns, found = called(project("fragments"), LATE, 200)
    turn = turns[BALANCE_KEY]
    assert (turn.strategy, turn.row.value, turn.characters) == ("clip then fragments", "Pre-generate", 0.0)
    assert found.characters == 0
    assert found.strategies[BALANCE_KEY].most_common(1)[0][0] == turn.strategy
    (value,) = turn.values
    assert (value.by, value.fragments) == ("fragments", pytest.approx(1.0, abs=0.01))
    spliced, covered = shares(found, BALANCE_KEY)
    assert spliced == 1.0
    assert 0.05 < value.covered < 0.4
    assert covered == pytest.approx(value.covered, abs=SHARE)


@pytest.mark.parametrize("changes", [(), (TWO,)], ids=["one", "two"])
def test_in_auto_the_voice_says_what_it_has_in_time(project, changes):
    turns, found = called(project("auto", *changes), SOON if changes else LATE, 300)
    turn = turns[BALANCE_KEY]
    assert turn.row.value == "Pre-gen phrases + stream dynamic parts"
    assert set(found.strategies[BALANCE_KEY]) >= {"clip then stream", "clip then fragments"} or changes
    spliced, covered = shares(found, BALANCE_KEY)
    expected = sum(each.fragments for each in turn.values) / len(turn.values)
    assert 0.1 < expected < 0.9
    assert spliced == pytest.approx(expected, abs=SHARE)
    assert covered == pytest.approx(sum(each.covered for each in turn.values) / len(turn.values), abs=SHARE)
    assert found.characters / found.said[BALANCE_KEY] == pytest.approx(turn.characters, rel=0.06)


@pytest.mark.parametrize(("more", "least", "most"), [("", 1.0, 1.0), (", grace: 1200ms", 0.2, 0.8)])
def test_in_auto_a_known_value_is_said_when_the_grace_is_over(project, more, least, most):
    turns, found = called(project("auto", *uncovered(more), FIRST), KNOWN, 300)
    key = ("overdrawn", "overdrawn", 1)
    turn = turns[key]
    assert turn.strategy == "auto then clip"
    assert least <= turn.values[0].fragments <= most  # silence of the wait before counts
    assert found.figures(key) == pytest.approx({each: turn.ttfa[each] for each in (50, 95)}, abs=ERROR)
    assert shares(found, key)[0] == pytest.approx(turn.values[0].fragments, abs=SHARE)


def test_without_covers_fragments_say_a_known_value_at_once(project):
    turns, found = called(project("auto", SILENT, FIRST), KNOWN, 200, {"IVR_COVER_ENABLED": "no"})
    key = ("overdrawn", "overdrawn", 1)
    assert turns[key].values[0].fragments == 1.0
    assert shares(found, key) == (1.0, 0.0)
    assert turns[key].ttfa[95] > 0.7
    assert found.figures(key) == pytest.approx({each: turns[key].ttfa[each] for each in (50, 95)}, abs=ERROR)
