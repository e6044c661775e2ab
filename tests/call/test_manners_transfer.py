"""docs/dialog.md, row by row: transfers (X), in virtual time."""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass, field, replace

import pytest
from manners import KEPT, listened, seconds, states, tables, typed
from talker import heeding, speech
from toy import clips, drive, make_plan

from ivr.call.effects import Transfer
from ivr.catalog.party import Allowed, Kind, Party, TransferOutcome, party
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.dialog.transfer_checks import refused_transfers
from ivr.errors import LocalGatewayError, TransferRefused
from ivr.runtime.parking import Parking
from ivr.runtime.whereabouts import OnlyHere
from ivr.trace.events import (
    BargedIn,
    CallerSpeaks,
    DialogFailed,
    LookupEnded,
    RecordingStarted,
    TransferEnded,
    TransferStarted,
)
from ivr.trace.sound import SegmentStarted, UtteranceHeard

ANSWERED, BUSY, NO_ANSWER, FAILED = TransferOutcome
STATES = """\
  agent: {{say: connecting, transfer: {{to: {to}{more}}}}}
  busy: {{say: busy, hang_up: yes}}
  nobody: {{say: no_news, hang_up: yes}}
  sorry: {{say: sorry, hang_up: yes}}
  back: {{say: bye, hang_up: yes}}
"""


def dialog(more: str = "", to: str = '"+15550123"', head: str = "") -> str:
    """One that transfers at once; ``more`` stands in its ``transfer:``."""
    return f"dialog: main\nstart: agent\n{head}states:\n" + STATES.format(to=to, more=f", {more}" if more else "")


def call(file: str, *transfers, allow=("+1*",), **options):
    """One call; ``transfers`` are (seconds, outcome)."""
    repertoire = tables(file)
    plan = make_plan(lambda line: repertoire.answer("main", line), functions=["bank.keep"], allow=allow)
    return drive(plan, transfers=transfers, **options)


def python(talk, *transfers, allow=("+1*",), **options):
    """The same of a dialog in Python."""
    return drive(make_plan(talk, allow=allow), transfers=transfers, **options)


def wanted(run) -> list[tuple[str, float]]:
    """Whom the platform was asked to call, and for how long it may ring."""
    return [(effect.to.address, effect.timeout) for _, effect in run.done if isinstance(effect, Transfer)]


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("+1555012", Kind.NUMBER),
        ("+155501234567890", Kind.NUMBER),
        ("+155501", None),
        ("+1555012345678901", None),
        ("sip:desk@example.com", Kind.SIP),
        ("sips:desk@example.com:5061", Kind.SIP),
        ("2", Kind.EXTENSION),
        ("123456789012345", Kind.EXTENSION),
        ("1234567890123456", None),
    ],
)
def test_X1_whom_a_call_can_be_moved_to(to, kind):
    found = party(to)
    assert (None if found is None else found.kind) == kind
    read, problems = read_dialog(dialog(to=f'"{to}"'), "main.yaml")
    assert (read is not None) is (kind is not None)
    assert kind is not None or "nobody can be called at" in str(problems[0])


def test_X1_what_is_no_address_is_an_expression():
    run = call(dialog(to="'\"+1555\" + call.parameters.last'", more="goto: back"), (1.0, ANSWERED))
    assert run.of(DialogFailed)[0].error == "ConditionError"
    run = call(dialog(to='\'"+1555" + "0123"\'', more="goto: back"), (1.0, ANSWERED))
    assert wanted(run) == [("+15550123", 30.0)]


def test_X2_a_constant_that_is_not_allowed_is_told_before_any_call():
    source, _ = read_dialog(dialog(), "main.yaml")
    assert source is not None
    assert list(refused_transfers(source, Allowed.of(["+1*"]))) == []
    (problem,) = refused_transfers(source, Allowed.of(["+1*", "!+1555*"]))
    assert problem.what == "'+15550123' is none of those that the project may call"
    (problem,) = refused_transfers(source, Allowed.of([]))
    assert problem.what == "this project transfers to nobody"


