"""The trace of a simulated call, as a file of `ivr serve --trace` has it."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.media.private import stand_in
from ivr.project.settings.settings import TraceSettings
from ivr.trace.events import TraceEvent
from ivr.trace.jsonl import header, line, unmasked


def trace_of(call: str, events: Iterable[TraceEvent], settings: TraceSettings) -> bytes:
    """All of a file; what is private is shown where the project says so."""
    mask = unmasked if settings.private == "show" else stand_in
    return header(call, mask) + b"".join(line(event, mask) for event in events)
