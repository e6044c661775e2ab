"""The far side of many calls, one after another: how long from an event to the first frame for it."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.asyncio.client import connect

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
START = json.dumps(
    {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": "MZ1",
        "start": {"streamSid": "MZ1", "callSid": "CA1", "customParameters": {"from": "+15550100"}},
    }
)
KEY = '{"event":"dtmf","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"1"}}'

SETTLE = 0.15
"""Seconds between the first audio and the key: in the middle of the greeting."""


@contextmanager
def server(*command: str) -> Iterator[str]:
    """A server in a process of its own; gives its websocket address."""
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        found = re.search(rb"ws://\S+", process.stdout.readline())
        if found is None:
            raise SystemExit(f"{' '.join(command)} did not start")
        yield found[0].decode()
    finally:
        process.terminate()
        process.wait(10)


async def one(url: str) -> dict[str, float]:
    """One call: seconds to the greeting, to the clear, and to the next prompt."""
    async with connect(url, compression=None) as socket:
        await socket.send(CONNECTED)
        at = time.perf_counter()
        await socket.send(START)
        found = {"greeting": await _until(socket, '"media"', at)}
        reader = asyncio.create_task(_drain(socket))
        await asyncio.sleep(SETTLE)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        at = time.perf_counter()
        await socket.send(KEY)
        found["clear"] = await _until(socket, '"clear"', at)
        found["next prompt"] = await _until(socket, '"media"', at)
    return found


async def _until(socket: object, word: str, at: float) -> float:
    async for message in socket:  # type: ignore[attr-defined]
        if word in message:
            return time.perf_counter() - at
    raise SystemExit("the server closed the call")


async def _drain(socket: object) -> None:
    async for _ in socket:  # type: ignore[attr-defined]
        pass


async def measure(url: str, calls: int) -> list[dict[str, float]]:
    """So many calls, one after another; the first two are not counted."""
    return [await one(url) for _ in range(calls + 2)][2:]
