from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ivr.dialog.calendar import Almanac, Calendar, Days, Span, hours

NEW_YORK = ZoneInfo("America/New_York")
"""2026: forward at 2:00 on 8 March, back at 2:00 on 1 November."""


def span(start: str, stop: str) -> Span:
    first, last = (int(part[:-3]) * 60 + int(part[-2:]) for part in (start, stop))
    return Span(first, last if last > first else last + 1440)


def calendar(*spans: tuple[str, str], **more) -> Calendar:
    """The same hours every day."""
    return Calendar(NEW_YORK, (tuple(span(*each) for each in spans),) * 7, **more)


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK, fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = calendar(("9:00", "12:00"), ("13:00", "17:30"))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [("08:59:59", False), ("09:00", True), ("11:59:59", True), ("12:00", False), ("13:00", True), ("17:30", False)],
)
def test_an_opening_has_its_first_second_and_not_its_last(at, is_open):
    assert OFFICE.open(local(f"2026-05-05T{at}")) is is_open


def test_it_counts_in_its_own_zone():
    assert OFFICE.open(utc("2026-05-05T13:00")) and not OFFICE.open(utc("2026-05-05T12:59"))
    assert OFFICE.open(utc("2026-01-05T14:00")) and not OFFICE.open(utc("2026-01-05T13:59"))


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin():
    week = ((), (), (), (), (), (span("22:00", "2:00"),), ())
    night = Calendar(NEW_YORK, week)
    assert night.open(local("2026-05-09T23:59")) and night.open(local("2026-05-10T01:59"))
    assert not night.open(local("2026-05-10T02:00")) and not night.open(local("2026-05-09T01:00"))
    closed = Calendar(NEW_YORK, week, special=((Days((2026, 5, 9), (2026, 5, 9)), ()),))
    assert not closed.open(local("2026-05-10T01:00"))


def test_hours_that_touch_at_midnight_are_one_opening():
    both = calendar(("0:00", "3:00"), ("20:00", "24:00"))
    assert both.closes(local("2026-05-05T21:00")) == local("2026-05-06T03:00")
    assert both.next_opening(local("2026-05-05T21:00")) == local("2026-05-06T20:00")


def test_round_the_clock_never_closes_and_never_opens():
    always = calendar(("0:00", "24:00"))
    now = local("2026-05-05T21:00")
    assert always.open(now) and always.closes(now) is None and always.next_opening(now) is None


def test_what_never_opens():
    never = Calendar(NEW_YORK, ((),) * 7)
    now = local("2026-05-05T21:00")
    assert not never.open(now) and never.closes(now) is None and never.next_opening(now) is None


def test_when_summer_time_begins():
    early = calendar(("2:30", "4:00"))
    # 2:30 does not come on 8 March: it counts by winter time and is 3:30 in summer time.
    assert early.next_opening(local("2026-03-08T00:00")) == local("2026-03-08T03:30")
    assert early.open(local("2026-03-08T03:45")) and not early.open(local("2026-03-08T03:15"))
    night = calendar(("22:00", "3:00"))
    assert night.closes(local("2026-03-07T23:00")) == utc("2026-03-08T07:00")  # four hours and not five
    gone = calendar(("2:10", "2:50"))
    assert gone.next_opening(local("2026-03-08T00:00")) == local("2026-03-08T03:10")


def test_when_summer_time_ends():
    night = calendar(("0:30", "1:30"))
    opens, closes = utc("2026-11-01T04:30"), utc("2026-11-01T06:30")
    assert night.next_opening(local("2026-11-01T00:00")) == opens
    assert night.closes(opens).astimezone(UTC) == closes  # the second half past one
    assert night.open(local("2026-11-01T01:45")) and not night.open(local("2026-11-01T01:45", fold=1))
    second = calendar(("1:30", "2:30"))
    assert second.next_opening(local("2026-11-01T00:00")).astimezone(UTC) == utc(
        "2026-11-01T05:30"
    )  # the first half past one


