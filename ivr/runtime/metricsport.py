"""Metrics on a port of their own, on loopback: for a Prometheus on the same machine, without a token."""

from __future__ import annotations

import asyncio
import http
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ivr.errors import ConfigError
from ivr.runtime.door.asks import Ask, Reply
from ivr.runtime.front import Front, Reception
from ivr.runtime.waiting import WaitingRoom

WAITING = 32
"""Connections that may wait at once; one Prometheus opens one."""

TIMEOUT = 5.0
"""Seconds in which a request must be complete."""


@asynccontextmanager
async def metrics_port(port: int, render: Callable[[], tuple[str, bytes]]) -> AsyncIterator[int]:
    """Answer ``/metrics`` on 127.0.0.1:``port`` (0: a free one, which is yielded). Raises ``ConfigError``."""

    def ask(asked: Ask) -> Reply:
        if asked.path != "/metrics":
            return Reply(http.HTTPStatus.NOT_FOUND, "Only /metrics is here.\n")
        kind, body = render()
        return Reply(http.HTTPStatus.OK, body.decode(), kind)

    waiting = WaitingRoom(WAITING, lambda _: None)
    reception = Reception(waiting, ask, lambda _, __: None, TIMEOUT)
    try:
        server = await asyncio.get_running_loop().create_server(lambda: Front(reception), "127.0.0.1", port)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else error
        raise ConfigError(
            f"cannot listen on 127.0.0.1:{port} for metrics: {why}; choose another --metrics-port"
        ) from None
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        waiting.empty()
