import logging
import multiprocessing
import os

import pytest

from ivr.errors import ConfigError, LocalGatewayError
from ivr.runtime.door.burnt import MARGIN
from ivr.runtime.door.burnt_files import SWEEP, BurntFiles
from ivr.runtime.door.refusal import Refusal
from ivr.runtime.door.tickets import Ticket, Tickets

NOW = 1_800_000_000.0
KEY = bytes(range(32))
RACES = 200


def test_one_directory_burns_once_for_all(tmp_path):
    first, second = BurntFiles(tmp_path / "used"), BurntFiles(tmp_path / "used")
    assert first.burn("aa", NOW + 60, NOW)
    assert not second.burn("aa", NOW + 60, NOW)
    assert second.burn("bb", NOW + 60, NOW)
    assert not first.burn("bb", NOW + 60, NOW)


def test_the_directory_is_private(tmp_path):
    burnt = BurntFiles(tmp_path / "deep" / "used")
    burnt.burn("aa", NOW + 60, NOW)
    assert (tmp_path / "deep/used").stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "deep/used").iterdir()] == [0o600]


def test_a_directory_that_others_can_enter_is_refused(tmp_path):
    (tmp_path / "open").mkdir(mode=0o700)
    (tmp_path / "open").chmod(0o750)
    with pytest.raises(ConfigError, match="0700"):
        BurntFiles(tmp_path / "open")
    (tmp_path / "own").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "own")
    with pytest.raises(ConfigError, match="of our own"):
        BurntFiles(tmp_path / "link")
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match="cannot be kept"):
            BurntFiles(path)


def test_old_ones_are_swept_and_strangers_files_left(tmp_path):
    burnt = BurntFiles(tmp_path / "used")
    (tmp_path / "used/README").write_text("")
    burnt.burn("aa", NOW + 60, NOW)
    burnt.burn("bb", NOW + 60 + SWEEP, NOW + 1)
    burnt.burn("cc", NOW + 600, NOW + 60 + MARGIN)
    left = {path.name.partition("-")[2] or path.name for path in (tmp_path / "used").iterdir()}
    assert left == {"README", "bb", "cc"}


def test_a_disk_that_refuses_lets_nobody_in(tmp_path, caplog):
    burnt = BurntFiles(tmp_path / "used")
    os.rmdir(tmp_path / "used")
    with pytest.raises(LocalGatewayError, match="cannot be kept"):
        burnt.burn("aa", NOW + 60, NOW)
    door = Tickets(KEY, burnt)
    text = door.mint("twilio", NOW, bytes(16))
    with caplog.at_level(logging.ERROR):
        assert door.check(text, "twilio", NOW) is Refusal.UNRECORDED
    assert "no call can come in" in caplog.text
    assert text not in caplog.text


def race(directory, barrier, results):
    """A worker process: tries every ticket at the same time as the other does."""
    door = Tickets(KEY, BurntFiles(directory))
    texts = [door.mint("twilio", NOW, n.to_bytes(16, "big")) for n in range(RACES)]
    barrier.wait(10)
    results.put([n for n, text in enumerate(texts) if isinstance(door.check(text, "twilio", NOW), Ticket)])


def test_two_processes_burn_each_ticket_exactly_once(tmp_path):
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    barrier, results = context.Barrier(2), context.Queue()
    workers = [context.Process(target=race, args=(tmp_path / "used", barrier, results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    first, second = results.get(timeout=20), results.get(timeout=20)
    for worker in workers:
        worker.join(10)
        assert worker.exitcode == 0
    assert sorted(first + second) == list(range(RACES))
