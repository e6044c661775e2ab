"""What is late, what covers it, and how long a caller waits: of turns that are planned from files."""

import numpy as np
import pytest
from planned import SETTINGS, planned, project, turns

from ivr.strategy.covering import Covering
from ivr.strategy.delays import CASES
from ivr.strategy.either import Value
from ivr.strategy.timeline import Timeline
from ivr.strategy.voice import Sound
from ivr.strategy.words import Handling, Piece

START = "dialog: main\nstart: a\nstates:\n"
FIXED = "voice: {first_audio: 400ms, pace: 1000}\nlookups: {bank.balance: {delay: 2s, returns: [5.5], fails: 0%}}"
NEEDED = 0.4 + 0.12 / 1000
END = "  z: {say: bye, hang_up: yes}\n"


def turn(tmp_path, dialog, profile=FIXED, key=("main", "a", "say"), settings=SETTINGS):
    return turns(planned(project(tmp_path, START + dialog + END, settings), profile))[key]


LOOKED_UP = "lookup: {run: bank.balance, as: amount}"


def test_live_words_behind_a_clip_have_its_length_of_time(tmp_path):
    found = turn(tmp_path, f"  a: {{{LOOKED_UP}, say: sum, goto: z}}\n")
    assert (found.strategy, found.row.value) == ("clip then stream", "Pre-gen phrases + stream dynamic parts")
    assert found.ttfa == {50: 0.0, 95: 0.0, 99: 0.0}
    assert (found.before, found.beside) == ((), ("bank.balance",))
    (live,) = found.values
    assert live.slot == "{amount:money}"
    assert live.characters == len("five dollars and fifty cents.")
    assert live.at_hand == pytest.approx(len("You have,") / 15, abs=0.02)
    assert live.needed[50] == pytest.approx(2.0 + NEEDED)
    assert live.covered == 1.0
    assert live.more == pytest.approx(2.0 + NEEDED + 0.1 - live.at_hand)


def test_bare_live_words_wait_for_the_grace_then_the_filler(tmp_path):
    found = turn(tmp_path, f"  a: {{{LOOKED_UP}, say: bare, goto: z}}\n")
    assert (found.strategy, found.row.value) == ("stream", "Streaming")
    assert found.ttfa[50] == pytest.approx(0.150)
    own = SETTINGS.replace("cover: {", "cover: {grace: 700ms, ")
    assert turn(tmp_path, f"  a: {{{LOOKED_UP}, say: bare, goto: z}}\n", settings=own).ttfa[99] == pytest.approx(0.7)


def test_a_state_may_cover_otherwise(tmp_path):
    dialog = f"  a: {{{LOOKED_UP}, cover: {{filler: no, hold: no, grace: 1s, patience: 1s}}, say: bare, goto: z}}\n"
    assert turn(tmp_path, dialog).ttfa[50] == pytest.approx(2.0)  # the fallback, behind grace and patience
    dialog = f"  a: {{{LOOKED_UP}, cover: {{filler: no, hold: no, patience: 9s}}, say: bare, goto: z}}\n"
    assert turn(tmp_path, dialog).ttfa[50] == pytest.approx(2.0 + NEEDED, abs=0.101)


def test_without_covers_the_words_themselves_are_the_first_sound(tmp_path):
    none = SETTINGS.replace("cover: {", "cover: {enabled: no, ")
    found = turn(tmp_path, f"  a: {{{LOOKED_UP}, say: bare, goto: z}}\n", settings=none)
    assert found.ttfa[50] == pytest.approx(2.0 + NEEDED)
    assert found.values[0].covered == 0.0


def test_a_value_that_is_known_waits_for_the_voice_alone(tmp_path):
    found = turn(tmp_path, "  a: {set: {amount: '5.5'}, say: sum, goto: z}\n")
    assert found.values[0].needed[50] == pytest.approx(NEEDED)
    assert found.values[0].assumed


def test_words_behind_a_lookup_that_the_dialog_waits_for(tmp_path):
    dialog = (
        f"  a: {{{LOOKED_UP}, branch: [{{if: amount < 0.0, goto: z}}, {{goto: b}}]}}\n  b: {{say: hello, goto: z}}\n"
    )
    found = turn(tmp_path, dialog, key=("main", "b", "say"))
    assert found.before == ("bank.balance",)
    assert found.ttfa[50] == pytest.approx(0.150)
    none = SETTINGS.replace("cover: {", "cover: {enabled: no, ")
    assert turn(tmp_path, dialog, key=("main", "b", "say"), settings=none).ttfa[50] == pytest.approx(2.0)


