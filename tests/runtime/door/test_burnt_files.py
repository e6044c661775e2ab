import logging
import os
import subprocess
import sys
from functools import partial

import pytest

from ivr.errors import ConfigError, LocalGatewayError
from ivr.runtime.door.burnt import MARGIN
from ivr.runtime.door.burnt_files import SWEEP, BurntFiles
from ivr.runtime.door.refusal import Refusal
from ivr.runtime.door.tickets import Tickets

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
    assert not burnt.burn("cc", NOW + 600, NOW + 60 + MARGIN)
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
        assert door.burn(door.read(text, "twilio", NOW), NOW) is Refusal.UNRECORDED
    assert "no call can come in" in caplog.text
    assert text not in caplog.text


RACER = """
import sys
from pathlib import Path
from ivr.runtime.door.burnt_files import BurntFiles
from ivr.runtime.door.tickets import Tickets
now = float(sys.argv[2])
door = Tickets(bytes(range(32)), BurntFiles(Path(sys.argv[1])))
texts = [door.mint("twilio", now, n.to_bytes(16, "big")) for n in range(int(sys.argv[3]))]
print("ready", flush=True)
sys.stdin.readline()
print(*(n for n, text in enumerate(texts) if door.burn(door.read(text, "twilio", now), now) is None))
"""
"""A worker process: tries every ticket at the same time as another does."""


def test_two_processes_burn_each_ticket_exactly_once(tmp_path):
    words = [sys.executable, "-c", RACER, str(tmp_path / "used"), str(NOW), str(RACES)]
    start = partial(subprocess.Popen, words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with start() as first, start() as second:
        for racer in (first, second):
            assert racer.stdout.readline() == "ready\n"
        for racer in (first, second):
            racer.stdin.write("go\n")
            racer.stdin.flush()
        let_in = [int(n) for racer in (first, second) for n in racer.stdout.read().split()]
    assert (first.returncode, second.returncode) == (0, 0)
    assert sorted(let_in) == list(range(RACES))