@pytest.mark.parametrize(
    ("days", "inside", "outside"),
    [
        (Days((2026, 11, 26), (2026, 11, 26)), ["2026-11-26"], ["2026-11-25", "2027-11-26"]),
        (Days((0, 12, 25), (0, 12, 25)), ["2026-12-25", "2031-12-25"], ["2026-12-24"]),
        (Days((0, 12, 24), (0, 1, 2)), ["2026-12-31", "2027-01-02", "2026-12-24"], ["2026-12-23", "2027-01-03"]),
        (Days((2026, 12, 30), (2027, 1, 2)), ["2026-12-30", "2027-01-01"], ["2027-12-31", "2025-12-31"]),
        (Days((0, 2, 29), (0, 2, 29)), ["2028-02-29"], ["2026-02-28", "2026-03-01"]),
    ],
)
def test_days_once_yearly_and_across_new_year(days, inside, outside):
    assert all(date.fromisoformat(day) in days for day in inside)
    assert not any(date.fromisoformat(day) in days for day in outside)


def test_special_hours_come_before_holidays_and_those_before_the_week():
    christmas, eve = Days((0, 12, 24), (0, 12, 26)), Days((0, 12, 24), (0, 12, 24))
    special = ((eve, (span("10:00", "12:00"),)),)
    made = calendar(("9:00", "17:00"), holidays=((christmas, "christmas"),), special=special)
    assert made.open(local("2026-12-24T11:00")) and not made.open(local("2026-12-24T13:00"))
    assert not made.open(local("2026-12-25T11:00")) and made.open(local("2026-12-27T11:00"))
    assert made.holiday(date(2026, 12, 25)) == "christmas" and made.holiday(date(2026, 12, 27)) == ""
    assert made.next_opening(local("2026-12-24T12:00")) == local("2026-12-27T09:00")


def test_what_expressions_see():
    found = hours(OFFICE, local("2026-05-08T17:00"))
    assert found["open"] is True and found["closes"]["time"] == "17:30" and found["closes"]["days"] == 0
    assert (found["next"]["weekday"], found["next"]["date"], found["next"]["hour"]) == ("saturday", "2026-05-09", 9)
    assert found["now"]["at"] == "2026-05-08T17:00:00-04:00"


def test_only_the_calendars_that_an_expression_names_are_reckoned():
    almanac = Almanac(calendars={"a": OFFICE, "b": OFFICE})
    now = local("2026-05-08T17:00")
    assert almanac.facts("hours.a.open && now.hour == 1", now)["hours"].keys() == {"a"}
    assert almanac.facts("hours['b'].open", now)["hours"].keys() == {"a", "b"}


MINUTES = st.integers(0, 1439)


@settings(deadline=None)
@given(
    minutes=st.lists(MINUTES, min_size=2, max_size=6, unique=True).map(sorted),
    over=st.booleans(),
    after=st.integers(0, 400 * 24 * 60),
)
def test_open_closes_and_next_agree(minutes, over, after):
    """At any minute of a year with both changes of the clock."""
    pairs = list(zip(minutes[::2], minutes[1::2], strict=False))
    spans = [Span(a, b) for a, b in pairs]
    if over and spans:
        spans[-1] = Span(spans[-1].start, 1440 + max(0, min(minutes[0], 60) - 1))
    assume(spans != [Span(0, 1440)])
    made = Calendar(NEW_YORK, (tuple(spans),) * 7)
    now = utc("2026-01-01T00:00") + timedelta(minutes=after)
    closes, opens = made.closes(now), made.next_opening(now)
    assert (closes is not None) is made.open(now)
    assert opens is not None and opens > now
    assert made.open(opens) and not made.open(opens - timedelta(seconds=1))
    if closes is not None:
        assert now < closes < opens
        assert made.open(closes - timedelta(seconds=1)) and not made.open(closes)
