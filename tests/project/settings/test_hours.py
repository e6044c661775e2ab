from datetime import UTC, datetime

import pytest

from ivr.dialog.calendar import Days, Span
from ivr.project.settings import hours
from ivr.project.settings.hours import read_hours

GOOD = """\
calendars:
  support:
    timezone: America/New_York
    week:
      mon-fri: [13:00-17:30, 9:00-12:00]
      saturday: 22:00-2:30
      sun: 0:00-24:00
    holidays:
      christmas: 12-25
      thanksgiving: [2026-11-26, 2027-11-25]
      break: 12-28 to 01-02
    special:
      2026-12-01 to 2026-12-31: 10:00-11:00
      2026-12-24: closed
"""


def test_a_file_becomes_calendars():
    calendars, problems = read_hours(GOOD, "hours.yaml")
    assert problems == []
    made = calendars["support"]
    assert made.week[0] == (Span(540, 720), Span(780, 1050)) and made.week[0] == made.week[4]
    assert made.week[5] == (Span(1320, 1590),) and made.week[6] == (Span(0, 1440),)
    assert made.holidays[0] == (Days((0, 12, 25), (0, 12, 25)), "christmas") and len(made.holidays) == 4
    assert made.special[0] == (Days((2026, 12, 24), (2026, 12, 24)), ())  # single days before ranges
    assert made.open(datetime(2026, 11, 25, 14, tzinfo=UTC)) and not made.open(datetime(2026, 11, 26, 14, tzinfo=UTC))


def test_days_of_the_week_may_go_round():
    calendars, _ = read_hours("calendars: {a: {timezone: UTC, week: {sat-mon: 9:00-10:00}}}", "h.yaml")
    assert [bool(spans) for spans in calendars["a"].week] == [True, False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("week: {mon: 25:00-3:00}", "'25:00-3:00' has a time that no day has"),
        ("week: {mon: 9:00-9:00}", "ends when it begins, write 0:00-24:00"),
        ("week: {mon-fri: 9:00-10:00, fri: 1:00-2:00}", "friday has hours twice"),
        ("week: {mon: 9-10}", "are no hours, write them as 9:00-17:30"),
        ("week: {mo: 9:00-10:00}", "'mo' is no day of the week"),
        ("week: {mon: [9:00-10:00, 9:30-11:00]}", "two of these hours overlap"),
        ("week: {mon: 9:00-10:00}\n    holidays: {x: 02-30}", "'02-30' is no day of any calendar"),
        ("week: {mon: 9:00-10:00}\n    holidays: {x: 2027-02-29}", "'2027-02-29' is no day of any calendar"),
        ("week: {mon: 9:00-10:00}\n    holidays: {x: soon}", "'soon' is no date"),
        ("week: {mon: 9:00-10:00}\n    special: {2026-01-02 to 01-03: closed}", "has one year"),
        ("week: {mon: 9:00-10:00}\n    special: {2026-02-02 to 2026-01-03: closed}", "ends before it begins"),
        ("weak: 1", "unknown key 'weak', did you mean 'week'?"),
        ("week: {mon: }", "empty are no hours"),
    ],
)
def test_mistakes_are_named_at_their_place(line, said):
    calendars, problems = read_hours(f"calendars:\n  s:\n    timezone: America/New_York\n    {line}\n", "h.yaml")
    assert calendars == {} and any(said in str(problem) for problem in problems), problems
    assert all(problem.line >= 2 for problem in problems)


@pytest.mark.parametrize("name", ["America/New_Yrk", "America", "../etc/passwd", "/etc/localtime", ""])
def test_zones_that_are_none(name):
    _, problems = read_hours(f"calendars: {{s: {{timezone: '{name}', week: {{mon: 9:00-10:00}}}}}}", "h.yaml")
    assert "is no time zone" in str(problems[0])


def test_a_machine_without_time_zones_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(hours.zoneinfo, "available_timezones", set)
    _, problems = read_hours("calendars: {s: {timezone: Nowhere/At_All, week: {mon: 9:00-10:00}}}", "h.yaml")
    assert "pip install tzdata" in str(problems[0])
