"""What must hold for the whole call, held against what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ivr.project.settings.prices import Price
from ivr.simulator.paying import shown
from ivr.simulator.scenario.report import Report, Verdict
from ivr.trace.events import DialogFailed, LookupEnded, TransferEnded, TransferStarted
from ivr.trace.report import Turn

UNANSWERED = "the simulation has no answer for it"


def judge(report: Report) -> Iterator[Verdict]:
    """One verdict for each expectation of the scenario, and one for each thing that no call may have."""
    yield from broken(report)
    if any(verdict.ok is False for verdict in report.verdicts):
        return
    expect = report.scenario.expect
    for field, what, why in (*_path(report), *_sound(report), *_end(report)):
        yield Verdict(what, not why, report.made.seconds, why, expect.lines.get(field, 0))


def broken(report: Report) -> Iterator[Verdict]:
    """What no call may have."""
    for event in report.made.trace:
        match event:
            case DialogFailed():
                why = f"{event.error} at {event.where}: {event.detail.removeprefix(f'{event.where}: ')}"
                yield Verdict("the dialog does not break", False, event.at, why)
            case LookupEnded(name=name, detail=detail) if UNANSWERED in detail:
                why = f"the scenario has no answer for it: give it one in `lookups`, by the name {name}"
                yield Verdict(f"{name} is answered", False, event.at, why)
    if any(verdict.ok is False for verdict in report.verdicts) and (at := _pending(report)) is not None:
        why = "nothing has by now: give it an outcome in `transfers`, or a shorter `after`"
        yield Verdict("the transfer comes to something", False, at, why)
    if dropped := report.made.phone.dropped:
        why = f"its queue was full at {dropped[0]:.2f} s: the caller never hears what came then"
        yield Verdict(f"{report.gateway} drops no sound", False, dropped[0], why)
    for error in report.made.phone.protocol_errors:
        yield Verdict(f"{report.gateway} understands what is sent", False, report.made.seconds, error)


def _pending(report: Report) -> float | None:
    """When the transfer began that came to nothing before the caller left or the call was left."""
    began: float | None = None
    for event in report.made.trace:
        match event:
            case TransferStarted(at=at):
                began = at
            case TransferEnded(outcome=outcome) if outcome != "hung_up":
                began = None
    return began


Checked = Iterator[tuple[str, str, str]]
"""Field, what must hold, and why it does not: empty where it does."""


def _path(report: Report) -> Checked:
    expect, states = report.scenario.expect, report.states
    been = f"the states were {', '.join(states) or 'none'}"
    if expect.states:
        left = iter(states)
        missing = next((state for state in expect.states if state not in left), None)
        why = f"{missing} was not entered in this order: {been}" if missing is not None else ""
        yield "states", f"states {', '.join(expect.states)}", why
    if expect.never:
        there = [state for state in expect.never if state in states]
        yield "never", f"never in {', '.join(expect.never)}", f"{', '.join(there)} was entered: {been}" if there else ""
    if expect.digits is not None:
        why = f"they were '{report.digits}'" if report.digits != expect.digits else ""
        yield "digits", f"digits '{expect.digits}'", why


def _sound(report: Report) -> Checked:
    expect = report.scenario.expect
    if expect.ttfa is not None:
        slow = [turn for turn in report.turns if _is_slow(turn, expect.ttfa, report.opening)]
        yield "ttfa", f"first audio within {expect.ttfa * 1000:g} ms", "; ".join(map(_slow, slow))
    if expect.dead_air is not None:
        dead = [f"{each.start:.2f} s to {each.stop:.2f} s, {each.why}" for each in report.dead_air]
        yield "dead_air", f"no dead air over {expect.dead_air * 1000:g} ms", "; ".join(dead)
    used = report.strategies
    counted = "used were " + (", ".join(f"{name} {count} times" for name, count in used.items()) or "none")
    if expect.strategies:
        unused = [strategy for strategy in expect.strategies if strategy not in used]
        yield "strategies", f"voiced as {', '.join(expect.strategies)}", counted if unused else ""
    if expect.without:
        wrong = [strategy for strategy in expect.without if strategy in used]
        yield "without", f"nothing voiced as {', '.join(expect.without)}", counted if wrong else ""
    if expect.characters is not None:
        why = f"there were {report.characters}" if report.characters > expect.characters else ""
        yield "characters", f"at most {expect.characters} characters for a voice", why
    if expect.cost is not None and report.price is not None:
        free = "" if report.price.price else " that costs nothing"
        yield "cost", f"at most {shown(expect.cost)} to pay for a voice{free}", _dear(report, report.price, expect.cost)


def _dear(report: Report, price: Price, most: float) -> str:
    """Why the voice cost too much; empty where it did not."""
    paid = report.paid
    cost = price.of(paid.characters)
    if cost <= Decimal(repr(most)):
        return ""
    count = f"{paid.characters:,} characters in {paid.requests:,} request{'' if paid.requests == 1 else 's'}"
    money = f" {price.currency}" if price.currency else ""
    return f"it was {shown(cost)}{money}: {count}, at {shown(price.price)}{money} for {price.per:,} of them"


def _is_slow(turn: Turn, most: float, opening: float) -> bool:
    """The first words wait for the caller's line, which is nobody's fault."""
    return turn.ttfa is not None and turn.ttfa > most + (opening if turn.trigger == "answer" else 0.0)


def _slow(turn: Turn) -> str:
    return f"{(turn.ttfa or 0.0) * 1000:.0f} ms after the {turn.trigger} at {turn.at:.2f} s, {turn.strategy}"


def _end(report: Report) -> Checked:
    wanted, reason = report.scenario.expect.outcome, report.made.reason
    if wanted is not None:
        there = reason is not None and wanted.casefold() in reason.casefold()
        yield "outcome", f"outcome '{wanted}'", "" if there else f"it was {reason or 'none: the call went on'}"
