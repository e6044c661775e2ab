"""TLS on a connection that is open already, so that one whose handshake never ends can be counted and dropped.

``create_server(ssl=...)`` tells nobody of a connection before its handshake is done: how many there are, and what they
take, would be for strangers to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from ssl import SSLContext, SSLError

from ivr.runtime.connection import CLOSE_TIMEOUT, feed

LONGEST = 120.0
"""Seconds; whoever asks for a handshake drops the connection long before."""

Done = Callable[[asyncio.Transport | None, bytes, str], None]


class Handshake:
    """The server's side of one; whoever gives it up aborts the transport."""

    def __init__(
        self, transport: asyncio.Transport, protocol: asyncio.Protocol, context: SSLContext, done: Done
    ) -> None:
        """``protocol`` is told by the new transport from then on, and passes its bytes to ``received`` until ``done``.

        ``done`` is told the new transport and what came behind the handshake; or None and what was wrong, which is
        empty where the connection is only gone.
        """
        loop = asyncio.get_running_loop()
        self._transport = transport
        self._done = done
        self._data = bytearray()
        # The task's first step puts TLS between transport and protocol; until then uvloop may read for the latter.
        self._task = loop.create_task(
            loop.start_tls(
                transport,
                protocol,
                context,
                server_side=True,
                ssl_handshake_timeout=LONGEST,
                ssl_shutdown_timeout=CLOSE_TIMEOUT,
            )
        )
        loop.call_soon(self._begin)
        self._task.add_done_callback(self._end)

    def received(self, data: bytes) -> None:
        """Bytes that the protocol was told of."""
        self._data += data

    def _begin(self) -> None:
        early, self._data = bytes(self._data), bytearray()
        if early and not self._task.done():
            feed(self._transport.get_protocol(), early)

    def _end(self, task: asyncio.Task[asyncio.Transport | None]) -> None:
        transport, why = None, ""
        with suppress(asyncio.CancelledError):
            error = task.exception()
            if error is None:
                transport = task.result()
            elif isinstance(error, SSLError):
                why = f"no handshake of TLS ({(error.reason or type(error).__name__).replace('_', ' ').lower()})"
        self._done(transport, bytes(self._data), why)
