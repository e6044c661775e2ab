"""A provider in every kind of trouble, over real HTTP: each phrase is rendered, or named with its place and why."""

import asyncio
import functools
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from hosted import KEY, hosted, provider

from ivr.cli import render_what
from ivr.cli.main import main
from ivr.pregen.provider.gate import Pace
from ivr.pregen.render import Manner
from ivr.testing.provider import Behaviour

PASSING = {
    "busy": Behaviour(fault="status", status=500),
    "stalls": Behaviour(fault="stall_after", after=0.05),
    "cut": Behaviour(fault="truncate_after", after=0.05),
    "shorter_than_its_words": Behaviour(fault="short_after", after=0.05),
    "dies": Behaviour(fault="die_after", after=0.05),
    "empty": Behaviour(fault="empty"),
    "page": Behaviour(fault="html"),
    "noise": Behaviour(fault="garbage_wav"),
}
LASTING = {
    "wrong": Behaviour(fault="status", status=400),
    "nowhere": Behaviour(fault="status", status=404),
    "long": Behaviour(fault="status", status=413),
    "moved": Behaviour(fault="status", status=302, location="https://elsewhere.example.com/"),
    "odd": Behaviour(fault="status", status=422),
}
LIMITED = {
    "limited": Behaviour(fault="status", status=429),
    "later": Behaviour(fault="status", status=429, retry_after="0"),
    "soon": Behaviour(fault="status", status=503, retry_after="0"),
}
ALL = {**PASSING, **LASTING, **LIMITED}
GOOD = {f"good_{number}": f"good {number}." for number in range(5)}
PHRASES = {**{name: f"{name}." for name in ALL}, **GOOD}


class Script:
    """Who fails, and how often; counts what was asked."""

    def __init__(self, faults, times):
        self.faults = faults
        self.times = times
        self.asked: Counter[str] = Counter()

    def __call__(self, text, number):
        name = text.rstrip(".").replace(" ", "_")
        self.asked[name] += 1
        return self.faults.get(name, Behaviour()) if self.asked[name] <= self.times else Behaviour()


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """No build of these tests waits long."""
    monkeypatch.setenv("IVR_VOICE_API_KEY", KEY)
    pace = Pace(first=0.01, patience=2.0)
    monkeypatch.setattr(render_what, "Manner", functools.partial(Manner, pace=pace))


async def build(project, *words):
    return await asyncio.to_thread(main, ["render", str(project.root), *words])


async def test_what_passes_is_rendered_after_a_retry(tmp_path, capsys):
    async with provider() as service:
        service.behave = script = Script({**PASSING, **LIMITED}, times=1)
        project = hosted(tmp_path, service.url, PHRASES)
        assert await build(project, "--json") == 0
        report = json.loads(capsys.readouterr().out)
        assert report["rendered"] == sorted(PHRASES)
        assert {script.asked[name] for name in (*PASSING, *LIMITED)} == {2}
        refused = ("busy", *LIMITED)
        twice = sum(len(PHRASES[name]) for name in PASSING if name not in refused)
        assert report["characters"] == sum(map(len, PHRASES.values())) + twice
        assert report["requests"] == len(service.requests)
        assert Decimal(report["cost"]["amount"]) == Decimal("0.03") * report["characters"] / 1000
        assert report["cost"]["currency"] == "USD"


async def test_a_connection_that_was_never_made_costs_nothing(tmp_path, capsys):
    async with provider() as service:
        project = hosted(tmp_path, service.url, {"one": "One.", "two": "Two and more."})
        await service.stop()
        assert await build(project, "--json") == 1
        report = json.loads(capsys.readouterr().out)
        assert sorted(report["failed"]) == ["one", "two"]
        assert (report["requests"], report["characters"]) == (4, 0)
        assert Decimal(report["cost"]["amount"]) == 0


async def test_what_stays_is_named_and_a_later_build_asks_for_that_alone(tmp_path, capsys):
    lasting = {**PASSING, **LASTING}
    async with provider() as service:
        service.behave = script = Script(lasting, times=99)
        project = hosted(tmp_path, service.url, PHRASES)
        assert await build(project) == 1
        out, err = capsys.readouterr()
        told = re.findall(r"^(\S+):(\d+):\d+: '(\w+)' was not rendered \((.+)\), (.+) and render again$", err, re.M)
        lines = (project.root / "prompts/phrases/en-US.yaml").read_text().splitlines()
        assert sorted(name for *_, name, _, _ in told) == sorted(lasting)
        for file, line, name, *_ in told:
            assert file.endswith("prompts/phrases/en-US.yaml")
            assert lines[int(line) - 1].startswith(f"  {name}:")
        assert {name: script.asked[name] for name in LASTING} == dict.fromkeys(LASTING, 1)
        assert {name: script.asked[name] for name in PASSING} == dict.fromkeys(PASSING, 2)
        assert "split the phrase" in next(remedy for *_, name, _, remedy in told if name == "long")
        moved = next(remedy for *_, name, _, remedy in told if name == "moved")
        assert moved == "set voice.url in prompts/ivr.yaml to where it leads"
        assert out.splitlines()[-1].startswith(f"{len(PHRASES) - len(lasting)} rendered (")
        assert out.endswith(f", 0 unchanged, {len(lasting)} failed\n")
        service.behave = again = Script({}, times=0)
        assert await build(project) == 0
        assert again.asked == Counter(list(lasting))


