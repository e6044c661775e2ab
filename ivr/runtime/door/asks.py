"""What stands at the door: one HTTP request, and the answers to it."""

from __future__ import annotations

import base64
import binascii
import http
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

FIELDS = 100
"""Names in a query or a form; a query with more is taken for none."""

FORM = "application/x-www-form-urlencoded"

LOOPBACK = ("127.0.0.1", "localhost", "::1")

VERSION = "13"
"""Of the websocket's protocol."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP request."""

    method: str
    target: str
    """Path and query, as sent."""
    headers: Mapping[str, str]
    """Names in lower case; of one that came twice the values with commas between, as RFC 9110 has it: a key or a token
    that stands there twice is none."""
    body: bytes
    address: str
    """Where it comes from."""
    version: str = "1.1"
    """Of HTTP."""
    handed: bool = False
    """Another worker has passed it on because it is ours."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """What stands behind the path; of a name that came twice, the last. At most ``FIELDS`` names."""
        try:
            return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True, max_num_fields=FIELDS))
        except ValueError:
            return {}

    @property
    def is_form(self) -> bool:
        """Whether its body says that it is a form."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM

    @property
    def password(self) -> str:
        """Of Basic authentication (RFC 7617); empty where there is none, or none that can be read."""
        scheme, _, given = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return ""
        try:
            return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return ""

    @property
    def upgrades(self) -> bool:
        """Whether it asks for a websocket, and for nothing else."""
        options = [option.strip().lower() for option in self.headers.get("connection", "").split(",")]
        return "upgrade" in options and self.headers.get("upgrade", "").strip().lower() == "websocket"

    @property
    def forwarded(self) -> bool:
        """Whether a proxy says that it passes it on."""
        return "x-forwarded-for" in self.headers or "forwarded" in self.headers

    @property
    def from_a_page(self) -> bool:
        """Whether a page of a site elsewhere opened it: browsers write ``Origin`` (RFC 6454), and gateways do not."""
        origin = self.headers.get("origin")
        if origin is None:
            return False
        try:
            return urlsplit(origin).hostname not in LOOPBACK
        except ValueError:
            return True

    def misfit(self) -> Reply | None:
        """The answer to what is no handshake of RFC 6455; None for one that every engine completes."""
        if not self.upgrades:
            return _upgrade_required("A gateway opens a websocket here.\n")
        if self.method != "GET":
            why = "A websocket is opened by GET.\n"
            return Reply(http.HTTPStatus.METHOD_NOT_ALLOWED, why, headers={"Allow": "GET"})
        if self.version != "1.1":
            return _upgrade_required(f"A websocket is opened with HTTP/1.1, and this is HTTP/{self.version}.\n")
        if self.body:
            return Reply(http.HTTPStatus.BAD_REQUEST, "A websocket is opened without a body.\n")
        if self.headers.get("sec-websocket-version") != VERSION:
            return _upgrade_required(f"Websockets of version {VERSION} are spoken here.\n")
        if not _is_key(self.headers.get("sec-websocket-key", "")):
            return Reply(http.HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64.\n")
        return None

    def handshake(self, subprotocol: str) -> bytes:
        """What of it a websocket engine is to see, once it is no misfit: nothing that one of them would not take.

        ``subprotocol`` is passed on where it was offered, nothing else that may be chosen is.
        """
        offered = [name.strip() for name in self.headers.get("sec-websocket-protocol", "").split(",")]
        lines = [
            "GET / HTTP/1.1",
            "Host: ivr",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Version: {VERSION}",
            f"Sec-WebSocket-Key: {self.headers['sec-websocket-key']}",
            *([f"Sec-WebSocket-Protocol: {subprotocol}"] if subprotocol in offered else []),
        ]
        return "\r\n".join((*lines, "", "")).encode("ascii")


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request came, and how the process is."""

    now: float
    """Monotonic seconds."""
    wall: float
    """Seconds since 1970."""
    late: float
    """Seconds by which the process wakes late."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that ends the connection."""

    status: http.HTTPStatus
    body: str = ""
    type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enter:
    """The connection is let in and becomes a call."""

    gateway: str
    address: str
    """Where the caller's gateway is, seen through the proxies that are believed."""
    belongs: Callable[[str], bool] | None = None
    """Whether the platform's id of a call is the one that was announced; None where none was."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What stood behind the path. Whoever opens the socket writes it."""
    back: str = ""
    """The token of the call that it brings back; empty for a new one."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another worker of the port has the call that it is about."""

    worker: int


def _upgrade_required(why: str) -> Reply:
    headers = {"Upgrade": "websocket", "Sec-WebSocket-Version": VERSION}
    return Reply(http.HTTPStatus.UPGRADE_REQUIRED, why, headers=headers)


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
        return False
