"""Both ways, and what is no such text."""

from dataclasses import replace

import orjson
import pytest

from ivr.errors import TraceError
from ivr.gateways.described import capabilities_of, described
from ivr.gateways.speaker import speaker
from ivr.gateways.twilio import TWILIO
from ivr.media.format import L16_16K
from ivr.simulator.emulated import EMULATED


@pytest.mark.parametrize("name", EMULATED)
def test_every_gateways_capabilities_come_back(name):
    there = EMULATED[name].capabilities
    assert capabilities_of(described(there)) == there


def test_those_of_the_speaker_come_back_too():
    there = speaker(L16_16K)
    assert capabilities_of(described(there)) == there


def test_what_a_later_version_adds_is_left_out_and_what_an_earlier_one_lacks_has_its_default():
    plain = orjson.loads(described(replace(TWILIO, linger=0.0)))
    del plain["linger"]
    assert capabilities_of(orjson.dumps(plain | {"video": True}).decode()) == replace(TWILIO, linger=0.0)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"out_format":"opus/48000"}', described(TWILIO).replace("mulaw", "x")]
)
def test_what_is_none_is_refused(text):
    with pytest.raises(TraceError, match="no capabilities of a gateway"):
        capabilities_of(text)
