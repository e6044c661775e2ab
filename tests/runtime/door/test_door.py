"""The door as a pure thing: who is answered, who is refused, who comes in."""

import hashlib
import json
from dataclasses import replace
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from ivr.gateways.twilio_webhook import signature
from ivr.runtime.door.admission import RESERVED, Admission, Limits
from ivr.runtime.door.asks import FORM, Ask, Enter, Moment, Reply
from ivr.runtime.door.burnt import BurntHere
from ivr.runtime.door.door import Door, Rules
from ivr.runtime.door.passes import Pass, Passes, digest, token_of
from ivr.runtime.door.tickets import Tickets

AUTH, METRICS, PUBLIC = "twilio-auth-token", "metrics-token", "https://voice.example.com"
CALL = {"CallSid": "CA7", "From": "+15550100", "To": "+15550199"}
UPGRADE = {
    "upgrade": "websocket",
    "connection": "keep-alive, Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}
TOKEN = token_of(bytes(20))
AT = Moment(now=100.0, wall=1_700_000_000.0, late=0.0)
GUARDED = Rules(("twilio", "other"), True, PUBLIC, AUTH, METRICS)


class House:
    """A door with what stands behind it in view."""

    def __init__(self, rules=GUARDED, limits=None, passes=None, metrics=lambda: ("text/x", b"ivr_calls 0\n")):
        self.admission = Admission(limits or Limits())
        self.refusals = []
        self.passes = passes or Passes()
        self._nonces = iter(range(1, 1000))
        tickets = Tickets(bytes(32), BurntHere())
        self.door = Door(
            rules,
            self.admission,
            tickets,
            lambda: self.passes,
            nonce=lambda size: next(self._nonces).to_bytes(size, "big"),
            metrics=metrics,
            refused=lambda *what: self.refusals.append(what),
        )

    def ask(self, target, headers=None, method="GET", body=b"", address="1.2.3.4", at=AT, version="1.1"):
        return self.door.ask(Ask(method, target, headers or {}, body, address, version), at)

    def call(self, path, at=AT, **options):
        return self.ask(path, UPGRADE, at=at, **options)

    def webhook(self, fields=CALL, at=AT, **headers):
        given = signature(AUTH, f"{PUBLIC}/twilio/answer", fields.items())
        headers = {"content-type": FORM, "x-twilio-signature": given, **headers}
        return self.ask("/twilio/answer", headers, "POST", urlencode(fields).encode(), at=at)

    def path(self, fields=CALL, at=AT):
        """The stream's path from the webhook's answer."""
        return stream(self.webhook(fields, at)).get("url").removeprefix("wss://voice.example.com")


def stream(reply):
    assert (reply.status, reply.type) == (200, "text/xml; charset=utf-8")
    return ElementTree.fromstring(reply.body).find("Connect/Stream")


def test_health_is_for_everybody():
    house = House()
    house.admission.begin("a")
    reply = house.ask("/healthz?x=1")
    assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok", "calls": 1})
    house.admission.draining = True
    reply = house.ask("/healthz")
    assert (reply.status, json.loads(reply.body)) == (503, {"status": "draining", "calls": 1})


@pytest.mark.parametrize(
    ("guarded", "token", "given", "status"),
    [
        (True, METRICS, f"Bearer {METRICS}", 200),
        (False, METRICS, f"Bearer {METRICS}", 200),
        (False, METRICS, "", 401),
        (False, METRICS, METRICS, 401),
        (True, METRICS, f"Bearer {METRICS}x", 401),
        (True, METRICS, "Bearer ÿ\udc80", 401),
        (True, "", "", 401),
        (True, "", "Bearer ", 401),
        (False, "", "", 200),
    ],
)
def test_metrics_need_their_token_or_a_door_that_is_open(guarded, token, given, status):
    house = House(replace(GUARDED, guarded=guarded, metrics_token=token))
    reply = house.ask("/metrics", {"authorization": given})
    assert reply.status == status
    assert (reply.body == "ivr_calls 0\n") is (status == 200)
    assert [cause for cause, *_ in house.refusals] == ["metrics"] * (status == 401)


def test_where_no_metrics_are_kept_none_are_shown():
    reply = House(metrics=None).ask("/metrics", {"authorization": f"Bearer {METRICS}"})
    assert reply.status == 404


@pytest.mark.parametrize("path", ["/", "/x", "/twilio/a/b", "/TWILIO", "*", "http://x/twilio", "/healthz/x"])
def test_another_path_is_told_what_there_is(path):
    reply = House().ask(path)
    assert reply.status == 404 and "/twilio" in reply.body and "/healthz" in reply.body


@pytest.mark.parametrize("path", ["/twilio", "/other", f"/twilio/{TOKEN}"])
def test_what_does_not_ask_for_a_websocket_is_told_to(path):
    reply = House().ask(path)
    assert (reply.status, reply.headers["Upgrade"]) == (426, "websocket")


# Twilio's webhook.


def test_a_signed_webhook_gets_a_stream_with_the_numbers():
    reply = House().webhook()
    found = stream(reply)
    assert found.get("url").startswith("wss://voice.example.com/twilio/")
    assert {one.get("name"): one.get("value") for one in found} == {"from": CALL["From"], "to": CALL["To"]}
    assert reply.headers["Cache-Control"] == "no-store"


def test_the_stream_goes_below_a_public_urls_own_path():
    house = House(replace(GUARDED, public_url=f"{PUBLIC}:8443/ivr"))
    given = signature(AUTH, f"{PUBLIC}:8443/ivr/twilio/answer", CALL.items())
    headers = {"content-type": FORM + "; charset=utf-8", "x-twilio-signature": given}
    reply = house.ask("/twilio/answer", headers, "POST", urlencode(CALL).encode())
    assert stream(reply).get("url").startswith("wss://voice.example.com:8443/ivr/twilio/")


def test_a_webhook_may_be_a_get():
    target = "/twilio/answer?" + urlencode(CALL)
    house = House()
    reply = house.ask(target, {"x-twilio-signature": signature(AUTH, PUBLIC + target)})
    found = stream(reply)
    assert {one.get("value") for one in found} == {CALL["From"], CALL["To"]}
    entered = house.call(found.get("url").removeprefix("wss://voice.example.com"))
    assert entered.belongs("CA7") and not entered.belongs("CA8")


def test_a_body_that_is_no_form_counts_by_its_hash():
    body = b'{"CallSid":"CA7"}'
    target = "/twilio/answer?bodySHA256=" + hashlib.sha256(body).hexdigest()
    headers = {"content-type": "application/json", "x-twilio-signature": signature(AUTH, PUBLIC + target)}
    assert stream(House().ask(target, headers, "POST", body)) is not None
    assert House().ask(target, headers, "POST", body + b" ").status == 403
    assert House().ask(target, headers, "GET", body + b" ").status == 403


def refused_webhooks():
    """The signature, the target and the method of webhooks that are refused."""
    good = signature(AUTH, f"{PUBLIC}/twilio/answer", CALL.items())
    yield "", "/twilio/answer", "POST"
    yield good[:-2] + "A=", "/twilio/answer", "POST"
    yield signature("another token", f"{PUBLIC}/twilio/answer", CALL.items()), "/twilio/answer", "POST"
    yield signature(AUTH, "https://other.example.com/twilio/answer", CALL.items()), "/twilio/answer", "POST"
    yield signature(AUTH, f"{PUBLIC}/twilio/answer"), "/twilio/answer", "POST"
    yield good, "/twilio/answer?more=1", "POST"
    yield good, "/twilio/answer", "GET"


@pytest.mark.parametrize(("given", "target", "method"), list(refused_webhooks()))
def test_a_webhook_that_twilio_did_not_sign_gets_nothing(given, target, method):
    house = House(limits=Limits(calls=1))
    headers = {"content-type": FORM, "x-twilio-signature": given, "host": "voice.example.com"}
    reply = house.ask(target, headers, method, urlencode(CALL).encode())
    assert (reply.status, reply.body) == (403, "The signature is wrong.\n")
    assert [cause for cause, *_ in house.refusals] == ["signature"]
    assert house.admission.busy("a", 0.0, AT.now) is None, "a place is kept for a stranger"


@pytest.mark.parametrize("host", ["voice.example.com", "evil.example.com"])
def test_what_the_request_says_of_its_host_does_not_count(host):
    assert stream(House().webhook(host=host, **{"x-forwarded-host": host})) is not None


def test_a_form_that_cannot_be_read_is_the_far_sides_fault():
    house = House()
    reply = house.ask("/twilio/answer", {"content-type": FORM}, "POST", b"a=\xff")
    assert reply.status == 400
    assert house.refusals[0][0] == "signature"


@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE"])
def test_a_webhook_is_a_get_or_a_post(method):
    reply = House().ask("/twilio/answer", method=method)
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("missing", [{"twilio_auth_token": ""}, {"public_url": ""}])
def test_without_its_settings_there_is_no_webhook(missing):
    reply = House(replace(GUARDED, **missing)).webhook()
    assert reply.status == 404
    assert "IVR_TWILIO_AUTH_TOKEN" in reply.body and "serve.public_url" in reply.body


@pytest.mark.parametrize("why", ["calls", "late", "draining"])
def test_where_there_is_no_room_the_caller_hears_the_busy_tone(why):
    house = House(limits=Limits(calls=1, late=0.1))
    at = replace(AT, late=0.2) if why == "late" else AT
    if why == "calls":
        house.admission.begin("a")
    house.admission.draining = why == "draining"
    reply = house.webhook(at=at)
    assert (reply.status, reply.type) == (200, "text/xml; charset=utf-8")
    assert ElementTree.fromstring(reply.body).find("Reject").get("reason") == "busy"
    assert [cause for cause, *_ in house.refusals] == [why]


# Tickets and passes.


def test_a_ticket_lets_in_one_call_once():
    house = House()
    path = house.path()
    entered = house.call(path)
    assert isinstance(entered, Enter)
    assert (entered.gateway, entered.address) == ("twilio", "1.2.3.4")
    assert entered.belongs("CA7") and not entered.belongs("CA8") and not entered.belongs("")
    reply = house.call(path)
    assert (reply.status, reply.body) == (403, "This token is not good here.\n")
    assert house.refusals == [("token", "1.2.3.4", "it was used before")]


def test_a_ticket_of_a_call_without_an_id_is_for_any():
    house = House()
    assert house.call(house.path({"From": "+15550100"})).belongs("CA9")


def test_a_ticket_is_for_its_gateway_and_its_minute():
    house = House()
    path = house.path()
    assert house.call(path.replace("/twilio/", "/other/")).status == 403
    assert house.call(path, replace(AT, wall=AT.wall + 60.0)).status == 403
    assert isinstance(house.call(path, replace(AT, wall=AT.wall + 59.0)), Enter)
    assert [why for *_, why in house.refusals] == ["it was not made here, or for another gateway", "it has expired"]


def test_who_is_turned_away_may_come_again_with_the_same_ticket():
    house = House(limits=Limits(calls=1))
    path = house.path()
    for _ in range(2):  # one is let in above the limit: another worker may have promised it
        house.admission.begin("a")
    assert house.call(path).status == 503
    house.admission.end("a")
    assert isinstance(house.call(path), Enter)
    assert house.call(path).status == 403


@pytest.mark.parametrize(
    ("origin", "here"),
    [
        ("https://elsewhere.example", False),
        ("null", False),
        ("", False),
        ("http://[", False),
        ("http://localhost:3000", True),
        ("http://[::1]", True),
    ],
)
def test_where_no_token_is_asked_for_no_page_of_another_site_may_call(origin, here):
    house = House(replace(GUARDED, guarded=False))
    answer = house.ask("/twilio", UPGRADE | {"origin": origin})
    assert isinstance(answer, Enter) if here else answer.status == 403
    guarded = House(passes=Passes((Pass("pbx", digest(TOKEN), 0.0),)))
    assert isinstance(guarded.ask(f"/twilio/{TOKEN}", UPGRADE | {"origin": origin}), Enter)


def test_a_request_without_an_upgrade_does_not_use_a_ticket_up():
    house = House()
    path = house.path()
    assert house.ask(path).status == 426
    assert isinstance(house.call(path), Enter)


@pytest.mark.parametrize(
    ("method", "spoilt", "status"),
    [
        ("POST", {}, 405),
        ("GET", {"sec-websocket-version": "8"}, 426),
        ("GET", {"sec-websocket-version": ""}, 426),
        ("GET", {"sec-websocket-key": ""}, 400),
        ("GET", {"sec-websocket-key": "dGhlIHNhbXBsZQ=="}, 400),
        ("GET", {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ="}, 400),
        ("GET", {"sec-websocket-key": "\xff" * 24}, 400),
        ("GET", {"upgrade": "h2c, websocket"}, 426),
        ("GET", {"connection": "keep-alive"}, 426),
        ("GET", {"upgrade": "websocket, websocket"}, 426),
        ("GET", {"sec-websocket-version": "13, 13"}, 426),
        ("GET", {"sec-websocket-key": ", ".join([UPGRADE["sec-websocket-key"]] * 2)}, 400),
        ("GET", {"version": "1.0"}, 426),
        ("GET", {"body": b"x"}, 400),
    ],
)
def test_a_handshake_that_cannot_succeed_uses_no_ticket_up_and_is_no_call(method, spoilt, status):
    house = House()
    path = house.path()
    parts = {name: spoilt[name] for name in ("version", "body") if name in spoilt}
    assert house.ask(path, UPGRADE | spoilt, method, **parts).status == status
    assert [cause for cause, *_ in house.refusals] == ["request"]
    assert isinstance(house.call(path), Enter)


def test_a_pass_lets_in_again_and_again_until_it_is_revoked():
    house = House(passes=Passes((Pass("pbx", digest(TOKEN), 0.0),)))
    for gateway in ("twilio", "other", "twilio"):
        entered = house.call(f"/{gateway}/{TOKEN}")
        assert (entered.gateway, entered.belongs) == (gateway, None)
    house.passes = house.passes.with_revoked("pbx", AT.wall)
    assert house.call(f"/twilio/{TOKEN}").status == 403
    assert house.refusals == [("token", "1.2.3.4", "it was revoked")]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ((Pass("a", digest(TOKEN), 0.0, expires=AT.wall),), "it has expired"),
        ((Pass("a", digest(TOKEN), 0.0, gateway="other"),), "it is for another gateway"),
        ((Pass("a", digest(TOKEN[:-1] + "1"), 0.0),), "nobody has it"),
        ((), "nobody has it"),
    ],
)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_pass_that_is_not_good_is_refused_on_loopback_too(made, why, guarded):
    house = House(replace(GUARDED, guarded=guarded), passes=Passes(made))
    assert house.call(f"/twilio/{TOKEN}").status == 403
    assert house.refusals == [("token", "1.2.3.4", why)]


def test_no_token_is_enough_only_where_the_door_is_open():
    reply = (house := House()).call("/twilio")
    assert isinstance(reply, Reply) and reply.status == 401
    assert house.refusals == [("token", "1.2.3.4", "/twilio without a token")]
    assert House(replace(GUARDED, guarded=False)).call("/twilio/?x=1") == Enter("twilio", "1.2.3.4", query={"x": "1"})


# Whose address it is.


@pytest.mark.parametrize(
    ("address", "forwarded", "seen"),
    [
        ("1.2.3.4", "9.9.9.9", "1.2.3.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "8.8.8.8, 9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "9.9.9.9, 10.0.0.2", "9.9.9.9"),
        ("10.0.0.1", "10.0.0.2 ,, 10.0.0.1", "10.0.0.2"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "9.9.9.9, a secret", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
    ],
)
def test_a_forwarded_address_is_believed_from_proxies_alone(address, forwarded, seen):
    pbx = Passes((Pass("pbx", digest(TOKEN), 0.0),))
    house = House(replace(GUARDED, proxies=("10.0.0.1", "10.0.0.2")), passes=pbx)
    entered = house.ask(f"/twilio/{TOKEN}", {**UPGRADE, "x-forwarded-for": forwarded}, address=address)
    assert entered.address == seen


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded"])
@pytest.mark.parametrize("path", ["/twilio", "/metrics"])
def test_a_door_that_is_open_lets_nobody_in_by_a_proxy(header, path):
    house = House(replace(GUARDED, guarded=False, public_url="", metrics_token=""))
    reply = house.ask(path, {**UPGRADE, header: "for=9.9.9.9"}, address="127.0.0.1")
    assert reply.status == 403
    assert "serve.public_url or serve.proxies" in reply.body
    assert [cause for cause, *_ in house.refusals] == ["token"]
    assert house.ask("/healthz", {header: "9.9.9.9"}).status == 200


# How many.


def test_a_call_too_many_is_told_when_to_come_again():
    house = House(replace(GUARDED, guarded=False), Limits(calls=2, calls_per_address=1))
    house.admission.begin("1.2.3.4")
    assert house.call("/twilio", address="1.2.3.4").status == 503
    assert isinstance(house.call("/twilio", address="5.6.7.8"), Enter)
    house.admission.begin("5.6.7.8")
    reply = house.call("/twilio", address="9.9.9.9")
    assert (reply.status, reply.headers["Retry-After"]) == (503, "5")
    assert [what for *_, what in house.refusals] == ["too many calls from one address", "too many calls"]


def test_a_late_process_and_a_draining_one_take_no_more():
    house = House(replace(GUARDED, guarded=False), Limits(late=0.1))
    assert house.call("/twilio", replace(AT, late=0.11)).status == 503
    house.admission.draining = True
    assert house.call("/twilio").status == 503
    assert [cause for cause, *_ in house.refusals] == ["late", "draining"]


def test_who_was_announced_has_a_place_and_nobody_else_gets_it():
    pbx = Passes((Pass("pbx", digest(TOKEN), 0.0),))
    house = House(limits=Limits(calls=1, late=0.1), passes=pbx)
    path = house.path()
    assert house.call(f"/twilio/{TOKEN}").status == 503
    assert ElementTree.fromstring(house.webhook().body).find("Reject") is not None
    assert isinstance(house.call(path, replace(AT, late=5.0)), Enter)


def test_a_signed_webhook_that_is_played_again_keeps_one_place():
    house = House(limits=Limits(calls=2))
    paths = [house.path() for _ in range(5)]
    assert isinstance(house.call(paths[0]), Enter)
    house.admission.begin("1.2.3.4")
    assert house.webhook(CALL | {"CallSid": "CA8"}).body.count("Stream") > 0


def test_who_was_announced_comes_in_while_it_drains():
    house = House()
    path = house.path()
    house.admission.draining = True
    assert isinstance(house.call(path), Enter)
    assert house.call(path.replace("/twilio/", "/other/")).status == 403
    assert ElementTree.fromstring(house.webhook().body).find("Reject") is not None


def test_a_place_is_given_away_when_the_call_does_not_come():
    house = House(limits=Limits(calls=1))
    house.path()
    assert ElementTree.fromstring(house.webhook().body).find("Reject") is not None
    after = replace(AT, now=AT.now + RESERVED)
    assert isinstance(house.call(house.path(at=after), after), Enter)


def test_secrets_stand_in_no_repr():
    assert AUTH not in repr(GUARDED) and METRICS not in repr(GUARDED)
    entered = (house := House()).call(path := house.path())
    assert path.rpartition("/")[2] not in repr(entered)
