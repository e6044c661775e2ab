import base64

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ivr.errors import ConfigError, LocalGatewayError
from ivr.runtime.door.burnt import MARGIN, BurntHere
from ivr.runtime.door.refusal import Refusal
from ivr.runtime.door.tickets import Ticket, Tickets

KEY = bytes(range(32))
NONCE = bytes(range(16))
NOW = 1_800_000_000.0
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Door(Tickets):
    """Tickets as a door goes by them that has room for all."""

    def check(self, text, gateway, now):
        found = self.read(text, gateway, now)
        return self.burn(found, now) or found if isinstance(found, Ticket) else found


def tickets(key=KEY, lifetime=60.0):
    return Door(key, BurntHere(), lifetime)


def test_a_ticket_lets_one_stream_in_once():
    door = tickets()
    text = door.mint("twilio", NOW, NONCE)
    assert door.check(text, "twilio", NOW + 59.9) == Ticket(NONCE.hex(), NOW + 60.0, bytes(14))
    assert door.check(text, "twilio", NOW + 59.9) is Refusal.REPLAYED


def test_a_ticket_is_short_and_fits_into_a_path():
    text = tickets().mint("twilio", NOW, NONCE, "CA1")
    assert len(text) == 92
    assert set(text) <= set(ALPHABET)
    assert not text.startswith("ivr_")


def test_its_form_does_not_change_unseen():
    """A rolling restart has processes of two versions behind one port."""
    assert tickets().mint("twilio", NOW, NONCE, "CA1") == (
        "AQABAgMEBQYHCAkKCwwNDg8BoxhdOmCDmQBVTHmkjWgyvws8CzakPxJKGQXlfUCMhFarwrJ-vlsEkS--u6J-mhNzdkqc"
    )


@settings(max_examples=60)
@given(place=st.integers(0, 91), other=st.sampled_from(ALPHABET), nonce=st.binary(min_size=16, max_size=16))
def test_any_altered_ticket_is_refused(place, other, nonce):
    door = tickets()
    text = door.mint("twilio", NOW, nonce, "CA1")
    assume(text[place] != other)
    assert door.check(text[:place] + other + text[place + 1 :], "twilio", NOW) is Refusal.FOREIGN
    assert isinstance(door.check(text, "twilio", NOW), Ticket)


def test_every_bit_counts():
    door = tickets()
    data = base64.urlsafe_b64decode(door.mint("twilio", NOW, NONCE))
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        text = base64.urlsafe_b64encode(bytes(changed)).decode()
        assert door.check(text, "twilio", NOW) is Refusal.FOREIGN


@given(st.text(max_size=200) | st.text(ALPHABET, min_size=90, max_size=94))
def test_what_is_no_ticket_is_refused(text):
    assert tickets().check(text, "twilio", NOW) in (Refusal.MALFORMED, Refusal.FOREIGN)


@pytest.mark.parametrize("spoil", [lambda t: t + "=", lambda t: t + "\n", lambda t: "é" + t[1:], lambda t: t[:-1]])
def test_another_spelling_is_no_ticket(spoil):
    door = tickets()
    assert door.check(spoil(door.mint("twilio", NOW, NONCE)), "twilio", NOW) is Refusal.MALFORMED


@given(st.floats(0, 1e6), st.floats(1, 3600))
def test_it_expires(late, lifetime):
    door = tickets(lifetime=lifetime)
    text = door.mint("twilio", NOW, NONCE)
    assert door.check(text, "twilio", NOW + lifetime + late + 0.001) is Refusal.EXPIRED


@given(st.binary(min_size=32, max_size=64))
def test_another_key_is_refused(key):
    assume(key != KEY)
    assert tickets(key).check(tickets().mint("twilio", NOW, NONCE), "twilio", NOW) is Refusal.FOREIGN


@pytest.mark.parametrize("gateway", ["", "twili", "twilio2", "telnyx"])
def test_another_gateway_is_refused(gateway):
    door = tickets()
    assert door.check(door.mint("twilio", NOW, NONCE), gateway, NOW) is Refusal.FOREIGN


def test_a_refused_ticket_is_not_used_up():
    door = tickets()
    text = door.mint("twilio", NOW, NONCE)
    assert door.check(text, "telnyx", NOW) is Refusal.FOREIGN
    assert isinstance(door.check(text, "twilio", NOW), Ticket)


def test_who_reads_a_ticket_does_not_use_it_up():
    door = tickets()
    text = door.mint("twilio", NOW, NONCE)
    ticket = door.read(text, "twilio", NOW)
    assert door.read(text, "twilio", NOW) == ticket
    assert [door.burn(ticket, NOW), door.burn(ticket, NOW)] == [None, Refusal.REPLAYED]


