from decimal import Decimal
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialog.web import HttpRequest, again, as_text, env_fault, fault, led_to, parameters, target, url_fault
from ivr.errors import WrongValue
from ivr.media.private import Private


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com/",
        "http://127.0.0.1:8080/a/{b}",
        "https://[::1]:8443/a",
        "https://h/{a.b['c d?']}/x{y}",
    ],
)
def test_urls_that_serve(url):
    assert url_fault(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://h/a",
        "https:///a",
        "https://user:pass@h/a",
        "https://{host}/a",
        "https://api.{x}.com/a",
        "https://h:{port}/a",
        "https://h:0/a",
        "https://h:99999/a",
        "https://h/a?b=c",
        "https://h/a#b",
        "https://h/a b",
        "https://h/{a",
        "https://h/a}",
        "https://h/a/../b",
        "https://h/%2e%2e/b",
        "https://h\\a",
    ],
)
def test_urls_that_do_not(url):
    assert url_fault(url) is not None


def request(url: str = "https://h/a/{x}/b", **slots) -> HttpRequest:
    return HttpRequest("GET", url, slots)


@given(
    st.one_of(
        st.text(min_size=1), st.integers(), st.decimals(allow_nan=False), st.booleans(), st.floats(allow_nan=False)
    )
)
def test_no_value_leads_anywhere_else(value):
    if fault(request(x=value)) is not None:
        assert value in (".", "..") or (isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value))
        return
    parts = urlsplit(target(request(x=value)))
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "h", "", "")
    before, a, found, b = parts.path.split("/")
    assert (before, a, b) == ("", "a", "b")
    assert unquote(found) == as_text("x", value)


@pytest.mark.parametrize(
    ("url", "slots", "why"),
    [
        ("https://h/{x}", {"x": ""}, "the slot 'x' of the url is empty"),
        ("https://h/{x}", {"x": ".."}, "a slot would make '.' or '..' a part of the url"),
        ("https://h/.{x}", {"x": "."}, "a slot would make '.' or '..' a part of the url"),
        ("https://h/{x}", {}, "the slot 'x' of the url has no value"),
        ("https://h/{x}", {"x": None}, "the slot 'x' of the url is neither a text nor a number"),
        ("https://{x}/", {"x": "evil"}, "the url is not http(s)://host[:port]/path"),
    ],
)
def test_slots_that_cannot_be_filled(url, slots, why):
    assert why in str(fault(request(url, **slots)))


def test_values_become_texts():
    assert target(request(x=Private("0451"))) == "https://h/a/0451/b"
    made = HttpRequest("GET", "https://h", query={"a": True, "b": Decimal("1E+2"), "c": None, "d": 1.5, "e": "x&y"})
    assert parameters(made) == {"a": "true", "b": "100", "d": "1.5", "e": "x&y"}
    with pytest.raises(WrongValue, match="'a' of the query"):
        parameters(HttpRequest("GET", "https://h", query={"a": [1]}))


def test_its_name_and_its_picture_hold_no_value():
    made = request(x="778899")
    assert made.name == "GET https://h/a/{x}/b" and "778899" not in repr(made)


@pytest.mark.parametrize(
    ("method", "status", "sent", "expected"),
    [
        ("GET", None, True, True),
        ("POST", None, True, False),
        ("POST", None, False, True),
        ("PUT", 500, True, True),
        ("POST", 500, True, False),
        ("POST", 429, True, True),
        ("GET", 404, True, False),
        ("GET", 408, True, True),
    ],
)
def test_what_is_asked_again(method, status, sent, expected):
    assert again(method, status, sent=sent) is expected


def test_branches_by_status():
    on = {"404": "a", "4xx": "b"}
    assert [led_to(on, status) for status in (404, 410, 500, None)] == ["a", "b", None, None]


def test_our_own_secrets_are_not_sent():
    assert env_fault("IVR_VOICE_API_KEY") is not None and env_fault("BANK_KEY") is None
