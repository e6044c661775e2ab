"""The formats a channel may have, by Asterisk's names, and what the gateway can do in each.

Frame sizes and limits as observed on the wire: a queue of 1,000 frames, XOFF at 900, messages of whole frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ivr.catalog.party import Kind
from ivr.errors import RemoteGatewayError
from ivr.gateways.codec import Capabilities, MarkKind, Pacing
from ivr.media.format import ALAW_8K, L16_8K, L16_12K, L16_16K, L16_24K, MULAW_8K, AudioFormat

LEAD_FRAMES = 750
"""Frames that we let wait over there: XOFF comes at 900, and above 1,000 sound is dropped without a word."""

MAX_MESSAGE = 8_000
"""Bytes of one message. 65,500 break the call, and what comes in many reads is taken for a peer that hangs."""

OPENING = 0.2
"""Seconds that the first words wait for the caller's first frame. A channel that is answered as soon as the socket is
open may not be bridged yet; frames were seen 20 ms after it was. A caller whose telephone sends no silence waits for
no longer than this."""


LINGER = 0.1
"""Seconds between the last word's mark and HANGUP. A mark is answered when its frame was handed on: two frames were
seen to be lost on their way to the caller where the channel was hung up just then."""


@dataclass(frozen=True, slots=True)
class ChannelFormat:
    """One of Asterisk's formats."""

    name: str
    linear: AudioFormat
    """What we make and take: the channel's own, but for G.722, which is encoded per stream because it has state."""
    packed: int = 1
    """Bytes of ``linear`` in one byte on the wire."""


FORMATS: Mapping[str, ChannelFormat] = {
    each.name: each
    for each in (
        ChannelFormat("ulaw", MULAW_8K),
        ChannelFormat("alaw", ALAW_8K),
        ChannelFormat("slin", L16_8K),
        ChannelFormat("slin12", L16_12K),
        ChannelFormat("slin16", L16_16K),
        ChannelFormat("slin24", L16_24K),
        ChannelFormat("g722", L16_16K, packed=4),
    )
}
USUAL = "ulaw"


@cache
def capabilities(name: str, ptime: int = 20) -> Capabilities:
    """What the gateway can do on a channel of the format ``name`` with frames of ``ptime`` milliseconds.

    Raises ``RemoteGatewayError`` for a format that is not spoken here.
    """
    found = FORMATS.get(name)
    if found is None:
        raise RemoteGatewayError(
            f"a channel of the format {name[:20]!r}; name one of {', '.join(FORMATS)} in the dial string's c()"
        )
    return Capabilities(
        out_format=found.linear,
        in_format=found.linear,
        pacing=Pacing.BUFFERED,
        max_lead=LEAD_FRAMES * ptime / 1000,
        can_clear=True,
        marks=MarkKind.LOST_ON_CLEAR,
        can_pause=True,
        max_message=MAX_MESSAGE,
        opening=OPENING,
        linger=LINGER,
        transfers=frozenset(Kind),
        close_is_hangup=True,
    )
