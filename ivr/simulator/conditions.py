"""What surrounds one simulated call: the network, the voice, what lookups answer and when, and the date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.catalog.party import TransferOutcome
from ivr.simulator.driver import EPOCH, Answer
from ivr.simulator.emulated import Network
from ivr.testing.voices import ScriptedVoice, SpeechScript


@dataclass(frozen=True)
class Conditions:
    """Of one call. Nothing here is random any more: whoever draws conditions from distributions does it before."""

    voice: SpeechScript = field(default_factory=ScriptedVoice)
    lookups: Mapping[str, Answer | Callable[..., Answer]] = field(default_factory=dict)
    """By the lookup's name; see ``Driver.lookups``."""
    transfers: Sequence[tuple[float, TransferOutcome | str]] = ()
    """See ``Driver.transfers``."""
    network: Network = field(default_factory=Network)
    started_at: datetime = EPOCH
    """Wall time of the call's beginning, with its zone."""