def test_X2_an_expression_that_is_not_allowed_is_refused_in_the_call():
    run = call(dialog(to='\'"+4" + "9301234567"\''))
    assert (wanted(run), run.of(DialogFailed)[0].error) == ([], "TransferRefused")


def test_X3_nothing_cuts_the_announcement_and_nobody_listens_until_the_call_is_back():
    file = dialog("goto: again").replace(
        "  busy:", "  again: {say: main, menu: {options: {1: back}, no_input: busy}}\n  busy:"
    )
    says = [(0.2, speech(1.0)), (6.0, speech(1.0))]
    plan = replace(heeding(tables(file), {"connecting": "any", "main": "any"}), allowed=Allowed.of(["+1*"]))
    run = drive(plan, transfers=[(8.0, ANSWERED)], keys=[(0.3, "1"), (5.0, "1")], says=says)
    (started,) = run.of(TransferStarted)
    assert started.at >= run.of(UtteranceHeard)[0].at >= clips()["connecting"].samples / 8000
    assert run.of(BargedIn) == [] and run.of(CallerSpeaks) == []
    assert states(run)[:2] == ["agent", "again"] and run.said()[2] == "busy", "no key outlived it: silence was next"


def test_X4_how_long_it_may_ring():
    assert wanted(call(dialog("timeout: 5s"), (1.0, BUSY))) == [("+15550123", 5.0)]
    assert wanted(call(dialog("timeout: 600s"), (1.0, BUSY))) == [("+15550123", 600.0)]
    for wrong in ("4.9s", "601s"):
        assert read_dialog(dialog(f"timeout: {wrong}"), "main.yaml")[0] is None


@pytest.mark.parametrize(
    ("more", "outcome", "state"),
    [
        ("busy: busy, no_answer: nobody, failed: sorry", BUSY, "busy"),
        ("busy: busy, no_answer: nobody, failed: sorry", NO_ANSWER, "nobody"),
        ("busy: busy, no_answer: nobody, failed: sorry", FAILED, "sorry"),
        ("failed: sorry", BUSY, "sorry"),
        ("failed: sorry", NO_ANSWER, "sorry"),
        ("busy: busy", FAILED, None),
        ("", BUSY, None),
        ("", NO_ANSWER, None),
    ],
)
def test_X5_each_outcome_has_its_branch_and_failed_stands_in(more, outcome, state):
    run = call(dialog(more), (5.0, outcome))
    assert states(run) == ["agent", *([state] if state else [])]
    assert run.ended == "the dialog ended"


def test_X6_goto_is_for_who_comes_back_from_a_talk():
    assert states(call(dialog("goto: back"), (60.0, ANSWERED))) == ["agent", "back"]
    run = call(dialog("failed: sorry"), (60.0, ANSWERED))
    assert (states(run), run.ended) == (["agent"], "the dialog ended")


def test_X7_the_call_has_its_variables_and_lookups_when_it_comes_back():
    file = f"""\
dialog: main
start: before
states:
  before: {{set: {{x: "'kept'"}}, lookup: {{run: bank.balance, as: amount}}, goto: agent}}
{STATES.format(to='"+15550123"', more=", goto: after")}
  after: {{say: balance, goto: keep}}
  keep: {{lookup: {{run: bank.keep, as: y, with: {{x: x}}}}, say: bye, hang_up: yes}}
"""
    repertoire = tables(file)
    plan = make_plan(
        lambda line: repertoire.answer("main", line), functions=["bank.keep", "bank.balance"], allow=("+1*",)
    )
    run = drive(plan, transfers=[(30.0, ANSWERED)], lookups=KEPT)
    assert typed(run) == ["kept"]
    assert [event.lookup for event in run.of(LookupEnded)] == ["lookup1", "lookup2"], "it was made once"
    assert "twelve dollars and fifty cents" in [event.text for event in run.of(SegmentStarted)]


def test_X8_words_a_questions_silence_and_a_recording_begin_when_the_call_is_back():
    file = dialog("goto: ask").replace(
        "  busy:",
        "  ask: {say: main, menu: {options: {1: tell}, no_input: {limit: 0, goto: tell}}}\n"
        "  tell: {record: {as: m, goto: back, no_input: {limit: 0, goto: back}}}\n  busy:",
    )
    run = call(file, (20.0, ANSWERED))
    returned = run.of(TransferEnded)[0].at
    assert run.of(SegmentStarted)[1].at >= returned
    assert listened(run)[0][0] >= returned + seconds("main")
    assert run.of(RecordingStarted)[0].at >= listened(run)[0][0] + 5.0