def test_words_that_go_on_behind_others_have_no_wait_of_their_own(tmp_path):
    dialog = "  a: {say: hello, goto: b}\n  b: {say: menu, goto: z}\n"
    found = turn(tmp_path, dialog, key=("main", "b", "say"))
    assert (found.ttfa, found.behind) == ({}, {50: 0.0, 95: 0.0, 99: 0.0})
    late = f"  a: {{say: wait, goto: b}}\n  b: {{{LOOKED_UP}, say: bare, goto: z}}\n"
    (live,) = turn(tmp_path, late, key=("main", "b", "say")).values
    assert live.at_hand == pytest.approx(len("One moment.") / 15 + 0.3, abs=0.03)


def test_what_fails_is_said_when_the_value_failed(tmp_path):
    dialog = "  a: {lookup: {run: bank.balance, as: amount, failed: b}, goto: z}\n  b: {say: sorry, goto: z}\n"
    failing = FIXED.replace("0%", "50%")
    found = turn(tmp_path, dialog, failing, key=("main", "b", "say"))
    assert found.ttfa[50] == pytest.approx(0.150)
    assert found.per_call == pytest.approx(0.5)


def test_a_time_out_ends_the_wait_for_a_lookup(tmp_path):
    none = SETTINGS.replace("cover: {", "cover: {enabled: no, ")
    step = "lookup: {run: bank.balance, as: amount, timeout: 1s}"
    dialog = f"  a: {{{step}, branch: [{{if: amount < 0.0, goto: z}}, {{goto: z}}]}}\n"
    assert turn(tmp_path, dialog, key=("main", "z", "say"), settings=none).ttfa[50] == pytest.approx(1.0)


def test_what_is_asked_over_http_waits_for_what_it_names(tmp_path):
    none = SETTINGS.replace("cover: {", "cover: {enabled: no, ")
    dialog = (
        f"  a: {{{LOOKED_UP}, goto: b}}\n"
        "  b: {lookup: {get: 'https://bank.test/{string(amount)}', as: more}, say: hello, goto: z}\n"
    )
    found = turn(tmp_path, dialog, key=("main", "b", "say"), settings=none)
    assert found.ttfa[50] == pytest.approx(2.0)
    assert (found.before, found.beside) == (("bank.balance",), ("GET https://bank.test/{string(amount)}",))


def test_rungs_are_triggered_by_the_caller(tmp_path):
    dialog = "  a: {say: hello, menu: {options: {1: z}, no_input: [{say: sorry, goto: z}]}}\n"
    found = turn(tmp_path, dialog, key=("main", "a", "no_input 1"))
    assert found.ttfa == {50: 0.0, 95: 0.0, 99: 0.0}
    assert turn(tmp_path, dialog, key=("main", "z", "say")).behind == {50: 0.0, 95: 0.0, 99: 0.0}


def test_the_filler_is_said_once_and_nothing_before_its_end():
    covers = Covering(0.15, 30.0, 0.8, True, 2.0)
    live = Piece(Handling.LIVE, 1.0, "p", "{x:text}", 10, _slot(), False)
    line = Timeline()
    line.say((live,), {0: voiced(0.5)}, covers)
    assert line.first[0] == pytest.approx(0.15)
    assert line.end[0] == pytest.approx(0.15 + 0.8 + 1.0)
    line.say((live,), {0: voiced(4.0)}, covers)  # no second filler: the hold loop makes way in a tenth
    assert line.end[0] == pytest.approx(4.0 + 0.1 + 1.0)


def test_other_ways_from_here_do_not_meet():
    line = Timeline()
    other = line.copy()
    other.say((Piece(Handling.CLIP, 2.0, "p", "x", 1),), {}, None)
    assert (line.end[0], other.end[0]) == (0.0, 2.0)


def _slot():
    from ivr.catalog.phrase import Slot

    return Slot("x", "text")


def voiced(seconds):
    """A value that is known, and live words that begin so late, asked once or more often."""
    begins = np.full(CASES, seconds)
    return Value(np.zeros(CASES), Sound(begins, begins, np.full(CASES, np.inf)))
