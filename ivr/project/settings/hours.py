"""``prompts/hours.yaml``: calendars by name, and the time zones that they need of this machine."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from datetime import date, tzinfo
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ivr.catalog.mistakes import Name, meant, refuse, shown
from ivr.catalog.schema_marks import Written
from ivr.catalog.source import check, read
from ivr.dialog.calendar import DAY, WEEKDAYS, Calendar, Calendars, Days, Span, Spans
from ivr.errors import Problem

CLOSED = "closed"
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?(?:-|–|to) ?([0-9]{1,2}):([0-9]{2})")
_DATE = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")
_LEAP = 2000
"""A year that has every day."""


def zone(name: str) -> tzinfo:
    """Raises ``ValueError`` that says what to write, where this machine knows no such zone."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
    if not known:
        raise refuse("this machine has no time zones", "install them: the system's tzdata, or `pip install tzdata`")
    raise refuse(f"{shown(name)} is no time zone", meant(name, known, "write one such as America/New_York"))


def _zone_name(value: str) -> str:
    zone(value)
    return value


def _span(value: Any) -> Span:
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refuse(f"{shown(value)} are no hours", "write them as 9:00-17:30")
    hours, minutes, until, rest = (int(part) for part in found.groups())
    start, stop = hours * 60 + minutes, until * 60 + rest
    if minutes > 59 or rest > 59 or start >= DAY or stop > DAY:
        raise refuse(f"{shown(value)} has a time that no day has", "write 0:00 to 24:00")
    if start == stop:
        raise refuse(f"{shown(value)} ends when it begins", "write 0:00-24:00 for a whole day")
    return Span(start, stop if stop > start else stop + DAY)


def _spans(value: Any) -> Spans:
    if value == CLOSED:
        return ()
    spans = tuple(sorted(_span(one) for one in (value if isinstance(value, list) else [value])))
    for before, after in pairwise(spans):
        if after.start < before.stop:
            raise refuse("two of these hours overlap", "write them as one")
    return spans


def _weekdays(value: str) -> list[int]:
    """``mon``, ``mon-fri``, ``sat-mon``."""
    ends = [_weekday(part.strip()) for part in value.split("-")]
    if len(ends) > 2:
        raise refuse(f"{shown(value)} are no days of the week", "write mon, or mon-fri")
    first, last = ends[0], ends[-1]
    return [(first + ahead) % 7 for ahead in range((last - first) % 7 + 1)]


def _weekday(word: str) -> int:
    for number, name in enumerate(WEEKDAYS):
        if word.lower() in (name, name[:3]):
            return number
    raise refuse(f"{shown(word)} is no day of the week", "write mon, tue, wed, thu, fri, sat, sun, or mon-fri")


def _week(value: dict[str, Spans]) -> tuple[Spans, ...]:
    week: dict[int, Spans] = {}
    for key, spans in value.items():
        for day in _weekdays(key):
            if day in week:
                remedy = "list all hours of a day together: [9:00-12:00, 13:00-17:00]"
                raise refuse(f"{WEEKDAYS[day]} has hours twice", remedy)
            week[day] = spans
    return tuple(week.get(day, ()) for day in range(7))


def _days(value: Any) -> Days:
    """``2026-11-26``, ``12-25``, or two of a kind with ``to`` between."""
    first, _, last = value.partition(" to ") if isinstance(value, str) else ("", "", "")
    ends = _date(first.strip() or value), _date(last.strip() or first.strip() or value)
    if bool(ends[0][0]) != bool(ends[1][0]):
        raise refuse(f"{shown(value)} has one year", "write both ends with a year, or neither")
    if ends[0][0] and ends[1] < ends[0]:
        raise refuse(f"{shown(value)} ends before it begins", "write the earlier day first")
    return Days(*ends)


def _date(value: Any) -> tuple[int, int, int]:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise refuse(f"{shown(value)} is no date", "write 2026-11-26, 12-25 for every year, or 12-24 to 01-01")
    year, month, day = int(found[1] or 0), int(found[2]), int(found[3])
    try:
        date(year or _LEAP, month, day)
    except ValueError:
        raise refuse(f"{shown(value)} is no day of any calendar", "write year-month-day, such as 2026-11-26") from None
    return year, month, day


def _several(value: Any) -> tuple[Days, ...]:
    return tuple(_days(one) for one in (value if isinstance(value, list) else [value]))


def _special(value: dict[str, Spans]) -> tuple[tuple[Days, Spans], ...]:
    """Single days before ranges, so that a day within one may have hours of its own."""
    found = [(_days(key), spans) for key, spans in value.items()]
    return tuple(sorted(found, key=lambda entry: entry[0].first != entry[0].last))


_HOURS: dict[str, Any] = {"type": "string", "pattern": f"^\\s*{_SPAN.pattern}\\s*$"}
_DAYS = {"type": "string", "pattern": f"^\\s*{_DATE.pattern}( to {_DATE.pattern})?\\s*$"}
_DAY = f"({'|'.join(f'[{name[0]}{name[0].upper()}]{name[1:3]}({name[3:]})?' for name in WEEKDAYS)})"
_WEEK = f"^\\s*{_DAY}\\s*(-\\s*{_DAY}\\s*)?$"

ZoneName = Annotated[str, AfterValidator(_zone_name)]
"""A time zone of the IANA database that this machine has."""
SpansShape = Annotated[
    Any,
    BeforeValidator(_spans),
    Written({"anyOf": [{"const": CLOSED}, _HOURS, {"type": "array", "items": _HOURS}]}),
]
WeekdaysText = Annotated[str, Written({"type": "string", "pattern": _WEEK})]
DaysText = Annotated[str, Written(_DAYS)]
DaysShape = Annotated[Any, BeforeValidator(_several), Written({"anyOf": [_DAYS, {"type": "array", "items": _DAYS}]})]


class CalendarShape(BaseModel):
    """One calendar."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    timezone: ZoneName
    week: Annotated[dict[WeekdaysText, SpansShape], Field(min_length=1), AfterValidator(_week)]
    holidays: dict[Name, DaysShape] = Field(default_factory=dict)
    special: Annotated[dict[DaysText, SpansShape], AfterValidator(_special)] = Field(default_factory=dict)


class HoursShape(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    calendars: Annotated[dict[Name, CalendarShape], Field(min_length=1)]


def read_hours(text: str, file: str) -> tuple[Calendars, list[Problem]]:
    """The calendars of the file, or everything that is wrong with it."""
    source = read(text, file)
    if not source.places:
        return {}, list(source.problems)
    shape, problems = check(HoursShape, source)
    problems = sorted([*source.problems, *problems])
    if shape is None or problems:
        return {}, problems
    return {name: _calendar(calendar) for name, calendar in shape.calendars.items()}, []


def _calendar(shape: CalendarShape) -> Calendar:
    special: Any = shape.special or ()
    week: Any = shape.week
    return Calendar(zone(shape.timezone), week, tuple(_holidays(shape)), special)


def _holidays(shape: CalendarShape) -> Iterator[tuple[Days, str]]:
    for name, several in shape.holidays.items():
        for days in several:
            yield days, name
