import asyncio
import gzip
import json
import logging
from decimal import Decimal

import pytest
from runtime_bank import Babbler, open_house

from ivr.call.effects import Lookup, Origin
from ivr.dialog.web import Env, HttpRequest
from ivr.errors import LookupFailed
from ivr.media.private import Private
from ivr.runtime.fetching import MOST_BYTES, FetchDesk
from ivr.runtime.looking_up import LookupDesk
from ivr.testing.webservice import FakeService, Reply

SECRET = "s3cret-of-the-bank"


@pytest.fixture
async def service():
    async with FakeService() as service:
        yield service


@pytest.fixture
async def desk():
    desk = FetchDesk({"IVR_VOICE_API_KEY": SECRET, "BANK_KEY": SECRET, "ODD": "zwei\nZeilen"})
    yield desk
    await desk.aclose()


def request(service, method="GET", **more) -> HttpRequest:
    given = {"slots": {"account": "0451"}, "path": "$.balance", "timeout": 5.0, "retries": 0, **more}
    return HttpRequest(method, service.url + "/accounts/{account}", **given)


def says(service, *replies: Reply, path="/accounts/0451") -> None:
    service.answers[path] = list(replies)


BALANCE = Reply(body={"balance": 12.10})


async def test_a_value_comes_back_exact(service, desk):
    says(service, Reply(body=b'{"balance": 12.10, "names": ["a"]}'))
    value = await desk.fetch(request(service))
    assert value == Decimal("12.10") and isinstance(value, Decimal)


async def test_what_is_asked_goes_out_whole(service, desk):
    says(service, Reply(body={"balance": 1}), path="/accounts/a%2F..%3Fb%20%C3%A9")
    asked = request(
        service,
        "POST",
        slots={"account": "a/..?b é"},
        query={"q": "x&y=z", "n": 2, "none": None},
        headers={"Authorization": Env("BANK_KEY", "Bearer "), "X-Branch": "7"},
        body={"list": [1, "é"], "code": Private("0451"), "sum": Decimal("1.50")},
    )
    assert await desk.fetch(asked) == 1
    (got,) = service.asked
    assert (got.method, got.target) == ("POST", "/accounts/a%2F..%3Fb%20%C3%A9?q=x%26y%3Dz&n=2")
    assert got.headers["authorization"] == f"Bearer {SECRET}" and got.headers["x-branch"] == "7"
    assert got.headers["content-type"] == "application/json"
    assert json.loads(got.body) == {"list": [1, "é"], "code": "0451", "sum": 1.5}
    assert got.headers["accept-encoding"] == "identity"


async def test_connections_are_used_again(service, desk):
    says(service, BALANCE)
    for _ in range(5):
        await desk.fetch(request(service))
    assert service.connections == 1 and len(service.asked) == 5


async def failure(desk, asked) -> LookupFailed:
    with pytest.raises(LookupFailed) as error:
        async with asyncio.timeout(10):
            await desk.fetch(asked)
    return error.value


