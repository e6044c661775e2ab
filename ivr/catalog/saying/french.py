"""French. A number and what it counts are one unit where one of them changes the sound of the other: ``deux euros``."""

from __future__ import annotations

from datetime import date

from ivr.catalog.saying.french_words import (
    BELOW_SEVENTEEN,
    CURRENCIES,
    IN_CANADA,
    LETTERS,
    MARKS,
    MONTHS,
    SCALES,
    SPANS,
    TENS,
    TENS_OF,
)
from ivr.catalog.saying.language import Currency, Language, Noun, Texts

_VOWELS = tuple("aeéiouh")
"""Nouns that begin so are bound to the number by liaison; the h of those that are counted here is mute."""
_SILENT = ("six", "huit", "dix")
"""Numbers that end so lose their last consonant before another."""


class French(Language):
    """French of one region."""

    tag = "fr"
    digits = BELOW_SEVENTEEN[:10]
    letters = LETTERS
    marks = MARKS
    minus = "moins"
    point = "virgule"
    and_ = "et"
    money_and = "et"
    extension = "poste"
    pairs = True
    spans = SPANS

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.pairs = region != "CA"
        self._tens = TENS | TENS_OF.get(region, {})

    def cardinal(self, number: int) -> Texts:
        """See ``Language``."""
        return self._cardinal(number, feminine=False)

    def count(self, number: int, noun: Noun) -> Texts:
        """See ``Language``: ``deux cent`` · ``six euros``, ``un`` · ``million`` · ``d'euros``; plural from two on."""
        name = noun.one if number < 2 else noun.many
        said = self._cardinal(number, feminine=noun.feminine)
        if number and number % 10**6 == 0:
            return [*said, f"d'{name}" if name.startswith(_VOWELS) else f"de {name}"]
        return _bound(said, name)

    def currency(self, code: str) -> Currency:
        """See ``Language``."""
        return IN_CANADA.get(code, CURRENCIES[code]) if self.region == "CA" else CURRENCIES[code]

    def ordinal(self, number: int) -> Texts:
        """See ``Language``; masculine."""
        if number == 1:
            return ["premier"]
        *before, last = self.cardinal(number)
        if last.endswith(("vingts", "cents")):
            last = last[:-1]
        stem = last.removesuffix("e")
        stem = f"{stem}u" if stem.endswith("cinq") else f"{stem[:-1]}v" if stem.endswith("neuf") else stem
        return [*before, f"{stem}ième"]

    def day(self, day: date) -> Texts:
        """See ``Language``."""
        return ["premier" if day.day == 1 else self._below_hundred(day.day), MONTHS[day.month - 1]]

    def dated(self, day: Texts, year: Texts) -> Texts:
        """See ``Language``."""
        return day + year

    def year(self, year: int) -> Texts:
        """See ``Language``."""
        return self.cardinal(year)

    def time(self, hour: int, minute: int) -> Texts:
        """See ``Language``: twenty-four hours, with noon and midnight by name."""
        if minute == 0 and hour % 12 == 0:
            return ["midi" if hour else "minuit"]
        said = self.count(hour, SPANS[1])
        return [*said, _feminine(self._below_hundred(minute))] if minute else said

    def _cardinal(self, number: int, *, feminine: bool) -> Texts:
        if number == 0:
            return [BELOW_SEVENTEEN[0]]
        said: Texts = []
        for power, scale in SCALES:
            group, number = divmod(number, power)
            if group:
                said += _bound(self._below_thousand(group), scale.one if group == 1 else scale.many)
        thousands, number = divmod(number, 1000)
        if thousands:
            before = self._below_thousand(thousands, counts_on=True) if thousands > 1 else []
            said += _bound(before, "mille")
        said += self._below_thousand(number)
        return [*said[:-1], _feminine(said[-1])] if feminine else said

    def _below_thousand(self, number: int, *, counts_on: bool = False) -> Texts:
        """Nothing for zero. ``counts_on``: a number comes behind, which takes the s of ``cents`` and ``vingts``."""
        hundreds, rest = divmod(number, 100)
        said: Texts = []
        if hundreds:
            plural = hundreds > 1 and not rest and not counts_on
            said = [f"{BELOW_SEVENTEEN[hundreds]} cent{'s' if plural else ''}" if hundreds > 1 else "cent"]
        if rest:
            last = self._below_hundred(rest)
            said.append(last.removesuffix("s") if counts_on and last.endswith("vingts") else last)
        return said

    def _below_hundred(self, number: int) -> str:
        """``vingt et un``, ``soixante et onze``, ``quatre-vingts``, ``quatre-vingt-un``."""
        if number < 17:
            return BELOW_SEVENTEEN[number]
        if number < 20:
            return f"dix-{BELOW_SEVENTEEN[number - 10]}"
        begin = max(tens for tens in self._tens if tens <= number)
        rest, name = number - begin, self._tens[begin]
        if rest == 0:
            return f"{name}s" if name == "quatre-vingt" else name
        joint = " et " if rest in (1, 11) and name != "quatre-vingt" else "-"
        return f"{name}{joint}{self._below_hundred(rest)}"


def _feminine(text: str) -> str:
    return f"{text}e" if text == "un" or text.endswith((" un", "-un")) else text


def _bound(said: Texts, name: str) -> Texts:
    """With ``name`` behind: in one unit with the last where they are heard as one."""
    if said and (name.startswith(_VOWELS) or said[-1].endswith(_SILENT)):
        return [*said[:-1], f"{said[-1]} {name}"]
    return [*said, name]
