"""Dates, times and durations against CLDR: names of months, the order of a date, twelve hours or twenty-four."""

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
import saying_oracle as oracle
from babel import Locale
from babel.dates import get_month_names, get_period_id
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.sayas import say_as
from ivr.errors import SlotError

COUNT = 500
DATED = (*oracle.LOCALES, "de-AT")
EDGES = [date(2024, 2, 29), date(2000, 2, 29), date(1900, 3, 1), date(1000, 1, 1), date(2999, 12, 31), date(2009, 8, 8)]
EDGES += [date(year, 1, 1) for year in (1099, 1100, 1900, 1905, 1999, 2000, 2001, 2010, 2026, 2100, 2101)]


def dates(seed: str) -> list[date]:
    rng = random.Random(seed)
    every = [date(2000, 1, 1) + timedelta(days=index) for index in range(366)]
    return [*EDGES, *every, *(date(1000, 1, 1) + timedelta(days=rng.randrange(730_000)) for _ in range(COUNT))]


def day_of(locale: str, day: date) -> str:
    """Day and month, by the rules of each language."""
    month = get_month_names("wide", locale=locale.replace("-", "_"))[day.month]
    number = oracle.by_rule(locale[:2])
    match oracle.language(locale):
        case "en":
            nth = number(day.day, "spellout-ordinal")
            return f"{month} {nth}" if locale == "en-US" else f"the {nth} of {month}"
        case "de":
            return f"{number(day.day, 'spellout-ordinal-n')} {month}"
        case "fr":
            first = "premier" if day.day == 1 else number(day.day, "spellout-numbering")
            return f"{first} {month}"
    first = day.day == 1 and locale != "es-ES"
    return f"{'primero' if first else number(day.day, 'spellout-numbering')} de {month}"


def year_of(locale: str, year: int) -> str:
    tag, rule = locale[:2], "spellout-numbering-year"
    if tag == "fr":  # CLDR has "dix-neuf-cent"; both are said
        return oracle.spelled_out(locale, year, 0)
    if locale == "en-GB" and year // 100 % 10 == 0 and year % 100 < 10:
        return oracle.spelled_out(locale, year, 0)
    words = oracle.by_rule(tag)(year, rule)
    return f"de {words}" if tag == "es" else words


@pytest.mark.parametrize("locale", DATED)
def test_dates(locale: str) -> None:
    for each in dates(locale):
        whole = f"{day_of(locale, each)} {year_of(locale, each.year)}"
        assert oracle.bare(say_as("d", "day", each, locale)) == oracle.bare(day_of(locale, each))
        assert oracle.bare(say_as("d", "date", each, locale)) == oracle.bare(whole)
        assert say_as("d", "date", each.isoformat(), locale) == say_as("d", "date", each, locale)


@pytest.mark.parametrize(
    ("locale", "value", "words"),
    [
        ("en-US", "2026-03-03", "March third twenty twenty six"),
        ("en-GB", "2005-03-03", "the third of March two thousand and five"),
        ("es-ES", "2026-01-01", "uno de enero de dos mil veintiséis"),
        ("es-MX", "1984-01-01", "primero de enero de mil novecientos ochenta y cuatro"),
        ("de-DE", "2024-02-29", "neunundzwanzigsten Februar zweitausend vierundzwanzig"),
        ("de-AT", "1984-01-07", "siebten Jänner neunzehnhundert vierundachtzig"),
        ("fr-FR", "2026-01-01", "premier janvier deux mille vingt-six"),
        ("fr-CH", "1999-08-08", "huit août mille neuf cent nonante-neuf"),
    ],
)
def test_dates_by_hand(locale: str, value: str, words: str) -> None:
    assert say_as("d", "date", value, locale) == words


@pytest.mark.parametrize(
    "behind",
    ["T14:30", " 14:30:00", "T23:59:60Z", "T14:30:00.123456+02:00", " 14:30:00,5 +0200", "T14:30:00-05", "T9:05 Z"],
)
def test_a_date_may_have_its_time_behind_it(behind: str) -> None:
    assert say_as("d", "date", f"2026-03-03{behind}") == "March third twenty twenty six"
    assert say_as("t", "time", f"2026-03-03{behind}") == say_as("t", "time", behind[1:])


TWELVE = {"en-US", "en-GB", "es-US", "es-MX"}
"""Who counts twelve hours when they speak."""


def test_who_counts_twelve_hours() -> None:
    """As CLDR writes times, but for Britain, which writes twenty-four hours and says twelve."""
    for locale in oracle.LOCALES:
        written = "a" in str(Locale.parse(locale.replace("-", "_")).time_formats["short"])
        twelve = say_as("t", "time", "15:07", locale) == say_as("t", "time", "03:07", locale).replace(
            "de la madrugada", "de la tarde"
        ).replace("AM", "PM")
        assert twelve == (locale in TWELVE)
        assert written <= twelve
        assert written == twelve or locale == "en-GB"