@pytest.mark.parametrize(
    ("reply", "why", "status"),
    [
        (Reply(404), "it answered 404", 404),
        (Reply(503), "it answered 503", 503),
        (Reply(delay=3.0, body={"balance": 1}), "no answer within 0.5 s", None),
        (Reply(body={"balance": "x" * 2000}, fault="stall"), "no answer within 0.5 s", None),
        (Reply(fault="reset"), "the connection broke", None),
        (Reply(body={"balance": "x" * 2000}, fault="cut"), "the connection broke", None),
        (Reply(fault="nonsense"), "the connection broke", None),
        (Reply(body=b'{"balance": '), "JSON that cannot be read", None),
        (Reply(body=b'{"balance": NaN}'), "JSON that cannot be read", None),
        (Reply(body=b"[" * 100_000), "JSON that cannot be read", None),
        (Reply(body=b'{"balance": "\xff"}'), "JSON that cannot be read", None),
        (Reply(body={"balanse": 1}), "there is nothing at $.balance", None),
        (Reply(body=[1]), "there is nothing at $.balance", None),
        (Reply(body=b"<html>Sign in</html>", kind="text/html"), "something else than JSON", None),
        (Reply(body={"balance": 1}, kind=""), "something else than JSON", None),
        (Reply(204), "with nothing", None),
        (Reply(body=b" " * (MOST_BYTES + 1)), "more than 262,144 bytes", None),
        (Reply(body=b" " * 5_000_000, headers=[("Transfer-Encoding", "chunked")]), "more than 262,144 bytes", None),
        (Reply(body=gzip.compress(b"{}"), headers=[("Content-Encoding", "gzip")]), "packed", None),
        (Reply(302, headers=[("Location", "http://localhost:1/")]), "a redirect (302) to another host", 302),
        (Reply(302, headers=[("Location", "http://h:port/")]), "the connection broke", None),
        (Reply(302, headers=[("Location", "")]), "redirect", None),
    ],
)
async def test_what_goes_wrong_is_a_failure_without_a_value(service, desk, reply, why, status):
    says(service, reply)
    error = await failure(desk, request(service, timeout=0.5 if "within" in why else 5.0))
    assert why in error.why and error.status == status
    assert error.lookup == "GET " + service.url + "/accounts/{account}"
    assert "0451" not in str(error) and SECRET not in str(error)


async def test_nobody_there(service, desk):
    async with FakeService() as gone:
        pass
    assert "no connection" in (await failure(desk, request(gone))).why


async def test_what_may_pass_is_asked_again(service, desk):
    says(service, Reply(500), Reply(fault="reset"), BALANCE)
    assert await desk.fetch(request(service, retries=2)) == Decimal("12.1")
    assert len(service.asked) == 3


async def test_an_attempt_that_hangs_leaves_time_for_the_next(service, desk):
    says(service, Reply(delay=30.0), BALANCE)
    assert await desk.fetch(request(service, retries=1, timeout=1.0)) == Decimal("12.1")


@pytest.mark.parametrize("reply", [Reply(404), Reply(body={}), Reply(body=b"<", kind="text/html")])
async def test_what_would_be_the_same_is_not_asked_again(service, desk, reply):
    says(service, reply, BALANCE)
    await failure(desk, request(service, retries=3))
    assert len(service.asked) == 1


@pytest.mark.parametrize("reply", [Reply(500), Reply(fault="reset"), Reply(fault="stall", body={"balance": "x" * 99})])
async def test_what_a_post_may_have_done_is_not_done_again(service, desk, reply):
    says(service, reply, BALANCE)
    await failure(desk, request(service, "POST", retries=3, timeout=2.0))
    assert len(service.asked) == 1


async def test_a_post_that_was_turned_away_is_sent_again(service, desk):
    says(service, Reply(429), BALANCE)
    assert await desk.fetch(request(service, "POST", retries=1)) == Decimal("12.1")


async def test_a_service_that_asks_for_more_time_than_there_is_gets_none(service, desk):
    says(service, Reply(503, headers=[("Retry-After", "60")]), BALANCE)
    assert (await failure(desk, request(service, retries=1))).status == 503
    assert len(service.asked) == 1


async def test_redirects_stay_on_their_host(service, desk):
    says(service, Reply(302, headers=[("Location", "/moved")]))
    says(service, Reply(301, headers=[("Location", service.url + "/again?x=1")]), path="/moved")
    says(service, BALANCE, path="/again")
    secret = {"X-Key": Env("BANK_KEY")}
    assert await desk.fetch(request(service, headers=secret)) == Decimal("12.1")
    assert [each.headers["x-key"] for each in service.asked] == [SECRET] * 3
    says(service, Reply(302, headers=[("Location", "/moved")]), path="/moved")
    assert "more than 3 redirects" in (await failure(desk, request(service))).why
    assert "of a POST" in (await failure(desk, request(service, "POST"))).why
    async with FakeService() as other:
        says(service, Reply(307, headers=[("Location", other.url + "/steal")]))
        assert "another host" in (await failure(desk, request(service, headers=secret))).why
        assert other.asked == []


