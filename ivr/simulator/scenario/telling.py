"""Steps in words, for people."""

from __future__ import annotations

from ivr.simulator.scenario.model import (
    WITHIN,
    Ended,
    HangUp,
    Hear,
    Interrupt,
    Press,
    Repeat,
    Silent,
    Speak,
    Step,
    Wait,
    Xoff,
)


def told(step: Step) -> str:
    """Such as ``hear 'Goodbye.' within 5 s``."""
    match step:
        case Hear():
            return f"hear {_words(step)}{_times(step)}"
        case Wait(seconds=seconds):
            return f"wait {seconds:g} s"
        case Press(keys=keys):
            return f"press {keys}"
        case Speak(name=name):
            return f"speak {name}"
        case HangUp(after=after, at=at):
            when = f" at {at:g} s" if at is not None else f" after {after:g} s" if after else ""
            return f"hang up{when}"
        case Silent(times=times):
            return "stay silent until it is noticed" + (f" {times} times" if times > 1 else "")
        case Ended(within=within):
            return f"the call ends within {within:g} s"
        case Interrupt():
            return f"interrupt {_moment(step)}: {told(step.action)}"
        case Xoff(seconds=seconds):
            return f"the gateway says XOFF for {seconds:g} s"
        case Repeat(times=times):
            return f"repeat {times} times"


def _words(step: Hear) -> str:
    parts = [f"'{step.text}'"] if step.text is not None else []
    parts += [f"the phrase {step.phrase}"] if step.phrase is not None else []
    parts += [f"voiced as {step.strategy.value}"] if step.strategy is not None else []
    return " ".join(parts)


def _times(step: Hear) -> str:
    within = f" within {step.within:g} s" if step.within != WITHIN else ""
    return within + (f", not before {step.not_before:g} s" if step.not_before else "")


def _moment(step: Interrupt) -> str:
    if step.at is not None:
        return f"at '{step.at}'"
    if step.sent is not None:
        return f"when {step.sent} was sent and not heard"
    return f"{step.after or 0.0:g} s into the words"
