"""What is said sign by sign: digits, codes and names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from ivr.catalog.saying.language import Language, Texts
from ivr.catalog.saying.numerals import MAX_DIGITS, expected
from ivr.catalog.saying.unit import Units, as_units, in_groups
from ivr.errors import SlotError

MAX_LETTERS = 80
"""Of a name that is spelled."""
_GROUP = 4
"""Signs of a code that are said in one breath, where it has no groups of its own."""
_APIECE = {"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"}
"""Letters that take no accent away, where they have no name of their own."""
_MARKS = {"’": "'", "–": "-", "\N{NON-BREAKING HYPHEN}": "-"}
_APART = re.compile(r"[ \-–/.]+")


def digits(slot: str, value: Any, language: Language, currency: str) -> Units:
    """One unit each; a text, so that leading zeros stay."""
    if not isinstance(value, str):
        raise expected(slot, value, "a text of digits such as '0451'")
    if not (value.isascii() and value.isdecimal()):
        raise SlotError(slot, "expected digits only, such as '0451', and got something else")
    if len(value) > MAX_DIGITS:
        raise SlotError(slot, f"expected at most {MAX_DIGITS} digits and got {len(value)}")
    return as_units([language.digits[int(digit)] for digit in value])


def code(slot: str, value: Any, language: Language, currency: str) -> Units:
    """Letters by name and digits, in the code's own groups or in fours; what parts its groups is a pause."""
    if not isinstance(value, str):
        raise expected(slot, value, "a text of digits and letters such as 'A70B'")
    parts = [part for part in _APART.split(value) if part]
    signs = "".join(parts)
    if not (signs.isascii() and signs.isalnum()):
        raise SlotError(slot, "expected digits and letters only, such as 'A70B', and got something else")
    if len(signs) > MAX_DIGITS:
        raise SlotError(slot, f"expected at most {MAX_DIGITS} digits and letters and got {len(signs)}")
    return in_groups([[_sign(sign, language) for sign in group] for part in parts for group in fours(part)])


def spelled(slot: str, value: Any, language: Language, currency: str) -> Units:
    """Letters by name, with a pause between words; an accent that makes no letter of its own is left out."""
    if not isinstance(value, str):
        raise expected(slot, value, "a name such as 'Anna'")
    if len(value) > MAX_LETTERS:
        raise SlotError(slot, f"expected at most {MAX_LETTERS} letters and got {len(value)}")
    written = unicodedata.normalize("NFC", value)
    said = [[name for sign in word for name in _letter(slot, sign, language)] for word in written.split()]
    if not said:
        raise SlotError(slot, "expected a name such as 'Anna', and got an empty text")
    return in_groups(said)


def fours(part: str) -> Iterator[str]:
    """Groups of three and four, none of them of one sign: ``12345`` is ``123`` and ``45``."""
    if len(part) <= _GROUP:
        yield part
        return
    count = -(-len(part) // _GROUP)
    longer = len(part) - (count * (len(part) // count))
    size, begin = len(part) // count, 0
    for index in range(count):
        end = begin + size + (index < longer)
        yield part[begin:end]
        begin = end


def _sign(sign: str, language: Language) -> str:
    return language.digits[int(sign)] if sign.isdecimal() else language.letters[sign.lower()]


def _letter(slot: str, sign: str, language: Language) -> Texts:
    small = unicodedata.normalize("NFC", sign.lower())
    if small in language.letters:
        return [language.letters[small]]
    mark = _MARKS.get(sign, sign)
    if mark in language.marks:
        return [language.marks[mark]]
    plain = _APIECE.get(small) or unicodedata.normalize("NFD", small)[:1]
    if plain and all(each in language.letters for each in plain):
        return [language.letters[each] for each in plain]
    if sign.isascii() and sign.isdecimal():
        return [language.digits[int(sign)]]
    raise SlotError(slot, f"expected letters that have a name in '{language.tag}', and got another; use the kind text")


def digits_of_each_unit() -> Iterator[str]:
    """Texts whose units are all that there are: each digit within and at the end."""
    yield from (f"{digit}{digit}" for digit in "0123456789")


def codes_of_each_unit() -> Iterator[str]:
    """Codes whose units are all that there are, with and without a pause behind."""
    yield from (f"{sign}{sign}-{sign}" for sign in "0123456789abcdefghijklmnopqrstuvwxyz")


def names_of_each_unit() -> Iterator[str]:
    """Names whose units are all that there are, letters of other languages among them."""
    yield from (f"{sign}{sign}" for sign in "abcdefghijklmnopqrstuvwxyzäöüßñçéèêëàâîïôœæùûáíóú0123456789-'.")
