"""The hash of a call's trace: equal where two runs decided the same things at the same times."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from ivr.trace.events import TraceEvent
from ivr.trace.jsonl import header, line


def digest(events: Iterable[TraceEvent], call: str = "sim") -> str:
    """SHA-256 of the trace as JSON lines, its header included, in hexadecimal digits. No field is left out."""
    hashed = sha256(header(call))
    for event in events:
        hashed.update(line(event))
    return hashed.hexdigest()
