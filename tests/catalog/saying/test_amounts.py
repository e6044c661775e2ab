"""Numbers, ordinals and money against CLDR's rules for spelling numbers out, and num2words where it is right."""

import random
import re
from decimal import Decimal

import pytest
import saying_oracle as oracle
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_name, get_decimal_symbol
from num2words import num2words
from unicode_rbnf import RbnfEngine

from ivr.catalog.readback import units
from ivr.catalog.sayas import say_as
from ivr.catalog.saying.amounts import CURRENCIES
from ivr.catalog.saying.languages import language_of
from ivr.errors import SlotError

COUNT = 500
EDGES = [
    0,
    1,
    2,
    8,
    11,
    16,
    17,
    20,
    21,
    22,
    31,
    70,
    71,
    80,
    81,
    90,
    91,
    99,
    100,
    101,
    111,
    121,
    180,
    200,
    500,
    700,
    900,
]
EDGES += [
    each * power + more
    for power in (10**3, 10**6, 10**9)
    for each in (1, 2, 21, 80, 100, 101, 200, 999)
    for more in (0, 1, 21)
]


def numbers(seed: str) -> list[Decimal]:
    """Of every length, with and without decimals, on both sides of zero."""
    rng = random.Random(seed)
    found = [Decimal(sign * each) for each in EDGES for sign in (1, -1)]
    for _ in range(COUNT):
        places = rng.choice((0, 0, 0, 1, 2, 6))
        found.append(
            Decimal(rng.choice((1, -1)) * rng.randrange(10 ** rng.randint(1, 12))) + Decimal(0).scaleb(-places)
        )
        if places:
            found[-1] += Decimal(rng.randrange(1, 10**places)).scaleb(-places) * (1 if found[-1] >= 0 else -1)
    return [each if each else Decimal(0) for each in found]


@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_numbers_are_spelled_out_as_by_CLDR(locale: str) -> None:
    for value in numbers(locale):
        assert oracle.bare(say_as("n", "number", value, locale)) == oracle.bare(oracle.number(locale, value)), value


@pytest.mark.parametrize("code", CURRENCIES)
@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_money_is_counted_as_by_CLDR(locale: str, code: str) -> None:
    rng = random.Random(f"{locale} {code}")
    amounts = [Decimal(sign * each) for each in EDGES for sign in (1, -1)]
    amounts += [Decimal(rng.choice((1, -1)) * rng.randrange(10 ** rng.randint(1, 14))).scaleb(-2) for _ in range(COUNT)]
    amounts += [Decimal(cents).scaleb(-2) for cents in range(-201, 202)]
    for value in amounts:
        said = say_as("m", "money", value, locale, code)
        assert oracle.bare(said) == oracle.bare(oracle.money(locale, value, code)), value


def test_Spanish_decimals_stand_behind_what_a_country_writes() -> None:
    countries = [name.replace("_", "-") for name in locale_identifiers() if name.startswith("es")]
    assert len(countries) > 20
    for locale in countries:
        word = {".": "punto", ",": "coma"}[get_decimal_symbol(locale.replace("-", "_"))]
        assert say_as("n", "number", "2.5", locale) == f"dos {word} cinco"


@pytest.mark.parametrize("code", CURRENCIES)
@pytest.mark.parametrize("locale", ["en", "es", "de", "fr"])
def test_currencies_are_named_as_CLDR_names_them(locale: str, code: str) -> None:
    language = language_of(locale)
    assert language is not None
    unit = language.currency(code).unit
    for count, name in ((1, unit.one), (2, unit.many)):
        theirs = get_currency_name(code, count, locale=locale).lower().replace("-", " ").split()
        assert all(word in theirs for word in name.lower().split())


CLDR_ORDINALS = {"en-US": "spellout-ordinal", "en-GB": "spellout-ordinal-verbose", "de-DE": "spellout-ordinal"}


@pytest.mark.parametrize("locale", CLDR_ORDINALS)
def test_ordinals_are_those_of_CLDR(locale: str) -> None:
    engine, rule = RbnfEngine.for_language(locale[:2]), CLDR_ORDINALS[locale]
    for value in range(1, 10_000):
        theirs = engine.format_number(value, ruleset_names=[rule]).text
        assert oracle.bare(say_as("n", "ordinal", value, locale)) == oracle.bare(theirs)


def test_Spanish_ordinals_are_those_of_CLDR_but_for_three_of_its_words() -> None:
    """It has ``decimoprimero``; the Academy's dictionary of doubts has both, and ``octingentésimo`` alone."""
    engine = RbnfEngine.for_language("es")
    for value in range(1, 1000):
        theirs = engine.format_number(value, ruleset_names=["spellout-ordinal-masculine"]).text
        theirs = theirs.replace("decimoprimero", "undécimo").replace("decimosegundo", "duodécimo")
        theirs = theirs.replace("octingésimo", "octingentésimo")
        assert oracle.bare(say_as("n", "ordinal", value, "es-ES")) == oracle.bare(theirs)
    thousands = ["", "milésimo", "dosmilésimo", "tresmilésimo", "cuatromilésimo", "cincomilésimo", "seismilésimo"]
    thousands += ["sietemilésimo", "ochomilésimo", "nuevemilésimo"]
    for value in range(1000, 10_000):
        rest = say_as("n", "ordinal", value % 1000, "es-MX") if value % 1000 else ""
        assert say_as("n", "ordinal", value, "es-MX") == f"{thousands[value // 1000]} {rest}".strip()


