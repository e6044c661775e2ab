"""The clinic's book of appointments, which is pretended; a real one would be asked over the network."""

from __future__ import annotations

import asyncio

_SECONDS = 0.7

_BOOK = {
    "19800503": {
        "en": "Tuesday, the first of December, at nine thirty",
        "es": "el martes, primero de diciembre, a las nueve y media",
    },
    "19551224": {
        "en": "Monday, the seventh of December, at four",
        "es": "el lunes, siete de diciembre, a las cuatro",
    },
}


async def next_appointment(born: str, locale: str) -> str:
    """When it is, in words of that locale; empty where there is none."""
    await asyncio.sleep(_SECONDS)
    return _BOOK.get(born, {}).get(locale.partition("-")[0], "")


async def cancel(born: str) -> bool:
    """Whether there was one to cancel."""
    await asyncio.sleep(_SECONDS)
    return born in _BOOK
