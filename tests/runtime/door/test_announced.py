import logging
import os
import stat

import pytest

from ivr.errors import ConfigError, LocalGatewayError
from ivr.runtime.door.announced import SWEEP, AnnouncedFiles, AnnouncedHere

SAID = {"from": "+15550100", "to": "42"}


@pytest.fixture(params=["here", "files"])
def announced(request, tmp_path):
    return AnnouncedHere() if request.param == "here" else AnnouncedFiles(tmp_path / "announced")


def test_what_was_said_is_taken_once(announced):
    announced.keep("a", SAID, 60.0, 0.0)
    announced.keep("b", {"from": "x"}, 60.0, 0.0)
    assert announced.take("a") == SAID
    assert announced.take("a") == announced.take("c") == {}
    assert announced.take("b") == {"from": "x"}


def test_memory_forgets_what_has_expired_and_is_full_at_some_point():
    announced = AnnouncedHere(capacity=2)
    announced.keep("a", SAID, 60.0, 0.0)
    announced.keep("b", SAID, 61.0, 1.0)
    with pytest.raises(LocalGatewayError, match="2 calls are announced"):
        announced.keep("c", SAID, 62.0, 2.0)
    announced.keep("c", SAID, 120.0, 60.0)
    assert len(announced) == 2
    assert announced.take("a") == {}


def test_workers_share_the_files_and_nobody_else_reads_them(tmp_path):
    place = tmp_path / "tickets" / "announced"
    one, other = AnnouncedFiles(place), AnnouncedFiles(place)
    one.keep("a", SAID, 60.0, 0.0)
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()] == [0o600]
    assert other.take("a") == SAID
    assert one.take("a") == {}


def test_files_of_calls_that_never_came_are_swept(tmp_path):
    announced = AnnouncedFiles(tmp_path / "announced")
    announced.keep("a", SAID, 60.0, 0.0)
    announced.keep("b", SAID, 60.0 + SWEEP, SWEEP)
    announced.keep("c", SAID, 90.0 + SWEEP, 61.0 + SWEEP)
    assert announced.take("a") == announced.take("b") == {}
    assert announced.take("c") == SAID


def test_a_directory_of_others_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(ConfigError, match="mode 0700"):
        AnnouncedFiles(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be kept"):
        AnnouncedFiles(tmp_path / "file")


def test_a_disk_that_fails_is_said_and_a_damaged_file_costs_only_the_parameters(tmp_path, caplog):
    place = tmp_path / "announced"
    announced = AnnouncedFiles(place)
    announced.keep("a", SAID, 60.0, 0.0)
    with pytest.raises(LocalGatewayError, match="cannot be kept"):
        announced.keep("a", SAID, 60.0, 0.0)  # it is there
    (place / "a").write_text("{")
    assert announced.take("a") == {}
    assert all("+1555" not in record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR)
