"""What a call's voice is paid for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.trace.events import SynthesisStarted, TraceEvent


@dataclass(frozen=True, slots=True)
class Paid:
    """What a voice was asked for."""

    requests: int
    characters: int


def asked_for(trace: Iterable[TraceEvent]) -> Paid:
    """What a call asked a voice of its own for: each attempt counts, since each is paid."""
    asked = [len(event.text) for event in trace if isinstance(event, SynthesisStarted)]
    return Paid(len(asked), sum(asked))
