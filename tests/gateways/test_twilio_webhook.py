"""The vectors without a note are those of the vendor's SDK, ``tests/unit/test_request_validator.py``."""

import xml.etree.ElementTree as ET
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import ConfigError, LocalGatewayError, RemoteGatewayError
from ivr.gateways.twilio_webhook import (
    busy_answer,
    check_public_url,
    connect_answer,
    form_parameters,
    signature,
    signed,
    too_long,
)

TOKEN = "12345"
SDK = "https://mycompany.com"
SDK_TARGET = "/myapp.php?foo=1&bar=2"
SDK_FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
SDK_TWICE = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
SDK_BODY = b'{"property": "value", "boolean": true}'
SDK_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"

OURS = "https://voice.example.com"
ANSWER = [("CallSid", "CA1"), ("From", "+15550001")]
ANSWERED = "jA95FjP2/uMH09qOVoTGFOIwiuk="
UPGRADED = "sszCVwb9x1CuJ4lJHdXLZoOD9FY="


@pytest.mark.parametrize(
    ("url", "form", "expected"),
    [
        ("wss://voice.example.com/gw/twilio", [], UPGRADED),
        (f"{OURS}/answer", ANSWER, ANSWERED),
        (SDK + SDK_TARGET, SDK_FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (SDK + SDK_TARGET, SDK_TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
)
def test_known_signatures(url, form, expected):
    assert signature(TOKEN, url, form) == expected
    assert signature(TOKEN, url, reversed(form)) == expected


@pytest.mark.parametrize(
    ("public", "given"),
    [
        (SDK, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:1234", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (SDK, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_the_vendors_spellings_of_a_port_are_taken(public, given):
    assert signed(given, TOKEN, public, SDK_TARGET, SDK_FORM)


def test_a_body_that_is_no_form_is_signed_by_its_hash():
    target = f"{SDK_TARGET}&bodySHA256={SDK_HASH}"
    good = "a9nBmqA0ju/hNViExpshrM61xv4="
    assert signed(good, TOKEN, SDK, target, body=SDK_BODY)
    assert not signed(good, TOKEN, SDK, target, body=SDK_BODY + b" ")
    assert not signed(good, TOKEN, SDK, target)
    assert not signed(good, TOKEN, SDK, target, SDK_FORM)


def test_a_body_that_nothing_covers_is_refused():
    given = signature(TOKEN, f"{OURS}/answer")
    assert signed(given, TOKEN, OURS, "/answer")
    assert not signed(given, TOKEN, OURS, "/answer", body=b"{}")
    assert not signed(ANSWERED, TOKEN, OURS, "/answer", ANSWER, body=b"{}")


@pytest.mark.parametrize("public", [OURS, f"{OURS}/", f"{OURS}:443", "wss://voice.example.com"])
@pytest.mark.parametrize("scheme", ["https", "wss"])
@pytest.mark.parametrize("port", ["", ":443"])
@pytest.mark.parametrize(("target", "path"), [("/a?b=/", "/a?b=/"), ("/a?b=/", "/a/?b=/"), ("/a/", "/a"), ("/", "")])
def test_one_address_has_several_spellings(public, scheme, port, target, path):
    assert signed(signature(TOKEN, f"{scheme}://voice.example.com{port}{path}"), TOKEN, public, target)


@pytest.mark.parametrize(
    "url",
    [
        "http://voice.example.com/answer",
        "ws://voice.example.com/answer",
        "https://voice.example.com:80/answer",
        "https://voice.example.com/answer//",
        "https://voice.example.com/Answer",
        "https://evil.example.com/answer",
        "https://voice.example.com/answer?",
    ],
)
def test_other_addresses_are_other_addresses(url):
    assert not signed(signature(TOKEN, url), TOKEN, OURS, "/answer")


def test_a_base_with_a_path_stands_before_the_target():
    given = signature(TOKEN, "https://voice.example.com/ivr/answer")
    assert signed(given, TOKEN, f"{OURS}/ivr", "/answer")
    assert signed(given, TOKEN, f"{OURS}/ivr/", "/answer")
    assert not signed(given, TOKEN, OURS, "/answer")


@pytest.mark.parametrize("target", ["", "*", "https://voice.example.com/answer", "answer"])
def test_a_target_that_is_no_path_is_refused(target):
    assert not signed(signature(TOKEN, OURS + target), TOKEN, OURS, target)


def test_what_is_not_even_ascii_is_refused_and_raises_nothing():
    assert not signed("é\udc80", TOKEN, OURS, "/answer")
    assert not signed(ANSWERED, TOKEN, OURS, "/answer", [("From", "\udc80")])
    assert not signed("", TOKEN, OURS, "/answer?bodySHA256=\udc80")


@pytest.mark.parametrize("public", ["", "voice.example.com", "ftp://a", "https://a?b", "https://a#b", "https:///x"])
def test_a_public_url_that_cannot_be_is_told(public):
    with pytest.raises(ConfigError, match=r"https://voice\.example\.com"):
        check_public_url(public)
    with pytest.raises(ConfigError):
        signed(ANSWERED, TOKEN, public, "/answer", ANSWER)


def test_a_public_url_is_not_repeated():
    with pytest.raises(ConfigError) as raised:
        check_public_url("https://me:hunter2@voice.example.com?a")
    assert "hunter2" not in str(raised.value)


def test_an_empty_token_signs_nothing():
    with pytest.raises(ConfigError, match="empty"):
        signed(ANSWERED, "", OURS, "/answer", ANSWER)


TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=12)
PATHS = st.lists(st.sampled_from(["gw", "twilio", "x", "answer?a=1"]), min_size=1, max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)


def flip(text, data):
    place = data.draw(st.integers(0, len(text) - 1))
    bit = data.draw(st.integers(0, 6))
    return text[:place] + chr(ord(text[place]) ^ 1 << bit) + text[place + 1 :]


@settings(max_examples=150, deadline=None)
@given(
    data=st.data(), token=TEXT, target=PATHS, form=st.lists(st.tuples(TEXT, TEXT), max_size=4), host=st.just("a.b.io")
)
def test_any_one_bit_changed_is_refused(data, token, target, form, host):
    public = f"https://{host}"
    good = signature(token, public + target, form)
    assert signed(good, token, public, target, form)
    what = data.draw(st.sampled_from(["signature", "token", "host", "target", *(["form"] if form else [])]))
    match what:
        case "signature":
            assert not signed(flip(good, data), token, public, target, form)
        case "token":
            assert not signed(good, flip(token, data), public, target, form)
        case "host":
            other = f"https://{flip(host, data)}"
            try:
                assert not signed(good, token, other, target, form)
            except ConfigError:
                pass  # the bit made it no host
        case "target":
            assert not signed(good, token, public, flip(target, data), form)
        case "form":
            index = data.draw(st.integers(0, len(form) - 1))
            part = data.draw(st.integers(0, 1))
            field = list(form[index])
            field[part] = flip(field[part], data)
            changed = [*form[:index], (field[0], field[1]), *form[index + 1 :]]
            if set(changed) != set(form):
                assert not signed(good, token, public, target, changed)


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"))), max_size=5))
def test_a_form_is_read_as_it_was_sent(fields):
    assert form_parameters(urlencode(fields).encode()) == fields


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff=1", b"&".join([b"a=1"] * 1001)])
def test_a_form_that_cannot_be_read_is_the_far_sides_fault(body):
    with pytest.raises(RemoteGatewayError):
        form_parameters(body)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=600), max_size=4))
def test_an_answer_is_xml_with_every_parameter_that_fits(parameters):
    parameters = {name.encode("utf-8", "replace").decode(): value for name, value in parameters.items()}
    root = ET.fromstring(connect_answer("wss://voice.example.com/twilio/t&t", parameters).encode("utf-8"))
    assert root.tag == "Response"
    stream = root.find("Connect/Stream")
    assert stream.get("url") == "wss://voice.example.com/twilio/t&t"
    assert len(stream) == len(parameters) - len(too_long(parameters))


def test_a_parameter_comes_through_as_it_is():
    values = {"from": "+15550001", "name": 'Zoë "O\'Hara" <&>\n\t🙂'}
    root = ET.fromstring(connect_answer("wss://a/b", values).encode())
    assert {each.get("name"): each.get("value") for each in root.iter("Parameter")} == values


def test_a_long_name_costs_its_parameter_and_not_the_call():
    values = {"from": "+1", "name": "x" * 496, "fits": "x" * 495}
    assert too_long(values) == ("name",)
    root = ET.fromstring(connect_answer("wss://a/b", values))
    assert [each.get("name") for each in root.iter("Parameter")] == ["from", "fits"]


def test_what_xml_cannot_hold_is_left_out():
    root = ET.fromstring(connect_answer("wss://a/b", {"name": "a\x00\x1b\ufffe\udc80b"}).encode())
    assert next(root.iter("Parameter")).get("value") == "ab"


@pytest.mark.parametrize("url", ["https://a/b", "wss://a/b?token=1", "wss://a/b#c", "wss://a b", ""])
def test_a_stream_needs_a_websocket_without_a_query(url):
    with pytest.raises(LocalGatewayError):
        connect_answer(url, {})


def test_busy():
    reject = ET.fromstring(busy_answer()).find("Reject")
    assert reject.get("reason") == "busy"
