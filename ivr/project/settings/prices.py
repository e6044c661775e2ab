"""``prices:`` of the settings: what the characters of a voice cost. Exact decimals; no rate of exchange is known."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, Inexact, localcontext
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from ivr.catalog.mistakes import meant, refuse, shown
from ivr.catalog.schema_marks import Written

EMBEDDED = "espeak-ng"
MOST_PER = 1_000_000_000
CENT = Decimal("0.01")
_PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")
_PER = re.compile(r"[1-9][0-9]{0,9}")
_CURRENCY = re.compile(r"[^\s\d.,+-]{1,8}")
_PROVIDER = re.compile(r"http:([a-z0-9._-]{1,253}|[0-9a-f:]{2,45})")
_EXAMPLE = "write espeak-ng, or http: and the host, such as http:api.example.com"


def _price(value: Any) -> Decimal:
    if not isinstance(value, str) or not _PRICE.fullmatch(value.strip()):
        raise refuse(f"{shown(value)} is no price", "write a number from 0, such as 0.03")
    return Decimal(value.strip())


def _per(value: Any) -> int:
    if not isinstance(value, str) or not _PER.fullmatch(value.strip()) or int(value) > MOST_PER:
        raise refuse(f"{shown(value)} is no number of characters", "write one, such as 1000 or 1000000")
    rest = int(value)
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest != 1:
        raise refuse(f"a price per {shown(value)} characters has no end as a decimal", "write it per 1000 or 1000000")
    return int(value)


def _currency(value: str) -> str:
    if not _CURRENCY.fullmatch(value):
        raise refuse(f"{shown(value)} is no currency", "write its code or sign, such as USD: eight letters at the most")
    return value


def _provider(value: str) -> str:
    bare = value.partition("/")[0]
    if bare != value and (bare == EMBEDDED or _PROVIDER.fullmatch(bare)):
        raise refuse(f"{shown(value)} has more than a provider's name", f"write {bare}: all its versions cost the same")
    if value != EMBEDDED and not _PROVIDER.fullmatch(value):
        raise refuse(f"{shown(value)} is no provider that a lock names", meant(value, [EMBEDDED], _EXAMPLE))
    return value


class Price(BaseModel):
    """So much of some currency for so many characters."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True)

    price: Annotated[Decimal, BeforeValidator(_price), Written({"type": ["number", "string"], "minimum": 0})]
    """Of ``per`` characters."""
    per: Annotated[
        int, BeforeValidator(_per), Written({"type": ["integer", "string"], "minimum": 1, "maximum": MOST_PER})
    ] = 1_000_000
    """Characters; a number without other factors than 2 and 5, so that every sum is exact."""
    currency: Annotated[str, AfterValidator(_currency)] = "USD"
    """What ``price`` is counted in."""

    def of(self, characters: int) -> Decimal:
        """What so many characters cost, to the last digit."""
        with localcontext(prec=120) as exact:
            exact.traps[Inexact] = True
            return self.price * characters / self.per


FREE = Price.model_construct(price=Decimal(0), per=1, currency="USD")
"""The embedded voice, where the settings do not say otherwise."""

Provider = Annotated[str, AfterValidator(_provider)]
"""As a lock names it, without its version: ``espeak-ng``, ``http:api.example.com``."""
Prices = dict[Provider, Price]


def money(amount: Decimal) -> str:
    """An amount to the cent; one of less than a cent by its first two digits."""
    if amount and abs(amount) < CENT:
        return f"{amount.quantize(Decimal(1).scaleb(amount.adjusted() - 1), ROUND_HALF_UP):f}"
    with localcontext(prec=120):
        return f"{amount.quantize(CENT, ROUND_HALF_UP):f}"


def exact(amount: Decimal) -> str:
    """All digits of an amount, two behind the point at the least."""
    with localcontext(prec=120):
        bare = amount.normalize()
        return f"{bare.quantize(CENT) if int(bare.as_tuple().exponent) > -2 else bare:f}"
