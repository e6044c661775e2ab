"""Transfers over real sockets: the webhook that Twilio asks, the dialplan that Asterisk asks with, and workers."""

import asyncio
import json
import logging
import ssl
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from runtime_bank import Babbler, open_house, unhurried
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import ivr.runtime.parking as parking_module
from bench.serving import ENVIRON, SOUNDS, Mute, served
from ivr.catalog.party import Kind, Party, TransferOutcome
from ivr.dialog.table import HangUp, State, Table, Transfer
from ivr.gateways.twilio_webhook import signature
from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.pregen.render import render
from ivr.project.settings.settings import TransferSettings
from ivr.project.sources import read_sources
from ivr.runtime.door.passes import Pass, Passes, digest, token_of
from ivr.runtime.metrics import Metrics
from ivr.runtime.neighbours import Neighbours
from ivr.runtime.serving import Keys
from ivr.runtime.whereabouts import AwayFiles
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.asterisk_channel import Channel
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd
from ivr.trace.events import CallEnded, StateEntered, TransferEnded

AUTH, PUBLIC = "a-twilio-auth-token", "https://voice.example.com"
TO = Party("+15550123", Kind.NUMBER)
AGENT = Table(
    "main",
    "start",
    {
        "start": State("start", Transfer(TO, 25.0, busy="again", failed="sorry"), say=("greeting",)),
        "again": State("again", Transfer(TO, 10.0, failed="sorry", goto="bye"), say=("again",)),
        "sorry": State("sorry", HangUp(), say=("sorry",)),
        "bye": State("bye", HangUp(), say=("goodbye",)),
    },
)


@pytest.fixture
def agency(bank):
    """The bank, whose only dialog transfers."""
    settings = bank.settings.model_copy(update={"transfer": TransferSettings(allow=("+1*",))})
    return replace(bank, tables={"main": AGENT}, settings=settings)


@pytest.fixture
async def open_agency(agency):
    async with open_twilio(agency) as (house, twilio):
        yield house, twilio


@asynccontextmanager
async def open_twilio(project, **settings):
    keys = Keys(AUTH)
    serving = replace(unhurried(public_url=PUBLIC, **settings), keys=keys, metrics=Metrics())
    async with open_house(project, Babbler(), serving=serving) as house:
        yield house, Twilio(house.server.port)


class Twilio:
    """The platform of one call beside its streams: it asks, and does what it is told."""

    def __init__(self, port, call="CA1", trust=None):
        """``trust``: by TLS, with these certificates."""
        self.port, self.call, self._trust = port, call, trust
        self._streams = 0

    async def post(self, path, auth=AUTH, **fields):
        form = {"CallSid": self.call, "From": "+15550100", "To": "+15550199", "CallStatus": "in-progress", **fields}
        headers = {"X-Twilio-Signature": signature(auth, f"{PUBLIC}{path}", form.items())}
        scheme, trust = ("http", False) if self._trust is None else ("https", self._trust)
        async with httpx.AsyncClient(trust_env=False, verify=trust) as client:  # each on a connection of its own
            return await client.post(f"{scheme}://127.0.0.1:{self.port}{path}", data=form, headers=headers)

    async def ask(self, path, **fields):
        """The verb that it is told."""
        answer = await self.post(path, **fields)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8"), answer.text
        (verb,) = ElementTree.fromstring(answer.text)
        return verb

    def url(self, connect):
        assert connect.tag == "Connect", connect.tag
        assert connect.get("action") == f"{PUBLIC}/twilio/next"
        scheme = "ws" if self._trust is None else "wss"
        return f"{scheme}://127.0.0.1:{self.port}{urlsplit(connect.find('Stream').get('url')).path}"

    @asynccontextmanager
    async def stream(self, connect):
        self._streams += 1
        far_end = TwilioFarEnd(f"MZ{self.call}.{self._streams}", self.call)
        async with Dialer(self.url(connect), far_end) as dialer:
            yield dialer
        assert far_end.protocol_errors == []

    async def until_moved(self, connect):
        """Hear the stream to its end, and ask what is next: the verb."""
        async with self.stream(connect) as dialer:
            await dialer.wait_closed()
        assert dialer.close_code == 1000
        return await self.ask("/twilio/next")

    async def to_the_agent(self):
        """The call, until its first transfer."""
        return await self.until_moved(await self.ask("/twilio/answer"))


def states(house, stream="MZCA1.1"):
    return [event.state for event in house.told.of(stream, StateEntered)]


