"""How values are said, by other people's rules: numbers by CLDR's (``unicode-rbnf``), the rest by tables of its own."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from unicode_rbnf import RbnfEngine

LOCALES = ("en-US", "en-GB", "es-ES", "es-MX", "es-US", "de-DE", "fr-FR", "fr-CH", "fr-CA")
DIGITS = {
    "en": "zero one two three four five six seven eight nine".split(),
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve".split(),
    "de": "null eins zwei drei vier fünf sechs sieben acht neun".split(),
    "fr": "zéro un deux trois quatre cinq six sept huit neuf".split(),
}
MINUS = {"en": "minus", "es": "menos", "de": "minus", "fr": "moins"}
POINT = {"en": "point", "es-ES": "coma", "es-MX": "punto", "es-US": "punto", "de": "Komma", "fr": "virgule"}
AND = {"en": "and", "es": "y", "de": "und", "fr": "et"}
MONEY_AND = {**AND, "es": "con"}
RULES = {
    "en": ("spellout-cardinal",) * 3,
    "en-GB": ("spellout-cardinal-verbose",) * 3,
    "es": ("spellout-numbering", "spellout-cardinal-masculine", "spellout-cardinal-feminine"),
    "de": ("spellout-numbering", "spellout-cardinal-masculine", "spellout-cardinal-feminine"),
    "fr": ("spellout-numbering", "spellout-cardinal-masculine", "spellout-cardinal-feminine"),
}
"""Said by itself, before what is masculine, before what is feminine."""
MONEY = {
    ("en", "USD"): ("dollar dollars m", "cent cents m"),
    ("en", "EUR"): ("euro euros m", "cent cents m"),
    ("en", "GBP"): ("pound pounds m", "penny pence m"),
    ("en", "MXN"): ("peso pesos m", "centavo centavos m"),
    ("en", "CHF"): ("franc francs m", "centime centimes m"),
    ("es", "USD"): ("dólar dólares m", "centavo centavos m"),
    ("es", "EUR"): ("euro euros m", "céntimo céntimos m"),
    ("es", "GBP"): ("libra libras f", "penique peniques m"),
    ("es", "MXN"): ("peso pesos m", "centavo centavos m"),
    ("es", "CHF"): ("franco francos m", "céntimo céntimos m"),
    ("de", "USD"): ("Dollar Dollar m", "Cent Cent m"),
    ("de", "EUR"): ("Euro Euro m", "Cent Cent m"),
    ("de", "GBP"): ("Pfund Pfund m", "Penny Pence m"),
    ("de", "MXN"): ("Peso Pesos m", "Centavo Centavos m"),
    ("de", "CHF"): ("Franken Franken m", "Rappen Rappen m"),
    ("fr", "USD"): ("dollar dollars m", "cent cents m"),
    ("fr", "EUR"): ("euro euros m", "centime centimes m"),
    ("fr", "GBP"): ("livre livres f", "penny pence m"),
    ("fr", "MXN"): ("peso pesos m", "centavo centavos m"),
    ("fr", "CHF"): ("franc francs m", "centime centimes m"),
}
SPANS = {
    "en": ("day days m", "hour hours m", "minute minutes m", "second seconds m"),
    "es": ("día días m", "hora horas f", "minuto minutos m", "segundo segundos m"),
    "de": ("Tag Tage m", "Stunde Stunden f", "Minute Minuten f", "Sekunde Sekunden f"),
    "fr": ("jour jours m", "heure heures f", "minute minutes f", "seconde secondes f"),
}


def language(locale: str) -> str:
    return locale[:2]


def bare(words: str) -> str:
    """Letters alone: languages write numbers together, apart or with hyphens, and a voice says them alike.

    The s of ``cents`` and ``vingts`` is silent, and CLDR leaves it out before ``millions``.
    """
    return re.sub(r"[\s,\-\u00ad]", "", re.sub(r"\b(cent|vingt)s\b", r"\1", words)).lower()


def number(locale: str, value: Decimal) -> str:
    """``value`` as it is written, with its decimals."""
    whole, _, decimals = format(abs(value), "f").partition(".")
    words = spelled_out(locale, int(whole), 0)
    if decimals:
        point = POINT.get(locale) or POINT[language(locale)]
        words = " ".join([words, point, *(DIGITS[language(locale)][int(digit)] for digit in decimals)])
    return f"{MINUS[language(locale)]} {words}" if value < 0 else words


def money(locale: str, value: Decimal, code: str) -> str:
    cents = int((abs(value) * 100).to_integral_value(ROUND_HALF_UP))
    unit, hundredth = _currency(locale, code)
    parts = []
    if cents >= 100 or not cents:
        parts.append(counted(locale, cents // 100, unit))
    if cents % 100:
        parts.append(counted(locale, cents % 100, hundredth))
    words = f" {MONEY_AND[language(locale)]} ".join(parts)
    return f"{MINUS[language(locale)]} {words}" if value < 0 and cents else words


def duration(locale: str, seconds: int) -> str:
    counts = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    named = SPANS[language(locale)]
    parts = [counted(locale, count, noun) for count, noun in zip(counts, named, strict=True) if count]
    parts = parts or [counted(locale, 0, named[3])]
    return f" {AND[language(locale)]} ".join([" ".join(parts[:-1]), parts[-1]]) if parts[1:] else parts[0]


def counted(locale: str, count: int, noun: str) -> str:
    one, many, gender = noun.rsplit(" ", 2) if " " in noun else ("", "", "")
    one, many = one.replace("_", " "), many.replace("_", " ")
    single = count < 2 if language(locale) == "fr" else count == 1
    name = one if single else many
    if count and count % 10**6 == 0 and language(locale) in ("es", "fr"):
        name = f"d'{name}" if language(locale) == "fr" and name[0] in "aeiou" else f"de {name}"
    return f"{spelled_out(locale, count, 1 + (gender == 'f'))} {name}"


def spelled_out(locale: str, value: int, form: int) -> str:
    rules = RULES.get(locale) or RULES[language(locale)]
    words = by_rule("fr_CH" if locale == "fr-CH" else language(locale))(value, rules[form])
    return _agreeing(words) if (language(locale), form) == ("es", 2) else words


def _agreeing(words: str) -> str:
    """CLDR has ``doscientos mil`` before feminines, too; the Academy's dictionary of doubts asks for ``doscientas``."""
    millions, scale, rest = words.rpartition("mill")
    return millions + scale + re.sub(r"(cient|quinient)os\b", r"\1as", rest)


def _currency(locale: str, code: str) -> tuple[str, str]:
    if code == "CAD" or (locale.endswith("-CA") and code == "USD"):
        return _dollars_abroad(locale, code)
    return MONEY[language(locale), code]


def _dollars_abroad(locale: str, code: str) -> tuple[str, str]:
    hundredth = MONEY[language(locale), "USD"][1]
    if locale.endswith("-CA"):
        return ("dollar dollars m" if code == "CAD" else "dollar_américain dollars_américains m"), hundredth
    return {
        "en": "Canadian_dollar Canadian_dollars m",
        "es": "dólar_canadiense dólares_canadienses m",
        "de": "kanadischer_Dollar kanadische_Dollar m",
        "fr": "dollar_canadien dollars_canadiens m",
    }[language(locale)], hundredth


@cache
def by_rule(tag: str) -> Callable[[int, str], str]:
    """Of a language, what CLDR calls a number by one of its rules."""
    engine = RbnfEngine.for_language(tag)
    return lambda value, rule: engine.format_number(value, ruleset_names=[rule]).text
