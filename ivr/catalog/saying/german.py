"""German. Numbers below a hundred and hundreds are single words; ``eins`` is ``ein`` or ``eine`` before a noun."""

from __future__ import annotations

from datetime import date

from ivr.catalog.saying.german_words import (
    BELOW_TWENTY,
    CURRENCIES,
    LETTERS,
    MARKS,
    MONTHS,
    ORDINALS,
    SCALES,
    SPANS,
    TENS,
)
from ivr.catalog.saying.language import Currency, Language, Noun, Texts

_ALONE, _MASCULINE, _FEMININE = "eins", "ein", "eine"
"""How 1 is said; neuters are counted as masculines are."""


class German(Language):
    """German of one region."""

    tag = "de"
    digits = BELOW_TWENTY[:10]
    letters = LETTERS
    marks = MARKS
    minus = "minus"
    point = "Komma"
    and_ = "und"
    money_and = "und"
    extension = "Durchwahl"
    spans = SPANS

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.months = ("Jänner", *MONTHS[1:]) if region == "AT" else MONTHS

    def cardinal(self, number: int) -> Texts:
        """See ``Language``."""
        return _cardinal(number, _ALONE)

    def count(self, number: int, noun: Noun) -> Texts:
        """See ``Language``."""
        said = _cardinal(number, _FEMININE if noun.feminine else _MASCULINE)
        return [*said, noun.one if number == 1 else noun.many]

    def currency(self, code: str) -> Currency:
        """See ``Language``."""
        return CURRENCIES[code]

    def ordinal(self, number: int) -> Texts:
        """See ``Language``: as behind "der", "die" or "das"."""
        rest = number % 100
        said = _cardinal(number - rest, _ALONE) if number > rest else []
        return [*said, _nth(rest)] if rest else [*said[:-1], f"{said[-1]}ste"]

    def day(self, day: date) -> Texts:
        """See ``Language``: as behind "am", "vom" or "bis zum"."""
        return [f"{_nth(day.day)}n", self.months[day.month - 1]]

    def dated(self, day: Texts, year: Texts) -> Texts:
        """See ``Language``."""
        return day + year

    def year(self, year: int) -> Texts:
        """See ``Language``: ``neunzehnhundert`` · ``vierundachtzig``, ``zweitausend`` · ``sechsundzwanzig``."""
        century, rest = divmod(year, 100)
        if not 11 <= century <= 19:
            return _cardinal(year, _ALONE)
        said = f"{BELOW_TWENTY[century]}hundert"
        return [said, _below_hundred(rest, _ALONE)] if rest else [said]

    def time(self, hour: int, minute: int) -> Texts:
        """See ``Language``: twenty-four hours; noon is said to be noon."""
        if hour == minute == 0:
            return ["Mitternacht"]
        said = [_below_hundred(hour, _MASCULINE), "Uhr mittags" if (hour, minute) == (12, 0) else "Uhr"]
        return [*said, _below_hundred(minute, _ALONE)] if minute else said


def _cardinal(number: int, one: str) -> Texts:
    """``one``: how 1 is said at its end."""
    if number == 0:
        return [BELOW_TWENTY[0]]
    said: Texts = []
    for power, scale in SCALES:
        group, number = divmod(number, power)
        if group:
            said += [*_below_thousand(group, _FEMININE), scale.one if group == 1 else scale.many]
    thousands, number = divmod(number, 1000)
    if thousands:
        before = _below_thousand(thousands, _MASCULINE)
        said += [f"{before[0]}tausend"] if thousands < 10 else [*before, "tausend"]
    return said + _below_thousand(number, one)


def _below_thousand(number: int, one: str) -> Texts:
    """Nothing for zero."""
    hundreds, rest = divmod(number, 100)
    said = [f"{_below_hundred(hundreds, _MASCULINE)}hundert"] if hundreds else []
    return [*said, _below_hundred(rest, one)] if rest else said


def _below_hundred(number: int, one: str) -> str:
    if number == 1:
        return one
    if number < 20:
        return BELOW_TWENTY[number]
    tens, ones = divmod(number, 10)
    return f"{_below_hundred(ones, _MASCULINE)}und{TENS[tens]}" if ones else TENS[tens]


def _nth(number: int) -> str:
    """From 1 to 99: ``dritte``, ``zwanzigste``."""
    return ORDINALS.get(number) or _below_hundred(number, _ALONE) + ("te" if number < 20 else "ste")