async def test_cookies_of_one_caller_are_not_sent_for_another(service, desk):
    says(service, Reply(body={"balance": 1}, headers=[("Set-Cookie", "session=0451; Path=/")]))
    await desk.fetch(request(service))
    await desk.fetch(request(service))
    assert all("cookie" not in each.headers for each in service.asked)


async def test_a_secret_does_not_go_in_the_clear(desk):
    asked = HttpRequest("GET", "http://api.example.com/a", headers={"X-Key": Env("BANK_KEY")})
    assert (await failure(desk, asked)).why == "a secret would be sent in the clear"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("IVR_VOICE_API_KEY", "is not sent to anybody"),
        ("NONE", "the environment has no NONE"),
        ("ODD", "no header may have"),
    ],
)
async def test_a_secret_that_is_not_there(service, desk, name, why):
    error = await failure(desk, request(service, headers={"X-Key": Env(name)}))
    assert why in error.why and service.asked == [] and "Zeilen" not in error.why


async def test_an_answer_without_a_body_may_be_all_that_is_wanted(service, desk):
    says(service, Reply(204))
    asked = HttpRequest("PUT", service.url + "/accounts/{account}", {"account": "0451"})
    assert await desk.fetch(asked) is None


async def test_the_desk_of_lookups_tells_the_status_and_logs_no_value(service, caplog):
    caplog.set_level(logging.DEBUG, "ivr")
    says(service, Reply(404))
    desk, told = LookupDesk(), asyncio.Queue()
    asked = request(service)
    desk.begin(Lookup(Origin("c", "s", 1), "l1", asked.name, asked), told.put_nowait)
    async with asyncio.timeout(10):
        outcome = await told.get()
    assert (outcome.status, outcome.error, outcome.where) == (404, "it answered 404", "127.0.0.1")
    await desk.aclose()
    assert "0451" not in caplog.text


async def test_a_lookup_that_is_cancelled_lets_go_of_its_connection(service):
    says(service, Reply(body={"balance": "x" * 2000}, fault="stall"))
    asked = request(service, timeout=30.0)
    desk = FetchDesk({})
    fetching = asyncio.create_task(desk.fetch(asked))
    async with asyncio.timeout(10):
        await service.arrived.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        says(service, BALANCE)
        assert await desk.fetch(asked) == Decimal("12.1")
    await desk.aclose()
    assert service.connections == 2


async def test_a_substitute_stands_in_by_name(service):
    asked = request(service)
    desk, told = LookupDesk({asked.name: lambda: 5}), asyncio.Queue()
    desk.begin(Lookup(Origin("c", "s", 1), "l1", asked.name, asked), told.put_nowait)
    async with asyncio.timeout(10):
        assert (await told.get()).value == 5
    assert service.asked == []
    await desk.aclose()


async def test_a_real_call_goes_by_the_status(service, bank):
    """From the socket to the service and back, through the server's own desks."""
    says(service, Reply(404), Reply(body={"balance": 5}))
    found = []

    async def dialog(line):
        for _ in range(2):
            handle = await line.fetch(request(service, slots={"account": line.caller.removeprefix("+")}))
            try:
                found.append(await handle)
            except LookupFailed as error:
                found.append(error.status)

    async with open_house(bank, Babbler(), {}, dialog=dialog) as house, house.call("+0451") as line:
        await line.dialer.wait_closed(20.0)
    assert found == [404, 5]


async def test_a_body_that_is_no_json_is_not_sent(service, desk):
    for body in ({"a": float("nan")}, {"a": object()}):
        assert (await failure(desk, request(service, "POST", body=body))).why == "the body is no JSON"
    assert service.asked == []
