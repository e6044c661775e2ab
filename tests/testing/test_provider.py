import asyncio
import json

import numpy as np
import pytest

from ivr.media.wave import read_wav
from ivr.testing.provider import Behaviour, FakeProvider

RATE = 8000
SECOND = np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE).astype(np.float32) / 2


def speak(text: str):
    return SECOND, RATE


@pytest.fixture
async def provider():
    async with FakeProvider(speak) as it:
        yield it


class Client:
    """A plain socket: what stands on the wire is the thing under test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, provider: FakeProvider) -> "Client":
        host, port = provider.url.removeprefix("http://").split(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    def post(self, path: str = "/v1/tts/stream", key: str = "test-key", text: object = "Hello.", format: str = "pcm"):
        body = json.dumps({"text": text, "voice": "v", "format": format}).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)

    async def head(self) -> tuple[int, dict[str, str]]:
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:] if line)

    async def chunk(self) -> bytes:
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def chunks(self) -> list[bytes]:
        found = []
        while piece := await self.chunk():
            found.append(piece)
        return found


@pytest.fixture
async def client(provider):
    it = await Client.to(provider)
    yield it
    it.writer.close()


async def test_stream_is_chunked_and_the_connection_is_kept(provider, client):
    for number in (1, 2):
        client.post()
        status, headers = await client.head()
        assert (status, headers["transfer-encoding"]) == (200, "chunked")
        assert headers["content-type"] == f"audio/l16;rate={RATE};channels=1"
        chunks = await client.chunks()
        assert [len(chunk) for chunk in chunks] == [RATE // 10 * 2] * 10
        assert np.abs(np.frombuffer(b"".join(chunks), "<i2") / 32768 - SECOND).max() < 1e-4
        request = await provider.request(number)
        assert await request.finished() == "done"
        assert (request.number, request.connection, request.sent) == (number, 1, RATE * 2)
        assert request.json == {"text": "Hello.", "voice": "v", "format": "pcm"}
    assert provider.requests[0].received_at < provider.requests[1].received_at
    assert provider.connections == 1


async def test_whole_has_a_length(provider, client):
    client.post("/v1/tts", format="wav")
    status, headers = await client.head()
    data = await client.reader.readexactly(int(headers["content-length"]))
    samples, rate = read_wav(data)
    assert (status, rate, len(samples)) == (200, RATE, RATE)
    assert "transfer-encoding" not in headers


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"key": "wrong"}, 401), ({"text": 7}, 400), ({"format": "ogg"}, 400), ({"path": "/elsewhere"}, 404)],
)
async def test_what_is_wrong_is_refused(client, asked, status):
    client.post(**asked)
    assert (await client.head())[0] == status


async def test_head_is_answered_and_not_logged(provider, client):
    client.writer.write(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await client.head())[0] == 200
    client.post()
    assert (await client.head())[0] == 200
    assert len(provider.requests) == 1


async def test_no_http_closes_the_connection(client):
    client.writer.write(b"\x16\x03\x01\x02\x00 what\r\n\r\n")
    assert await client.reader.read() == b""


async def test_behaviour_is_chosen_by_text_and_number(provider, client):
    asked = []

    def behave(text, number):
        asked.append((text, number))
        return Behaviour(fault="status", status=418, retry_after="3") if number == 2 else Behaviour(fault="empty")

    provider.behave = behave
    client.post(text="one")
    assert (await client.head())[0] == 200
    assert await client.chunks() == []
    client.post(text="two")
    status, headers = await client.head()
    assert (status, headers["retry-after"]) == (418, "3")
    assert asked == [("one", 1), ("two", 2)]
    assert [await request.finished() for request in provider.requests] == ["fault", "fault"]


async def test_held_until_it_is_let_go(provider, client):
    held = asyncio.Event()
    provider.behave = Behaviour(hold=held, chunk_seconds=0.5)
    client.post()
    await client.head()
    assert len(await client.chunk()) == RATE
    assert provider.requests[0].sent == RATE and provider.requests[0].ended is None
    held.set()
    assert len(await client.chunk()) == RATE


async def test_delay_and_pace_are_kept(provider, client):
    loop = asyncio.get_running_loop()
    provider.behave = Behaviour(first_byte_delay=0.05, pace=10.0)
    client.post()
    await client.head()
    begun = loop.time()
    await client.chunks()
    request = provider.requests[0]
    assert begun - request.received_at >= 0.049
    assert loop.time() - request.received_at >= 0.049 + 9 * 0.1 / 10


async def test_stall_keeps_the_connection_open(provider, client):
    provider.behave = Behaviour(fault="stall_after", after=0.2)
    client.post()
    await client.head()
    assert len(await client.chunk()) + len(await client.chunk()) == round(0.2 * RATE) * 2
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.reader.read(1), 0.05)
    client.writer.close()
    assert await provider.requests[0].finished() == "cancelled"


async def test_dying_is_a_reset(provider, client):
    provider.behave = Behaviour(fault="die_after", after=0.0)
    client.post()
    with pytest.raises(ConnectionResetError):
        await client.reader.read()
    assert await provider.requests[0].finished() == "fault"


@pytest.mark.parametrize("path", ["/v1/tts/stream", "/v1/tts"])
async def test_truncation_is_an_orderly_close_without_the_rest(provider, client, path):
    provider.behave = Behaviour(fault="truncate_after", after=0.2)
    client.post(path)
    _, headers = await client.head()
    rest = await client.reader.read()
    assert not rest.endswith(b"0\r\n\r\n")
    if path == "/v1/tts":
        assert len(rest) == round(0.2 * RATE) * 2 < int(headers["content-length"])
    assert await provider.requests[0].finished() == "fault"


@pytest.mark.parametrize("path", ["/v1/tts/stream", "/v1/tts"])
async def test_short_ends_in_order(provider, client, path):
    provider.behave = Behaviour(fault="short_after", after=0.2)
    client.post(path)
    _, headers = await client.head()
    if path == "/v1/tts":
        data = await client.reader.readexactly(int(headers["content-length"]))
    else:
        data = b"".join(await client.chunks())
    assert len(data) == round(0.2 * RATE) * 2


@pytest.mark.parametrize(("fault", "kind"), [("html", "text/html"), ("garbage_wav", "audio/wav")])
async def test_bodies_that_are_no_audio(provider, client, fault, kind):
    provider.behave = Behaviour(fault=fault)
    client.post()
    status, headers = await client.head()
    assert (status, headers["content-type"]) == (200, kind)
    assert not (await client.reader.readexactly(int(headers["content-length"]))).startswith(b"RIFF")


async def test_a_client_that_leaves_cancels(provider, client):
    provider.behave = Behaviour(hold=asyncio.Event())
    client.post()
    await client.head()
    client.writer.close()
    request = await provider.request(1)
    assert await request.finished() == "cancelled"
    assert request.sent == RATE // 10 * 2


async def test_stop_drops_what_runs_and_refuses_what_comes(provider, client):
    provider.behave = Behaviour(fault="stall_after")
    client.post()
    request = await provider.request(1)
    url = provider.url
    await provider.stop()
    assert await request.finished() == "fault"
    with pytest.raises(ConnectionRefusedError):
        await Client.to(provider)
    await provider.start()
    assert provider.url == url
    again = await Client.to(provider)
    provider.behave = Behaviour()
    again.post()
    assert (await again.head())[0] == 200
    again.writer.close()


async def test_a_voice_that_is_awaited():
    async def slow(text):
        await asyncio.sleep(0)
        return SECOND[: len(text)], RATE

    async with FakeProvider(slow, api_key="k") as provider:
        client = await Client.to(provider)
        client.post("/v1/tts", key="k", text="twelve chars")
        _, headers = await client.head()
        assert headers["content-length"] == "24"
        client.writer.close()


async def test_a_voice_that_says_nothing():
    async with FakeProvider(lambda text: (SECOND[:0], RATE)) as provider:
        client = await Client.to(provider)
        client.post()
        await client.head()
        assert await client.chunks() == []
        client.writer.close()