async def test_a_busy_agent_brings_the_same_call_back_and_the_next_one_answers(open_agency):
    house, twilio = open_agency
    dial = await twilio.to_the_agent()
    assert (dial.tag, dial.get("timeout"), dial.get("action")) == ("Dial", "25", f"{PUBLIC}/twilio/dialed")
    assert 14000 < int(dial.get("timeLimit")) <= 14400
    assert [(noun.tag, noun.text) for noun in dial] == [("Number", "+15550123")]
    assert house.server.calls == 1, "it counts as a call"
    dial = await twilio.until_moved(await twilio.ask("/twilio/dialed", DialCallStatus="busy"))
    assert (dial.tag, dial.get("timeout")) == ("Dial", "10")
    back = await twilio.ask("/twilio/dialed", DialCallStatus="completed")
    async with twilio.stream(back) as line:
        await line.wait_closed()
    assert (await twilio.ask("/twilio/next")).tag == "Hangup"
    await house.quiet()
    assert len(house.told.events) == 1, "it was one call"
    (events,) = house.told.events.values()
    assert [event.state for event in events if isinstance(event, StateEntered)] == ["start", "again", "bye"]
    assert [event.outcome for event in events if isinstance(event, TransferEnded)] == ["busy", "answered_and_ended"]
    assert [event.reason for event in events if isinstance(event, CallEnded)] == ["the dialog ended"]


async def test_each_status_has_its_outcome_and_where_nothing_follows_it_is_hung_up(agency):
    for status, outcome in {
        "completed": "answered_and_ended",
        "answered": "answered_and_ended",
        "no-answer": "no_answer",
        "failed": "failed",
        "canceled": "failed",
        "of another year": "failed",
    }.items():
        async with open_twilio(agency) as (house, twilio):
            await twilio.to_the_agent()
            verb = await twilio.ask("/twilio/dialed", DialCallStatus=status)
            assert verb.tag == ("Hangup" if outcome == "answered_and_ended" else "Connect")
            (events,) = house.told.events.values()
            assert [event.outcome for event in events if isinstance(event, TransferEnded)] == [outcome]
            if verb.tag == "Hangup":
                await house.quiet()


async def test_who_hangs_up_while_it_rings_ends_the_call(open_agency):
    house, twilio = open_agency
    await twilio.to_the_agent()
    assert (await twilio.ask("/twilio/dialed", CallStatus="completed", DialCallStatus="canceled")).tag == "Hangup"
    await house.quiet()
    (events,) = house.told.events.values()
    assert events[-1].reason == "the caller hung up"
    assert [event.outcome for event in events if isinstance(event, TransferEnded)] == ["hung_up"]
    assert (await twilio.ask("/twilio/dialed", DialCallStatus="busy")).tag == "Hangup", "it is over"


async def test_a_stranger_learns_and_moves_nothing(open_agency):
    house, twilio = open_agency
    await twilio.to_the_agent()
    stranger = Twilio(twilio.port)
    for path in ("/twilio/next", "/twilio/dialed"):
        assert (await stranger.post(path, auth="another", DialCallStatus="busy")).status_code == 403
    for tail in ("A" * 92, "x"):
        assert await refused(f"ws://127.0.0.1:{twilio.port}/twilio/back/{tail}") == 403
    other = Twilio(twilio.port, "CA2")
    assert (await other.ask("/twilio/next")).tag == "Hangup"
    assert (await other.ask("/twilio/dialed", DialCallStatus="busy")).tag == "Hangup"
    assert house.server.calls == 1


async def test_the_way_back_is_for_one_stream_of_one_call(open_agency):
    house, twilio = open_agency
    await twilio.to_the_agent()
    first = twilio.url(await twilio.ask("/twilio/dialed", DialCallStatus="busy"))
    again = await twilio.ask("/twilio/dialed", DialCallStatus="busy")  # Twilio repeats what was not answered in time
    assert await refused(first) == 403, "only the last one counts"
    assert await refused(twilio.url(again).replace("/back/", "/")) == 403, "it begins no call"
    async with Dialer(twilio.url(again), TwilioFarEnd("MZx", "CA9")) as line:
        await line.wait_closed()
    assert line.close_code == 1008, "the stream of another call"
    await house.quiet()


async def test_a_way_back_that_fails_ends_the_call_and_dials_nobody_again(open_agency):
    house, twilio = open_agency
    await twilio.to_the_agent()
    assert (await twilio.ask("/twilio/dialed", DialCallStatus="busy")).tag == "Connect"
    assert (await twilio.ask("/twilio/next")).tag == "Hangup", "its stream did not open"
    await house.quiet()
    (events,) = house.told.events.values()
    assert events[-1].reason == "a transfer: the stream that was to bring it back did not begin"


