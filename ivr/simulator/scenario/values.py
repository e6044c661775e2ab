"""What a lookup answers, as a file writes it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def value_of(written: Any) -> Any:
    """A number, yes or no where it looks like one; else a text. Also within lists and mappings."""
    match written:
        case dict():
            return {key: value_of(value) for key, value in written.items()}
        case list():
            return [value_of(value) for value in written]
        case str():
            if written in _WORDS:
                return _WORDS[written]
            if _WHOLE.fullmatch(written):
                return int(written)
            return Decimal(written) if _DECIMAL.fullmatch(written) else written
    return written
