"""What the dialog asks of the bank. ``lookup: {run: bank.balance}`` in prompts/dialogs/main.yaml calls ``balance``.

Put your own code here: a function may be ``async`` or plain, takes what the dialog gives it under ``with``, and may
take its time; the caller hears the words around the answer meanwhile.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

_SECONDS = 0.6
"""How long the pretended bank takes."""

_BALANCES = {
    "+15550100": Decimal("1234.56"),
    "+15550101": Decimal("0.00"),
    "+15550102": Decimal("20.05"),
    "+15550103": Decimal("-75.40"),
}


async def balance(caller: str = "") -> Decimal:
    """Dollars on the account of ``caller``, a telephone number in E.164."""
    await asyncio.sleep(_SECONDS)
    return _BALANCES.get(caller, Decimal("1234.56"))
