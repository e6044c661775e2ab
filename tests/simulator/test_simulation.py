"""One call over each gateway that can be emulated."""

import os

import pytest

from ivr.call.plan import plan_calls
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import EMULATED, Network
from ivr.simulator.simulation import simulate
from ivr.trace.events import StateEntered


class Presser:
    """Presses each key so many seconds after the call begins."""

    def __init__(self, *keys):
        self.keys = keys

    def begin(self, driver, phone):
        for at, key in self.keys:
            driver.at(at, lambda now, key=key: phone.press(key, now))

    def see(self, event, now):
        pass


@pytest.mark.parametrize("name", EMULATED)
def test_the_same_dialog_over_every_gateway(name):
    gateway = EMULATED[name]
    plan = plan_calls(load(starter_root(), os.environ), gateway.capabilities, provider="scripted")
    conditions = Conditions(lookups={"bank.balance": Answer(12, 0.3)}, network=Network(0.02, 0.02))
    made = simulate(plan, gateway, conditions, Presser((2.0, "1"), (20.0, "9")), {"from": "+15550100"})
    assert made.phone.protocol_errors == []
    assert made.reason is not None
    states = [event.state for event in made.trace if isinstance(event, StateEntered)]
    assert "balance" in " ".join(states)
    assert made.phone.heard.played_samples(made.seconds) > 0
