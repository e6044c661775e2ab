"""Whatever comes in by the port: no exception escapes, nothing is logged as a fault, and nothing is left behind.

``IVR_FUZZ`` is how many examples each test tries, a few hundred where it is not set.
"""

import asyncio
import json
import os
import re
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runtime_bank import Babbler
from wireless import settle, wireless

from ivr.gateways.twilio_webhook import signature
from ivr.project.settings.serving import ServeSettings
from ivr.runtime.calls import Calls
from ivr.runtime.door.passes import Pass, Passes, digest, token_of
from ivr.runtime.listeners import LISTENERS
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.serving import Keys, Serving

EXAMPLES = int(os.environ.get("IVR_FUZZ", "300"))
fuzz = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))

RANDOMS = st.randoms(use_true_random=True)
"""One draw an example, since structured strategies take ten times as long as what they try."""

AUTH, PUBLIC, TOKEN = "auth", "https://voice.example.com", token_of(bytes(20))
FORM = b"CallSid=CA1&From=%2B15550100"
SIGNED = signature(AUTH, f"{PUBLIC}/twilio/answer", [("CallSid", "CA1"), ("From", "+15550100")]).encode()


def frame(opcode, payload, fin=True, masked=True):
    """A websocket frame as a client sends it; the mask is zeros."""
    size = len(payload)
    mask = 0x80 if masked else 0
    length = bytes([mask | 127]) + size.to_bytes(8, "big")
    if size < 65536:
        length = bytes([mask | size]) if size < 126 else bytes([mask | 126]) + size.to_bytes(2, "big")
    return bytes([fin << 7 | opcode]) + length + bytes(4 if masked else 0) + payload


# Requests.

