"""How telephone numbers fall into groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.catalog.saying.language import Language

_NATIONAL: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "en": {7: (3, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4)},
    "en-GB": {10: (4, 3, 3), 11: (5, 3, 3)},
    "es": {7: (3, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4)},
    "es-ES": {9: (3, 3, 3)},
    "es-MX": {8: (4, 4), 10: (2, 4, 4)},
    "fr": {8: (2, 2, 2, 2), 9: (1, 2, 2, 2, 2), 10: (2, 2, 2, 2, 2)},
    "fr-CA": {7: (3, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4)},
}
"""Digits of a number without a country's code, and its groups; what is not here falls into threes and twos."""
_ABROAD: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "1": {11: (1, 3, 3, 4)},
    "33": {11: (2, 1, 2, 2, 2, 2)},
    "34": {11: (2, 3, 3, 3)},
    "44": {12: (2, 4, 3, 3)},
    "49": {},
    "52": {12: (2, 2, 4, 4)},
}
"""Country codes and the groups of whole numbers with them."""


def groups(parts: Sequence[str], language: Language, *, plus: bool) -> list[str]:
    """The groups that a number is said in. Its own are kept, where it is written in any."""
    if len(parts) > 1:
        return list(parts)
    number = parts[0]
    sizes = _abroad(number) if plus else _national(language).get(len(number))
    return _cut(number, sizes if sizes is not None else _rhythm(len(number), language))


def _abroad(number: str) -> tuple[int, ...] | None:
    for code, known in _ABROAD.items():
        if number.startswith(code):
            return known.get(len(number), None) or (len(code), *_rhythm(len(number) - len(code), None))
    return None


def _national(language: Language) -> Mapping[int, tuple[int, ...]]:
    tagged = f"{language.tag}-{language.region}"
    return _NATIONAL.get(tagged) or _NATIONAL.get(language.tag, {})


def _rhythm(count: int, language: Language | None) -> tuple[int, ...]:
    """Twos where the language says numbers of two digits, else threes; the rest in twos, none alone."""
    if count <= 4:
        return (count,)
    if language is not None and language.pairs:
        return (count % 2,) * (count % 2) + (2,) * (count // 2)
    twos = {0: 0, 1: 2, 2: 1}[count % 3]
    return (3,) * ((count - 2 * twos) // 3) + (2,) * twos


def _cut(number: str, sizes: Sequence[int]) -> list[str]:
    cut, begin = [], 0
    for size in sizes:
        cut.append(number[begin : begin + size])
        begin += size
    return [part for part in cut if part]
