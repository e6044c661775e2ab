"""What needs no socket: getting ready, and calls in virtual time."""

import os
import time

from ivr.call.plan import plan_calls
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.project.load import load
from ivr.project.starter import project_root
from ivr.simulator.driver import Answer, Driver
from ivr.testing.twilio import TwilioFarEnd
from ivr.testing.voices import ScriptedVoice


def ready() -> float:
    """Seconds from nothing to a project that is ready for calls."""
    began = time.perf_counter()
    project = load(project_root(None), os.environ)
    plan_calls(project, TWILIO, provider="espeak-ng/1.52")
    return time.perf_counter() - began


def times_real_time(calls: int = 20) -> float:
    """The starter's balance call on the heap, with all its audio: virtual seconds for each real one."""
    project = load(project_root(None), os.environ)
    plan = plan_calls(project, TWILIO, provider="scripted")
    virtual = 0.0
    began = time.perf_counter()
    for number in range(calls):
        far_end = TwilioFarEnd(parameters={"from": "+15550100"})
        voice = ScriptedVoice(first_audio=0.3)
        driver = Driver(plan, TwilioCodec(), far_end, voice, {"bank.balance": Answer(100 + number, 0.6)})
        driver.at(1.0, lambda now, far_end=far_end: far_end.press("1", now))
        driver.at(14.0, lambda now, far_end=far_end: far_end.press("9", now))
        driver.run(60)
        virtual += driver.now
    return virtual / (time.perf_counter() - began)
