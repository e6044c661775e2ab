import os
import subprocess
import sys

import pytest

from ivr.errors import ConfigError
from ivr.pregen.files.holding import BUILDING, alone
from ivr.pregen.files.litter import is_litter, sweep

_OTHER = """
import sys
from pathlib import Path
from ivr.pregen.files.holding import alone
with alone(Path(sys.argv[1])) as held:
    print(held, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that builds."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", _OTHER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    )
    with process:
        assert process.stdout.readline() == b"True\n"
        yield process
        process.kill()


def test_nothing_is_left_of_it(tmp_path):
    with alone(tmp_path / "audio") as held:
        assert held
        assert (tmp_path / "audio" / BUILDING).read_text() == f"{os.getpid()}\n"
    assert list((tmp_path / "audio").iterdir()) == []


def test_who_comes_second_is_told_who_is_first(tmp_path, other):
    with pytest.raises(ConfigError, match=rf"another build of .* \(process {other.pid}\): wait until it has ended"):
        with alone(tmp_path):
            raise AssertionError
    assert (tmp_path / BUILDING).exists()


def test_it_ends_with_its_process_however_that_ends(tmp_path, other):
    other.kill()
    other.wait()
    assert (tmp_path / BUILDING).exists()
    with alone(tmp_path) as held:
        assert held
    assert not (tmp_path / BUILDING).exists()


def test_where_nothing_can_be_written_nobody_is_kept_out(tmp_path):
    (tmp_path / "audio").write_bytes(b"a file")
    with alone(tmp_path / "audio") as held:
        assert not held


def test_a_link_in_its_place_is_not_followed(tmp_path):
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / BUILDING).symlink_to(tmp_path / "mine")
    with alone(tmp_path) as held:
        assert not held
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_half_written_files_are_known_by_their_names(tmp_path):
    assert is_litter(".hello.wav.123.part")
    for name in ("hello.wav", ".hello.part", ".take.12.part", "hello.wav.123.part", ".hello.wav.x.part", ".keep"):
        assert not is_litter(name)
        (tmp_path / name).write_bytes(b"")
    below = tmp_path / "es-US"
    below.mkdir()
    (below / ".ivr.lock.7.part").write_bytes(b"")
    recordings = tmp_path / "recordings/es-US"
    recordings.mkdir(parents=True)
    (recordings / ".hello.wav.7.part").write_bytes(b"somebody's")
    sweep(tmp_path)
    assert list(below.iterdir()) == []
    assert len(list(recordings.iterdir())) == 1
    assert len(list(tmp_path.iterdir())) == 8