def test_it_knows_its_call():
    door = tickets()
    bound = door.check(door.mint("twilio", NOW, NONCE, "CA1"), "twilio", NOW)
    free = door.check(door.mint("twilio", NOW, bytes(16)), "twilio", NOW)
    assert door.is_for(bound, "CA1")
    assert not door.is_for(bound, "CA2")
    assert not door.is_for(bound, "")
    assert not door.is_for(bound, "\udc80")
    assert door.is_for(free, "CA2")
    assert not tickets(bytes(32)).is_for(bound, "CA1")


def test_a_ticket_of_a_later_version_is_not_read(monkeypatch):
    door = tickets()
    monkeypatch.setattr("ivr.runtime.door.tickets.VERSION", 2)
    text = door.mint("twilio", NOW, NONCE)
    monkeypatch.undo()
    assert door.check(text, "twilio", NOW) is Refusal.MALFORMED


def test_the_key_is_nowhere_to_be_read():
    door = tickets(b"very secret key of tickets, 32 b")
    ticket = door.check(door.mint("twilio", NOW, NONCE, "CA1"), "twilio", NOW)
    assert repr(door) == "Tickets(lifetime=60)"
    assert "tag" not in repr(ticket)


@pytest.mark.parametrize(
    ("key", "lifetime"), [(b"", 60), (bytes(31), 60), (KEY, 0.5), (KEY, 4000), (KEY, float("nan"))]
)
def test_what_cannot_be_safe_is_told(key, lifetime):
    with pytest.raises(ConfigError):
        tickets(key, lifetime)


@pytest.mark.parametrize("nonce", [b"", bytes(15), bytes(17)])
def test_a_ticket_needs_its_randomness(nonce):
    with pytest.raises(LocalGatewayError, match="16 random bytes"):
        tickets().mint("twilio", NOW, nonce)


def test_a_memory_that_is_full_lets_nobody_in_twice():
    burnt = BurntHere(capacity=2)
    door = Door(KEY, burnt)
    texts = [door.mint("twilio", NOW, bytes([n] * 16)) for n in range(3)]
    assert [isinstance(door.check(text, "twilio", NOW), Ticket) for text in texts[:2]] == [True, True]
    assert door.check(texts[2], "twilio", NOW) is Refusal.UNRECORDED
    assert door.check(texts[0], "twilio", NOW) is Refusal.REPLAYED
    later = NOW + 60 + MARGIN
    assert isinstance(door.check(door.mint("twilio", later, bytes(16)), "twilio", later), Ticket)
    assert len(burnt) == 1


def test_a_clock_that_is_set_back_opens_nothing():
    door = tickets()
    text = door.mint("twilio", NOW, NONCE)
    assert isinstance(door.check(text, "twilio", NOW), Ticket)
    later = NOW + MARGIN
    assert isinstance(door.check(door.mint("twilio", later, bytes(16)), "twilio", later), Ticket)
    assert door.check(text, "twilio", NOW + 1) is Refusal.REPLAYED


class Interleaved(RuleBasedStateMachine):
    """Any order of minting, checking and waiting, the clock set back by the margin at most."""

    def __init__(self):
        super().__init__()
        self.door = tickets()
        self.now = self.latest = NOW
        self.minted: list[tuple[str, float]] = []
        self.used: list[str] = []

    @rule()
    def mint(self):
        nonce = len(self.minted).to_bytes(16, "big")
        expires = round((self.now + 60) * 1000) / 1000  # as a ticket has it
        self.minted.append((self.door.mint("twilio", self.now, nonce), expires))

    @rule(data=st.data())
    def check(self, data):
        if self.minted:
            text, expires = data.draw(st.sampled_from(self.minted))
            answer = self.door.check(text, "twilio", self.now)
            if self.now >= expires:
                assert answer is Refusal.EXPIRED
            elif text in self.used:
                assert answer is Refusal.REPLAYED
            else:
                assert isinstance(answer, Ticket)
                self.used.append(text)

    @rule(seconds=st.sampled_from([0.1, 30.0, 60.0, 400.0]))
    def wait(self, seconds):
        self.now += seconds
        self.latest = max(self.latest, self.now)

    @rule(seconds=st.sampled_from([50.0, MARGIN]))
    def set_back(self, seconds):
        self.now = max(self.now - seconds, self.latest - MARGIN)

    @invariant()
    def once(self):
        assert len(set(self.used)) == len(self.used)


TestInterleaved = Interleaved.TestCase
TestInterleaved.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
