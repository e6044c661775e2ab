"""Values as spoken words: numbers, money, digits, codes, dates and more (docs/saying.md), and plain text."""

from __future__ import annotations

from typing import Any

from ivr.catalog.normalise import normalise
from ivr.catalog.saying.amounts import CURRENCIES
from ivr.catalog.saying.kinds import SAYINGS
from ivr.catalog.saying.language import Language
from ivr.catalog.saying.languages import LANGUAGES, language_of
from ivr.catalog.saying.numerals import expected
from ivr.catalog.saying.unit import Units, words
from ivr.errors import SlotError

KINDS: frozenset[str] = frozenset(SAYINGS) | {"text"}
"""How a slot's value can be said: the word behind the colon in ``{amount:money}``."""
MAX_TEXT = 500
"""Characters of one value that is said as text."""
DEFAULT_CURRENCY = "USD"


def say_as(slot_name: str, kind: str, value: Any, locale: str = "en-US", currency: str = DEFAULT_CURRENCY) -> str:
    """The words of ``value``, with no punctuation but a comma for each pause; of an empty text there are none.

    Money takes numbers and texts such as ``1234.50``; digits take a text, so that leading zeros stay.
    Raises ``SlotError``, which names the slot and what was expected and never shows the value: it may be private.
    """
    if kind == "text":
        return _text(slot_name, value)
    return words(units_of(slot_name, kind, value, locale, currency))


def spoken_in(kind: str, locale: str) -> bool:
    """Whether values of this kind have words in that locale; a text is said as it is in every one."""
    return kind == "text" or language_of(locale) is not None


def prepare(kind: str, locale: str) -> None:
    """Load what the kind's first value would wait for: the tables of telephone numbers. Takes up to 0.1 s."""
    language = language_of(locale)
    if kind in SAYINGS and language is not None:
        SAYINGS[kind].prepare(language)


def languages() -> str:
    """Where all kinds have words: ``de, en, es, fr``."""
    return ", ".join(sorted(LANGUAGES))


def units_of(slot_name: str, kind: str, value: Any, locale: str, currency: str) -> Units:
    """The same as units, none of them final. Raises ``SlotError``."""
    language = sayable(slot_name, kind, locale, currency)
    return SAYINGS[kind].say(slot_name, value, language, currency)


def sayable(slot_name: str, kind: str, locale: str, currency: str) -> Language:
    """The language that says values of this kind. Raises ``SlotError``."""
    if kind not in KINDS:
        raise SlotError(slot_name, f"'{kind}' is no way to say a value; use one of {', '.join(sorted(KINDS))}")
    if kind == "text":
        raise SlotError(slot_name, "a text has no units: its words are not known ahead")
    language = language_of(locale)
    if language is None:
        raise SlotError(slot_name, f"'{kind}' has words in {languages()}, and none in '{locale}'; use the kind text")
    if kind == "money" and currency not in CURRENCIES:
        raise SlotError(slot_name, f"'{currency}' is no currency that has words; use one of {', '.join(CURRENCIES)}")
    return language


def _text(slot: str, value: Any) -> str:
    if not isinstance(value, str):
        raise expected(slot, value, "a text; a number needs the kind number, money or digits")
    said = normalise(value[: 4 * MAX_TEXT])
    if len(said) > MAX_TEXT or len(value) > 4 * MAX_TEXT:
        raise SlotError(slot, f"expected at most {MAX_TEXT} characters; shorten the text")
    return said
