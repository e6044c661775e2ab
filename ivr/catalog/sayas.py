"""Values as spoken words: numbers, money, digits and plain text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

from ivr.catalog.normalise import normalise
from ivr.errors import SlotError

LIMIT = 10**12
"""Numbers and amounts lie below it on either side of zero."""
MAX_TEXT = 500
"""Characters of one value that is said as text."""
MAX_DIGITS = 40
MAX_DECIMALS = 6
"""Digits behind the point that are said; more are rounded away."""


@cache
def _number_words() -> Callable[[Any], Any]:
    from num2words import num2words  # all its fifty languages: commands that say nothing go without

    words: Callable[[Any], Any] = num2words
    return words


def ready() -> None:
    """Read what saying numbers needs, so that the first call that says one does not wait for it."""
    _number_words()


def say_as(slot_name: str, kind: str, value: Any, locale: str = "en-US") -> str:
    """The words of ``value``, without punctuation of our own; of an empty text there are none.

    Money takes numbers and texts such as ``1234.50`` and says dollars; digits take a text, so that leading zeros stay.
    Raises ``SlotError``, which names the slot and what was expected and never shows the value: it may be private.
    """
    if kind not in _SAYERS:
        raise SlotError(slot_name, f"'{kind}' is no way to say a value; use one of {', '.join(sorted(KINDS))}")
    if not spoken_in(kind, locale):
        raise SlotError(slot_name, f"'{kind}' is spoken in English only, not in '{locale}'; use the kind text")
    return _SAYERS[kind](slot_name, value)


def spoken_in(kind: str, locale: str) -> bool:
    """Whether values of this kind have words in that locale; a text is said as it is in every one."""
    return kind == "text" or locale.lower().partition("-")[0] == "en"


def _text(slot: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _expected(slot, value, "a text; a number needs the kind number, money or digits")
    words = normalise(value[: 4 * MAX_TEXT])
    if len(words) > MAX_TEXT or len(value) > 4 * MAX_TEXT:
        raise SlotError(slot, f"expected at most {MAX_TEXT} characters; shorten the text")
    return words


def _digits(slot: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _expected(slot, value, "a text of digits such as '0451'")
    if not (value.isascii() and value.isdecimal()):
        raise SlotError(slot, "expected digits only, such as '0451', and got something else")
    if len(value) > MAX_DIGITS:
        raise SlotError(slot, f"expected at most {MAX_DIGITS} digits and got {len(value)}")
    return " ".join(_DIGITS[int(digit)] for digit in value)


def _number(slot: str, value: Any) -> str:
    number = _decimal(slot, value, "a number such as 12 or 2.5")
    written = format(number, "f")
    if isinstance(value, float) or len(written.partition(".")[2]) > MAX_DECIMALS:
        written = format(round(number, MAX_DECIMALS), "f").rstrip("0")
    whole, _, decimals = written.lstrip("-").partition(".")
    words = _cardinal(int(whole))
    if decimals:
        words += " point " + " ".join(_DIGITS[int(digit)] for digit in decimals)
    return _signed(words, number < 0 and bool(written.strip("-0.")))


def _money(slot: str, value: Any) -> str:
    amount = _decimal(slot, value, "an amount of money such as 12.50")
    cents = int(abs(amount).scaleb(2).to_integral_value(ROUND_HALF_UP))
    dollars, rest = divmod(cents, 100)
    said = [_counted(dollars, "dollar")] if dollars or not rest else []
    if rest:
        said.append(_counted(rest, "cent"))
    return _signed(" and ".join(said), amount < 0 and cents > 0)


def _decimal(slot: str, value: Any, expected: str) -> Decimal:
    """The exact number; a float is the decimal that Python shows for it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise _expected(slot, value, expected)
    if isinstance(value, int) and abs(value) >= LIMIT:
        raise SlotError(slot, f"expected {expected}, below {LIMIT:,}")
    try:
        number = Decimal(repr(float(value)) if isinstance(value, float) else _plain(value))
    except InvalidOperation:
        raise SlotError(slot, f"expected {expected}, and got another text") from None
    if not number.is_finite():
        raise SlotError(slot, f"expected {expected}, and got no finite number")
    if abs(number) >= LIMIT:
        raise SlotError(slot, f"expected {expected}, below {LIMIT:,}")
    return number if number.adjusted() >= -2 * MAX_DECIMALS else Decimal(0)


def _plain(value: int | Decimal | str) -> int | Decimal | str:
    """A text is a number only as ``-12.50`` is: Decimal alone would take ``1e9``, ``1_000`` and ``NaN``."""
    if isinstance(value, str):
        digits = value.removeprefix("-").replace(".", "", 1)
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS):
            raise InvalidOperation
    return value


def _expected(slot: str, value: Any, expected: str) -> SlotError:
    return SlotError(slot, f"expected {expected}, and got a value of type {type(value).__name__}")


def _cardinal(number: int) -> str:
    """``one thousand two hundred thirty four``; British spelling writes commas, hyphens and "and" into it."""
    words = str(_number_words()(number)).replace(",", "").replace("-", " ").split()
    return " ".join(word for word in words if word != "and")


def _counted(number: int, unit: str) -> str:
    return f"{_cardinal(number)} {unit}" if number == 1 else f"{_cardinal(number)} {unit}s"


def _signed(words: str, negative: bool) -> str:
    return f"minus {words}" if negative else words


_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SAYERS: dict[str, Callable[[str, Any], str]] = {"text": _text, "number": _number, "money": _money, "digits": _digits}
KINDS: frozenset[str] = frozenset(_SAYERS)
"""How a slot's value can be said: the word behind the colon in ``{amount:money}``."""
