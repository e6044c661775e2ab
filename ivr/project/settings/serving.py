"""``serve:`` in ``prompts/ivr.yaml``: who may call, how many at once, and what a connection may cost."""

from __future__ import annotations

import math
import re
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import refuse, shown
from ivr.catalog.schema_marks import Also

MEASURING = "IVR_MEASURING"
"""Set to 1 in the environment of a server that is measured: it refuses nobody, and only this machine reaches it."""

AudioSocketRate = Literal[8000, 12000, 16000, 24000, 32000, 44100, 48000, 96000, 192000]

_COMMAS = {"type": "string"}
AsteriskFormat = Literal["ulaw", "alaw", "slin", "slin12", "slin16", "slin24", "g722"]

_URL = re.compile(r"https://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^?#\s]*)?")


def _port_is_one(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _public(value: str) -> str:
    # It is not shown: what is wrong with it may be a password.
    if not _URL.fullmatch(value) or not _port_is_one(value):
        raise refuse("the url is not https://host[:port][/path]", "write what the outside world calls this server")
    return value.rstrip("/")


def _several(value: Any) -> Any:
    """The environment has no lists: there a comma stands between."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _number(value: Any) -> Any:
    """The environment has no numbers, and a choice among some takes no text for one."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        try:
            ip_address(one)
        except ValueError:
            raise refuse(f"{shown(one)} is no address", "write the addresses of proxies, such as 127.0.0.1") from None
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        try:
            ip_network(one)
        except ValueError:
            remedy = "write addresses or networks without host bits, such as 10.0.0.7 or 10.0.0.0/24"
            raise refuse(f"{shown(one)} is no network", remedy) from None
    return value


class ServeSettings(BaseModel):
    """``serve:``, the limits of ``ivr serve``."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True, hide_input_in_errors=True)

    public_url: Annotated[str, AfterValidator(_public)] | None = None
    """What the outside world calls this server, where a proxy or a certificate stands before it."""
    calls: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Calls at once, over all workers; `ivr capacity` tells how many this machine holds. None: as many as come."""
    calls_per_address: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Calls at once from one address. A gateway or a proxy is one address."""
    late: Annotated[Seconds, between(0.005, 1)] = 0.100
    """Seconds by which this process may wake late before it takes no new calls; callers hear it from 190 ms on."""
    call_length: Annotated[Seconds, between(1, 86400)] = 14400.0
    """Seconds after which a call is ended, whatever it does."""
    handshake: Annotated[Seconds, between(0.1, 60)] = 5.0
    """Seconds in which a connection must have said what it wants."""
    waiting: Annotated[int, Field(ge=8, le=100_000)] = 512
    """Connections that have not yet said what they want; of more, the oldest is dropped."""
    message: Annotated[int, Field(ge=4096, le=16 * 1024 * 1024)] = 65536
    """Bytes of one message from a gateway; the largest that any of them documents is a fifth of it."""
    messages: Annotated[int, Field(ge=60, le=100_000)] = 250
    """Messages of one call in a second, over five seconds; telephones send about fifty."""
    asterisk: Annotated[tuple[AsteriskFormat, ...], BeforeValidator(_several), Also(_COMMAS)] = ("ulaw",)
    """Formats of Asterisk's channels for which the clips are made at start; for others with the first call in them."""
    audiosocket_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """The port of Asterisk's AudioSocket, which is plain TCP; 0: a free one. None: there is none."""
    audiosocket_rate: Annotated[AudioSocketRate, BeforeValidator(_number)] = 8000
    """Hz of an AudioSocket whose caller sends nothing at first. Clips for it are made at start; for others with the
    first call that has them."""
    audiosocket_peers: Annotated[
        tuple[str, ...], BeforeValidator(_several), AfterValidator(_networks), Also(_COMMAS)
    ] = ()
    """Networks whose AudioSockets come in with any UUID; all others need an announced one. Empty: everybody where the
    server is on loopback, and nobody elsewhere."""
    proxies: Annotated[tuple[str, ...], BeforeValidator(_several), AfterValidator(_addresses), Also(_COMMAS)] = ()
    """Addresses of proxies, whose X-Forwarded-For is believed."""
    listener: Literal["websockets", "picows"] = "websockets"
    """The websocket engine; picows needs the extra `fast`."""

    def unlimited(self) -> Self:
        """The same for a server that takes every call and asks nobody for a token, however late it is, on one port."""
        off = {"public_url": None, "calls": None, "calls_per_address": None, "late": math.inf, "audiosocket_port": None}
        return self.model_copy(update=off)
