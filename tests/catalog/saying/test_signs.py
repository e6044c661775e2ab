"""Digits, codes and names, against tables of the test's own."""

import random
import string
import unicodedata

import pytest
import saying_oracle as oracle
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.readback import units
from ivr.catalog.sayas import say_as
from ivr.catalog.saying.signs import fours
from ivr.catalog.saying.unit import GROUP
from ivr.errors import SlotError

COUNT = 500
LETTERS = {
    "en": "eigh bee see dee ee ef gee aitch eye jay kay ell em en oh pee cue ar ess tee you vee double_you ex why zee",
    "es": "a be ce de e efe ge hache i jota ka ele eme ene o pe cu erre ese te u uve uve_doble equis i_griega zeta",
    "de": "ah beh zeh deh eh eff geh hah ih jott kah ell emm enn oh peh kuh err ess teh uh fau weh iks ypsilon zett",
    "fr": "a bé cé dé e effe gé ache i ji ka elle aime enne o pé cu erre esse té u vé double_vé ixe i_grec zède",
}


def letter(locale: str, sign: str) -> str:
    elsewhere = {"en-GB": {"z": "zed"}, "es-MX": {"w": "doble u"}, "es-US": {"w": "doble u"}}
    named = LETTERS[oracle.language(locale)].split()
    own = elsewhere.get(locale, {}).get(sign)
    return own or named[string.ascii_lowercase.index(sign)].replace("_", " ")


def sign(locale: str, each: str) -> str:
    return oracle.DIGITS[oracle.language(locale)][int(each)] if each.isdigit() else letter(locale, each.lower())


def said(kind: str, value: str, locale: str) -> str:
    return say_as("s", kind, value, locale).replace(",", "")


@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_digits_are_said_one_by_one(locale: str) -> None:
    rng = random.Random(locale)
    values = ["0", "00", "007", "1" * 40, "0" * 40]
    values += ["".join(rng.choices(string.digits, k=rng.randint(1, 40))) for _ in range(COUNT)]
    for value in values:
        assert say_as("s", "digits", value, locale) == " ".join(sign(locale, each) for each in value)


@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_codes_are_said_sign_by_sign(locale: str) -> None:
    rng = random.Random(locale)
    values = ["A70B", "0", "z", "00AZ", "Z9" * 20]
    signs = string.digits + string.ascii_letters
    values += ["".join(rng.choices(signs, k=rng.randint(1, 40))) for _ in range(COUNT)]
    for value in values:
        assert said("code", value, locale) == " ".join(sign(locale, each) for each in value)
        parted = f"{value[:3]}-{value[3:]}"
        assert said("code", parted, locale) == said("code", value, locale)


@pytest.mark.parametrize("locale", oracle.LOCALES)
def test_names_are_spelled_letter_by_letter(locale: str) -> None:
    rng = random.Random(locale)
    values = ["Anna", "A", "Z" * 80]
    values += ["".join(rng.choices(string.ascii_letters + " ", k=rng.randint(1, 79))) + "x" for _ in range(COUNT)]
    for value in values:
        assert said("spelled", value, locale) == " ".join(sign(locale, each) for each in value if each != " ")


@pytest.mark.parametrize(
    ("locale", "name", "words"),
    [
        ("de-DE", "Müßig", "emm ü eszett ih geh"),
        ("es-ES", "Ñandú", "eñe a ene de u con tilde"),
        ("fr-FR", "Zoé-Ève", "zède o e accent aigu tiret e accent grave vé e"),
        ("fr-FR", "François", "effe erre a enne cé cédille o i esse"),
        ("en-US", "O’Neil", "oh apostrophe en ee eye ell"),
        ("en-US", "Müßig", "em you ess ess eye gee"),
        ("en-US", "Łœ", "ell oh ee"),
        ("de-DE", "José", "jott oh ess eh"),
        ("en-US", "Anna II", "eigh en en eigh, eye eye"),
        ("en-US", unicodedata.normalize("NFD", "Zoë"), "zee oh ee"),
    ],
)
def test_accents(locale: str, name: str, words: str) -> None:
    assert say_as("s", "spelled", name, locale) == words


@given(st.text("0123456789abcXYZ", min_size=1, max_size=40))
def test_groups_of_a_code_hold_all_of_it_and_none_is_a_sign_alone(code: str) -> None:
    groups = list(fours(code))
    assert "".join(groups) == code
    assert all(2 <= len(group) <= 4 for group in groups) or len(code) == 1


def test_pauses_stand_between_groups() -> None:
    pauses = [unit.pause for unit in units("s", "code", "AB-12 345", "en-US")]
    assert pauses == [0, GROUP, 0, GROUP, 0, 0, 0]
    assert say_as("s", "code", "AB-12", "en-US") == "eigh bee, one two"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("code", value) for value in ("", "--", "A_1", "é1", "A1\n", "A" * 41, 12, None, "٣")),
        *(("spelled", value) for value in ("", "  ", "A" * 81, "李", "a@b", 5, None, "💶", "\u0301")),
    ],
)
@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-FR", "es-ES"])
def test_what_cannot_be_said(kind: str, value: object, locale: str) -> None:
    with pytest.raises(SlotError, match="slot 's': expected ") as caught:
        say_as("s", kind, value, locale)
    for secret in ("李", "a@b", "A_1"):
        assert secret not in str(caught.value)
