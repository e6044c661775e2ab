"""When somebody is there: weekly hours, holidays and other days, in a time zone. Pure: the moment is an argument.

Rules:

* A day has the hours that ``special`` gives it; else none where it is a holiday; else those of its weekday.
* A span that does not end after it begins ends on the next day, and belongs to the day on which it begins.
* Hours are wall time. A time that the clock skips when summer time begins counts as if it had not been put forward. Of
  a time that comes twice the first one opens and the second one closes.
* Spans that touch or overlap are one opening.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60
"""Minutes."""
AHEAD = 400
"""Days in which the next opening is looked for: a year, and the holidays around it."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one minute of the day to another; ``stop`` is above ``DAY`` where that is on the next day."""

    start: int
    stop: int


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """A date or several in a row; with years, or the same every year."""

    first: tuple[int, int, int]
    """Year (0: every year), month, day."""
    last: tuple[int, int, int]

    def __contains__(self, day: date) -> bool:
        if self.first[0]:
            return self.first <= (day.year, day.month, day.day) <= self.last
        here, first, last = (0, day.month, day.day), self.first, self.last
        return first <= here <= last if first <= last else here >= first or here <= last


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar."""

    zone: tzinfo
    week: tuple[Spans, ...]
    """Seven, from Monday."""
    holidays: tuple[tuple[Days, str], ...] = ()
    """With their names."""
    special: tuple[tuple[Days, Spans], ...] = ()
    """Days with hours of their own; none where they are closed."""

    def spans(self, day: date) -> Spans:
        """The hours that begin on that day."""
        for days, spans in self.special:
            if day in days:
                return spans
        return () if self.holiday(day) else self.week[day.weekday()]

    def holiday(self, day: date) -> str:
        """The name of the holiday; empty on other days."""
        return next((name for days, name in self.holidays if day in days), "")

    def open(self, now: datetime) -> bool:
        """Whether ``now`` (aware) lies in an opening."""
        return self._opening(now) is not None

    def closes(self, now: datetime) -> datetime | None:
        """When it closes, in the calendar's zone; None where it is not open, or stays open for a year."""
        found = self._opening(now)
        if found is None or found[1] - now > timedelta(days=366):
            return None
        return found[1].astimezone(self.zone)

    def next_opening(self, now: datetime) -> datetime | None:
        """When it opens the next time after ``now``, in the calendar's zone; None where it does not within a year."""
        found = next((start for start, _ in self._openings(now) if start > now), None)
        return None if found is None else found.astimezone(self.zone)

    def _opening(self, now: datetime) -> tuple[datetime, datetime] | None:
        first = next(self._openings(now), None)
        return None if first is None or first[0] > now else first

    def _openings(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Those that end after ``now``, in their order, each whole."""
        begun: tuple[datetime, datetime] | None = None
        for start, stop in self._pieces(now.astimezone(self.zone).date()):
            if begun is not None and start <= begun[1]:
                begun = (begun[0], max(begun[1], stop))
                if begun[1] - begun[0] > timedelta(days=AHEAD):
                    break  # it never closes
                continue
            if begun is not None and begun[1] > now:
                yield begun
            begun = (start, stop)
        if begun is not None and begun[1] > now:
            yield begun

    def _pieces(self, today: date) -> Iterator[tuple[datetime, datetime]]:
        for ahead in range(-2, AHEAD):
            try:
                day = today + timedelta(days=ahead)
                spans = [self._instants(day, span) for span in self.spans(day)]
            except OverflowError:  # before or after the years that dates can have
                continue
            yield from sorted(span for span in spans if span[0] < span[1])

    def _instants(self, day: date, span: Span) -> tuple[datetime, datetime]:
        return self._moment(day, span.start, fold=0), self._moment(day, span.stop, fold=1)

    def _moment(self, day: date, minute: int, *, fold: int) -> datetime:
        day += timedelta(days=minute // DAY)
        wall = datetime.combine(day, time(minute % DAY // 60, minute % 60), self.zone)
        # Of a time that is skipped, fold 0 counts by the clock as it was before (PEP 495).
        skipped = wall.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != wall.replace(tzinfo=None)
        return wall.replace(fold=0 if skipped else fold).astimezone(UTC)


Calendars = Mapping[str, Calendar]
"""By name."""


def moment(at: datetime) -> dict[str, Any]:
    """A moment as expressions know it, in its own zone."""
    return {
        "at": at.isoformat(timespec="seconds"),
        "date": at.date().isoformat(),
        "time": at.strftime("%H:%M"),
        "year": at.year,
        "month": at.month,
        "day": at.day,
        "weekday": WEEKDAYS[at.weekday()],
        "hour": at.hour,
        "minute": at.minute,
    }


def hours(calendar: Calendar, now: datetime) -> dict[str, Any]:
    """What expressions know as ``hours.NAME``.

    ``next`` and ``closes`` are moments with ``days``, how many midnights away they are; None where there is none.
    """
    local = now.astimezone(calendar.zone)

    def later(at: datetime | None) -> dict[str, Any] | None:
        return None if at is None else {**moment(at), "days": (at.date() - local.date()).days}

    return {
        "open": calendar.open(now),
        "closes": later(calendar.closes(now)),
        "next": later(calendar.next_opening(now)),
        "holiday": calendar.holiday(local.date()),
        "now": moment(local),
    }


@dataclass(frozen=True, slots=True)
class Almanac:
    """What a project knows of time."""

    zone: tzinfo = UTC
    """Of ``now``."""
    calendars: Calendars = field(default_factory=dict)

    def facts(self, source: str, now: datetime) -> dict[str, Any]:
        """``now`` and ``hours`` for one expression; of calendars only those that it names."""
        named = set(_NAMED.findall(source))
        wanted = self.calendars.keys() & named if not _UNNAMED.search(source) else self.calendars.keys()
        return {
            "now": moment(now.astimezone(self.zone)),
            "hours": {name: hours(self.calendars[name], now) for name in sorted(wanted)},
        }


_NAMED = re.compile(r"\bhours\s*\.\s*([a-z][a-z0-9_]*)")
_UNNAMED = re.compile(r"\bhours\b(?!\s*\.\s*[a-z])")