def test_X9_who_hangs_up_meanwhile_ends_the_call():
    file = dialog("goto: back", head="on: {hang_up: {goto: gone}}\n")
    file += "  gone: {lookup: {run: bank.keep, as: y, with: {x: \"'gone'\"}}, return: yes}\n"
    run = call(file, (60.0, BUSY), hang_up_at=5.0, lookups=KEPT)
    assert (typed(run), states(run)) == (["gone"], ["agent", "gone"])
    assert [event.outcome for event in run.of(TransferEnded)] == ["hung_up"]


@pytest.mark.parametrize(
    ("to", "allow", "error"),
    [("200", ["2??"], LocalGatewayError), ("+15550123", ["+49*"], TransferRefused)],
)
def test_X10_what_cannot_be_is_raised_in_python_and_is_failed_in_a_table(to, allow, error):
    told = []

    async def talk(line):
        try:
            await line.transfer(to)
        except (LocalGatewayError, TransferRefused) as raised:
            told.append(type(raised))

    python(talk, allow=allow)
    assert told == [error]
    file = dialog("failed: sorry", to=f'"{to}"')
    assert states(call(file, allow=allow)) == ["agent", "sorry"]
    run = call(dialog(to=f'"{to}"'), allow=allow)
    assert run.of(DialogFailed)[0].error == error.__name__


def test_X10_a_failed_dialog_is_no_failed_lookup():
    handlers = Handlers({Event.LOOKUP_FAILED: (Rung(1, leave=Target("back")),)})
    repertoire = tables(dialog(to='"200"'), handlers=handlers)
    run = drive(make_plan(lambda line: repertoire.answer("main", line), allow=["2??"]))
    assert run.of(DialogFailed) and states(run) == ["agent"]


class Virtual(asyncio.SelectorEventLoop):
    """An event loop that waits for nothing: its time is that of the next timer."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        return self.now


class _Skipping(selectors.SelectSelector):
    def __init__(self, loop: Virtual) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        self._loop.now += timeout or 0.0
        return super().select(0)


@dataclass
class Away:
    """A call as the parking knows it."""

    loop: asyncio.AbstractEventLoop
    platform_id: str = "CA1"
    id: str = "c1"
    remaining: float = 300.0
    over: bool = False
    ended: list[tuple[float, str]] = field(default_factory=list)

    def let_go(self) -> None:
        pass

    def transferred(self, outcome: TransferOutcome) -> None:
        pass

    def end(self, reason: str) -> None:
        self.ended.append((self.loop.time(), reason))


def given_up(*steps) -> tuple[float, str]:
    """When a call was given up, and why; ``steps`` are done at once, and 40 s later each."""
    loop = Virtual()

    async def main() -> Away:
        away = Away(loop)
        parking = Parking(OnlyHere())
        move = parking.mover("twilio", webhook=True)
        assert move(away, Transfer(None, Party("+15550123", Kind.NUMBER), 20.0)) == ""
        for number, step in enumerate(steps):
            await asyncio.sleep(10.0 if number == 0 else 40.0)
            step(parking)
        await asyncio.sleep(2000.0)
        return away

    try:
        ((at, why),) = loop.run_until_complete(main()).ended
    finally:
        loop.close()
    return at, why


def test_X11_a_call_whose_platform_does_not_come_back_is_given_up():
    assert given_up() == (pytest.approx(15.0), "a transfer: its platform did not ask where to")

    def asks(parking):
        parking.asked("twilio", "CA1")

    def tells(parking):
        parking.dialed("twilio", "CA1", BUSY, "token")

    assert given_up(asks, tells) == (pytest.approx(50.0 + 70.0), "a transfer: its platform did not bring it back")
    at, why = given_up(asks)
    assert (at, why) == (pytest.approx(10.0 + 20.0 + 300.0), "a transfer: its platform never said what came of it")
