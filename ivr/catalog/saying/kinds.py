"""The kinds of values, and what each is said by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ivr.catalog.saying import amounts, moments, phones, signs
from ivr.catalog.saying.language import Language
from ivr.catalog.saying.phone_groups import prepare
from ivr.catalog.saying.unit import Units

Say = Callable[[str, Any, Language, str], Units]
"""Of the slot's name, the value, the language and the currency's code; raises ``SlotError``."""


@dataclass(frozen=True, slots=True)
class Saying:
    """How the values of one kind are said."""

    say: Say
    every: Callable[[], Iterable[Any]]
    """Values whose units are all that the kind has."""
    example: Any
    """A value, for people and for what must try one."""
    prepare: Callable[[Language], None] = lambda language: None
    """Loads what would take too long while somebody listens."""


SAYINGS: Mapping[str, Saying] = {
    "number": Saying(amounts.number, amounts.numbers_of_each_unit, 12),
    "ordinal": Saying(amounts.ordinal, amounts.ordinals_of_each_unit, 3),
    "money": Saying(amounts.money, amounts.amounts_of_each_unit, Decimal("12.50")),
    "digits": Saying(signs.digits, signs.digits_of_each_unit, "451"),
    "code": Saying(signs.code, signs.codes_of_each_unit, "A70B"),
    "phone": Saying(phones.phone, phones.phones_of_each_unit, "+12125550142", prepare),
    "spelled": Saying(signs.spelled, signs.names_of_each_unit, "Anna"),
    "date": Saying(moments.dated, moments.dates_of_each_unit, "2026-03-03"),
    "day": Saying(moments.day, moments.dates_of_each_unit, "2026-03-03"),
    "time": Saying(moments.of_day, moments.times_of_each_unit, "14:30"),
    "duration": Saying(moments.duration, moments.durations_of_each_unit, 5400),
}
"""All kinds but the text, whose words nobody knows before."""
