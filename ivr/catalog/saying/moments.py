"""Days, times of day and durations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor
from typing import Any

from ivr.catalog.saying.language import Language, Texts
from ivr.catalog.saying.numerals import exact, expected
from ivr.catalog.saying.unit import Units, as_units
from ivr.errors import SlotError

YEARS = range(1000, 3000)
DAYS = 100
"""Durations are shorter than so many days."""
LEAP_SECOND = 60
"""The highest second of a minute, RFC 3339 §5.6."""
_DATE = r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
_ZONE = r"Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?"
_CLOCK = rf"(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::(?P<second>\d{{2}})(?:[.,]\d+)?)?(?: ?(?:{_ZONE}))?"
_DAY = re.compile(rf"{_DATE}(?:[T ]{_CLOCK})?", re.ASCII)
_TIME = re.compile(rf"(?:{_DATE}[T ])?{_CLOCK}", re.ASCII)
_COUNT = r"(\d+(?:[.,]\d+)?)"
_ISO = re.compile(rf"P(?:{_COUNT}W)?(?:{_COUNT}D)?(?:T(?:{_COUNT}H)?(?:{_COUNT}M)?(?:{_COUNT}S)?)?", re.ASCII)
_SECONDS = (7 * 86400, 86400, 3600, 60, 1)


def dated(slot: str, value: Any, language: Language, currency: str) -> Units:
    """``March`` · ``third`` · ``twenty`` · ``twenty six``."""
    found = _day(slot, value)
    return as_units(language.dated(language.day(found), language.year(found.year)))


def day(slot: str, value: Any, language: Language, currency: str) -> Units:
    """``March`` · ``third``."""
    return as_units(language.day(_day(slot, value)))


def of_day(slot: str, value: Any, language: Language, currency: str) -> Units:
    """``twelve`` · ``oh five`` · ``AM``; seconds are not said."""
    found = _time(slot, value)
    return as_units(language.time(found.hour, found.minute))


def duration(slot: str, value: Any, language: Language, currency: str) -> Units:
    """``one`` · ``hour`` · ``and`` · ``thirty`` · ``minutes``; what is zero is left out, unless all is."""
    minutes, seconds = divmod(_seconds(slot, value), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    said: list[Texts] = []
    for count, noun in zip((days, hours, minutes, seconds), language.spans, strict=True):
        if count:
            said.append(language.count(count, noun))
    if not said:
        return as_units(language.count(0, language.spans[3]))
    before = [text for part in said[:-1] for text in part]
    return as_units([*before, language.and_, *said[-1]] if before else said[-1])


def _day(slot: str, value: Any) -> date:
    what = "a date such as '2026-03-31'"
    if isinstance(value, date):
        found = value
    elif isinstance(value, str):
        found = _written(slot, _DAY, value, what)[0]
    else:
        raise expected(slot, value, what)
    if found.year not in YEARS:
        raise SlotError(slot, f"expected {what}, of a year from {YEARS[0]} to {YEARS[-1]}")
    return found


def _time(slot: str, value: Any) -> time:
    what = "a time of day such as '14:30'"
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    if not isinstance(value, str):
        raise expected(slot, value, what)
    return _written(slot, _TIME, value, what)[1]


def _written(slot: str, pattern: re.Pattern[str], value: str, what: str) -> tuple[date, time]:
    """Both of a text; what it leaves out is the first there is. All that it has must be right."""
    written = pattern.fullmatch(value.strip())
    if written is None:
        raise SlotError(slot, f"expected {what}, and got another text")
    parts = {name: int(part) for name, part in written.groupdict().items() if part is not None}
    try:
        found = date(parts.get("year", 1), parts.get("month", 1), parts.get("day", 1))
    except ValueError:
        raise SlotError(slot, f"expected {what}, and got a day that no calendar has") from None
    hour, minute, second = (parts.get(name, 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > LEAP_SECOND:
        raise SlotError(slot, f"expected {what}, and got a time over 23 hours, 59 minutes or 60 seconds")
    return found, time(hour, minute)


def _seconds(slot: str, value: Any) -> int:
    what = "a duration such as 90 (seconds) or 'PT1H30M'"
    if isinstance(value, timedelta):
        seconds = Decimal(value // timedelta(microseconds=1)).scaleb(-6)
    elif isinstance(value, str) and value.strip().startswith("P"):
        seconds = Decimal(_iso(slot, value.strip(), what))
    else:
        seconds = exact(slot, value, what)
    if seconds < 0:
        raise SlotError(slot, f"expected {what}, and got less than none")
    whole = int(seconds.to_integral_value(ROUND_HALF_UP))
    if whole >= DAYS * 86400:
        raise SlotError(slot, f"expected {what}, shorter than {DAYS} days")
    return whole


def _iso(slot: str, value: str, what: str) -> int:
    """Seconds of an ISO 8601 duration, half up. Its last part may have decimals; years and months have no length."""
    written = _ISO.fullmatch(value)
    if written is None or not any(written.groups()) or len(value) > 40:
        raise SlotError(slot, f"expected {what} of weeks, days, hours, minutes and seconds, and got another text")
    counts = [(part.replace(",", "."), each) for part, each in zip(written.groups(), _SECONDS, strict=True) if part]
    if any("." in count for count, _ in counts[:-1]):
        raise SlotError(slot, f"expected {what}, with decimals in its last part alone")
    return floor(sum(Fraction(count) * each for count, each in counts) + Fraction(1, 2))


def dates_of_each_unit() -> Iterator[date]:
    """Dates whose units are all that there are."""
    yield from (date(2000, 1, 1) + timedelta(days=index) for index in range(366))
    yield from (date(year, 1, 1) for year in YEARS)


def times_of_each_unit() -> Iterator[time]:
    """Times whose units are all that there are."""
    yield from (time(hour, minute) for hour in range(24) for minute in range(60))


def durations_of_each_unit() -> Iterator[int]:
    """Durations whose units are all that there are."""
    yield 0
    for each, most in ((86400, DAYS), (3600, 24), (60, 60), (1, 60)):
        for count in range(1, most):
            yield count * each
            yield count * each + (1 if each > 1 else 60)