UPGRADE = (
    b"Host: x",
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)
ODD = (
    *(b"Host:", b"Host: a b", b"HOST: y", b"Upgrade: h2c, WebSocket", b"Upgrade:", b"Connection: close, upgrade"),
    *(b"Sec-WebSocket-Version: 8", b"Sec-WebSocket-Key: short", b"Sec-WebSocket-Key: \xff==", b"Expect: 100-continue"),
    *(b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99", b"Sec-WebSocket-Extensions: ;;,"),
    *(b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", b"Upgrade: websocket"),
    *(b"Sec-WebSocket-Protocol: a,b", b"Sec-WebSocket-Protocol: ,", b"Origin: \xe9", b" folded: x", b"\tcontinued"),
    *(b"Content-Length: 3", b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Content-Length: 3, 3"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity"),
    *(
        b"Content-Type: application/x-www-form-urlencoded",
        b"X-Twilio-Signature: " + SIGNED,
        b"X-Twilio-Signature: \xff",
    ),
    *(b"Authorization: Bearer \xc3\xbf", b"X-Forwarded-For: , ,%", b"X-Forwarded-For: \xff, fe80::1%a", b": empty"),
    *(b"No colon", b"Space : x", b"Null: \x00", b"Long: " + b"a" * 9000, b"X:" + b" " * 300),
)
METHODS = (b"GET", b"POST", b"HEAD", b"CONNECT", b"OPTIONS", b"PUT", b"get", b"G\xc9T", b"", b"PRI", b"GET GET")
TARGETS = (
    *(b"/twilio", b"/twilio/", f"/twilio/{TOKEN}".encode(), b"/twilio/" + b"A" * 92, b"/twilio/%00", b"/twilio//"),
    *(b"/twilio/answer", b"/twilio/answer?bodySHA256=%ff&a", b"/healthz", b"/metrics", b"*", b"/", b"//", b"?", b"#"),
    *(b"http://x/twilio", b"/\xff", b"/" + b"a" * 5000, b"x:443", b"/twilio/answer?" + b"a=b&" * 1200),
)
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/9.9", b"", b"http/1.1", b"HTTP/1.1 x")
BODIES = (
    *(b"", FORM, b"abc", b"\xff\xfe", b"5\r\nhello\r\n0\r\n\r\n", b"5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n", b"-1\r\n"),
    *(b"FFFFFFFFFFFFFFFFF\r\n", b"0\r\n\r\n", b"a\r\nshort", frame(1, b"{}"), frame(8, b"\x03\xe8"), b"x" * 70000),
    *(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
)


def requests(random):
    """Mostly an upgrade or a webhook with something wrong in it, in pieces cut anywhere."""
    webhook = random.random() < 0.5
    method = random.choice((b"POST" if webhook else b"GET",) * 8 + METHODS)
    target = random.choice((b"/twilio/answer" if webhook else f"/twilio/{TOKEN}".encode(),) * 8 + TARGETS)
    version = random.choice((b"HTTP/1.1",) * 12 + VERSIONS)
    form = (b"Host: x", b"Content-Type: application/x-www-form-urlencoded", b"X-Twilio-Signature: " + SIGNED)
    headers = list((*form, b"Content-Length: %d" % len(FORM)) if webhook else UPGRADE)
    for odd in some(random, ODD, 3):
        place = random.randint(0, len(headers))
        headers[place : place + random.randint(0, 1)] = [odd]
    body = (FORM if webhook else b"") + b"".join(some(random, BODIES, 2))
    end = random.choice((b"\r\n",) * 6 + (b"\n", b"\r", b"\r\n "))
    data = bytearray(end.join([b" ".join((method, target, version)), *headers, b"", b""]) + body)
    for kind in some(random, ("change", "insert", "delete"), 2):
        place = random.randint(0, min(400, len(data)))
        data[place : place + (kind != "insert")] = b"" if kind == "delete" else random.randbytes(1)
    return pieces(random, bytes(data))


def some(random, choice, most):
    return [random.choice(choice) for _ in range(random.randint(0, most))]


def pieces(random, data):
    cuts = sorted(random.randint(0, min(len(data), 600)) for _ in range(random.randint(0, 3)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@pytest.fixture(params=LISTENERS)
def engine(request):
    if request.param == "picows":
        pytest.importorskip("picows", reason="the extra 'fast' is not installed")
    return request.param


def guarded(engine="websockets"):
    keys = Keys(AUTH, "", bytes(32))
    serving = ServeSettings(public_url=PUBLIC, late="1s", proxies=("192.0.2.7",), listener=engine)
    return Serving(serving, keys, lambda: Passes((Pass("pbx", digest(TOKEN), 0.0),)))


class Runner:
    """One event loop, entered anew for each example."""

    def __init__(self, bank, **options):
        self.loop = asyncio.new_event_loop()
        self._house = wireless(bank, Babbler(), **options)
        self.server, self.dial, self.wrongs = self.loop.run_until_complete(self._house.__aenter__())

    def close(self):
        self.loop.run_until_complete(self._house.__aexit__(None, None, None))
        self.loop.close()

    def feed(self, parts, end, port=0):
        """Send the parts, end or lose the connection. Returns what was answered."""
        try:
            return self.loop.run_until_complete(self._feed(parts, end, port))
        except BaseException as error:
            error.add_note(f"sent: {parts!r}")
            raise

    async def _feed(self, parts, end, port):
        self.wrongs.seen.clear()  # of the example before, which has failed for it
        line = self.dial(port)
        for part in parts:
            line.feed(part)
            await asyncio.sleep(0)
        if end:
            line.end()
            await asyncio.sleep(0)
        line.lose(None if end else ConnectionResetError())
        await settle(self.server)
        return bytes(line.sent)

    def check(self, parts):
        """The law."""
        assert list(self.wrongs.seen) == [], parts
        assert (self.server.calls, len(self.server._waiting)) == (0, 0), parts


@contextmanager
def running(bank, **options):
    runner = Runner(bank, **options)
    try:
        yield runner
        assert b'"calls": 0' in runner.feed([b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"], True)
    finally:
        runner.close()


def test_any_request_is_answered_or_dropped_and_what_is_no_handshake_is_no_call(bank, engine, monkeypatch):
    begun = []
    begin = Calls.begin
    monkeypatch.setattr(Calls, "begin", lambda *which: begun.append(which) or begin(*which))
    with running(bank, serving=guarded(engine)) as runner:

        @fuzz
        @given(RANDOMS)
        def law(random):
            parts = requests(random)
            begun.clear()
            answer = runner.feed(parts, random.random() < 0.5)
            assert len(begun) == answer.startswith(b"HTTP/1.1 101 "), (parts, answer)
            assert re.match(rb"(HTTP/1.1 (1|2|4|50[135])|$)", answer), (parts, answer)
            assert len(re.findall(rb"HTTP/1.1 \d\d\d ", answer)) <= 1, (parts, answer)
            runner.check(parts)

        law()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"CONNECT /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
    ],
)
def test_what_was_found(bank, request_, status):
    with running(bank, serving=guarded()) as runner:
        assert runner.feed([request_], True).split()[1] == status


# Messages of a stream.

HEAD = b"\r\n".join((b"GET /twilio HTTP/1.1", *UPGRADE, b"", b""))
SCALARS = (None, True, 0, -1, 1 << 70, 1.5, "", "x", "MZ1", "CA1", "\x00", "é\U0001f600", "1", "#", [], {})
WORDS = ("event", "streamSid", "sequenceNumber", "start", "media", "mark", "dtmf", "stop", "name", "digit", "payload")
START = {"streamSid": "MZ1", "callSid": "CA1", "customParameters": {"from": "+15550100"}}
EVENTS = (
    *({"event": "connected", "protocol": "Call"}, {"event": "start", "streamSid": "MZ1", "start": START}),
    *({"event": "media", "media": {"payload": "////", "track": "inbound", "timestamp": "5"}}, {"event": "stop"}),
    *({"event": "mark", "mark": {"name": "1"}}, {"event": "dtmf", "dtmf": {"digit": "1"}}, {"event": "unknown"}),
    *({"event": "dtmf", "dtmf": {"digit": "9"}}, {"event": "start", "start": {"mediaFormat": {"encoding": "opus"}}}),
)
RAW = (
    b"",
    b"\xff",
    b"\xed\xa0\x80",
    b"[" * 5000,
    b'"\\ud800"',
    b"NaN",
    b"{",
    b'{"event":"media"',
    b"1e999",
    b"x" * 70000,
)


def value(random, deeper=2):
    """Any JSON."""
    match random.randint(0, 3) if deeper else 0:
        case 2:
            return [value(random, deeper - 1) for _ in range(random.randint(0, 3))]
        case 3:
            return {key: value(random, deeper - 1) for key in some(random, WORDS, 3)}
        case _:
            return random.choice(SCALARS)


def messages(random):
    """A message of a gateway, often with one value that is another."""
    if random.random() < 0.15:
        return random.choice((*RAW, random.randbytes(random.randint(0, 40))))
    event = random.choice(EVENTS)
    inner = event.get(event["event"])
    if isinstance(inner, dict) and random.random() < 0.3:
        changed = {key: value(random) for key in some(random, sorted(inner), 2)}
        event = event | {event["event"]: inner | changed}
    elif random.random() < 0.3:
        event = event | {key: value(random) for key in some(random, WORDS, 2)}
    return json.dumps(event).encode()


def streams(random):
    """Frames of such messages, whole or in fragments, and some that no client may send."""
    frames = [HEAD]
    if random.random() < 0.7:
        frames.append(frame(1, json.dumps(EVENTS[1]).encode()))
    for _ in range(random.randint(0, 5)):
        message = messages(random)
        opcode = random.choice((1,) * 16 + (2, 0, 8, 9, 10, 3, 15))
        cut = random.randint(0, 8) * len(message) // 4
        if 0 < cut < len(message):
            frames += [frame(opcode, message[:cut], fin=False), frame(0, message[cut:])]
        else:
            frames.append(frame(opcode, message, masked=random.random() > 0.05))
    data = b"".join(frames)
    return [data] if random.random() < 0.5 else pieces(random, data)


async def balance(caller):
    return 5


def test_any_stream_ends_its_own_call_at_the_most(bank, engine):
    desk = LookupDesk({"bank.balance": balance})
    with running(bank, serving=Serving(ServeSettings(late="1s", listener=engine)), lookups=desk) as runner:

        @fuzz
        @given(RANDOMS)
        def law(random):
            parts = streams(random)
            answer = runner.feed(parts, random.random() < 0.5)
            assert answer.startswith(b"HTTP/1.1 101 "), (parts, answer)
            runner.check(parts)

        law()


# AudioSocket.

KINDS = (*range(0x10, 0x19), 0x00, 0x01, 0x02, 0x03, 0x03, 0x0F, 0x19, 0xFE, 0xFF)
PAYLOADS = (b"", b"1", b"#", b"q", b"\xff", bytes(16), bytes(320), bytes(321), bytes(9000))


def packets(random):
    """Packets after a UUID, often, and now and then a header that lies."""
    data = bytearray(b"\x01\x00\x10" + random.randbytes(16) if random.random() < 0.9 else random.randbytes(5))
    for _ in range(random.randint(0, 6)):
        kind = 0x10 if random.random() < 0.4 else random.choice(KINDS)
        payload = random.choice(PAYLOADS) if random.random() < 0.8 else random.randbytes(random.randint(0, 40))
        length = len(payload) if random.random() < 0.95 else random.randint(0, 65535)
        data += bytes([kind]) + length.to_bytes(2, "big") + payload
    return [bytes(data)] if random.random() < 0.5 else pieces(random, bytes(data))


def test_any_packets_end_their_own_call_at_the_most(bank):
    desk = LookupDesk({"bank.balance": balance})
    settings = ServeSettings(late="1s", audiosocket_port=0, message=8192)
    with running(bank, serving=Serving(settings), lookups=desk) as runner:

        @fuzz
        @given(RANDOMS)
        def law(random):
            parts = packets(random)
            answer = runner.feed(parts, random.random() < 0.5, port=1)
            while answer:  # what we send is whole, and sound or a hang-up
                assert answer[0] in (0x00, *range(0x10, 0x19)), parts
                answer = answer[3 + int.from_bytes(answer[1:3], "big") :]
            runner.check(parts)

        law()
