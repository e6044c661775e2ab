"""What stands at the door: one HTTP request, and the answers to it."""

from __future__ import annotations

import base64
import binascii
import http
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

QUERY = 100
"""Names in a query; one with more is taken for none."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP request."""

    method: str
    target: str
    """Path and query, as sent."""
    headers: Mapping[str, str]
    """Names in lower case; of one that came twice, the last."""
    body: bytes
    address: str
    """Where it comes from."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """What stands behind the path; of a name that came twice, the last. At most ``QUERY`` names."""
        try:
            return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True, max_num_fields=QUERY))
        except ValueError:
            return {}

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
        """Whether it asks for a websocket."""
        return "websocket" in self.headers.get("upgrade", "").lower()


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
