from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import LocalGatewayError
from ivr.runtime.door.refusal import Refusal
from ivr.runtime.door.tickets import LIFETIME, Ticket
from ivr.runtime.door.uuids import RANDOM, Uuids

KEY = bytes(range(32))
NOW = 1_790_000_000.25
NONCES = st.binary(min_size=RANDOM, max_size=RANDOM)


@given(NONCES, st.floats(0.0, 4e9))
def test_what_was_minted_is_read_until_it_expires(nonce, now):
    uuids = Uuids(KEY)
    uuid = uuids.mint(now, nonce)
    ticket = uuids.read(uuid, now)
    assert isinstance(ticket, Ticket)
    assert abs(ticket.expires - now - LIFETIME) <= 0.5
    assert isinstance(uuids.read(uuid, ticket.expires - 0.001), Ticket)
    assert uuids.read(uuid, ticket.expires) is Refusal.EXPIRED
    assert uuids.read(UUID(str(uuid)), now) == ticket  # as the far side writes it


@given(NONCES, st.integers(0, 127))
def test_a_bit_that_is_changed_makes_it_anybodys(nonce, bit):
    uuids = Uuids(KEY)
    changed = UUID(int=uuids.mint(NOW, nonce).int ^ (1 << bit))
    assert uuids.read(changed, NOW) is Refusal.FOREIGN


@given(st.uuids())
def test_anybodys_uuid_is_none_of_ours(uuid):
    assert Uuids(KEY).read(uuid, NOW) is Refusal.FOREIGN


def test_another_key_makes_others():
    assert Uuids(bytes(32)).read(Uuids(KEY).mint(NOW, bytes(RANDOM)), NOW) is Refusal.FOREIGN


def test_no_ticket_can_be_made_from_its_id_and_no_key_is_shown():
    uuids = Uuids(KEY)
    uuid = uuids.mint(NOW, b"abcd")
    ticket = uuids.read(uuid, NOW)
    assert ticket.id == f"uuid-{uuid.hex[:16]}"
    assert uuid.hex[16:] not in repr(ticket)
    assert repr(uuids) == "Uuids(lifetime=60)"


@pytest.mark.parametrize("size", [0, 3, 5])
def test_it_needs_its_random_bytes(size):
    with pytest.raises(LocalGatewayError, match=f"4 random bytes, not {size}"):
        Uuids(KEY).mint(NOW, bytes(size))
