"""Transfers over Asterisk, whose marks come before their sound has reached the caller."""

from __future__ import annotations

from asterisk_toy import call, plan
from toy import make_plan

from ivr.call.effects import Transfer
from ivr.catalog.party import TransferOutcome
from ivr.gateways.asterisk.formats import LINGER
from ivr.trace.events import TransferStarted
from ivr.trace.sound import UtteranceHeard


async def dialog(line):
    await line.say("connecting")
    await line.transfer("+15550123")


def announced(*keys):
    """A call that is transferred, and of which nothing more is heard."""
    return call(plan_=plan(base=make_plan(dialog, allow=("+1*",))), keys=keys, until=20.0)


def test_the_end_of_the_announcement_reaches_the_caller_before_the_call_leaves():
    run = announced((0.5, "1"))
    (heard,), (started,) = run.of(UtteranceHeard), run.of(TransferStarted)
    (wanted,) = [at for at, effect in run.done if isinstance(effect, Transfer)]
    assert wanted == started.at >= heard.at + LINGER


def test_a_key_behind_the_announcement_does_not_hold_the_transfer_up():
    (heard,), first = (announced().of(kind) for kind in (UtteranceHeard, TransferStarted))
    assert announced((heard.at + LINGER / 2, "5")).of(TransferStarted) == first


def test_a_call_that_ends_while_it_is_away_has_no_sound_to_wait_for():
    ended = announced().driver.call
    ended.leave(20.0)
    ended.transferred(TransferOutcome.ANSWERED_AND_ENDED, 21.0)
    assert ended.ended
