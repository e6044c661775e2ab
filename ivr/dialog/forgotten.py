"""An ``await`` that a dialog in Python forgot: a coroutine stands where its value is meant."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutine
from typing import Any

from ivr.errors import DialogBroken


def nothing_forgotten(method: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """``values``, as they were given to that method of the call. Raises ``DialogBroken`` for a coroutine among them."""
    for value in values.values():
        if iscoroutine(value):
            made = value.__qualname__
            value.close()  # it would warn that nobody awaited it, from a place that says nothing
            what = f"{method}(…) was given a coroutine of '{made}', which is never a value"
            raise DialogBroken(f"{what}: await it, as in x = await call.run(f)")
    return values
