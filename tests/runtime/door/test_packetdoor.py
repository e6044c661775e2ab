from ipaddress import ip_network
from uuid import UUID

import pytest

from ivr.errors import LocalGatewayError
from ivr.runtime.door.admission import RESERVED, Admission, Limits
from ivr.runtime.door.announced import AnnouncedHere
from ivr.runtime.door.asks import FORM, Ask, Enter, Moment
from ivr.runtime.door.burnt import BurntHere
from ivr.runtime.door.packetdoor import PacketDoor, Peers
from ivr.runtime.door.tickets import LIFETIME, Tickets
from ivr.runtime.door.uuids import Uuids

KEY = bytes(range(32))
PBX, STRANGER = "10.0.0.7", "192.0.2.9"
ANYBODY = UUID(int=42)
KNOWN = Peers((ip_network("10.0.0.0/24"), ip_network("fd00::/8")))


class House:
    """A door, its admission, and whom it refused."""

    def __init__(self, peers=KNOWN, announced=None, **limits):
        self.refusals = []
        self.admission = Admission(Limits(**limits))
        self.nonces = iter(range(100))
        self.door = PacketDoor(
            peers,
            self.admission,
            Tickets(KEY, BurntHere()),
            Uuids(KEY),
            AnnouncedHere() if announced is None else announced,
            nonce=lambda size: next(self.nonces).to_bytes(size, "big"),
            refused=lambda *what: self.refusals.append(what),
        )

    def knock(self, uuid=ANYBODY, address=PBX, now=0.0, late=0.0):
        return self.door.knock(uuid, address, Moment(now, 1000.0 + now, late))

    def announce(self, target="/audiosocket", method="GET", body=b"", now=0.0, **headers):
        return self.door.announce(
            Ask(method, target, headers, body, STRANGER), STRANGER, Moment(now, 1000.0 + now, 0.0)
        )

    def minted(self, target="/audiosocket", **options) -> UUID:
        reply = self.announce(target, **options)
        assert reply.status == 200
        return UUID(reply.body)


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        (PBX, True),
        ("10.0.1.7", False),
        (STRANGER, False),
        ("fd00::1", True),
        ("fe80::1%eth0", False),
        ("fd00::1%eth0", True),
        ("", False),
        ("unknown", False),
    ],
)
def test_a_trusted_address_comes_in_with_any_uuid(address, trusted):
    house = House()
    assert house.knock(address=address) == (Enter("audiosocket", address) if trusted else None)
    assert bool(house.refusals) is not trusted


def test_where_everybody_is_trusted_everybody_comes_in():
    assert House(Peers(everybody=True)).knock(address=STRANGER) is not None
    assert House(Peers()).knock(address=PBX) is None


@pytest.mark.parametrize("address", [PBX, STRANGER])
def test_an_announced_uuid_comes_in_once_and_within_its_minute(address):
    house = House()
    uuid = house.minted("/audiosocket?from=%2B1555&to=42")
    assert house.knock(uuid, address) == Enter("audiosocket", address, query={"from": "+1555", "to": "42"})
    assert house.knock(uuid, address) is None
    late = house.minted()
    assert house.knock(late, address, now=LIFETIME + 1.0) is None
    assert [why for _, _, why in house.refusals] == ["audiosocket: it was used before", "audiosocket: it has expired"]


def test_a_form_is_read_and_wins_over_the_query():
    house = House()
    form = {"content-type": FORM}
    uuid = house.minted("/audiosocket?from=a&did=7", method="POST", body=b"from=%2B1555", **form)
    assert house.knock(uuid).query == {"from": "+1555", "did": "7"}
    uuid = house.minted(method="POST", body=b"from=x")  # no form: its body says nothing
    assert house.knock(uuid).query == {}


@pytest.mark.parametrize("body", [b"from=\xff", b"&".join(b"a%d=1" % n for n in range(101))])
def test_a_form_that_cannot_be_read_is_refused(body):
    assert House().announce(method="POST", body=body, **{"content-type": FORM}).status == 400


def test_only_get_and_post_announce():
    reply = House().announce(method="PUT")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, POST")


def test_the_answer_is_the_uuid_alone_and_not_to_be_stored():
    reply = House().announce()
    assert reply.body == str(UUID(reply.body))
    assert reply.headers == {"Cache-Control": "no-store"}


def test_an_announced_call_has_its_place_kept():
    house = House(calls=1)
    uuid = house.minted()
    assert house.announce().status == 503
    assert house.knock() is None  # the place is taken
    assert house.knock(uuid, late=9.0) is not None  # and its caller has heard it ring
    assert [cause for cause, _, _ in house.refusals] == ["calls", "calls"]
    assert house.knock(now=RESERVED + 1.0) is not None


def test_who_is_turned_away_may_try_again_with_the_same_uuid():
    house = House(calls=1)
    uuid = house.minted()
    for _ in range(2):
        house.admission.begin(STRANGER)
    assert house.knock(uuid) is None
    for _ in range(2):
        house.admission.end(STRANGER)
    assert house.knock(uuid) is not None


def test_a_late_or_draining_process_takes_no_calls_but_announced_ones():
    house = House()
    uuids = [house.minted(), house.minted()]
    assert house.knock(late=9.0) is None
    assert house.knock(uuids[0], late=9.0) is not None
    house.admission.draining = True
    assert house.knock() is None
    assert house.announce().status == 503
    assert house.knock(uuids[1]) is not None


def test_parameters_that_cannot_be_kept_announce_no_call():
    class Full(AnnouncedHere):
        def keep(self, *_):
            raise LocalGatewayError("no room")

    house = House(announced=Full())
    assert house.announce("/audiosocket?from=x").status == 503
    assert house.minted()  # there is nothing to keep
