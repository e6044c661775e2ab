"""The kinds of sound, one for each rate, and what the gateway can do at each.

Source: as of ``packets``. An Asterisk that knows of no kind but 0x10 uses that for every rate: it must be given slin.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ivr.errors import RemoteGatewayError
from ivr.gateways.codec import Capabilities, MarkKind, Pacing
from ivr.media.format import AudioFormat, Encoding

RATES: Mapping[int, int] = {
    0x10: 8_000,
    0x11: 12_000,
    0x12: 16_000,
    0x13: 24_000,
    0x14: 32_000,
    0x15: 44_100,
    0x16: 48_000,
    0x17: 96_000,
    0x18: 192_000,
}
"""Hz of each kind of sound: signed linear, 16 bits, little-endian, mono."""

KINDS: Mapping[int, int] = {rate: kind for kind, rate in RATES.items()}

USUAL = 8_000
"""Hz of the dialplan's ``AudioSocket()``, always."""

OPENING = 0.2
"""Seconds in which the first sound tells the rate. Asterisk passes on what the channel gives it, so that most callers
are heard within 20 ms; a telephone that sends no silence tells nothing."""

LEAD = 0.040
"""Seconds of sound that may be on its way: nothing over there queues it, and what comes early is lost in the end."""


@cache
def capabilities(rate: int) -> Capabilities:
    """What the gateway can do at ``rate`` Hz. Raises ``RemoteGatewayError`` for a rate of no kind."""
    if rate not in KINDS:
        raise RemoteGatewayError(f"sound at {rate} Hz, for which AudioSocket has no kind")
    format = AudioFormat(Encoding.L16, rate)
    return Capabilities(
        out_format=format,
        in_format=format,
        pacing=Pacing.REALTIME,
        max_lead=LEAD,
        can_clear=False,
        marks=MarkKind.NONE,
        transfers=frozenset(),  # its dialplan goes on by itself, and asks nobody where to
        fills_silence=True,
        presumes_after=OPENING,
        close_is_hangup=True,
    )
