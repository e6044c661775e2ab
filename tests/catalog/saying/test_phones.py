"""Telephone numbers, against tables of the test's own; dashes part what is said in one breath."""

import random
import re
import string
import subprocess
import sys

import pytest
import saying_oracle as oracle
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, example_number, national_significant_number

from ivr.catalog.readback import inventory, units
from ivr.catalog.sayas import say_as
from ivr.catalog.saying.languages import language_of
from ivr.catalog.saying.phone_groups import LONGEST, groups
from ivr.errors import SlotError

LOCALES = (*oracle.LOCALES, "en-CA", "en-AU", "es", "es-419", "es-AR", "de-AT", "de-CH", "fr", "fr-BE")
COUNT = 300
ZEROS_DIALLED = {"247"}
"""Codes where the example with a zero before it is a number, too."""


def grouped(number: str, locale: str) -> str:
    language = language_of(locale)
    assert language is not None
    return " ".join(groups(number, language))


@pytest.mark.parametrize(
    ("locale", "number", "said"),
    [
        # Within the country: as it is written there, or by the country's own rules where it is not written in groups.
        ("en-US", "2125550142", "212 555 0142"),
        ("en-US", "12125550142", "1 212 555 0142"),
        ("en-US", "(212) 555-0142", "212 555 0142"),
        ("en-US", "1-212-555-0142", "1 212 555 0142"),
        ("en-US", "1 2125550142", "1 212 555 0142"),
        ("en-US", "212 5550142", "212 555 0142"),
        ("en-GB", "02079460958", "020 7946 0958"),
        ("en-GB", "2079460958", "20 7946 0958"),
        ("en-GB", "01632 960123", "01632 960 123"),
        ("es-ES", "912345678", "912 34 56 78"),
        ("es-ES", "912 345 678", "912 345 678"),
        ("es-MX", "5512345678", "55 1234 5678"),
        ("es-419", "5512345678", "55 1234 5678"),
        ("fr-FR", "0123456789", "01 23 45 67 89"),
        ("fr", "0123456789", "01 23 45 67 89"),
        ("fr-FR", "01.23.45.67.89", "01 23 45 67 89"),
        ("fr-FR", "01\N{NO-BREAK SPACE}23\N{NARROW NO-BREAK SPACE}45 67 89", "01 23 45 67 89"),
        ("fr-CH", "0223456789", "022 345 67 89"),
        ("fr-BE", "022345678", "02 234 56 78"),
        ("fr-CA", "5145550142", "514 555 0142"),
        ("de-DE", "03012345678", "030 123 456 78"),
        ("de-DE", "030 123 45 678", "030 123 45 678"),
        ("de-AT", "015880081", "01 588 00 81"),
        ("de-CH", "0443456789", "044 345 67 89"),
        # Mobile.
        ("en-GB", "07911123456", "07911 123 456"),
        ("es-ES", "612345678", "612 34 56 78"),
        ("fr-FR", "0612345678", "06 12 34 56 78"),
        ("fr-CH", "0791234567", "079 123 45 67"),
        ("fr-BE", "0470123456", "0470 12 34 56"),
        ("de-DE", "015112345678", "01511 234 56 78"),
        ("de-AT", "06641234567", "0664 123 45 67"),
        ("de-CH", "0791234567", "079 123 45 67"),
        # International: the country's code stands alone, whatever is written.
        ("en-US", "+12125550142", "1 212 555 0142"),
        ("en-US", "+1 2125550142", "1 212 555 0142"),
        ("en-US", "+1 (212) 555-0142", "1 212 555 0142"),
        ("fr-CH", "+41791234567", "41 79 123 45 67"),
        ("fr-CH", "+4179 123 45 67", "41 79 123 45 67"),
        ("fr-BE", "+32470123456", "32 470 12 34 56"),
        ("de-AT", "+436641234567", "43 664 123 45 67"),
        ("de-DE", "+493012345678", "49 30 123 456 78"),
        ("fr-FR", "+33612345678", "33 6 12 34 56 78"),
        ("fr-CA", "+15145550142", "1 514 555 0142"),
        ("es-ES", "+34912345678", "34 912 34 56 78"),
        ("es-MX", "+525512345678", "52 55 1234 5678"),
        ("en-US", "+61412345678", "61 412 345 678"),
        ("en-US", "+541123456789", "54 11 2345 6789"),
        ("en-US", "+576012345678", "57 601 234 56 78"),
        ("en-US", "+390612345678", "39 06 1234 5678"),
        ("en-US", "+352621123456", "352 621 123 456"),
        # By what is dialled before: 00, or what the country dials itself.
        ("fr-FR", "0033612345678", "00 33 6 12 34 56 78"),
        ("fr-FR", "0033 6 12 34 56 78", "00 33 6 12 34 56 78"),
        ("fr-CH", "0041791234567", "00 41 79 123 45 67"),
        ("de-DE", "0049 30 123456", "00 49 30 123 456"),
        ("es-ES", "0034912345678", "00 34 912 34 56 78"),
        ("en-US", "011442079460958", "011 44 20 7946 0958"),
        ("en-US", "00442079460958", "00 44 20 7946 0958"),
        ("en-AU", "0011 44 20 7946 0958", "0011 44 20 7946 0958"),
        # A trunk zero behind the code is not dialled; Italy has none, and its zeros are.
        ("en-GB", "+44 (0)20 7946 0958", "44 20 7946 0958"),
        ("en-GB", "+44(0)2079460958", "44 20 7946 0958"),
        ("en-GB", "+4402079460958", "44 20 7946 0958"),
        ("en-US", "0044 (0)20 7946 0958", "00 44 20 7946 0958"),
        ("fr-CH", "+41 (0)79 123 45 67", "41 79 123 45 67"),
        ("de-DE", "+49 (0)30 12345678", "49 30 123 456 78"),
        ("fr-FR", "+33 (0)1 23 45 67 89", "33 1 23 45 67 89"),
        ("en-US", "+40 (0)21 234 5678", "40 21 234 5678"),
        ("en-US", "+44 (0)20 1", "44 20 1"),
        ("en-US", "+39 (0)6 12345678", "39 06 1234 5678"),
        ("de-DE", "(0)30 12345678", "030 123 456 78"),
        # Short ones, and parts of numbers.
        ("en-US", "911", "911"),
        ("en-US", "555-0142", "555 0142"),
        ("en-US", "5550142", "555 0142"),
        ("de-DE", "116117", "116 117"),
        ("fr-FR", "112", "112"),
        ("fr-FR", "3631", "36 31"),
        ("de-DE", "1234", "1234"),
        # What is no number anywhere is said all the same.
        ("en-US", "00000000000", "000 000 000 00"),
        ("en-US", "555-0142-1234567", "555 0142 123 45 67"),
        ("en-US", "+999 123456", "999 123 456"),
        ("en-US", "+41 1", "41 1"),
        ("fr-FR", "999999999999999", "9 99 99 99 99 99 99 99"),
        ("es-AR", "011 15 2345-6789", "011 15 2345 6789"),
    ],
)
def test_groups(locale: str, number: str, said: str) -> None:
    assert grouped(number, locale) == said


