"""What a session is given: what it shares with all others, and what is known of its socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from ivr.call.effects import Transfer
from ivr.gateways.events import StreamStarted
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.refusals import Complaints
from ivr.runtime.synthesis import SynthesisDesk
from ivr.runtime.telling import Watch

if TYPE_CHECKING:
    from ivr.runtime.session import Session


@dataclass(frozen=True)
class Desks:
    """What all sessions share."""

    synthesis: SynthesisDesk
    lookups: LookupDesk
    watch: Watch | None = None
    message_rate: int = 250
    """Messages of one call in a second above which it is ended."""
    call_length: float = 14400.0
    """Seconds after which a call is ended."""
    complaints: Complaints = field(default_factory=Complaints)
    """Told what is wrong with a gateway."""
    record: bool = False
    """Calls note what a replay of them needs."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of a socket before its stream begins."""

    belongs: Callable[[str], bool] | None = None
    """Whether the platform's id of the call is the one that the socket was opened for."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the call, as far as the upgrade said; those that the stream begins with win over them."""
    platform_id: Callable[[StreamStarted], str] = attrgetter("call")
    """What the platform calls the call, by what its stream began with."""
    move: Callable[[Session, Transfer], str] | None = None
    """Has the call moved: empty, or why that cannot be. None: calls cannot be moved."""


UNKNOWN = Opened()
"""Nothing is known."""
