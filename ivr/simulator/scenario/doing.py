"""How each step is done: what the caller waits for, does, and takes for a failure."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.media.resample import resample
from ivr.simulator.scenario.hearing import hear, moment
from ivr.simulator.scenario.model import Ended, HangUp, Hear, Interrupt, Press, Repeat, Silent, Speak, Step, Wait, Xoff
from ivr.simulator.scenario.situation import Script, Situation, StepFailed, Until
from ivr.testing.asterisk import AsteriskFarEnd

REACTS = 1.0
"""Seconds, without the way there and back, in which words stop that may be interrupted."""


def unrolled(steps: Sequence[Step]) -> list[tuple[Step, str]]:
    """Without loops; beside each step which time it is, in words."""
    found: list[tuple[Step, str]] = []
    for step in steps:
        if not isinstance(step, Repeat):
            found.append((step, ""))
            continue
        for time in range(1, step.times + 1):
            found += [(each, f" ({time} of {step.times}){note}") for each, note in unrolled(step.steps)]
    return found


def do(step: Step, at: Situation) -> Script:
    """Do it; returns what was seen. Raises ``StepFailed``."""
    match step:
        case Hear():
            return (yield from hear(step, at))
        case Wait(seconds=seconds):
            yield from at.until(at.now + seconds)
        case Press():
            yield from _press(step, at)
        case Speak(samples=samples, rate=rate):
            at.check_alive()
            at.phone.say(resample(samples, rate, at.rate), at.now)
            yield from at.until(at.now + len(samples) / rate)
        case HangUp(after=after, at=instant):
            yield from at.until(at.now + after if instant is None else instant)
            at.check_alive()
            at.hang_up()
        case Silent():
            return (yield from _silent(step, at))
        case Ended():
            return (yield from _ended(step, at))
        case Interrupt():
            return (yield from _interrupt(step, at))
        case Xoff(seconds=seconds):
            at.check_alive()
            if not isinstance(at.phone, AsteriskFarEnd):
                raise StepFailed("this gateway knows no XOFF; only Asterisk's has it")
            at.phone.say_xoff(seconds, at.now)
            at.dry.append((at.now, at.now + seconds))
        case Repeat():
            raise AssertionError("loops are unrolled before")
    return ""


def _press(step: Press, at: Situation) -> Script:
    for index, key in enumerate(step.keys):
        if index:
            yield from at.until(at.now + step.gap)
        at.check_alive()
        if isinstance(at.phone, AsteriskFarEnd):  # the only one that tells for how long
            at.phone.press(key, at.now, step.held)
        else:
            at.phone.press(key, at.now)
        yield from at.until(at.now + step.held)
    return ""


def _silent(step: Silent, at: Situation) -> Script:
    wanted = at.silences + step.times
    got = yield Until(lambda now: at.silences >= wanted, at.now + step.within)
    if got is not True:
        why = at.ended() if got is None else f"{step.within:g} s were over"
        raise StepFailed(f"it was noticed {step.times - wanted + at.silences} of {step.times} times; {why}")
    return ""


def _ended(step: Ended, at: Situation) -> Script:
    got = yield Until(lambda now: at.over is not None, at.now + step.within)
    if at.left:
        raise StepFailed("the caller had hung up")
    if got is False or at.over is None:
        raise StepFailed(f"it goes on; heard meanwhile: {at.heard_lately(step.within)}")
    return f"{at.over.at:.2f} s: {at.over.reason}"


def _interrupt(step: Interrupt, at: Situation) -> Script:
    where = yield from moment(step, at)
    before = len(at.interruptions)
    yield from do(step.action, at)
    if isinstance(step.action, HangUp):
        return where
    reacts = REACTS + at.way.out + at.way.back
    got = yield Until(lambda now: len(at.interruptions) > before, at.now + reacts)
    if got is not True:
        if step.stops:
            raise StepFailed(f"the words went on; heard: {at.heard_lately(reacts)}")
        return f"{where}; the words went on"
    cut = at.interruptions[before]
    if not step.stops:
        raise StepFailed(f"the words stopped at {cut.at:.2f} s, after '{cut.heard}'")
    at.cursor = max(at.cursor, cut.at)
    return f"{where}; the words stopped after '{cut.heard}'"
