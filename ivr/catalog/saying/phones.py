"""Telephone numbers: in groups, digit by digit, and an extension behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ivr.catalog.saying.language import Language, Texts
from ivr.catalog.saying.numerals import expected
from ivr.catalog.saying.phone_groups import groups, rhythmic
from ivr.catalog.saying.unit import Units, in_groups
from ivr.errors import SlotError

MAX_PHONE = 20
"""Digits of a telephone number: E.164 has 15, and what is dialled before it."""
_SIGNS = r" \-–/.()\u00a0\u202f\u2011"
"""Between groups; the last three neither break a line nor look otherwise."""
_NUMBER = re.compile(rf"\+?[0-9{_SIGNS}]+")
_NAMED = r"extension|extensión|extn?|poste|durchwahl|#|x+"
"""Several ``x``: so the word ``ext`` looks in a trace, where letters of private texts are all one."""
_EXTENSION = re.compile(rf"(?<=[0-9)])[\s,;]*(?:{_NAMED})[.:=]? *([0-9]{{1,10}})\Z", re.IGNORECASE)


def phone(slot: str, value: Any, language: Language, currency: str) -> Units:
    """A number in groups that can be written down (``phone_groups``), and its extension by that name."""
    if not isinstance(value, str):
        raise expected(slot, value, "a text such as '+12125550142'")
    number, extension = _with_extension(value.strip())
    count = sum(sign.isdecimal() for sign in number)
    if not (count and _NUMBER.fullmatch(number)):
        raise SlotError(slot, "expected a telephone number such as '+12125550142', and got something else")
    if count > MAX_PHONE:
        raise SlotError(slot, f"expected a telephone number of at most {MAX_PHONE} digits and got {count}")
    said = [_dialled(group, language) for group in groups(number, language)]
    if number.startswith("+"):
        said[0] = [language.marks["+"], *said[0]]
    if extension:
        first, *others = (_dialled(group, language) for group in rhythmic(extension, language))
        said += [[language.extension, *first], *others]
    return in_groups(said)


def phones_of_each_unit() -> Iterator[str]:
    """Numbers whose units are all that there are."""
    yield from (f"+{digit}{digit}{digit} {digit}{digit}{digit} x{digit}" for digit in "0123456789")
    yield from (f"{pair:02} {pair:02}" for pair in range(100))


def _with_extension(value: str) -> tuple[str, str]:
    found = _EXTENSION.search(value)
    return (value[: found.start()], found[1]) if found else (value, "")


def _dialled(group: str, language: Language) -> Texts:
    if language.pairs and len(group) == 2:
        zeros = len(group) - len(group.lstrip("0"))
        return [language.digits[0]] * min(zeros, 2) + (language.cardinal(int(group)) if int(group) else [])
    return [language.digits[int(digit)] for digit in group]