async def test_a_platform_that_does_not_come_back_is_given_up(agency, monkeypatch, caplog):
    monkeypatch.setattr(parking_module, "ASKS", 0.2)
    async with open_twilio(agency) as (house, twilio):
        async with twilio.stream(await twilio.ask("/twilio/answer")) as line:
            await line.wait_closed()
        await house.quiet()
        assert (await twilio.ask("/twilio/next")).tag == "Hangup"
        monkeypatch.undo()  # a busy machine asks later than that
        await twilio.to_the_agent()
        monkeypatch.setattr(parking_module, "RETURNS", 0.2)
        back = await twilio.ask("/twilio/dialed", DialCallStatus="busy")
        await house.quiet()
        assert await refused(twilio.url(back)) == 403
    reasons = [events[-1].reason for events in house.told.events.values()]
    assert reasons == [
        "a transfer: its platform did not ask where to",
        "a transfer: its platform did not bring it back",
    ]
    assert caplog.text.count("it is given up") == 2


async def test_a_stream_that_returns_and_never_begins_ends_the_call(agency, monkeypatch):
    monkeypatch.setattr("ivr.runtime.session.START_TIMEOUT", 0.2)
    async with open_twilio(agency) as (house, twilio):
        await twilio.to_the_agent()
        back = await twilio.ask("/twilio/dialed", DialCallStatus="busy")
        async with connect(twilio.url(back), proxy=None) as socket:
            await socket.wait_closed()
        assert socket.close_code == 1008
        await house.quiet()


async def test_a_call_that_is_away_is_a_call_for_the_limits_and_comes_back_though_it_is_full(agency):
    async with open_twilio(agency, calls=1) as (house, twilio):
        await twilio.to_the_agent()
        assert (await Twilio(twilio.port, "CA2").ask("/twilio/answer")).tag == "Reject"
        back = await twilio.ask("/twilio/dialed", DialCallStatus="busy")
        async with twilio.stream(back) as line:
            await line.wait_heard(0.2)
            assert house.server.calls == 1
        await house.quiet()
        assert (await Twilio(twilio.port, "CA3").ask("/twilio/answer")).tag == "Connect"


async def test_one_that_is_away_when_the_server_stops_may_come_back_or_is_ended(agency):
    async with open_twilio(agency) as (house, twilio):
        await twilio.to_the_agent()
        stopping = asyncio.create_task(house.server.stop(20.0))
        await asyncio.sleep(0.05)
        back = await twilio.ask("/twilio/dialed", DialCallStatus="failed")
        async with twilio.stream(back) as line:
            await line.wait_closed()
        await asyncio.wait_for(stopping, 10)
        (events,) = house.told.events.values()
        assert events[-1].reason == "the dialog ended"
    async with open_twilio(agency) as (house, twilio):
        await twilio.to_the_agent()
        await asyncio.wait_for(house.server.stop(0.2), 10)
        (events,) = house.told.events.values()
        assert events[-1].reason == "the server is shutting down"
        assert house.server.calls == 0


async def test_a_call_has_its_length_although_it_is_away(agency):
    async with open_twilio(agency, call_length="2s") as (house, twilio):
        dial = await twilio.to_the_agent()
        assert int(dial.get("timeLimit")) <= 2
        await house.quiet()
        (events,) = house.told.events.values()
        assert events[-1].reason == "the call lasted too long"


async def test_without_the_webhook_it_fails_in_its_branch(agency, caplog):
    async with open_house(agency, Babbler()) as house, house.call() as line:
        await line.until(CallEnded)
        assert [event.state for event in line.of(StateEntered)] == ["start", "sorry"]
        assert [event.outcome for event in line.of(TransferEnded)] == ["refused"]
    assert "this stream did not come by the webhook" in caplog.text


async def test_a_project_that_transfers_to_nobody_does_not_have_twilio_ask(bank):
    async with open_twilio(bank) as (_, twilio):
        assert (await twilio.ask("/twilio/answer")).get("action") is None


async def test_no_number_stands_in_the_log(open_agency, caplog):
    caplog.set_level(logging.DEBUG)
    _, twilio = open_agency
    await twilio.to_the_agent()
    await twilio.ask("/twilio/dialed", DialCallStatus="busy")
    assert "is transferred to a number" in caplog.text and "its transfer: busy" in caplog.text
    assert "5550123" not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("ivr"))


async def refused(url):
    with pytest.raises(InvalidStatus) as error:
        await connect(url, proxy=None)
    return error.value.response.status_code


# Asterisk.

TOKEN = token_of(bytes(range(20)))


