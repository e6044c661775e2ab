"""Settings that could not be read judge nothing."""

from math import inf

from ivr.dialog.dialog_file import read_dialog
from ivr.project.reading.lost import Lost
from ivr.project.settings.settings import Settings

DIALOG = """\
dialog: main
start: top
states:
  top: {lookup: {run: shop.left, as: amount}, goto: ask}
  ask: {menu: {options: {1: end}}}
  end: {hang_up: yes}
"""


def lost(*paths):
    return Lost(frozenset(paths))


def test_a_misspelt_key_is_what_it_is_near_to_and_the_whole_is_everything():
    assert "cover" in lost(("covr",)) and "voice" not in lost(("covr",))
    assert "cover" in lost(("qqq",)) and "voice" in lost(("qqq",))
    assert "cover" in lost(()) and "cover" not in lost()


def test_nothing_is_changed_where_nothing_is_lost():
    settings = Settings()
    assert lost().usable(settings) is settings and not lost().voice


def test_lost_settings_are_not_the_usual_ones():
    usable = lost(("cover", "grace"), ("serve", "call_length"), ("start",)).usable(Settings())
    assert (usable.cover.enabled, usable.serve.call_length, usable.start) == (False, inf, "")
    assert lost(("locale",)).voice and lost(("voice", "speed")).voice


def test_questions_and_lookups_may_lead_anywhere_where_the_project_answers():
    dialog, _ = read_dialog(DIALOG, "main.yaml")
    states = lost(("on", "no_input")).unsettled({"main": dialog})["main"].table.states
    assert [name for name, state in states.items() if state.vague] == ["top", "ask"]
    assert lost(("voice",)).unsettled({"main": dialog})["main"] is dialog


def test_what_may_be_ignored_is_no_warning_and_ladders_are_told_one_by_one():
    assert lost(("ignore",)).unread(("cover", "grace"), "time-order", warning=True)
    assert not lost(("ignore",)).unread(("cover", "grace"), "time-order")
    assert not lost(("on", "no_match", 0)).unread(("on", "no_input", 1), "rung-order")
    assert lost(("on", "no_input", 0)).unread(("on", "no_input", 1), "rung-order")
