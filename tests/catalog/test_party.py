"""Whom a call can be transferred to, and whom it may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.party import NOBODY, Allowed, Kind, is_literal, is_pattern, party


@pytest.mark.parametrize(
    ("text", "kind", "address"),
    [
        ("+15551234", Kind.NUMBER, "+15551234"),
        ("+155512345678901", Kind.NUMBER, "+155512345678901"),
        ("200", Kind.EXTENSION, "200"),
        ("sip:agent@pbx.example.com", Kind.SIP, "sip:agent@pbx.example.com"),
        ("SIPS:a.b+c_d-e@PBX.example.com:5061", Kind.SIP, "sips:a.b+c_d-e@pbx.example.com:5061"),
        ("sip:1@10.0.0.1", Kind.SIP, "sip:1@10.0.0.1"),
    ],
)
def test_what_is_a_party(text, kind, address):
    found = party(text)
    assert (found.kind, found.address) == (kind, address)
    assert is_literal(text)
    assert party(found.address) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+0123456789",
        "+123456",
        "+1234567890123456",
        "+1 555 1234",
        "+15551234\n",
        "٢٠٠",
        "1234567890123456",
        "*8",
        "911#",
        "sip:",
        "sip:a@",
        "sip:@b",
        "sip:a@b@c",
        "sip:a@b;transport=tcp",
        "sip:a@b?X=y",
        "sip:a:secret@b",
        "sip:a,b@c",
        "ſip:a@b",
        "tel:+15551234",
        "sip:a@b\n",
        "sip:a@b:123456",
        "SIP/trunk/1555&SIP/other",
        "<Number>1</Number>",
    ],
)
def test_what_is_none(text):
    assert party(text) is None


@given(st.text(max_size=40))
def test_no_text_becomes_more_than_it_may_hold(text):
    found = party(text)
    if found is not None:
        assert set(found.address) <= set("+0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:_-@")
        assert "5" not in repr(found) or found.kind.value in repr(found)
        assert found.address not in repr(found)


def test_patterns_allow_and_take_out():
    allowed = Allowed.of(["+1*", "!+1900*", "SIP:*@pbx.example.com", "2??"])

    def may(text):
        return allowed.allows(party(text))

    assert may("+15551234") and may("sip:any.body@PBX.example.com") and may("200")
    assert not (may("+19005551234") or may("+4930123456") or may("sip:a@evil.example") or may("2000"))
    assert not may("sip:a@pbx.example.com.evil")
    assert bool(allowed) and not NOBODY and not Allowed.of(["!+1900*"])
    assert not NOBODY.allows(party("200"))


@pytest.mark.parametrize(
    "pattern", ["+1*", "+*", "!+1900*", "200", "2??", "*", "sip:*@pbx.example.com", "sip:a@*:5060"]
)
def test_what_is_a_pattern(pattern):
    assert is_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "!", "+1[0-9]*", "sip:*", "alice", "+1 *", "**!", "tel:+1*"])
def test_what_is_no_pattern(pattern):
    assert not is_pattern(pattern)
