"""How telephone numbers fall into groups that a listener can write down.

1. What is dialled to reach a country is a group, and its code is another; a trunk ``0`` behind that is dropped.
2. The groups that the rest is written in are kept, where each of them can be said in a breath.
3. Else it has those of its country.
4. What nobody groups, or leaves too long, falls into threes and twos, or into pairs where the language says pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ivr.catalog.saying.language import Language
from ivr.catalog.saying.phone_reading import load, read, regions

LONGEST = 5
"""Digits that are said in one breath: there are area codes of five, and countries that say fives."""
_HOME: Mapping[str, str] = {"en": "US", "es": "ES", "de": "DE", "fr": "FR"}
"""Whose numbers are meant where a locale names no country."""
_LATIN_AMERICA = {"419": "MX"}
"""The most people of those that it may be."""


def groups(number: str, language: Language) -> list[str]:
    """The groups of a number as it is written: digits, signs between them, perhaps ``+`` before them."""
    parts = re.findall("[0-9]+", number)
    bare = "".join(parts)
    known = read(number, bare, _region(language))
    start, national, grouped = known or ((), bare, (bare,))
    own = _behind(parts, len(bare) - len(national))
    said = own if len(grouped) == 1 or _breathable(own) else grouped
    rest = rhythmic(said[0], language) if len(said) == 1 else _breaths(said, language)
    return [*start, *rest]


def prepare(language: Language) -> None:
    """Load what the numbers of the language's country need, so that no call waits for it."""
    for example in load(_region(language)):
        groups(example, language)


def rhythmic(digits: str, language: Language) -> list[str]:
    """Twos where the language says numbers of two digits, else threes; the rest in twos, none alone."""
    count = len(digits)
    if count < 4 or (count == 4 and not language.pairs):
        return [digits]
    if language.pairs:
        return _cut(digits, (1,) * (count % 2) + (2,) * (count // 2))
    twos = (0, 2, 1)[count % 3]
    return _cut(digits, (3,) * ((count - 2 * twos) // 3) + (2,) * twos)


def _region(language: Language) -> str:
    region = _LATIN_AMERICA.get(language.region, language.region)
    return region if region in regions() else _HOME[language.tag]


def _behind(parts: Sequence[str], start: int) -> list[str]:
    """The same without their first ``start`` digits."""
    left = []
    for part in parts:
        left.append(part[start:])
        start = max(0, start - len(part))
    return [part for part in left if part]


def _breathable(parts: Sequence[str]) -> bool:
    return len(parts) > 1 and all(len(part) <= LONGEST for part in parts)


def _breaths(parts: Iterable[str], language: Language) -> list[str]:
    return [each for part in parts for each in (rhythmic(part, language) if len(part) > LONGEST else [part])]


def _cut(number: str, sizes: Sequence[int]) -> list[str]:
    cut, begin = [], 0
    for size in sizes:
        cut.append(number[begin : begin + size])
        begin += size
    return cut
