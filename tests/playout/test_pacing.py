"""What a gateway allows of a schedule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.gateways.codec import Pacing
from ivr.gateways.twilio import TWILIO
from ivr.media.format import L16_16K, MULAW_8K
from ivr.playout.pacing import AT_ONCE, FORGIVEN, REALTIME_LEAD, UNCLEARABLE_LEAD, Pace, Schedule

REALTIME = replace(TWILIO, pacing=Pacing.REALTIME)
UNCLEARABLE = replace(TWILIO, can_clear=False)


@pytest.mark.parametrize(
    ("capabilities", "message", "lead", "refill"),
    [
        (TWILIO, 800, 0.6, 0.2),
        (REALTIME, 160, 0.04, 0.02),
        (UNCLEARABLE, 320, 0.1, 0.06),
        (replace(REALTIME, can_clear=False), 160, 0.04, 0.02),
        (replace(TWILIO, max_message=500), 480, 0.6, 0.24),
        (replace(TWILIO, max_message=100), 100, 0.6, 0.2),
        (replace(TWILIO, out_format=L16_16K, max_message=1000), 320, 0.6, 0.2),
        (replace(TWILIO, max_lead=0.15), 480, 0.15, 0.09),
        (replace(TWILIO, max_lead=0.02), 160, 0.02, 0.0),
    ],
)
def test_the_usual_schedule_within_what_a_gateway_can_do(capabilities, message, lead, refill):
    pace = Pace.of(Schedule(), capabilities)
    assert (pace.message, pace.lead, pace.refill) == (message, pytest.approx(lead), pytest.approx(refill))


@given(
    st.builds(Schedule, st.floats(0.0, 3.0), st.floats(0.0, 1.0)),
    st.sampled_from([MULAW_8K, L16_16K]),
    st.sampled_from(Pacing),
    st.booleans(),
    st.floats(0.02, 10.0),
    st.integers(2, 64_000),
)
def test_limits_are_kept_and_there_is_always_something_to_send(schedule, format, pacing, can_clear, most, largest):
    capabilities = replace(
        TWILIO, out_format=format, pacing=pacing, can_clear=can_clear, max_lead=most, max_message=largest
    )
    pace = Pace.of(schedule, capabilities)
    assert 0 < format.size(pace.message) <= largest
    assert format.seconds(pace.message) <= pace.lead + 1e-9
    assert pace.lead <= most + 1e-9
    assert -1e-9 <= pace.refill <= pace.lead - format.seconds(pace.message) + 1e-9
    assert pace.refill >= min(pace.lead / 2, FORGIVEN) - 1e-9 or pace.lead < 2 * format.seconds(pace.message)
    assert pace.lead - pace.refill <= max(AT_ONCE, format.seconds(pace.message)) + 1e-9
    assert pacing is Pacing.BUFFERED or pace.lead <= REALTIME_LEAD
    assert can_clear or pace.lead <= UNCLEARABLE_LEAD
    assert pace.message % format.frame == 0 or format.size(format.frame) > largest
