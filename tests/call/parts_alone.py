"""Lookups and speaking by themselves, with nothing around them, and what they leave in the outbox."""

from __future__ import annotations

from toy import make_plan

from ivr.call.effects import Origin
from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.speaking import Speaking
from ivr.playout.playout import Playout


def kinds(outbox: Outbox, *wanted: type) -> list:
    """Its events of these types; the others are gone then."""
    return [event for event in outbox.trace() if isinstance(event, wanted)]


def lookups(**functions) -> tuple[Lookups, Outbox]:
    """Those of a call on its first stream."""
    outbox = Outbox("c")
    outbox.origin = Origin("c", "MZ1", 1)
    return Lookups(functions, outbox), outbox


def speaking(plan=None, generation: int = 1) -> tuple[Speaking, Playout, Outbox, Lookups]:
    """That of a stream on which nothing was said yet."""
    plan = plan or make_plan()
    found, outbox = lookups(find=len)
    outbox.origin = Origin("c", "MZ1", generation)
    playout = Playout(plan.capabilities, plan.make_live, plan.covers, plan.schedule)
    return Speaking(plan, playout, found, outbox), playout, outbox, found
