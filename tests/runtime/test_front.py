"""The front of the port, over real sockets: what is no request, what is none in time, and who waits too long."""

import asyncio
import http
import ssl
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from ivr.runtime.door.asks import Reply
from ivr.runtime.front import MAX_BODY, MAX_HEAD, Accept, Front, Reception
from ivr.runtime.listeners import LISTENERS, listener
from ivr.runtime.waiting import WaitingRoom


class Desk:
    """A reception that writes down what it is asked."""

    def __init__(self, most: int = 8, timeout: float = 5.0, tls=None):
        self.asked = []
        self.bad = []
        self.dropped = []
        self.waiting = WaitingRoom(most, self.dropped.append)
        self.reception = Reception(self.waiting, self.ask, lambda address, why: self.bad.append(why), timeout, tls)

    def ask(self, ask):
        self.asked.append(ask)
        return Reply(http.HTTPStatus.OK, f"{ask.method} {ask.target}\n", headers={"X-Seen": "yes"})


@asynccontextmanager
async def open_front(desk):
    server = await asyncio.get_running_loop().create_server(lambda: Front(desk.reception), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        desk.waiting.empty()
        await asyncio.sleep(0)


def upgrade(more=b""):
    """A request for a websocket, with ``more`` headers."""
    return (
        b"GET /twilio HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + more +
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )  # fmt: skip


async def exchange(port, *parts, pause=0.0):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(pause)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer.decode("latin-1")


async def test_a_request_is_answered_and_the_connection_ended():
    desk = Desk()
    async with open_front(desk) as port:
        answer = await exchange(port, b"GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-One: 1\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200 OK\r\n") and answer.endswith("\r\n\r\nGET /a?b=c\n")
    assert "X-Seen: yes" in answer and "Connection: close" in answer
    (ask,) = desk.asked
    assert (ask.path, ask.headers["x-one"], ask.address, ask.upgrades) == ("/a", "1", "127.0.0.1", False)
    assert len(desk.waiting) == 0 and desk.bad == []


async def test_a_body_comes_whole_however_it_is_cut():
    desk = Desk()
    request = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello=world"
    async with open_front(desk) as port:
        await exchange(port, *(request[i : i + 9] for i in range(0, len(request), 9)), pause=0.001)
        chunked = (
            b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n=world\r\n0\r\n\r\n"
        )
        await exchange(port, chunked)
    assert [ask.body for ask in desk.asked] == [b"hello=world"] * 2


async def test_head_gets_no_body():
    desk = Desk()
    async with open_front(desk) as port:
        answer = await exchange(port, b"HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.endswith("\r\n\r\n") and "Content-Length: 8" in answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 is TLS on a plain port\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"a" * MAX_HEAD, 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + b"a" * (MAX_BODY + 1), 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ],
)
async def test_what_is_no_request_is_refused(sent, status):
    desk = Desk()
    async with open_front(desk) as port:
        try:
            answer = await exchange(port, sent)
        except ConnectionResetError:  # it went on writing when we had closed
            answer = f"HTTP/1.1 {status}"
    assert answer.startswith(f"HTTP/1.1 {status}")
    assert desk.asked == [] and len(desk.bad) == 1


async def test_a_request_that_is_not_whole_in_time_is_dropped():
    desk = Desk(timeout=0.2)
    async with open_front(desk) as port:
        answers = await asyncio.gather(exchange(port), exchange(port, b"GET / HTTP/1.1\r\nHos"), return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, str) and answer] == []
    assert desk.bad == ["no whole request in time"] * 2
    assert len(desk.waiting) == 0


