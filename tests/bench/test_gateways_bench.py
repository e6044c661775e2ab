"""The bench of the gateways in short: its calls are made and heard, and nothing of them is left."""

from __future__ import annotations

import pytest

from bench import gateways
from bench.gateways import GATEWAYS, Cost, Load, cost, show


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_short_and_long_calls_are_made_and_leave_nothing_open(gateway, monkeypatch):
    monkeypatch.setattr(gateways, "LONG", 1.0)
    seen = await cost(gateway, 6, 3)
    assert (seen.short.calls, seen.long.calls) == (6, 3)
    assert seen.short.heard == pytest.approx(6 * gateways.SHORT, abs=0.2)
    assert seen.long.heard == pytest.approx(3 * 1.0, abs=0.2)
    assert seen.short.files == seen.long.files == 0


def test_what_a_frame_costs_is_the_difference_of_long_and_short_calls(capsys):
    seen = Cost(Load(100, 20.0, 0.300, 80.0, 81.0, 0), Load(10, 100.0, 0.125, 80.0, 80.0, 0))
    assert seen.per_frame == pytest.approx((0.0125 - 0.003) / 490)
    assert seen.per_call == pytest.approx(0.003 - 10 * seen.per_frame)
    show({"asterisk": seen})
    assert "80.0 → 81.0" in capsys.readouterr().out
