"""English: the American way, and the "and" and the order of days where the British way is kept."""

from __future__ import annotations

from datetime import date

from ivr.catalog.saying.english_words import (
    BELOW_TWENTY,
    CURRENCIES,
    IN_CANADA,
    LETTERS,
    MARKS,
    MONTHS,
    ORDINALS,
    SCALES,
    SPANS,
    TENS,
)
from ivr.catalog.saying.language import Currency, Language, Noun, Texts

_AMERICAN = frozenset(["", "US", "CA", "PH"])
"""Regions that say "one hundred twenty" and "March third"; others "one hundred and twenty", "the third of March"."""


def below_hundred(number: int) -> str:
    """``twenty one``: one unit, since nobody pauses in it."""
    if number < 20:
        return BELOW_TWENTY[number]
    tens, ones = divmod(number, 10)
    return f"{TENS[tens]} {BELOW_TWENTY[ones]}" if ones else TENS[tens]


class English(Language):
    """English of one region."""

    tag = "en"
    digits = BELOW_TWENTY[:10]
    letters = LETTERS
    marks = MARKS
    minus = "minus"
    point = "point"
    and_ = "and"
    money_and = "and"
    extension = "extension"
    spans = SPANS

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.british = region not in _AMERICAN
        if self.british:
            self.letters = {**LETTERS, "z": "zed"}

    def cardinal(self, number: int) -> Texts:
        """See ``Language``."""
        if number == 0:
            return [BELOW_TWENTY[0]]
        said: Texts = []
        for power, scale in SCALES:
            group, number = divmod(number, power)
            if group:
                said += [*self._below_thousand(group), scale]
        if 0 < number < 100:
            said = self._before_rest(said)
        return said + self._below_thousand(number)

    def count(self, number: int, noun: Noun) -> Texts:
        """See ``Language``."""
        return [*self.cardinal(number), noun.one if number == 1 else noun.many]

    def currency(self, code: str) -> Currency:
        """See ``Language``."""
        return IN_CANADA.get(code, CURRENCIES[code]) if self.region == "CA" else CURRENCIES[code]

    def ordinal(self, number: int) -> Texts:
        """See ``Language``."""
        *before, last = self.cardinal(number)
        head, space, word = last.rpartition(" ")
        if word in ORDINALS:
            return [*before, head + space + ORDINALS[word]]
        return [*before, (last[:-1] + "ie" if last.endswith("y") else last) + "th"]

    def day(self, day: date) -> Texts:
        """See ``Language``."""
        (ordinal,) = self.ordinal(day.day)
        month = MONTHS[day.month - 1]
        return [f"the {ordinal}", f"of {month}"] if self.british else [month, ordinal]

    def dated(self, day: Texts, year: Texts) -> Texts:
        """See ``Language``."""
        return day + year

    def year(self, year: int) -> Texts:
        """See ``Language``: ``nineteen`` · ``eighty four``, ``two thousand`` · ``five``, ``nineteen`` · ``oh five``."""
        century, rest = divmod(year, 100)
        if century % 10 == 0 and rest < 10:
            return self.cardinal(year)
        if rest == 0:
            return [f"{below_hundred(century)} hundred"]
        return [below_hundred(century), f"oh {BELOW_TWENTY[rest]}" if rest < 10 else below_hundred(rest)]

    def time(self, hour: int, minute: int) -> Texts:
        """See ``Language``: twelve hours, with noon and midnight by name."""
        if minute == 0 and hour % 12 == 0:
            return ["noon" if hour else "midnight"]
        said = [below_hundred((hour - 1) % 12 + 1)]
        if minute:
            said.append(below_hundred(minute) if minute >= 10 else f"oh {BELOW_TWENTY[minute]}")
        return [*said, "PM" if hour >= 12 else "AM"]

    def _below_thousand(self, number: int) -> Texts:
        """Nothing for zero."""
        hundreds, rest = divmod(number, 100)
        said = [f"{BELOW_TWENTY[hundreds]} hundred"] if hundreds else []
        return [*self._before_rest(said), below_hundred(rest)] if rest else said

    def _before_rest(self, said: Texts) -> Texts:
        """With the "and" that Britain says between hundreds or thousands and less than a hundred."""
        return [*said[:-1], f"{said[-1]} and"] if said and self.british else said
