"""How a server is set up beyond its host and port: limits, keys, engine. A value; the defaults are for loopback."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLError
from typing import TYPE_CHECKING

from ivr.errors import ConfigError
from ivr.project.settings.serving import ServeSettings
from ivr.runtime.connection import Listener
from ivr.runtime.door.announced import Announced, AnnouncedHere
from ivr.runtime.door.asks import LOOPBACK
from ivr.runtime.door.burnt import Burnt, BurntHere
from ivr.runtime.door.packetdoor import AUDIOSOCKET, Peers
from ivr.runtime.door.passes import Passes
from ivr.runtime.neighbours import Neighbours
from ivr.runtime.whereabouts import OnlyHere, Whereabouts

if TYPE_CHECKING:  # imported late: see ivr.runtime.metricfiles
    from ivr.runtime.metrics import Metrics

TWILIO_AUTH_TOKEN = "IVR_TWILIO_AUTH_TOKEN"
METRICS_TOKEN = "IVR_METRICS_TOKEN"
TICKET_KEY = "IVR_TICKET_KEY"
"""Made at each start where it is not set; processes that take over from each other need the same."""

MIN_KEY = 32
"""Characters of ``IVR_TICKET_KEY``."""

MIN_METRICS_TOKEN = 16
"""Characters of ``IVR_METRICS_TOKEN``."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets, from the environment alone."""

    twilio_auth_token: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    tickets: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Keys:
        """Those that are set. Raises ``ConfigError`` for one of ours that is too short to be a secret."""
        key = _long_enough(environ, TICKET_KEY, MIN_KEY)
        return cls(
            environ.get(TWILIO_AUTH_TOKEN, "").strip(),
            _long_enough(environ, METRICS_TOKEN, MIN_METRICS_TOKEN),
            hashlib.sha256(key.encode()).digest() if key else secrets.token_bytes(32),
        )


def _long_enough(environ: Mapping[str, str], name: str, least: int) -> str:
    value = environ.get(name, "").strip()
    if value and len(value) < least:
        raise ConfigError(f"{name} has {len(value)} characters: give at least {least} random ones, or unset it")
    return value


_ANNOUNCES = (None, AUDIOSOCKET)
"""Gateways of passes with which an AudioSocket's call may be announced."""


def guarded(host: str, settings: ServeSettings) -> bool:
    """Whether calls need a token: beyond loopback, and where a proxy brings the world to loopback."""
    return host not in LOOPBACK or settings.public_url is not None or bool(settings.proxies)


@dataclass(frozen=True, slots=True)
class Serving:
    """What ``Server`` goes by."""

    settings: ServeSettings = field(default_factory=ServeSettings)
    keys: Keys = field(default_factory=Keys)
    passes: Callable[[], Passes] = Passes
    """The tokens that are good now."""
    used: Burnt = field(default_factory=BurntHere)
    """The tickets that were used; one for all processes that can read each other's."""
    announced: Announced = field(default_factory=AnnouncedHere)
    """What was said of AudioSocket's calls before they came; one for all processes of a port."""
    metrics: Metrics | None = None
    listener: Listener | None = None
    """In place of the one that the settings name."""
    tls: SSLContext | None = None
    whereabouts: Whereabouts = field(default_factory=OnlyHere)
    """Which worker has a call that is being transferred; one for all processes of a port."""
    neighbours: Neighbours | None = None
    """The other processes of the port; None where there is but this one."""
    share_port: bool = False
    """Other processes may listen on the port too (``SO_REUSEPORT``)."""
    hand_over: bool = False
    """Another server has the port when this one stops, so that it is let go of at once."""
    record: bool = False
    """Calls note what a replay of them needs; of use where somebody watches them."""

    def guarded(self, host: str) -> bool:
        """See the function."""
        return guarded(host, self.settings)

    def peers(self, host: str) -> Peers:
        """Whose AudioSockets need no announced UUID."""
        networks = tuple(ip_network(one) for one in self.settings.audiosocket_peers)
        return Peers(networks, everybody=host in LOOPBACK and not networks)

    def check(self, host: str) -> None:
        """Raises ``ConfigError`` where a server on ``host`` would let everybody in, or nobody.

        Raises ``ProjectError`` for tokens that cannot be read; on loopback one may be shown too.
        """
        now = time.time()
        good = [each for each in self.passes().all if each.refusal(each.gateway or "", now) is None]
        webhook = bool(self.keys.twilio_auth_token and self.settings.public_url)
        audiosocket = self.settings.audiosocket_port is not None
        peers = audiosocket and bool(self.settings.audiosocket_peers)
        if audiosocket and host not in LOOPBACK and not peers and all(each.gateway not in _ANNOUNCES for each in good):
            raise ConfigError(
                f"AudioSocket on --host {host}: callers have no way to prove who they are. Name their addresses in "
                "serve.audiosocket_peers, or make a token to announce calls with: "
                f"`ivr token new NAME --gateway {AUDIOSOCKET}`"
            )
        if self.guarded(host) and not webhook and not good and not peers:
            where = self._world(host)
            public = "" if self.settings.public_url else "--public-url (or serve.public_url) and "
            raise ConfigError(
                f"{where}: callers from beyond this machine have no way to prove who they are. For Twilio set "
                f"{public}{TWILIO_AUTH_TOKEN}; for other gateways make a token: `ivr token new NAME`"
            )

    def _world(self, host: str) -> str:
        """The setting by which the world gets here."""
        if host not in LOOPBACK:
            return f"--host {host}"
        url = self.settings.public_url
        return f"the public URL {url}" if url else "the proxies in serve.proxies"


def tls_context(certificate: Path | None, key: Path | None) -> SSLContext | None:
    """A context for TLS 1.2 and up; None without a certificate. Raises ``ConfigError`` for files that do not serve."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise ConfigError("--tls-cert and --tls-key go together")
    for file in (certificate, key):
        if not file.exists():
            raise ConfigError(f"{file}: there is no such file; --tls-cert and --tls-key need PEM files")
    context = SSLContext(PROTOCOL_TLS_SERVER)

    def passphrase() -> str:
        # OpenSSL would ask for it on the terminal, and a server has nobody there.
        raise ConfigError(f"{key} needs a passphrase: write it without one, readable by the server alone")

    try:
        context.load_cert_chain(certificate, key, passphrase)
    except SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(f"{key} is not the key of {certificate}: give the two that belong together") from None
        raise ConfigError(f"{certificate} and {key} are no certificate chain and key in PEM ({error.reason})") from None
    except OSError as error:
        raise ConfigError(f"{certificate} or {key} cannot be read ({error.strerror or error})") from None
    return context
