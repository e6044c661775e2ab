"""Transfers of one call: announced, wanted, ended exactly once, and carried on by the next stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import clips, drive, make_plan, states

from ivr.call.call import Call
from ivr.call.effects import Close, Play, Send, Transfer
from ivr.catalog.party import Kind, Party, TransferOutcome
from ivr.dialog import table
from ivr.dialog.table import HangUp, State, Table
from ivr.errors import HungUp, LocalGatewayError, SpeechBroken, TransferRefused
from ivr.gateways.events import DigitReceived
from ivr.gateways.twilio import TwilioCodec
from ivr.media.private import Private
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    DialogFailed,
    StaleDropped,
    TransferEnded,
    TransferStarted,
    TurnStarted,
)
from ivr.trace.jsonl import as_dict
from ivr.trace.sound import SegmentStarted, UtteranceHeard

TO = Party("+15550123", Kind.NUMBER)
ANSWERED, BUSY, NO_ANSWER, FAILED = TransferOutcome
AGENT = Table(
    "main",
    "start",
    {
        "start": State(
            "start",
            table.Transfer(TO, 20.0, busy="busy", failed="failed", goto="back"),
            say=("connecting",),
        ),
        "busy": State("busy", HangUp(), say=("busy",)),
        "failed": State("failed", HangUp(), say=("sorry",)),
        "back": State("back", HangUp(), say=("bye",)),
    },
)


def plan(dialog=AGENT, allow=("+1*",)):
    return make_plan(dialog, allow=allow)


def run(dialog=AGENT, *transfers, allow=("+1*",), **options):
    return drive(plan(dialog, allow), transfers=transfers, **options)


def wanted(run):
    return [(at, effect.to.address, effect.timeout) for at, effect in run.done if isinstance(effect, Transfer)]


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        (ANSWERED, "back", "Good bye."),
        (BUSY, "busy", "All are busy."),
        (NO_ANSWER, "failed", "I am sorry."),
        (FAILED, "failed", "I am sorry."),
        ("there is no webhook", "failed", "I am sorry."),
    ],
)
def test_each_outcome_has_its_branch(outcome, state, words):
    found = run(AGENT, (7.0, outcome))
    assert states(found) == ["start", state]
    assert [event.text for event in found.of(SegmentStarted) if event.text] == ["We connect you.", words]
    assert found.ended == "the dialog ended"
    refused = [event.at for event in found.of(TransferStarted) if not isinstance(outcome, TransferOutcome)]
    dead = [(silence.start, round(silence.stop - silence.start)) for silence in found.dead_air()]
    assert dead == [(at, 7) for at in refused], "who is elsewhere hears the other party, who was refused hears nothing"


def test_the_announcement_is_heard_to_its_end_before_the_call_is_moved():
    found = run(AGENT, (1.0, BUSY), keys=[(0.3, "1"), (0.4, "5")])
    ((at, address, timeout),) = wanted(found)
    heard = found.of(UtteranceHeard)[0].at
    assert at >= heard >= clips()["connecting"].samples / 8000
    assert (address, timeout) == ("+15550123", 20.0)
    assert found.of(BargedIn) == [], "a key does not cut the announcement"


def test_without_a_branch_the_call_ends():
    alone = Table("main", "a", {"a": State("a", table.Transfer(TO), say=("connecting",))})
    for outcome in TransferOutcome:
        assert run(alone, (1.0, outcome)).ended == "the dialog ended"
    assert run(alone, (1.0, "no webhook")).ended == "the dialog failed"


def test_in_python_the_outcome_is_returned():
    told = []

    async def dialog(line):
        told.append(await line.transfer("+15550123", timeout=12.0))
        told.append(await line.transfer(Private("+15550124")))
        await line.hang_up()

    found = run(dialog, (1.0, NO_ANSWER), (2.0, ANSWERED))
    assert told == [NO_ANSWER, ANSWERED]
    assert [timeout for _, _, timeout in wanted(found)] == [12.0, 30.0]
    shown = [as_dict(event)["to"] for event in found.of(TransferStarted)]
    assert shown == ["+15550123", "+00000000"]


@pytest.mark.parametrize(
    "to", ["+19005550123", "200", "sip:a@b.example", "911; rm", "", "+1555 0123", "+15550123\n", 7]
)
def test_whom_the_project_may_not_call_is_not_called(to):
    async def dialog(line):
        with pytest.raises(TransferRefused) as error:
            await line.transfer(to)
        assert str(to) not in str(error.value) or not to
        await line.hang_up()

    found = run(dialog, allow=("+1*", "!+1900*"))
    assert (found.ended, wanted(found)) == ("the dialog ended", [])


@pytest.mark.parametrize("timeout", [0.0, 4.9, 601.0, float("nan"), float("inf")])
def test_it_rings_as_long_as_platforms_take(timeout):
    async def dialog(line):
        with pytest.raises(TransferRefused, match="5 s to 600 s"):
            await line.transfer("+15550123", timeout)
        await line.hang_up()

    assert wanted(run(dialog)) == []


def test_what_the_gateway_cannot_call_is_an_error_of_ours():
    async def dialog(line):
        with pytest.raises(LocalGatewayError, match="extension"):
            await line.transfer("200")
        await line.hang_up()

    assert run(dialog, allow=("2??",)).ended == "the dialog ended"


def test_who_hangs_up_meanwhile_ends_the_call_and_the_transfer_once():
    seen = []

    async def dialog(line):
        try:
            await line.transfer("+15550123")
        except HungUp:
            seen.append("hung up")
            raise

    found = run(dialog, (60.0, BUSY), hang_up_at=5.0)
    assert found.ended.startswith("the caller hung up") and seen == ["hung up"]
    assert [event.outcome for event in found.of(TransferEnded)] == ["hung_up"]
    found.driver.call.transferred(BUSY, 70.0)
    assert found.driver.call.trace() == [] and found.driver.call.effects() == []


def test_keys_for_the_other_party_answer_nothing_here():
    async def dialog(line):
        await line.transfer("+15550123")
        await line.say("main")
        assert await line.ask() is None
        await line.hang_up()

    found = run(dialog, (3.0, BUSY), keys=[(1.0, "1"), (2.0, "2")])
    assert found.of(DialogFailed) == []


# A call by hand: its stream goes, and another brings it back.

START = '{"event":"start","start":{"streamSid":"%s","callSid":"CA1","customParameters":{}}}'


def begin(call, codec, stream, now):
    for event in codec.receive(START % stream):
        call.receive(event, now)


def until_wanted(dialog=AGENT):
    """A call that wants to be transferred, at that time."""
    call = Call("c", plan(dialog), codec := TwilioCodec(), datetime(2026, 1, 1, tzinfo=UTC))
    begin(call, codec, "MZ1", 0.0)
    now, effects, trace = 0.0, call.effects(), call.trace()
    while not any(isinstance(effect, Transfer) for effect in effects):
        now = max(now, call.next_timer(now))
        call.handle_timer(now)
        effects += call.effects()
        trace += call.trace()
        assert now < 30.0
    return call, now, trace


def bring_back(call, now, stream="MZ2"):
    call.move_to(codec := TwilioCodec())
    begin(call, codec, stream, now)


def run_out(call, now):
    """To the end of the call: effects and events."""
    effects, trace = call.effects(), call.trace()
    while not call.ended:
        due = call.next_timer(now)
        assert due is not None, trace
        now = max(now, due)
        call.handle_timer(now)
        effects += call.effects()
        trace += call.trace()
    return effects, trace


def streams(effects):
    plays = {(effect.origin.stream, effect.origin.generation) for effect in effects if isinstance(effect, Play)}
    return plays, {json.loads(effect.message)["streamSid"] for effect in effects if isinstance(effect, Send)}


@pytest.mark.parametrize("first", ["outcome", "stream"])
def test_the_next_stream_says_what_the_dialog_says_then(first):
    call, now, _ = until_wanted()
    call.leave(now)
    if first == "outcome":
        call.transferred(BUSY, now + 5.0)
        assert not any(isinstance(effect, Play) for effect in call.effects()), "there is no stream to play on"
        bring_back(call, now + 5.5)
    else:
        bring_back(call, now + 5.5)
        call.transferred(BUSY, now + 5.5)
    effects, trace = run_out(call, now + 5.5)
    assert streams(effects) == ({("MZ2", 2)}, {"MZ2"})
    assert [event.text for event in trace if isinstance(event, SegmentStarted)] == ["All are busy."]
    (turn,) = [event for event in trace if isinstance(event, TurnStarted)]
    assert (turn.trigger, turn.at) == ("return", now + 5.5)
    assert trace[-1].reason == "the dialog ended"


def test_where_nothing_is_left_to_say_the_call_ends_without_another_stream():
    alone = Table("main", "a", {"a": State("a", table.Transfer(TO), say=("connecting",))})
    call, now, _ = until_wanted(alone)
    call.leave(now)
    call.transferred(ANSWERED, now + 60.0)
    assert call.ended
    assert isinstance(call.effects()[-1], Close)


def test_a_call_that_never_comes_back_can_be_given_up():
    call, now, _ = until_wanted()
    call.leave(now)
    assert call.next_timer(now) is None, "nothing of it wakes anybody"
    call.end("it did not come back", now + 60.0)
    assert [type(event) for event in call.trace()] == [TransferEnded, CallEnded]
    bring_back(call, now + 61.0)
    assert not any(isinstance(effect, Play) for effect in call.effects())


def test_a_lookup_and_its_words_go_on_between_the_streams():
    async def dialog(line):
        await line.transfer("+15550123")
        handle = await line.run("bank.score")
        await line.say("rich", score=handle)
        await line.hang_up()

    call, now, _ = until_wanted(dialog)
    call.leave(now)
    call.transferred(ANSWERED, now + 1.0)
    (lookup,) = [effect for effect in call.effects() if type(effect).__name__ == "Lookup"]
    call.returned(lookup.id, 7, now + 1.2)
    (speech,) = [effect for effect in call.effects() if type(effect).__name__ == "Synthesize"]
    assert speech.origin.generation == 2
    call.speech_failed(speech.segment, 1, SpeechBroken("x"), now + 1.3)
    bring_back(call, now + 2.0)
    effects, _ = run_out(call, now + 2.0)
    assert streams(effects)[0] == {("MZ2", 2)}


@given(
    st.lists(st.sampled_from(["outcome", "refused", "leave", "back", "digit", "end", "timer"]), min_size=1, max_size=12)
)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_in_whatever_order_a_transfer_ends_exactly_once(steps):
    call, now, trace = until_wanted()
    doors = {
        "outcome": lambda at: call.transferred(BUSY, at),
        "refused": lambda at: call.transfer_refused("no", at),
        "leave": call.leave,
        "back": lambda at: bring_back(call, at, f"MZ{at}"),
        "digit": lambda at: call.receive(DigitReceived("1"), at),
        "end": lambda at: call.end("enough", at),
        "timer": call.handle_timer,
    }
    for number, step in enumerate(steps):
        doors[step](now + number * 0.5)
        trace += call.trace()
    call.end("at last", now + 60.0)
    trace += call.trace()
    begun, ended = ([event for event in trace if isinstance(event, kind)] for kind in (TransferStarted, TransferEnded))
    assert (len(begun), len(ended)) == (1, 1)
    assert len([event for event in trace if isinstance(event, CallEnded)]) == 1
    assert len([event for event in trace if isinstance(event, StaleDropped)]) <= len(steps)