def test_French_ordinals_are_those_of_num2words_but_for_those_of_plurals() -> None:
    """It has ``quatre-vingtsième`` and ``deux centsième``; CLDR has ``cent-et-unième``."""
    for value in range(1, 10_000):
        theirs = (
            num2words(value, lang="fr", to="ordinal")
            .replace("vingtsième", "vingtième")
            .replace("centsième", "centième")
            .replace("-et-", " et ")
        )
        assert oracle.bare(say_as("n", "ordinal", value, "fr-FR")) == oracle.bare(theirs), value


def test_Swiss_ordinals_are_those_of_CLDR_but_for_those_of_hundred_and_one() -> None:
    """It has ``cent-et-unième`` and ``mille-et-unième``."""
    engine = RbnfEngine.for_language("fr_CH")
    for value in range(1, 10_000):
        theirs = engine.format_number(value, ruleset_names=["spellout-ordinal-masculine"]).text
        theirs = re.sub(r"\b(cent|mille)-et-", r"\1 ", theirs).replace("-et-", " et ")
        assert oracle.bare(say_as("n", "ordinal", value, "fr-CH")) == oracle.bare(theirs), value


@pytest.mark.parametrize(
    ("locale", "code", "value", "words"),
    [
        ("en-US", "USD", "0.01", "one cent"),
        ("en-US", "USD", "-21.01", "minus twenty one dollars and one cent"),
        ("en-GB", "GBP", "1101.01", "one thousand one hundred and one pounds and one penny"),
        ("en-CA", "USD", "2", "two American dollars"),
        ("es-US", "USD", "1", "un dólar"),
        ("es-MX", "USD", "21", "veintiún dólares"),
        ("es-ES", "GBP", "21.21", "veintiuna libras con veintiún peniques"),
        ("es-ES", "GBP", "221200", "doscientas veintiún mil doscientas libras"),
        ("es-ES", "EUR", "1000000", "un millón de euros"),
        ("es-ES", "EUR", "100101", "cien mil ciento un euros"),
        ("de-DE", "EUR", "21.01", "einundzwanzig Euro und ein Cent"),
        ("de-DE", "EUR", "1000001", "eine Million ein Euro"),
        ("de-CH", "CHF", "2.50", "zwei Franken und fünfzig Rappen"),
        ("fr-FR", "EUR", "0", "zéro euro"),
        ("fr-FR", "EUR", "21", "vingt et un euros"),
        ("fr-FR", "EUR", "80.80", "quatre-vingts euros et quatre-vingts centimes"),
        ("fr-FR", "EUR", "80000000", "quatre-vingts millions d'euros"),
        ("fr-FR", "GBP", "81", "quatre-vingt-une livres"),
        ("fr-CA", "CAD", "200.01", "deux cents dollars et un cent"),
    ],
)
def test_money_by_hand(locale: str, code: str, value: str, words: str) -> None:
    assert say_as("m", "money", value, locale, code) == words


def test_French_numbers_are_one_unit_with_what_changes_their_sound() -> None:
    """``deux euros`` is [døzøʁo], and ``six mille`` [simil], whose parts are [sis] and [mil]."""

    def texts(value: int, code: str) -> list[str]:
        return [unit.text for unit in units("m", "money", value, "fr-FR", currency=code)]

    assert texts(102, "EUR") == ["cent", "deux euros"]
    assert texts(102, "USD") == ["cent", "deux", "dollars"]
    assert texts(6006, "USD") == ["six mille", "six dollars"]
    assert texts(2000, "EUR") == ["deux", "mille euros"]


@pytest.mark.parametrize("value", [0, -1, 10_000, 2.5, "1.5", "third", None, True, 10**40])
def test_what_is_no_ordinal(value: object) -> None:
    with pytest.raises(SlotError, match="slot 'n': expected a whole number such as 3"):
        say_as("n", "ordinal", value)


def test_a_currency_without_words() -> None:
    with pytest.raises(SlotError, match="'JPY' is no currency that has words; use one of USD, EUR, GBP, MXN, CHF, CAD"):
        say_as("m", "money", 1, "en-US", "JPY")


def test_an_amount_that_is_rounded_up_to_the_limit_is_out_of_range() -> None:
    with pytest.raises(SlotError, match="below 1,000,000,000,000"):
        say_as("m", "money", "999999999999.999")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.0049999999999999999999999999999999", "zero dollars"),
        (Decimal("-0.0049999999999999999999999999999999"), "zero dollars"),
        ("0.005", "one cent"),
        ("1.9949999999999999999999999999999999", "one dollar and ninety nine cents"),
        ("999999999999.9949999999999999999999999", None),
    ],
)
def test_an_amount_is_rounded_once(value: str | Decimal, words: str | None) -> None:
    said = say_as("m", "money", value)
    assert said == words if words else said.endswith("ninety nine dollars and ninety nine cents")


@pytest.mark.parametrize("value", ["999999999999.9999999", Decimal("-999999999999.9999996")])
def test_a_number_that_is_rounded_up_to_the_limit_is_out_of_range(value: str | Decimal) -> None:
    with pytest.raises(SlotError, match="below 1,000,000,000,000"):
        say_as("n", "number", value)
