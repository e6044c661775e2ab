"""A project that is changed while it is served: calls before, during and after, in real servers."""

import asyncio
import logging
import os
import shutil
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from runtime_bank import CODE, DIALOG, PHRASES, SETTINGS, Babbler, environ, open_house, render_bank

import ivr.runtime.reloading as reloading_module
from bench.serving import DIALOG as LONG_DIALOG
from bench.serving import served, write_project
from ivr.errors import ConfigError
from ivr.project.load import load
from ivr.runtime.fingerprint import fingerprint
from ivr.runtime.reloading import Reloader
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd
from ivr.trace.events import Asked, CallEnded, Listening, LookupEnded, StateEntered

CHANGED = DIALOG.replace("say: greeting, goto: main", "say: again, goto: other").replace(
    "  balance:\n", "  other: {goto: main}\n  balance:\n"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(reloading_module, "POLL", 0.05)
    monkeypatch.setattr(reloading_module, "SETTLES", 0.05)


@pytest.fixture
def root(bank_root, tmp_path):
    made = tmp_path / "bank"
    shutil.copytree(bank_root, made, ignore=shutil.ignore_patterns("__pycache__"))
    return made


class Taken:
    """What a reloader gave to a server."""

    def __init__(self, use):
        self._use = use
        self.projects = []
        self._more = asyncio.Event()

    async def __call__(self, project):
        await self._use(project)
        self.projects.append(project)
        self._more.set()

    async def next(self, within=10.0):
        async with asyncio.timeout(within):
            await self._more.wait()
        self._more.clear()


@asynccontextmanager
async def watched(root, watch=True, thorough=True):
    """The bank, served as it stands on disk."""
    seen = fingerprint(root)
    async with open_house(load(root, environ()), Babbler(), lookups={}) as house:
        taken = Taken(house.server.use)
        reloader = Reloader(root, environ(), seen, taken, thorough=thorough)
        task = asyncio.create_task(reloader.run(watch=watch))
        try:
            yield house, taken, reloader
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def write(root, name, text):
    """As editors do: all of it at once, in the place of the file before."""
    beside = root / "prompts" / f"{name}.tmp"
    beside.write_text(text)
    os.replace(beside, root / "prompts" / name)


async def logged(caplog, text, within=10.0):
    async with asyncio.timeout(within):
        while text not in caplog.text:  # noqa: ASYNC110 - it is a log
            await asyncio.sleep(0.01)


async def begins_with(house):
    """The states that a new call comes to before it asks."""
    async with house.call() as line:
        await line.until(Asked)
        return [event.state for event in line.of(StateEntered)]


async def test_a_call_before_a_call_during_and_a_call_after(root):
    async with watched(root) as (house, taken, _):
        async with house.call() as before:
            await before.until(Listening)
            write(root, "dialogs/main.yaml", CHANGED)
            write(root, "bank.py", CODE.replace("5", "7"))
            await taken.next()
            assert await begins_with(house) == ["welcome", "other", "main"]
            await before.press("1")
            assert (await before.until(LookupEnded)).detail == "5", "it keeps the functions that it began with"
            await before.until(StateEntered, lambda event: event.state == "again")
            await before.press("9")
            assert (await before.until(CallEnded)).reason == "the dialog ended"
        async with house.call() as after:
            await after.until(Listening)
            await after.press("1")
            assert (await after.until(LookupEnded)).detail == "7"
        assert len(taken.projects) == 1


async def test_a_broken_change_is_refused_with_all_its_mistakes_and_a_repaired_one_taken(root, caplog):
    async with watched(root) as (house, taken, _):
        write(
            root, "dialogs/main.yaml", CHANGED.replace("goto: other", "goto: nowhere").replace("say: menu", "say: nix")
        )
        write(root, "bank.py", "def balance(:\n")
        await logged(caplog, "this is not Python")
        errors = [record.getMessage() for record in caplog.records if record.name == "ivr.reload"]
        assert errors[0] == ("the changed project is not taken, calls go on with the one before; 3 problems:"), errors
        assert "no state 'nowhere'" in "".join(errors) and "no prompt or phrase 'nix'" in "".join(errors)
        assert await begins_with(house) == ["welcome", "main"]
        write(root, "dialogs/main.yaml", CHANGED)
        write(root, "bank.py", CODE)
        await taken.next()
        assert await begins_with(house) == ["welcome", "other", "main"]


LOOP = DIALOG.replace("  balance:\n", "  other: {goto: third}\n  third: {goto: other}\n  balance:\n")
LOST = "  lost: {say: greeting, hang_up: yes}\n"


def lines(caplog):
    """What the reloader has logged, by level."""
    found = {logging.ERROR: [], logging.WARNING: []}
    for record in caplog.records:
        if record.name == "ivr.reload":
            found[record.levelno].append(record.getMessage())
    return found[logging.ERROR], found[logging.WARNING]


async def test_what_check_calls_an_error_refuses_and_what_it_calls_a_warning_does_not(root, caplog):
    async with watched(root) as (house, taken, _):
        write(root, "dialogs/main.yaml", LOOP.replace("say: greeting, goto: main", "say: greeting, goto: other") + LOST)
        await logged(caplog, "'lost'")
        errors, warnings = lines(caplog)
        assert errors[0] == "the changed project is not taken, calls go on with the one before; 1 problem:"
        assert len(errors) == 2 and "'other', 'third' follow each other" in errors[1]
        assert all(": warning: " in line for line in warnings) and "'lost'" in "".join(warnings)
        assert await begins_with(house) == ["welcome", "main"]
        caplog.clear()
        write(root, "dialogs/main.yaml", CHANGED + LOST)
        await taken.next()
        await logged(caplog, "'lost'")
        errors, warnings = lines(caplog)
        assert errors == [] and [line for line in warnings if "'lost'" in line]
        assert await begins_with(house) == ["welcome", "other", "main"]


async def test_a_worker_leaves_the_examination_to_the_process_that_tells_it(root, caplog):
    async with watched(root, thorough=False) as (_, taken, _):
        write(root, "dialogs/main.yaml", LOOP + LOST)
        await taken.next()
        assert lines(caplog) == ([], [])


async def test_a_changed_phrase_needs_its_clip_and_the_command_is_named(root, caplog):
    async with watched(root) as (house, taken, _):
        write(root, "phrases/en-US.yaml", PHRASES.replace("Welcome.", "Welcome back."))
        await logged(caplog, "not taken")
        assert f"run `ivr render {root}`" in caplog.text
        assert await begins_with(house) == ["welcome", "main"]
        await render_bank(root, Babbler())
        await taken.next()
        assert taken.projects[-1].catalogue().phrases["greeting"].text == "Welcome back."


async def test_what_only_a_start_can_take_is_refused_and_limits_are_told(root, caplog):
    caplog.set_level(logging.INFO)
    async with watched(root) as (house, taken, _):
        write(root, "ivr.yaml", SETTINGS + "trace: {private: show}\n")
        await logged(caplog, "start the server again")
        assert "voice: or trace:" in caplog.text and taken.projects == []
        write(root, "ivr.yaml", SETTINGS + "serve: {calls: 3}\ntransfer: {allow: ['+1*']}\n")
        await taken.next()
        assert "which counts from the next start on" in caplog.text
        assert house.server._parking.offered, "whom it transfers to counts at once"
        settings = taken.projects[-1].settings.model_copy(update={"start": "nobody"})
        with pytest.raises(ConfigError, match="no dialog 'nobody'"):
            await house.server.use(replace(taken.projects[-1], settings=settings))
        assert await begins_with(house) == ["welcome", "main"]


async def test_files_that_are_still_written_are_not_read_and_what_changed_meanwhile_is_not_taken(root, monkeypatch):
    reads = []

    def reading(root, environ, thorough):
        reads.append((root / "prompts/dialogs/main.yaml").read_text())
        project = load(root, environ, thorough=thorough)
        if len(reads) == 1:
            write(root, "bank.py", CODE + "# more\n")  # while the first is read
        return project

    monkeypatch.setattr(reloading_module, "load", reading)
    async with watched(root) as (_, taken, _):
        file = root / "prompts/dialogs/main.yaml"
        whole = CHANGED.encode()
        with file.open("wb", buffering=0) as out:
            for at in range(0, len(whole), 60):
                out.write(whole[at : at + 60])
                await asyncio.sleep(0.02)
        await taken.next()
        assert set(reads) == {CHANGED} and len(reads) == 2
        assert len(taken.projects) == 1


async def test_nothing_happens_without_a_change_and_asked_for_it_is_read_again(root, caplog):
    async with watched(root, watch=False) as (house, taken, reloader):
        write(root, "dialogs/main.yaml", CHANGED)
        await asyncio.sleep(0.3)
        assert taken.projects == [] and await begins_with(house) == ["welcome", "main"]
        reloader.ask()
        await taken.next()
        assert await begins_with(house) == ["welcome", "other", "main"]
    async with watched(root) as (_, taken, _):
        (root / "prompts" / ".main.yaml.swp").write_text("an editor's own")
        (root / "prompts" / "notes.yaml~").write_text("and this")
        await asyncio.sleep(0.3)
        assert taken.projects == []


@pytest.mark.parametrize("watch", [True, False])
@pytest.mark.parametrize(
    "fault", [ZeroDivisionError("4711"), asyncio.CancelledError(), SystemExit(3), RecursionError(), KeyboardInterrupt()]
)
async def test_a_fault_of_our_own_is_logged_and_the_next_change_is_taken(root, caplog, monkeypatch, watch, fault):
    def failing(root, environ, thorough):
        raise fault

    async with watched(root, watch=watch) as (house, taken, reloader):
        monkeypatch.setattr(reloading_module, "load", failing)
        write(root, "dialogs/main.yaml", DIALOG + "# one\n")
        reloader.ask()
        await logged(caplog, "a fault of our own")
        (record,) = [each for each in caplog.records if each.name == "ivr.reload"]
        assert record.getMessage().startswith("the changed project is not taken, calls go on with the one before")
        assert record.exc_info[1] is fault
        assert await begins_with(house) == ["welcome", "main"]
        monkeypatch.setattr(reloading_module, "load", load)
        write(root, "dialogs/main.yaml", CHANGED)
        if not watch:
            reloader.ask()
        await taken.next()
        assert await begins_with(house) == ["welcome", "other", "main"]


async def test_what_keeps_from_looking_is_logged_once_until_it_passes(root, caplog, monkeypatch):
    looks = []

    def blind(root):
        looks.append(root)
        raise RuntimeError("can't start new thread")

    async with watched(root) as (_, taken, reloader):
        monkeypatch.setattr(reloading_module, "fingerprint", blind)
        await logged(caplog, "a fault of our own")
        seen = len(looks)
        while len(looks) < seen + 3:  # noqa: ASYNC110 - it is a thread
            await asyncio.sleep(0.01)
        assert caplog.text.count("a fault of our own") == 1
        reloader.ask()
        while caplog.text.count("a fault of our own") < 2:  # noqa: ASYNC110 - it is a log
            await asyncio.sleep(0.01)
        monkeypatch.setattr(reloading_module, "fingerprint", fingerprint)
        write(root, "dialogs/main.yaml", CHANGED)
        await taken.next()


async def test_a_module_that_ends_whatever_imports_it_is_a_mistake_of_the_project(root, caplog):
    async with watched(root) as (house, taken, _):
        write(root, "bank.py", "import asyncio\nraise asyncio.CancelledError\n")
        await logged(caplog, "bank.py:2:1: importing it fails (CancelledError")
        write(root, "bank.py", CODE)
        await taken.next()
        assert await begins_with(house) == ["welcome", "main"]


def test_a_link_in_a_circle_and_a_project_that_is_gone(root):
    (root / "prompts" / "round").symlink_to(root / "prompts", target_is_directory=True)
    assert len(fingerprint(root)) > 5
    shutil.rmtree(root)
    assert fingerprint(root) == {}


# As processes.

SHORT = LONG_DIALOG.replace("say: words", "say: music")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel spreads connections over sockets on Linux")


async def length_of_a_call(url, name):
    """Seconds; at most 5."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with Dialer(url, TwilioFarEnd(name, "CA" + name)) as line:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await line.wait_closed()
    return loop.time() - begun


async def until(server, text, times=1, within=20.0):
    async with asyncio.timeout(within):
        while "\n".join(server.log).count(text) < times:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.02)


@pytest.fixture
def long_words(tmp_path):
    return asyncio.run(write_project(tmp_path / "words", 30))


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=linux)])
async def test_watching_as_a_command(long_words, tmp_path, workers):
    more = ("--workers", workers) if workers > 1 else ()
    environ = {"IVR_SERVE_LATE": "1s", "IVR_PLAYOUT_LEAD": "2s"}
    async with served(long_words, "--watch", *more, log=tmp_path / "log", **environ) as server:
        async with Dialer(server.url, TwilioFarEnd("MZold", "CAold")) as old:
            await old.wait_heard(0.2)
            write(long_words, "dialogs/main.yaml", "dialog: main\nstart: nowhere\n")
            await until(server, "is not taken")
            assert sum("is not taken" in line for line in server.log) == 1, "mistakes are said once"
            write(long_words, "dialogs/main.yaml", SHORT)
            await until(server, "the changed project answers new calls", workers)
            calls = [length_of_a_call(server.url, f"MZ{number}") for number in range(3 * workers)]
            assert max(await asyncio.gather(*calls)) < 4.0, "new calls are short"
            await old.wait_heard(1.0)
            assert old.close_code is None, "the old one goes on"
        server.signal()
        assert await server.ended() == 0
    assert "Traceback" not in "\n".join(server.log)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=linux)])
async def test_sighup_reads_the_project_again(long_words, tmp_path, workers):
    more = ("--workers", workers) if workers > 1 else ()
    async with served(long_words, *more, log=tmp_path / "log", IVR_SERVE_LATE="1s") as server:
        write(long_words, "dialogs/main.yaml", SHORT)
        server.signal(signal.SIGHUP)
        await until(server, "the changed project answers new calls", workers)
        assert await length_of_a_call(server.url, "MZ1") < 4.0
        server.signal()
        assert await server.ended() == 0
