"""Numbers as they come, exact: from numbers and from texts, within limits."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from ivr.errors import SlotError

LIMIT = 10**12
"""Numbers and amounts lie below it on either side of zero."""
MAX_DIGITS = 40
MAX_DECIMALS = 6
"""Digits behind the point that are said; more are rounded away."""


def expected(slot: str, value: Any, what: str) -> SlotError:
    """The error for a value of another type; it does not show the value."""
    return SlotError(slot, f"expected {what}, and got a value of type {type(value).__name__}")


def exact(slot: str, value: Any, what: str) -> Decimal:
    """The exact number; a float is the decimal that Python shows for it. Raises ``SlotError``."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise expected(slot, value, what)
    if isinstance(value, int) and abs(value) >= LIMIT:
        raise SlotError(slot, f"expected {what}, below {LIMIT:,}")
    try:
        number = Decimal(repr(float(value)) if isinstance(value, float) else _plain(value))
    except InvalidOperation:
        raise SlotError(slot, f"expected {what}, and got another text") from None
    if not number.is_finite():
        raise SlotError(slot, f"expected {what}, and got no finite number")
    if number.copy_abs() >= LIMIT:
        raise SlotError(slot, f"expected {what}, below {LIMIT:,}")
    return number if number.adjusted() >= -2 * MAX_DECIMALS else Decimal(0)


def written_out(slot: str, value: Any, what: str) -> tuple[bool, int, str]:
    """Whether it is negative, the whole part, and the digits behind the point. Raises ``SlotError``."""
    number = exact(slot, value, what)
    written = format(number, "f")
    if isinstance(value, float) or len(written.partition(".")[2]) > MAX_DECIMALS:
        written = format(round(number, MAX_DECIMALS), "f").rstrip("0")
    whole, _, decimals = written.lstrip("-").partition(".")
    if int(whole) >= LIMIT:
        raise SlotError(slot, f"expected {what}, below {LIMIT:,}")
    return number < 0 and bool(written.strip("-0.")), int(whole), decimals


def hundredths(slot: str, value: Any, what: str) -> tuple[bool, int, int]:
    """Whether it is negative, the whole part, and the hundredths, half up. Raises ``SlotError``."""
    amount = exact(slot, value, what)
    # At one go: scaleb() and abs() round to 28 digits before, and twice rounded may be too high.
    whole, rest = divmod(int(amount.copy_abs().quantize(Decimal("0.01"), ROUND_HALF_UP).scaleb(2)), 100)
    if whole >= LIMIT:
        raise SlotError(slot, f"expected {what}, below {LIMIT:,}")
    return amount < 0 and bool(whole or rest), whole, rest


def whole(slot: str, value: Any, what: str, low: int, high: int) -> int:
    """A whole number from ``low`` to below ``high``. Raises ``SlotError``."""
    number = exact(slot, value, what)
    if number != number.to_integral_value():
        raise SlotError(slot, f"expected {what}, and got a fraction")
    if not low <= number < high:
        raise SlotError(slot, f"expected {what}, from {low:,} to below {high:,}")
    return int(number)


def _plain(value: int | Decimal | str) -> int | Decimal | str:
    """A text is a number only as ``-12.50`` is: Decimal alone would take ``1e9``, ``1_000`` and ``NaN``."""
    if isinstance(value, str):
        digits = value.removeprefix("-").replace(".", "", 1)
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS):
            raise InvalidOperation
    return value
