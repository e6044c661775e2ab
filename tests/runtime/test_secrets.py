"""Whatever is refused, no secret and no number stands in a log line, a reply, a figure or a ``repr``."""

import asyncio
import logging
from dataclasses import replace
from urllib.parse import quote, urlencode

from runtime_bank import Babbler, start, unhurried
from test_fuzz import UPGRADE, frame
from wireless import settle, wireless

from ivr.gateways.twilio_webhook import signature
from ivr.runtime.door.passes import Pass, Passes, digest, token_of
from ivr.runtime.metrics import Metrics
from ivr.runtime.oplog import JsonLines, Lines
from ivr.runtime.serving import Keys

AUTH, METRICS, KEY, PUBLIC = (
    "twilio-auth-token",
    "the-metrics-token",
    b"the-ticket-key-of-thirty-two-byt",
    "https://v.example",
)
GOOD, REVOKED, EXPIRED, OTHERS, UNKNOWN = (token_of(bytes([n]) * 20) for n in range(5))
CALLER, CALLED = "+15550100", "+15550199"
FORM = {"CallSid": "CA1", "From": CALLER, "To": CALLED}
PASSES = Passes(
    (
        Pass("good", digest(GOOD), 0.0),
        Pass("revoked", digest(REVOKED), 0.0, revoked=1.0),
        Pass("expired", digest(EXPIRED), 0.0, expires=1.0),
        Pass("others", digest(OTHERS), 0.0, gateway="other"),
    )
)


def request(target, *headers, method="GET", body=b""):
    lines = (f"{method} {target} HTTP/1.1".encode(), *headers, b"Content-Length: %d" % len(body) if body else b"A: b")
    return b"\r\n".join((*lines, b"", body))


def upgrade(token):
    return b"\r\n".join((f"GET /twilio/{token} HTTP/1.1".encode(), *UPGRADE, b"", b""))


def webhook(given=None, body=None):
    body = urlencode(FORM).encode() if body is None else body
    good = signature(AUTH, f"{PUBLIC}/twilio/answer", FORM.items())
    kind = b"Content-Type: application/x-www-form-urlencoded"
    sign = b"X-Twilio-Signature: " + (good if given is None else given).encode()
    return request("/twilio/answer", b"Host: x", kind, sign, method="POST", body=body)


def hostile(ticket):
    """Requests that carry a secret or a number, all of them refused."""
    forged = signature("not the token", f"{PUBLIC}/twilio/answer", FORM.items())
    for token in (REVOKED, EXPIRED, OTHERS, UNKNOWN, ticket, ticket[:-1] + "-", ticket[:-9], quote(CALLER)):
        yield upgrade(token)
        yield upgrade(token).replace(b"/twilio/", b"/")
        yield upgrade(token).replace(b"\r\nHost: x", b"\r\nHost: x\r\nBad header " + token.encode())
        yield upgrade(token).replace(b" HTTP/1.1", b" more HTTP/1.1")
        yield request(f"{token}:443", b"Host: x", method="CONNECT")
    for given in ("", forged, AUTH, forged[:-3]):
        yield webhook(given)
    yield webhook(body=b"From=%ff" + CALLER.encode())
    yield request("/twilio/answer?" + urlencode(FORM), b"Host: x", b"X-Twilio-Signature: " + forged.encode())
    for given in (f"Bearer {METRICS}x", METRICS, f"Basic {AUTH}", ""):
        yield request("/metrics", b"Host: x", b"Authorization: " + given.encode())
    yield request("/metrics", b"Host: x", b"X-Forwarded-For: " + CALLER.encode(), b"Authorization: x")


def streams(tickets):
    """Calls that come in and do wrong, with a number in what they send."""
    number = f'"{CALLER}"'.encode()
    wrong = (
        *(number, b'{"event":%b}' % number, b'{"event":"dtmf","dtmf":{"digit":%b}}' % number, b"\xff" + number),
        b'{"event":"start","start":{"streamSid":"MZ1","callSid":"CA2","customParameters":{"from":%b}}}' % number,
        b'{"event":"media","media":%b}' % number,
    )
    for message in wrong:
        yield upgrade(next(tickets)) + frame(1, message)
        yield upgrade(GOOD) + frame(1, start().encode()) + frame(1, message)


async def exchange(server, dial, data):
    line = dial()
    line.feed(data)
    for _ in range(3):
        await asyncio.sleep(0)
    line.lose()
    await settle(server)
    return bytes(line.sent)


async def test_no_secret_leaves_the_server(bank, caplog):
    caplog.set_level(logging.DEBUG)
    metrics = Metrics()
    keys = Keys(AUTH, METRICS, KEY)
    proxies = ("192.0.2.7",)
    serving = replace(unhurried(public_url=PUBLIC, proxies=proxies), keys=keys, metrics=metrics, passes=lambda: PASSES)
    minted, said = [], []
    async with wireless(bank, Babbler(), serving=serving) as (server, dial, wrongs):

        async def ticket():
            answer = (await exchange(server, dial, webhook())).decode()
            assert "<Stream" in answer, answer
            minted.append(answer.partition("/twilio/")[2].partition('"')[0])
            return minted[-1]

        used = await ticket()
        assert b" 101 " in await exchange(server, dial, upgrade(used))
        for data in hostile(used):
            # A log line comes once a minute for each cause; each of these is to be seen.
            server._refusals._throttled = type(server._refusals._throttled)(noun="requests")
            said.append(await exchange(server, dial, data))
            assert said[-1].startswith(b"HTTP/1.1 4"), (data, said[-1])
        for data in streams(iter([await ticket() for _ in range(6)])):
            said.append(await exchange(server, dial, data))
            assert said[-1].startswith(b"HTTP/1.1 101 "), (data, said[-1])
        server._admission.draining = True
        said += [await exchange(server, dial, data) for data in (upgrade(GOOD), webhook())]
        assert said[-2].startswith(b"HTTP/1.1 503 ") and b"<Reject" in said[-1]
        shown = [repr(one) for one in (serving, keys, server._door._rules, server._door._tickets, PASSES, server)]
        assert wrongs.seen == []
    lines = [form.format(record) for record in caplog.records for form in (Lines(), JsonLines())]
    lines += [record.getMessage() for record in caplog.records]
    assert len(lines) > 100
    told = "\n".join([*lines, *shown, metrics.render()[1].decode(), *(part.decode("latin-1") for part in said)])
    secrets = [AUTH, METRICS, KEY.decode(), GOOD, REVOKED, EXPIRED, OTHERS, UNKNOWN, *minted]
    secrets += [CALLER, CALLED, CALLER[1:], CALLED[1:], digest(GOOD)]
    assert [secret for secret in secrets if secret in told] == []