class Dialplan:
    """The dialplan of docs/gateways/asterisk.md, for one channel."""

    def __init__(self, house, call="17.1", token=""):
        self.house, self.call, self.token = house, call, token
        self._streams = 0

    async def curl(self, what, **query):
        path = f"/asterisk/{what}" + (f"/{self.token}" if self.token else "")
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"http://127.0.0.1:{self.house.server.port}{path}"
            answer = await client.get(url, params={"call": self.call, **query})
        return answer.status_code, answer.text

    @asynccontextmanager
    async def dial(self, back=""):
        self._streams += 1
        far = AsteriskFarEnd(f"{self.call}.{self._streams}", Channel(sends_silence=True), {"from": "+1555"})
        path = "/asterisk" + (f"/{self.token}" if self.token else "")
        url = f"ws://127.0.0.1:{self.house.server.port}{path}?call={self.call}&back={back}"
        async with Dialer(url, far, subprotocol="media") as dialer:
            yield dialer

    async def run(self, *statuses):
        """Until it hangs up: what was dialled, with how each ended."""
        dialled, back, ahead = [], "", list(statuses)
        while True:
            async with self.dial(back) as line:
                await line.wait_closed()
            status, target = await self.curl("next")
            assert status == 200
            if not target:
                return dialled
            dialled.append(target)
            status, back = await self.curl("dialed", status=ahead.pop(0))
            if not back:
                return dialled


async def test_a_dialplan_asks_dials_and_brings_the_call_back(agency):
    async with open_house(agency, Babbler()) as house:
        plan = Dialplan(house)
        assert await plan.run("BUSY", "ANSWER") == ["+15550123,number,25", "+15550123,number,10"]
        await house.quiet()
        (events,) = house.told.events.values()
        assert [event.state for event in events if isinstance(event, StateEntered)] == ["start", "again", "bye"]
        assert events[-1].reason == "the dialog ended"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("NOANSWER", "no_answer"), ("CONGESTION", "failed"), ("ANSWER", "answered_and_ended"), ("HANGUP", "hung_up")],
)
async def test_each_dialstatus_has_its_outcome(agency, status, outcome):
    async with open_house(agency, Babbler()) as house:
        await Dialplan(house).run(status)
        await house.quiet()
        (events,) = house.told.events.values()
        assert [event.outcome for event in events if isinstance(event, TransferEnded)] == [outcome]


async def test_a_dialplan_shows_the_token_of_its_streams_and_what_is_refused_has_no_words(agency):
    passes = Passes((Pass("pbx", digest(TOKEN), 0.0),))
    serving = replace(unhurried(public_url=PUBLIC), passes=lambda: passes)
    async with open_house(agency, Babbler(), serving=serving) as house:
        plan = Dialplan(house, token=TOKEN)
        async with plan.dial() as line:
            await line.wait_closed()
        for token in ("", "ivr_" + "0" * 40, "x"):
            assert await Dialplan(house, token=token).curl("next") in ((401, ""), (403, ""))
        assert await plan.curl("next") == (200, "+15550123,number,25")
        assert (await Dialplan(house, "another", TOKEN).curl("next")) == (200, "")


async def test_a_query_that_asterisk_repeats_brings_nobody_into_anothers_call(agency):
    async with open_house(agency, Babbler()) as house:
        plan = Dialplan(house)
        async with plan.dial() as line:
            await line.wait_closed()
        await plan.curl("next")
        _, back = await plan.curl("dialed", status="BUSY")
        async with plan.dial(back) as line:
            await line.wait_heard(0.1)
            async with plan.dial(back) as stuck:  # another caller, with the query of the one before
                await stuck.wait_heard(0.1)
                assert house.server.calls == 2
                assert states(house, "17.1.3") == ["start"]


async def test_a_stream_that_does_not_name_its_call_is_not_moved(agency):
    async with open_house(agency, Babbler()) as house:
        async with Dialplan(house, call="").dial() as line:
            await line.wait_closed()
        await house.quiet()
        (events,) = house.told.events.values()
        assert [event.state for event in events if isinstance(event, StateEntered)] == ["start", "sorry"]


async def test_two_calls_of_one_name_are_not_mixed_up(agency):
    async with open_house(agency, Babbler()) as house:
        first, second = Dialplan(house), Dialplan(house)
        second._streams = 5
        async with first.dial() as line:
            await line.wait_closed()
        query = {"call": "17.1"}
        far = AsteriskFarEnd("17.1.9", Channel(sends_silence=True), query)
        async with Dialer(f"ws://127.0.0.1:{house.server.port}/asterisk", far, subprotocol="media") as line:
            await line.wait_closed()
        assert states(house, "17.1.9") == ["start", "sorry"]


# Several workers.

