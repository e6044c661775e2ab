import errno
import json
import logging
import os
from pathlib import Path

import pytest
from runtime_bank import Babbler, open_house

from ivr.media.private import stand_in
from ivr.runtime.tracefile import TraceFiles
from ivr.trace.events import BargedIn, CallEnded, CallStarted, DigitHeard
from ivr.trace.jsonl import unmasked

STARTED = CallStarted("c1", "MZ1", "2026-01-01T00:00:00+00:00", 0.0)
DIGIT = DigitHeard("7", 0.5)
HEARD = BargedIn(800, "twelve dollars", True, 0.5)
ENDED = CallEnded("the dialog ended", 1.0)


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_every_call_has_a_file_of_its_own_that_is_whole_when_it_ends(tmp_path):
    files = TraceFiles(tmp_path / "deep" / "traces", stand_in)
    files.watch("c1", STARTED)
    files.watch("c2", STARTED)
    files.watch("c1", DIGIT)
    files.watch("c1", ENDED)
    first = lines(tmp_path / "deep/traces/c1.jsonl")
    assert first[0].items() >= {"trace": "ivr", "version": 1, "call": "c1"}.items()
    assert [entry["event"] for entry in first[1:]] == ["CallStarted", "DigitHeard", "CallEnded"]
    files.close()
    assert [entry.get("event") for entry in lines(tmp_path / "deep/traces/c2.jsonl")] == [None, "CallStarted"]
    assert len(os.listdir(tmp_path / "deep/traces")) == 2


@pytest.mark.parametrize(("mask", "digit", "heard"), [(stand_in, "0", None), (unmasked, "7", "twelve dollars")])
def test_what_is_the_callers_is_masked_unless_it_may_be_shown(tmp_path, mask, digit, heard):
    files = TraceFiles(tmp_path, mask)
    for event in (STARTED, DIGIT, HEARD, ENDED):
        files.watch("c1", event)
    entries = lines(tmp_path / "c1.jsonl")
    assert entries[2]["digit"] == digit
    assert entries[3]["heard"] == (heard or "xxx xxx")
    assert ("twelve" in (tmp_path / "c1.jsonl").read_text()) == (heard is not None)


@pytest.fixture(params=["a file", "a directory without leave"])
def nowhere(request, tmp_path):
    place = tmp_path / "place"
    if request.param == "a file":
        place.write_text("in the way")
        yield place / "traces"
    else:
        place.mkdir(mode=0o500)
        # Nobody makes a directory in /proc, not even a user whom no mode bits stop.
        yield Path("/proc/traces") if os.access(place, os.W_OK) else place / "traces"
        place.chmod(0o700)


def test_a_directory_that_cannot_be_written_is_one_warning(nowhere, caplog):
    files = TraceFiles(nowhere, stand_in)
    for call in ("c1", "c2", "c3"):
        for event in (STARTED, DIGIT, ENDED):
            files.watch(call, event)
    files.close()
    (warning,) = warnings(caplog)
    assert str(nowhere) in warning and "calls go on without them" in warning


class Full:
    """A file on a disk that is full: writing raises at once, or when what was buffered is to be written."""

    def __init__(self, when: str) -> None:
        self.when = when
        self.closed = 0

    def write(self, data):
        if self.when == "write":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(data)

    def close(self):
        self.closed += 1
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("when", ["write", "close"])
def test_a_full_disk_is_one_warning_and_every_file_is_closed(tmp_path, monkeypatch, caplog, when):
    opened = []

    def open_full(self, call):
        opened.append(Full(when))
        return opened[-1]

    monkeypatch.setattr(TraceFiles, "_open", open_full)
    files = TraceFiles(tmp_path, stand_in)
    for call in ("c1", "c2"):
        for event in (STARTED, DIGIT, ENDED):
            files.watch(call, event)
    files.watch("c3", STARTED)
    files.close()
    assert [file.closed for file in opened] == [1, 1, 1]
    (warning,) = warnings(caplog)
    assert "No space left on device" in warning


def test_a_disk_that_is_really_full(caplog):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")

    class OnFull(TraceFiles):
        def _open(self, call):
            return open("/dev/full", "wb")

    files = OnFull(None, stand_in)
    for event in [STARTED, *[DIGIT] * 1000, ENDED]:
        files.watch("c1", event)
    assert len(warnings(caplog)) == 1


async def test_calls_go_on_where_no_trace_can_be_written(bank, tmp_path, caplog):
    (tmp_path / "traces").write_text("in the way")
    files = TraceFiles(tmp_path / "traces", stand_in)
    async with open_house(bank, Babbler()) as house:
        house.told.beside = files.watch
        async with house.call() as line, house.call() as other:
            for one in (line, other):
                await one.dialer.wait_heard(0.5)
    files.close()
    assert len([text for text in warnings(caplog) if "no traces" in text]) == 1
