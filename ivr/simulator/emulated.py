"""The gateways that a simulated call can come by: of each its capabilities, a codec and a far end on one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Protocol

from ivr.gateways.asterisk.codec import AsteriskCodec
from ivr.gateways.asterisk.formats import FORMATS
from ivr.gateways.asterisk.formats import capabilities as asterisk
from ivr.gateways.audiosocket.codec import AudioSocketCodec
from ivr.gateways.audiosocket.formats import capabilities as audiosocket
from ivr.gateways.codec import Capabilities, Codec
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.simulator.driver import FarEnd
from ivr.testing import asterisk_channel, audiosocket_channel
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.audiosocket import AudioSocketFarEnd
from ivr.testing.heard import Heard
from ivr.testing.line import Path
from ivr.testing.twilio import Faults, TwilioFarEnd


class Phone(FarEnd, Protocol):
    """A far end with a telephone at it."""

    protocol_errors: list[str]

    @property
    def heard(self) -> Heard:
        """What reached the caller's ear."""
        ...

    @property
    def dropped(self) -> Sequence[float]:
        """When sound came that found the queue full, and was never heard."""
        ...

    def press(self, digit: str, now: float) -> None:
        """The caller presses a key: 0-9 * # A-D."""
        ...

    def hang_up(self, now: float) -> None:
        """The caller hangs up."""
        ...


@dataclass(frozen=True, slots=True)
class Network:
    """The way between runtime and far end; seconds."""

    out: float = 0.0
    """From the runtime to the far end."""
    back: float = 0.0
    jitter: Callable[[], Iterable[float]] = tuple
    """Makes what is added to either way, one for each message."""
    lost: frozenset[int] = frozenset()
    """Numbers of 20 ms frames of the caller's sound that never arrive; see ``LOSES``."""
    queue: float | None = None
    """Sound that the gateway keeps before it is heard; what comes beyond it is dropped. See ``DROPS``."""

    def paths(self) -> tuple[Path, Path]:
        """Out and back."""
        return Path(self.out, self.jitter()), Path(self.back, self.jitter())


@dataclass(frozen=True, slots=True)
class Emulated:
    """One gateway, in one of its formats."""

    capabilities: Capabilities
    codec: Callable[[], Codec]
    far_end: Callable[[Mapping[str, str], Network], Phone]
    """By what the stream begins with (``from``, ``to`` and what the project reads besides) and the way to it."""


def _twilio(parameters: Mapping[str, str], network: Network) -> Phone:
    out, back = network.paths()
    faults = Faults(lose_frames=network.lost, max_queue_seconds=inf if network.queue is None else network.queue)
    return TwilioFarEnd(parameters=parameters, path_out=out, path_in=back, faults=faults)


def _asterisk(format: str, json: bool, parameters: Mapping[str, str], network: Network) -> Phone:
    out, back = network.paths()
    channel = asterisk_channel.Channel(format, json)
    return AsteriskFarEnd(channel=channel, variables=parameters, path_out=out, path_in=back)


def _audiosocket(parameters: Mapping[str, str], network: Network) -> Phone:
    out, back = network.paths()
    usual = audiosocket_channel.Channel()
    channel = usual if network.queue is None else replace(usual, jitter_buffer=network.queue)
    return AudioSocketFarEnd(channel=channel, path_out=out, path_in=back)


EMULATED: Mapping[str, Emulated] = {
    "twilio": Emulated(TWILIO, TwilioCodec, _twilio),
    **{f"asterisk/{name}": Emulated(asterisk(name), AsteriskCodec, partial(_asterisk, name, True)) for name in FORMATS},
    "asterisk/text": Emulated(asterisk("ulaw"), AsteriskCodec, partial(_asterisk, "ulaw", False)),
    "audiosocket": Emulated(audiosocket(8000), AudioSocketCodec, _audiosocket),
}
"""By name. AudioSocket brings no parameters to its calls; ``asterisk/text`` is mu-law with plain-text control."""

LOSES = frozenset({"twilio"})
"""Over which the caller's sound can be lost; the others come by TCP from the machine beside."""
DROPS = frozenset({"twilio", "audiosocket"})
"""Whose queue can be made short; Asterisk's channel has its own, with XOFF and XON."""
XOFFS = frozenset(name for name in EMULATED if name.startswith("asterisk/"))
"""Which say that they take no more sound."""
NAMELESS = frozenset({"audiosocket"})
"""Which bring no numbers and no parameters to their calls."""