PERIODS = {
    "morning1": "de la madrugada",
    "morning2": "de la mañana",
    "noon": "de la tarde",
    "evening1": "de la tarde",
    "night1": "de la noche",
}


def time_of(locale: str, hour: int, minute: int) -> str:
    """By the test's own rules, of CLDR's numbers and CLDR's periods."""
    tag = oracle.language(locale)
    named = {
        "en": ("midnight", "noon"),
        "es": ("medianoche", "mediodía"),
        "de": ("Mitternacht", "zwölf Uhr mittags"),
        "fr": ("minuit", "midi"),
    }[tag]
    if minute == 0 and hour in (0, 12):
        return named[hour // 12]
    spoken = hour % 12 or 12 if locale in TWELVE else hour
    plain = oracle.spelled_out(locale, minute, 0) if minute else ""
    match tag:
        case "en":
            past = f"oh {plain}" if 0 < minute < 10 else plain
            return f"{oracle.spelled_out(locale, spoken, 0)} {past} {'AM' if hour < 12 else 'PM'}"
        case "de":
            return f"{oracle.spelled_out(locale, hour, 1)} Uhr {plain}"
        case "fr":
            minutes = oracle.spelled_out(locale, minute, 2) if minute else ""
            return f"{oracle.counted(locale, hour, 'heure heures f')} {minutes}"
    words = f"{'la' if spoken == 1 else 'las'} {oracle.spelled_out(locale, spoken, 2)} {'y' * bool(minute)} {plain}"
    if locale in TWELVE:
        return f"{words} {PERIODS[get_period_id(time(hour, minute), locale='es')]}"
    return words if minute or hour == 1 else f"{words} horas"


@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_every_minute_of_the_day(locale: str) -> None:
    for hour in range(24):
        for minute in range(60):
            said = say_as("t", "time", f"{hour:02}:{minute:02}", locale)
            assert oracle.bare(said) == oracle.bare(time_of(locale, hour, minute)), (hour, minute)


@pytest.mark.parametrize(
    ("locale", "value", "words"),
    [
        ("en-US", "00:05", "twelve oh five AM"),
        ("en-US", time(13), "one PM"),
        ("en-US", "9:05:59", "nine oh five AM"),
        ("en-US", datetime(2026, 3, 3, 12, 0, tzinfo=UTC), "noon"),
        ("en-US", "2026-03-03T14:30:00Z", "two thirty PM"),
        ("es-ES", "01:00", "la una"),
        ("es-ES", "21:21", "las veintiuna y veintiuno"),
        ("es-ES", "14:00", "las catorce horas"),
        ("es-MX", "13:30", "la una y treinta de la tarde"),
        ("es-US", "00:05", "las doce y cinco de la madrugada"),
        ("de-DE", "01:01", "ein Uhr eins"),
        ("de-DE", "21:21", "einundzwanzig Uhr einundzwanzig"),
        ("fr-FR", "21:21", "vingt et une heures vingt et une"),
        ("fr-FR", "00:05", "zéro heure cinq"),
    ],
)
def test_times_by_hand(locale: str, value: object, words: str) -> None:
    assert say_as("t", "time", value, locale) == words


@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_durations(locale: str) -> None:
    rng = random.Random(locale)
    values = [0, 1, 2, 59, 60, 61, 3599, 3600, 3601, 86399, 86400, 86401, 90061, 21 * 86400, 8_639_999]
    values += [rng.randrange(10 ** rng.randint(1, 6)) for _ in range(COUNT)] + [
        rng.randrange(8_640_000) for _ in range(COUNT)
    ]
    for seconds in values:
        said = say_as("d", "duration", seconds, locale)
        assert oracle.bare(said) == oracle.bare(oracle.duration(locale, seconds)), seconds
        assert say_as("d", "duration", timedelta(seconds=seconds), locale) == said


@pytest.mark.parametrize(
    ("locale", "value", "words"),
    [
        ("en-US", "PT1H30M", "one hour and thirty minutes"),
        ("en-US", "P1W", "seven days"),
        ("en-US", "P1DT1S", "one day and one second"),
        ("en-US", "PT90S", "one minute and thirty seconds"),
        ("en-US", "PT1.5S", "two seconds"),
        ("en-US", "PT1,49S", "one second"),
        ("en-US", "PT0.49999999999999999999999999999999S", "zero seconds"),
        ("en-US", "PT59M59.5S", "one hour"),
        ("en-US", "PT1.5H", "one hour and thirty minutes"),
        ("en-US", "PT0.5M", "thirty seconds"),
        ("en-US", "PT1H30,5M", "one hour thirty minutes and thirty seconds"),
        ("en-US", "P1.5D", "one day and twelve hours"),
        ("en-US", "P0.5W", "three days and twelve hours"),
        ("en-US", "PT59.9999M", "one hour"),
        ("en-US", "PT0.33333333333333333333333333333333H", "twenty minutes"),
        ("en-US", "PT0.0083333M", "zero seconds"),
        ("en-US", "PT0.0083334M", "one second"),
        ("de-DE", "PT1.5H", "eine Stunde und dreißig Minuten"),
        ("es-ES", "PT1,5H", "una hora y treinta minutos"),
        ("en-US", 0.4, "zero seconds"),
        ("en-US", "59.5", "one minute"),
        ("es-ES", 75661, "veintiuna horas un minuto y un segundo"),
        ("de-DE", "PT1H1M", "eine Stunde und eine Minute"),
        ("fr-FR", 75660, "vingt et une heures et une minute"),
        ("fr-FR", 0, "zéro seconde"),
    ],
)
def test_durations_by_hand(locale: str, value: object, words: str) -> None:
    assert say_as("d", "duration", value, locale) == words


@given(st.integers(0, 8_639_999))
def test_two_durations_are_never_said_alike(seconds: int) -> None:
    near = [say_as("d", "duration", max(0, seconds - back), "en-US") for back in range(3)]
    assert seconds < 3 or all(one != other for one, other in pairwise(near))


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("date", "2023-02-29", "a day that no calendar has"),
        ("date", "2026-13-01", "a day that no calendar has"),
        ("date", "0000-01-01", "a day that no calendar has"),
        ("date", "0999-12-31", "of a year from 1000 to 2999"),
        ("day", date(3000, 1, 1), "of a year from 1000 to 2999"),
        ("date", "03/03/2026", "another text"),
        ("date", "٢٠٢٦-٠٣-٠٣", "another text"),
        ("date", 20260303, "a value of type int"),
        ("date", time(1), "a value of type time"),
        ("date", "2026-03-01 garbage", "another text"),
        ("date", "2026-03-01T", "another text"),
        ("date", "2026-03-01T99:99", "a time over 23 hours, 59 minutes or 60 seconds"),
        ("date", "2026-03-01T14:30+99:00", "another text"),
        ("day", "2026-03-01T14:30:61", "a time over 23 hours, 59 minutes or 60 seconds"),
        ("time", "14:30:99", "a time over 23 hours, 59 minutes or 60 seconds"),
        ("time", "14:30:00+24:00", "another text"),
        ("time", "2026-99-99T14:30", "a day that no calendar has"),
        ("time", "2026-02-29 14:30", "a day that no calendar has"),
        ("time", "24:00", "a time over 23 hours, 59 minutes or 60 seconds"),
        ("time", "12:60", "a time over 23 hours, 59 minutes or 60 seconds"),
        ("time", "2pm", "another text"),
        ("time", 1430, "a value of type int"),
        ("time", date(2026, 1, 1), "a value of type date"),
        ("duration", -1, "less than none"),
        ("duration", timedelta(microseconds=-1), "less than none"),
        ("duration", 8_640_000, "shorter than 100 days"),
        ("duration", 8_639_999.5, "shorter than 100 days"),
        ("duration", "P99DT23H59M59.5S", "shorter than 100 days"),
        ("duration", timedelta.max, "shorter than 100 days"),
        ("duration", "P1M", "of weeks, days, hours, minutes and seconds, and got another text"),
        ("duration", "P", "and got another text"),
        ("duration", "PT", "and got another text"),
        ("duration", "P" + "9" * 40 + "D", "and got another text"),
        ("duration", "1:30", "another text"),
        ("duration", "PT1.5H30M", "with decimals in its last part alone"),
        ("duration", "P1.5DT1H", "with decimals in its last part alone"),
        ("duration", "PT1.H", "and got another text"),
        ("duration", "PT.5H", "and got another text"),
        ("duration", "P99.99999999D", "shorter than 100 days"),
        ("duration", True, "a value of type bool"),
        ("duration", None, "a value of type NoneType"),
    ],
)
def test_what_cannot_be_said(kind: str, value: object, why: str) -> None:
    with pytest.raises(SlotError, match=f"slot 's': expected a.*{why}") as caught:
        say_as("s", kind, value, "de-DE")
    assert not isinstance(value, str) or len(value) < 4 or value not in str(caught.value)