@pytest.mark.parametrize(
    ("locale", "value", "words"),
    [
        ("en-US", "+12125550142", "plus one, two one two, five five five, zero one four two"),
        ("en-GB", "+44 (0)20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
        ("es-MX", "5512345678", "cinco cinco, uno dos tres cuatro, cinco seis siete ocho"),
        ("de-DE", "03012345678", "null drei null, eins zwei drei, vier fünf sechs, sieben acht"),
        ("fr-FR", "0612345678", "zéro six, douze, trente-quatre, cinquante-six, soixante-dix-huit"),
        ("fr-FR", "+33600809100", "plus trente-trois, six, zéro zéro, quatre-vingts, quatre-vingt-onze, zéro zéro"),
        (
            "fr-FR",
            "0033612345678",
            "zéro zéro, trente-trois, six, douze, trente-quatre, cinquante-six, soixante-dix-huit",
        ),
        ("fr-CH", "+41791234567", "plus quarante et un, septante-neuf, un deux trois, quarante-cinq, soixante-sept"),
        ("fr-BE", "+32470123496", "plus trente-deux, quatre sept zéro, douze, trente-quatre, nonante-six"),
        ("fr-CA", "5145550142", "cinq un quatre, cinq cinq cinq, zéro un quatre deux"),
        ("en-US", "(212) 555-0142 x12", "two one two, five five five, zero one four two, extension one two"),
        ("en-US", "555-0142 ext. 12345", "five five five, zero one four two, extension one two three, four five"),
        ("en-US", "555-0142 Extension 7", "five five five, zero one four two, extension seven"),
        ("en-US", "555-0142#7", "five five five, zero one four two, extension seven"),
        ("en-US", "555-0142, ext 7", "five five five, zero one four two, extension seven"),
        ("en-US", "555-0142;ext=7", "five five five, zero one four two, extension seven"),
        ("en-US", "555-0142 xxx. 7", "five five five, zero one four two, extension seven"),
        ("es-ES", "912345678 extensión 12", "nueve uno dos, tres cuatro, cinco seis, siete ocho, extensión uno dos"),
        (
            "de-CH",
            "044 345 67 89 Durchwahl 12",
            "null vier vier, drei vier fünf, sechs sieben, acht neun, Durchwahl eins zwei",
        ),
        (
            "fr-FR",
            "01 23 45 67 89 poste 12",
            "zéro un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf, poste douze",
        ),
    ],
)
def test_words(locale: str, value: str, words: str) -> None:
    assert say_as("s", "phone", value, locale) == words


STARTS = st.sampled_from(
    ["", "0", "00", "011", "1", "1212", "33", "39", "41", "44", "4420", "49", "54911", "5215", "7", "800"]
)
PARTED = st.text("0123456789 -./()", max_size=14)


@given(start=STARTS, behind=PARTED, plus=st.booleans(), locale=st.sampled_from(LOCALES))
@example(start="44", behind=" (0)20 7946 0958", plus=True, locale="en-GB")
@example(start="0044", behind="02079460958", plus=False, locale="en-GB")
@example(start="01115", behind="23456789", plus=False, locale="es-AR")
def test_all_digits_are_said_in_their_order(start: str, behind: str, plus: bool, locale: str) -> None:
    """But for one zero behind a country's code, which nobody dials; and no breath is too long."""
    digits = "".join(re.findall("[0-9]", start + behind))
    if not digits:
        return
    said = grouped("+" * plus + start + behind, locale).split(" ")
    assert all(0 < len(group) <= LONGEST for group in said)
    heard = "".join(said)
    if heard != digits:
        before = next(
            "".join(said[:count]) for count in (1, 2) if said[count - 1].isdecimal() and _code(said[count - 1])
        )
        assert digits == f"{before}0{heard.removeprefix(before)}"
        assert plus or digits.startswith(("0", before))


def _code(group: str) -> bool:
    return int(group) in COUNTRY_CODE_TO_REGION_CODE and group[0] != "0"


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-CH", "es-419"])
def test_numbers_that_countries_have_keep_their_digits(locale: str) -> None:
    """Of each country a number, as it is dialled from here."""
    for region in sorted(SUPPORTED_REGIONS):
        number = example_number(region)
        code, national = str(number.country_code), national_significant_number(number)
        for written in (f"+{code}{national}", f"00{code}{national}", f"+{code} (0){national}"):
            said = grouped(written, locale).split(" ")
            zero = "(0)" in written and code in ZEROS_DIALLED
            assert "".join(said) == ("00" if written[0] == "0" else "") + code + "0" * zero + national, written
            assert code in said[:2], written


@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_groups_have_the_words_of_their_digits(locale: str) -> None:
    """Digit by digit; where two are said as one number, that number is what CLDR calls it."""
    rng = random.Random(locale)
    pairs = locale in ("fr-FR", "fr-CH")
    for _ in range(COUNT):
        digits = "".join(rng.choices(string.digits, k=rng.randint(1, 20)))
        plus = rng.random() < 0.5
        words = say_as("s", "phone", "+" * plus + digits, locale).split(", ")
        first = words[0].removeprefix("plus ").removeprefix("más ")
        assert (first != words[0]) == plus
        said = grouped("+" * plus + digits, locale).split(" ")
        assert [first, *words[1:]] == [_reading(locale, group, pairs) for group in said]


def _reading(locale: str, group: str, pairs: bool) -> str:
    if not (pairs and len(group) == 2):
        return " ".join(oracle.DIGITS[oracle.language(locale)][int(digit)] for digit in group)
    number = oracle.spelled_out(locale, int(group), 0).replace("-et-", " et ")
    return f"zéro {number}" if group[0] == "0" else number


@pytest.mark.parametrize("locale", LOCALES)
def test_fragments_have_all_that_numbers_need(locale: str) -> None:
    known = set(inventory("phone", locale))
    rng = random.Random(locale)
    for _ in range(COUNT):
        digits = "".join(rng.choices(string.digits, k=rng.randint(1, 16)))
        value = rng.choice(("", "+", "00")) + digits + rng.choice(("", f" x{rng.randint(0, 99999)}"))
        for closing in (True, False):
            assert known.issuperset(
                (unit.text, unit.final) for unit in units("s", "phone", value, locale, closing=closing)
            )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "+",
        "++1",
        "12a",
        "1" * 21,
        12125550142,
        None,
        "٣",
        "x12",
        "555-0142 x",
        "555-0142 x12x",
        "1;ext=12345678901",
    ],
)
@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-FR", "es-ES"])
def test_what_cannot_be_said(value: object, locale: str) -> None:
    with pytest.raises(
        SlotError, match=r"slot 's': expected a (text|telephone number) such as|at most 20 digits"
    ) as caught:
        say_as("s", "phone", value, locale)
    assert not isinstance(value, str) or len(value) < 3 or value not in str(caught.value)


LOADED = """
import sys
from ivr.catalog.phrases_file import read_phrases
from ivr.catalog.sayas import say_as
read_phrases("locale: en-US\\nphrases: {a: 'Call {number:digits}.'}", "a.yaml")
assert "phonenumbers" not in sys.modules
read_phrases("locale: en-GB\\nphrases: {a: 'Call {number:phone}.'}", "a.yaml")
loaded = set(sys.modules)
assert "phonenumbers.data.region_GB" in loaded
say_as("number", "phone", "02079460958", "en-GB")
say_as("number", "phone", "+442079460958", "en-GB")
assert not [name for name in set(sys.modules) - loaded if name.startswith("phonenumbers")]
"""


def test_tables_are_loaded_with_the_phrases_that_say_numbers_and_with_no_others() -> None:
    subprocess.run([sys.executable, "-c", LOADED], check=True)