PHRASES = "locale: en-US\nphrases:\n" + "".join(f"  {name}: {{sound: {name}.wav}}\n" for name in SOUNDS)
SETTINGS = "project: Agents\ncover: {filler: wait, hold: music, fallback: sorry}\ntransfer: {allow: ['+1*']}\n"
DIALOG = """\
dialog: main
start: top
states:
  top: {say: words, transfer: {to: +15550123, timeout: 5s, busy: music}}
  music: {say: music, hang_up: yes}
"""


@pytest.fixture(scope="module")
def agents(tmp_path_factory):
    """A project on disk that transfers after half a second."""
    root = tmp_path_factory.mktemp("agents")
    texts = {"ivr.yaml": SETTINGS, "phrases/en-US.yaml": PHRASES, "dialogs/main.yaml": DIALOG}
    for name, text in texts.items():
        (root / "prompts" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "prompts" / name).write_text(text)
    (root / "audio").mkdir()
    for name in SOUNDS:
        (root / "audio" / f"{name}.wav").write_bytes(write_wav([tone(440, 0.5, 8000, -20)], 8000))
    assert asyncio.run(render(read_sources(root, ENVIRON), Mute())).ok
    return root


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel spreads connections over sockets on Linux")
async def test_with_workers_every_request_and_the_stream_find_their_call(agents, tmp_path):
    environ = {"IVR_SERVE_PUBLIC_URL": PUBLIC, "IVR_TWILIO_AUTH_TOKEN": AUTH, "IVR_SERVE_LATE": "1s"}
    async with served(agents, "--workers", 2, log=tmp_path / "log", **environ) as server:
        calls = [Twilio(server.port, f"CA{number}") for number in range(6)]

        async def whole(twilio):
            await twilio.to_the_agent()
            for _ in range(4):  # as often as Twilio likes, at any worker
                assert (await twilio.ask("/twilio/next")).tag == "Dial"
            back = await twilio.ask("/twilio/dialed", DialCallStatus="busy")
            async with twilio.stream(back) as line:
                await line.wait_heard(0.4)
                await line.wait_closed()
            assert line.close_code == 1000
            assert (await twilio.ask("/twilio/next")).tag == "Hangup"

        await asyncio.gather(*map(whole, calls))
        figures = await server.metrics()
        assert figures["ivr_calls"] == 0
        assert figures['ivr_transfers_total{outcome="busy"}'] == len(calls)
        assert figures['ivr_calls_ended_total{reason="dialog"}'] == len(calls)
        away = Twilio(server.port, "CAaway")
        await away.to_the_agent()
        server.signal()
        assert await server.ended(10.0) == 0, "nobody would be there to be asked: it is ended at once"
    assert "Traceback" not in "\n".join(server.log) and "ERROR" not in "\n".join(server.log)


@pytest.mark.skipif(sys.platform == "win32", reason="workers are for systems that share a port")
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_what_came_to_a_worker_by_tls_is_passed_on_in_plain_and_back(agency, tmp_path, loop):
    trustme = pytest.importorskip("trustme", reason="trustme is not installed: no certificate to test with")
    runner = asyncio if loop == "asyncio" else pytest.importorskip("uvloop")
    authority = trustme.CA()
    tls, trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.configure_trust(trust)
    keys = Keys(AUTH, tickets=b"t" * 32)

    def worker(number, tls=None):
        serving = replace(unhurried(public_url=PUBLIC), keys=keys, tls=tls)
        whereabouts, neighbours = AwayFiles(tmp_path, number), Neighbours(tmp_path, number)
        return open_house(agency, Babbler(), serving=replace(serving, whereabouts=whereabouts, neighbours=neighbours))

    async def scene():
        async with worker(1) as house, worker(2, tls) as other:
            here, there = Twilio(house.server.port), Twilio(other.server.port, trust=trust)
            assert (await here.to_the_agent()).tag == "Dial"
            assert (await there.ask("/twilio/next")).tag == "Dial"
            back = await there.ask("/twilio/dialed", DialCallStatus="failed")
            async with connect(there.url(back), ssl=trust, proxy=None) as socket:
                await socket.send('{"event":"start","start":{"streamSid":"MZ2","callSid":"CA1","customParameters":{}}}')
                async for message in socket:
                    if json.loads(message)["event"] == "mark":
                        await socket.send(message)
            assert socket.close_code == 1000
            assert states(house) == ["start", "sorry"] and not other.told.events
            await house.quiet()

    runner.run(scene())


def test_outcomes_are_all_told():
    assert set(TransferOutcome) == {"answered_and_ended", "busy", "no_answer", "failed"}