async def test_of_too_many_that_wait_the_oldest_goes_and_a_new_one_is_answered():
    desk = Desk(most=8)
    async with open_front(desk) as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
        assert "200 OK" in await exchange(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(desk.waiting) <= 8
        assert len(desk.dropped) == 41 - 8
        for _, writer in idle:
            writer.close()


async def test_of_a_header_that_comes_twice_both_values_are_seen():
    desk = Desk()
    async with open_front(desk) as port:
        await exchange(port, b"GET / HTTP/1.0\r\nHost: x\r\nX-One: 1\r\nx-other: a\r\nx-one: 2\r\n\r\n")
    (ask,) = desk.asked
    assert (ask.headers["x-one"], ask.headers["x-other"], ask.version) == ("1, 2", "a", "1.0")


async def test_a_socket_that_is_gone_when_the_call_begins_ends_it_once():
    ended = []

    class Ended(Deaf):
        def closed(self, why, *, breach):
            ended.append(why)

    def gone(hearer, max_message):
        raise OSError(22, "Invalid argument")

    desk = Desk()
    desk.reception = replace(desk.reception, ask=lambda ask: Accept(Ended(), gone, 4096))
    async with open_front(desk) as port:
        with suppress(ConnectionResetError):
            assert await exchange(port, upgrade()) == ""
        await asyncio.sleep(0.05)
    assert ended == ["the socket closed"] and len(desk.waiting) == 0


async def test_a_second_request_on_the_same_connection_is_not_answered():
    desk = Desk()
    async with open_front(desk) as port:
        await exchange(port, b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [ask.target for ask in desk.asked] == ["/1"]


# TLS.

HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(55)
"""The first bytes of a TLS client, which sends no more."""


@pytest.fixture(scope="module")
def certificates():
    """The server's context and the client's."""
    trustme = pytest.importorskip("trustme", reason="trustme is not installed: no certificate to test with")
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request):
    """Run a coroutine on that loop: the server has uvloop's where there is one, and the two start TLS differently."""
    if request.param == "asyncio":
        return asyncio.run
    if sys.platform == "win32":
        pytest.skip("there is no uvloop on Windows")
    import uvloop

    return uvloop.run


async def eventually(test):
    async with asyncio.timeout(5):
        while not test():  # noqa: ASYNC110 - the front has nothing to wait for
            await asyncio.sleep(0.01)


async def secure_exchange(port, trust, request=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


def test_of_too_many_handshakes_that_do_not_end_the_oldest_goes_and_a_new_one_is_answered(run, certificates):
    tls, trust = certificates

    async def scene():
        desk = Desk(most=8, tls=tls)
        async with open_front(desk) as port:
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
            for _, writer in idle[::2]:
                writer.write(HELLO)
            assert b"200 OK" in await secure_exchange(port, trust)
            await eventually(lambda: len(desk.waiting) == 7 and len(desk.dropped) == 41 - 8)
            gone = [await asyncio.wait_for(reader.read(), 5) for reader, _ in idle[:33]]
            assert gone == [b""] * 33 and not any(reader.at_eof() for reader, _ in idle[33:])
            assert len(desk.asked) == 1 and desk.bad == []
            for _, writer in idle:
                writer.transport.abort()
            await eventually(lambda: not len(desk.waiting))

    run(scene())


def test_a_handshake_that_is_not_done_in_time_is_dropped_and_what_is_none_is_refused(run, certificates):
    tls, trust = certificates

    async def scene():
        desk = Desk(timeout=0.3, tls=tls)
        async with open_front(desk) as port:
            for sent in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes.fromhex("160301003a010000360303") + bytes(52)):
                assert b"200" not in (await exchange(port, sent)).encode("latin-1")
            assert [why.partition(" (")[0] for why in desk.bad] == ["no handshake of TLS"] * 2, desk.bad
            assert await asyncio.gather(exchange(port), exchange(port, HELLO)) == ["", ""]
            assert desk.bad[2:] == ["no whole request in time"] * 2
            _, look = await asyncio.open_connection("127.0.0.1", port)  # as a balancer's
            look.transport.abort()
            assert b"200 OK" in await secure_exchange(port, trust)
            await eventually(lambda: not len(desk.waiting))
        assert len(desk.asked) == 1 and len(desk.bad) == 4 and desk.dropped == []

    run(scene())


def test_one_that_was_answered_and_does_not_go_still_counts_and_is_dropped_in_time(run, certificates):
    tls, trust = certificates

    async def scene():
        desk = Desk(timeout=1.0, tls=tls)
        async with open_front(desk) as port:
            writers = []
            for _ in range(3):
                _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                writer.transport.pause_reading()  # so that the end of TLS has no answer
                writers.append(writer)
            await eventually(lambda: len(desk.asked) == 3)
            assert len(desk.waiting) == 3
            await eventually(lambda: not len(desk.waiting))
            assert desk.bad == [] and desk.dropped == []
            for writer in writers:
                writer.transport.abort()
            await asyncio.sleep(0.01)

    run(scene())


# A handshake.


class Deaf:
    """A hearer that hears nothing."""

    def opened(self, connection): ...

    def closed(self, why, *, breach): ...


@pytest.mark.parametrize("name", LISTENERS)
@pytest.mark.parametrize(
    "more",
    [
        b"Sec-WebSocket-Protocol: ;;,\r\n",
        b"Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Protocol: x, media\r\n",
        b"Sec-WebSocket-Extensions: ;;,\r\n",
        b"Connection: keep-alive\r\n",
        b"Content-Length: 0\r\n",
        b"".join(b"X-%d: y\r\n" % number for number in range(200)),
        b"X-Long: " + b"y" * 9000 + b"\r\n",
    ],
)
async def test_what_is_let_in_is_completed_by_every_engine(name, more):
    if name == "picows":
        pytest.importorskip("picows", reason="the extra 'fast' is not installed")
    desk = Desk()
    desk.ask = lambda ask: ask.misfit() or Accept(Deaf(), listener(name), 4096)
    desk.reception = replace(desk.reception, ask=desk.ask)
    async with open_front(desk) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(upgrade(more))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 101 ") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        assert (b"media" in head) is (b"media" in more)
        writer.transport.abort()
