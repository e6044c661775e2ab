"""What stands at the door: one HTTP request, and the answers to it."""

from __future__ import annotations

import http
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


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
    def upgrades(self) -> bool:
        """Whether it asks for a websocket."""
        return "websocket" in self.headers.get("upgrade", "").lower()

    @property
    def forwarded(self) -> bool:
        """Whether a proxy says that it passes it on."""
        return "x-forwarded-for" in self.headers or "forwarded" in self.headers


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
