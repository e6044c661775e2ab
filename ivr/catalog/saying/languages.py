"""Which language says the values of a locale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from ivr.catalog.saying.english import English
from ivr.catalog.saying.french import French
from ivr.catalog.saying.german import German
from ivr.catalog.saying.language import Language
from ivr.catalog.saying.spanish import Spanish

LANGUAGES: Mapping[str, Callable[[str], Language]] = {"en": English, "es": Spanish, "de": German, "fr": French}
"""By the first part of a locale's tag; each takes the region, ``US``, or an empty text."""


def language_of(locale: str) -> Language | None:
    """The words of ``locale``; a region that is not known says what its language says."""
    return _language(locale)


@lru_cache(256)
def _language(locale: str) -> Language | None:
    first, *rest = locale.replace("_", "-").split("-")
    made = LANGUAGES.get(first.lower())
    region = next((part.upper() for part in rest if len(part) == 2 or part.isdecimal()), "")
    return made(region) if made is not None else None
