"""Telephone numbers as their countries know them, by the tables of ``phonenumbers``.

The library is imported where it is used: that takes 50 ms, and few projects say telephone numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_ABROAD = "00"
"""Dialled before a country's code in most countries, and understood in the others."""
_SHORT = 6
"""Digits of what may be a code of its own (911, 116117), which the tables take for a beginning of something longer."""


class Read(NamedTuple):
    """What was understood. Between both parts a trunk zero may be missing that is not dialled."""

    start: tuple[str, ...]
    """What is dialled before the country's code, and that code; or what is dialled before an area."""
    national: str
    grouped: tuple[str, ...]
    """``national`` in the groups of its country, or as one."""


def regions() -> Collection[str]:
    """The countries whose numbers are known, such as ``CH``."""
    from phonenumbers import SUPPORTED_REGIONS

    return SUPPORTED_REGIONS


def load(region: str) -> Iterator[str]:
    """Numbers of a country; who reads them has its tables loaded."""
    from phonenumbers import PhoneNumberFormat, example_number, format_number

    if (example := example_number(region)) is not None:
        yield format_number(example, PhoneNumberFormat.NATIONAL)
        yield format_number(example, PhoneNumberFormat.E164)


def read(number: str, bare: str, region: str) -> Read | None:
    """``number`` as who is in ``region`` dials it; ``bare`` are its digits. None: it may be anything."""
    from phonenumbers import CountryCodeSource, is_possible_number

    if number.startswith("+"):
        abroad = _parsed(f"+{bare}", region)
        return _with_code(abroad, number, bare, region) if abroad else None
    found = _parsed(bare, region) if len(bare) > _SHORT else None
    found = found if found and is_possible_number(found) else None
    if bare.startswith(_ABROAD) and (not found or found.country_code_source != CountryCodeSource.FROM_NUMBER_WITH_IDD):
        abroad = _parsed(f"+{bare[len(_ABROAD) :]}", region)
        if abroad and is_possible_number(abroad):
            return _with_code(abroad, number, bare, region)
    if not found:
        return None
    own = found.country_code_source == CountryCodeSource.FROM_DEFAULT_COUNTRY
    return _within(found, bare) if own else _with_code(found, number, bare, region)


def _parsed(number: str, region: str) -> PhoneNumber | None:
    from phonenumbers import NumberParseException, parse

    try:
        return parse(number, region, keep_raw_input=True)
    except NumberParseException:
        return None


def _with_code(found: PhoneNumber, number: str, bare: str, region: str) -> Read | None:
    from phonenumbers import PhoneNumberFormat, national_significant_number

    if "(0)" in number:
        found = _without_zero(found, region)
    code, national = str(found.country_code), national_significant_number(found)
    if not bare.endswith(national):
        return None  # a country whose numbers have other digits from abroad than within it
    start = bare.removesuffix(national)
    prefix, there, trunk = start.rpartition(code)
    if not there:
        return None
    trunk = "" if trunk == "0" else trunk
    _, *grouped = _formatted(found, PhoneNumberFormat.INTERNATIONAL)
    parts = tuple(part for part in (prefix, code, trunk) if part)
    return Read(parts, national, tuple(grouped) if "".join(grouped) == national else (national,))


def _without_zero(found: PhoneNumber, region: str) -> PhoneNumber:
    """``+44 (0)20 …`` is +44 20 …; but the zero of an Italian number is dialled from everywhere."""
    from phonenumbers import is_valid_number, national_significant_number

    national = national_significant_number(found)
    if not national.startswith("0") or is_valid_number(found):
        return found
    return _parsed(f"+{found.country_code}{national[1:]}", region) or found


def _within(found: PhoneNumber, bare: str) -> Read | None:
    from phonenumbers import PhoneNumberFormat, national_significant_number

    grouped = _formatted(found, PhoneNumberFormat.NATIONAL)
    if "".join(grouped) == bare:
        return Read((), bare, grouped)
    national = national_significant_number(found)
    trunk = bare.removesuffix(national)
    _, *bare_groups = _formatted(found, PhoneNumberFormat.INTERNATIONAL)
    if trunk + "".join(bare_groups) != bare:
        return None
    return Read((trunk,) if trunk else (), national, tuple(bare_groups))


def _formatted(found: PhoneNumber, form: int) -> tuple[str, ...]:
    from phonenumbers import format_number

    return tuple(re.findall("[0-9]+", format_number(found, form)))