async def test_a_rate_limit_holds_everybody_and_fails_nobody(tmp_path):
    """Nothing is asked between the answer and the moment that it names, as seconds or as a date."""
    async with provider() as service:
        loop = asyncio.get_running_loop()
        shut: list[tuple[float, float]] = []

        def behave(text, number):
            if number not in (4, 11):
                return Behaviour()
            soon = "1" if number == 4 else format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
            shut.append((loop.time(), 1.0))
            return Behaviour(fault="status", status=429, retry_after=soon)

        service.behave = behave
        phrases = {f"line_{number}": f"Line {number}." for number in range(20)}
        assert await build(hosted(tmp_path, service.url, phrases, ", retries: 0")) == 0
        assert len(service.requests) == len(phrases) + 2
        for at, seconds in shut:  # the three others may have been on their way
            assert sum(at < request.received_at < at + seconds for request in service.requests) <= 3


@pytest.mark.parametrize(("status", "few"), [(401, 3), (402, 3), (403, 3), (404, 3), (500, 20), (422, 20)])
async def test_a_provider_that_refuses_everything_is_not_asked_for_ever(tmp_path, capsys, caplog, status, few):
    async with provider() as service:
        service.behave = Behaviour(fault="status", status=status)
        phrases = {f"line_{number}": f"Line {number}." for number in range(100)}
        project = hosted(tmp_path, service.url, phrases, ", retries: 0")
        assert await build(project, "--json") == 1
        out, err = capsys.readouterr()
        report = json.loads(out)
        assert err == "" and not caplog.records
        assert few <= len(service.requests) <= few + 3
        assert sorted(report["failed"]) == sorted(phrases)
        assert len(report["not_asked"]) == 100 - len(service.requests)
        last = report["failed"][report["not_asked"][-1]]
        assert f"{few} in a row failed" in last["what"] and str(status) in last["what"]
        assert report["characters"] == 0


@pytest.mark.parametrize(("wait", "left"), [("3600", "3(600|599)"), ("9" * 30, "(1000000000|999999999)")])
async def test_a_provider_that_wants_to_be_left_alone_for_long_is_left(tmp_path, capsys, wait, left):
    async with provider() as service:
        service.behave = Behaviour(fault="status", status=429, retry_after=wait)
        phrases = {f"line_{number}": f"Line {number}." for number in range(30)}
        assert await build(hosted(tmp_path, service.url, phrases)) == 1
        assert len(service.requests) <= 4
        out, err = capsys.readouterr()
        assert re.search(f"is to be left alone for {left} s more", err)
        assert re.search(r"wait [0-9.]+ hours, as the provider asks, and render again", err)
        assert "not asked for" in out


async def test_a_provider_that_refuses_without_end_is_given_up(tmp_path, capsys):
    async with provider() as service:
        service.behave = Behaviour(fault="status", status=429)
        assert await build(hosted(tmp_path, service.url, {"one": "One.", "two": "Two."})) == 1
        assert 3 <= len(service.requests) <= 30
        assert "429" in capsys.readouterr().err


async def test_nobody_at_the_address(tmp_path, capsys):
    async with provider() as service:
        url = service.url
    assert await build(hosted(tmp_path, url, {"one": "One."})) == 1
    assert "check voice.url" in capsys.readouterr().err


async def test_a_text_over_the_limit_is_told_before_anything_is_asked(tmp_path, capsys):
    async with provider() as service:
        phrases = {"short": "Short.", "long": "Very long words.", "longer": "Very much longer words."}
        project = hosted(tmp_path, service.url, phrases, ", most: 10")
        assert await build(project, "--dry-run") == 0
        assert await build(project) == 1
        err = capsys.readouterr().err.splitlines()
        assert err[:2] == err[2:4]
        told = r"en-US\.yaml:4:9: 'long' has more than the 10 characters that the voice takes in one request, split"
        assert re.search(told + " the phrase, which has 16, or", err[0])
        assert err[1] == "  and 1 more for the same reason: longer"
        assert [request.json["text"] for request in service.requests] == ["Short."]
