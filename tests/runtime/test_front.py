"""The front of the port, over real sockets: what is no request, what is none in time, and who waits too long."""

import asyncio
import http
from contextlib import asynccontextmanager

import pytest

from ivr.runtime.door.asks import Reply
from ivr.runtime.front import MAX_BODY, MAX_HEAD, Front, Reception, WaitingRoom


class Desk:
    """A reception that writes down what it is asked."""

    def __init__(self, most: int = 8, timeout: float = 5.0):
        self.asked = []
        self.bad = []
        self.dropped = []
        self.waiting = WaitingRoom(most, self.dropped.append)
        self.reception = Reception(self.waiting, self.ask, lambda address, why: self.bad.append(why), timeout)

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


async def test_a_second_request_on_the_same_connection_is_not_answered():
    desk = Desk()
    async with open_front(desk) as port:
        await exchange(port, b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [ask.target for ask in desk.asked] == ["/1"]
