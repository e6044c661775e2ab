"""What needs no socket: getting ready, and calls in virtual time."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ivr.call.plan import CallPlan, plan_calls
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.phrases.dynamic import DynamicClips
from ivr.playout.remembered import LiveMemory
from ivr.project.load import load
from ivr.project.starter import project_root
from ivr.simulator.driver import Answer, Driver
from ivr.testing.twilio import TwilioFarEnd
from ivr.testing.voices import ScriptedVoice
from ivr.trace.digest import digest

AUDIO, SPANS = 2000, 5000
"""Times real time that are aimed at on one core: with audio, and with spans only."""


def ready() -> float:
    """Seconds from nothing to a project that is ready for calls."""
    began = time.perf_counter()
    project = load(project_root(None), os.environ)
    plan_calls(project, TWILIO, provider="espeak-ng/1.52")
    return time.perf_counter() - began


@dataclass(frozen=True)
class Speed:
    """Of many simulated calls on one core."""

    times: float
    """Virtual seconds for each second of processor, so that neighbours on a shared machine do not count."""
    trace: str
    """Hash of the first call's trace."""
    grown: int
    """Bytes by which the process grew between a tenth of the calls and their end."""


def prepared() -> CallPlan:
    """The starter's plan as a simulation has it."""
    return plan_calls(load(project_root(None), os.environ), TWILIO, provider="scripted", memory=LiveMemory())


def balance_call(plan: CallPlan, audio: bool, balance: int = 100) -> Driver:
    """The balance is asked for, looked up, said live and heard to its end; then the caller ends the call.

    The call is a cell of its own: what it says live no call before it has left in the cache of dynamic clips.
    """
    far_end = TwilioFarEnd(parameters={"from": "+15550100"})
    answers = {"bank.balance": Answer(balance, 0.6)}
    own = replace(plan, dynamic=DynamicClips(), wires=None)
    driver = Driver(own, TwilioCodec(), far_end, ScriptedVoice(first_audio=0.3), answers, audio=audio)
    driver.at(1.0, lambda now: far_end.press("1", now))
    driver.at(14.0, lambda now: far_end.press("9", now))
    driver.run(60)
    return driver


def speed(calls: int, *, audio: bool, other_words: bool = False) -> Speed:
    """One balance call after the other; with ``other_words`` each says an amount that none said before it."""
    plan = prepared()
    trace = digest(balance_call(plan, audio).trace)
    virtual, before = 0.0, 0
    began = time.process_time()
    for number in range(calls):
        virtual += balance_call(plan, audio, 101 + number if other_words else 100).now
        if number == calls // 10:
            before = _memory()
    return Speed(virtual / (time.process_time() - began), trace, _memory() - before)


def virtual(quick: bool = False) -> dict[str, object]:
    """All figures of calls in virtual time, for the table and for machines."""
    calls, many = (20, 200) if quick else (300, 10_000)
    audio, spans = speed(calls, audio=True), speed(many, audio=False)
    return {
        "times_real_time": audio.times,
        "times_real_time_spans": spans.times,
        "times_real_time_other_words": speed(calls, audio=True, other_words=True).times,
        "same_trace": audio.trace == spans.trace,
        "virtual_calls": many,
        "virtual_grown_bytes": spans.grown,
    }


def lines(seen: dict[str, object]) -> Iterator[str]:
    """The same for people."""
    same = "the same trace" if seen["same_trace"] else "ANOTHER TRACE"
    yield f"balance calls in virtual time, on one core: {seen['times_real_time']:.0f} × with audio (aim {AUDIO})"
    yield f"  with spans only: {seen['times_real_time_spans']:.0f} × (aim {SPANS}), {same}"
    yield f"  with audio, and every call other live words: {seen['times_real_time_other_words']:.0f} ×"
    grown = seen["virtual_grown_bytes"]
    assert isinstance(grown, int)
    yield f"  memory grew by {grown / 2**20:.1f} MB in the last nine tenths of {seen['virtual_calls']} calls"


def _memory() -> int:
    """Bytes of the process at its largest."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    for text in lines(virtual("--quick" in sys.argv[1:])):
        print(text)
