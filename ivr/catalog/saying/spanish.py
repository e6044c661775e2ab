"""Spanish, as in Spain and as in America. ``uno`` is ``un`` before what it counts, ``una`` before what is feminine."""

from __future__ import annotations

from datetime import date

from ivr.catalog.saying.language import Currency, Language, Noun, Texts
from ivr.catalog.saying.spanish_words import (
    BELOW_THIRTY,
    CURRENCIES,
    HUNDREDS,
    HUNDREDTHS,
    LETTERS,
    MARKS,
    MONTHS,
    ORDINALS,
    SPANS,
    TENS,
    TENTHS,
)

_SPAIN = frozenset(["", "ES", "EA", "IC", "GQ"])
"""Regions with the day of twenty-four hours; a tag without a region is as in Spain, as CLDR has it."""
_POINT = frozenset(["419", "US", "MX", "PR", "DO", "GT", "HN", "NI", "PA", "PE", "SV", "CU", "BZ", "BR"])
"""Regions that write 2.5 and say "punto"; the others write 2,5 (CLDR)."""
_MASCULINE, _FEMININE = "un", "una"


class Spanish(Language):
    """Spanish of one region."""

    tag = "es"
    digits = BELOW_THIRTY[:10]
    letters = LETTERS
    marks = MARKS
    minus = "menos"
    and_ = "y"
    money_and = "con"
    extension = "extensión"
    spans = SPANS

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.spain = region in _SPAIN
        self.point = "punto" if region in _POINT else "coma"
        if not self.spain:
            self.letters = {**LETTERS, "w": "doble u"}

    def cardinal(self, number: int) -> Texts:
        """See ``Language``."""
        return _cardinal(number, "uno")

    def count(self, number: int, noun: Noun) -> Texts:
        """See ``Language``: ``un`` · ``millón`` · ``de euros``."""
        said = _cardinal(number, _FEMININE if noun.feminine else _MASCULINE)
        name = noun.one if number == 1 else noun.many
        return [*said, f"de {name}" if number and number % 10**6 == 0 else name]

    def currency(self, code: str) -> Currency:
        """See ``Language``."""
        return CURRENCIES[code]

    def ordinal(self, number: int) -> Texts:
        """See ``Language``; masculine."""
        thousands, rest = divmod(number, 1000)
        said = [f"{BELOW_THIRTY[thousands] if thousands > 1 else ''}milésimo"] if thousands else []
        hundreds, rest = divmod(rest, 100)
        if hundreds:
            said.append(HUNDREDTHS[hundreds])
        tens, ones = divmod(rest, 10)
        if rest >= 20:
            said.append(f"{TENTHS[tens]} {ORDINALS[ones]}".strip())
        elif rest:
            said.append(ORDINALS[rest])
        return said

    def day(self, day: date) -> Texts:
        """See ``Language``: in America the first is ``primero``."""
        first = day.day == 1 and not self.spain
        return ["primero" if first else _below_hundred(day.day, "uno"), f"de {MONTHS[day.month - 1]}"]

    def dated(self, day: Texts, year: Texts) -> Texts:
        """See ``Language``."""
        return [*day, f"de {year[0]}", *year[1:]]

    def year(self, year: int) -> Texts:
        """See ``Language``."""
        return ["mil" if year < 2000 else "dos mil", *_below_thousand(year % 1000, "uno")]

    def time(self, hour: int, minute: int) -> Texts:
        """See ``Language``: with its article, since that is one of two; Spain counts twenty-four hours."""
        if minute == 0 and hour % 12 == 0:
            return ["mediodía" if hour else "medianoche"]
        past = [f"y {_below_hundred(minute, 'uno')}"] if minute else []
        if self.spain:
            return [_hour(hour), *(past or ([] if hour == 1 else ["horas"]))]
        return [_hour((hour - 1) % 12 + 1), *past, _part(hour)]


def _cardinal(number: int, one: str) -> Texts:
    """``one``: how 1 is said at its end."""
    if number == 0:
        return [BELOW_THIRTY[0]]
    millions, rest = divmod(number, 10**6)
    said = [*_below_million(millions, _MASCULINE), "millón" if millions == 1 else "millones"] if millions else []
    return said + _below_million(rest, one)


def _below_million(number: int, one: str) -> Texts:
    """The hundreds before ``mil`` agree with what is counted: ``doscientas veintiún mil libras``."""
    feminine = one == _FEMININE
    thousands, rest = divmod(number, 1000)
    said: Texts = []
    if thousands:
        before = _below_thousand(thousands, _MASCULINE, feminine=feminine)
        said = ["mil"] if thousands == 1 else [*before, "mil"]
    return said + _below_thousand(rest, one, feminine=feminine)


def _below_thousand(number: int, one: str, *, feminine: bool = False) -> Texts:
    """Nothing for zero."""
    hundreds, rest = divmod(number, 100)
    if number == 100:
        return ["cien"]
    said = [HUNDREDS[hundreds]] if hundreds else []
    if hundreds > 1 and feminine:
        said = [f"{HUNDREDS[hundreds][:-2]}as"]
    return [*said, _below_hundred(rest, one)] if rest else said


def _below_hundred(number: int, one: str) -> str:
    tens, ones = divmod(number, 10)
    if number < 30:
        said = BELOW_THIRTY[number]
    else:
        said = f"{TENS[tens]} y {BELOW_THIRTY[ones]}" if ones else TENS[tens]
    if ones != 1 or number == 11:
        return said
    return "veintiún" if number == 21 and one == _MASCULINE else f"{said[:-3]}{one}"


def _hour(hour: int) -> str:
    return f"{'la' if hour == 1 else 'las'} {_below_hundred(hour, _FEMININE)}"


def _part(hour: int) -> str:
    """Of the day, as CLDR parts it."""
    if hour < 6:
        return "de la madrugada"
    if hour < 12:
        return "de la mañana"
    return "de la tarde" if hour < 20 else "de la noche"
