"""The directory of a running server: where it is, and that nobody else can write to it."""

import os
import tempfile
from pathlib import Path

import pytest

from ivr.errors import ConfigError
from ivr.runtime.rundir import SYSTEMD, run_directory, used_tickets

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="users have no numbers on this system")


def mode(path):
    return path.stat().st_mode & 0o777


def test_what_is_given_comes_before_systemds_and_that_before_one_of_our_own(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    systemd = {SYSTEMD: f"{tmp_path / 'systemd'}:{tmp_path / 'second'}"}
    assert run_directory(tmp_path / "a" / "given", systemd) == tmp_path / "a" / "given"
    assert run_directory(None, systemd) == tmp_path / "systemd"
    own = run_directory(None, {SYSTEMD: ""})
    assert own == run_directory(None, {}) == tmp_path / f"ivr-{os.geteuid()}"
    assert mode(own) == mode(tmp_path / "a" / "given") == 0o700


def test_one_that_others_can_write_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = run_directory(tmp_path / "run", {})
    place.chmod(0o755)
    assert run_directory(place, {}) == place, "systemd's own mode"
    place.chmod(0o775)
    with pytest.raises(ConfigError, match="choose another --run-dir"):
        run_directory(place, {})
    (tmp_path / f"ivr-{os.geteuid()}").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="a directory of our own, mode 0700"):
        run_directory(None, {})


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_one_that_cannot_be_is_refused(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="files of this server cannot be kept in"):
        run_directory(tmp_path / place, {})


def test_tickets_of_one_key_have_one_directory_that_does_not_tell_the_key():
    run, key = Path("/run/ivr"), bytes(32)
    assert used_tickets(run, key) == used_tickets(run, bytes(32)) != used_tickets(run, bytes([1]) * 32)
    assert key.hex()[:8] not in str(used_tickets(run, key))
