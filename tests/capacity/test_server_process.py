from __future__ import annotations

import os
import sys
import time

import psutil
import pytest

from ivr.capacity import server_process
from ivr.capacity.cores import Cores, pin, split
from ivr.capacity.server_process import ServerProcess
from ivr.errors import ConfigError

HELLO = "print('answers on ws://127.0.0.1:1/x and more', flush=True)\n"
CHILD = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'while True: pass'])\n"


def server(program: str, cores: tuple[int, ...] = ()) -> ServerProcess:
    return ServerProcess((sys.executable, "-c", program), dict(os.environ), cores)


def grown(house: ServerProcess, processor: float) -> float:
    """Waits until ``processor`` seconds more are counted."""
    before, until = house.usage().processor, time.monotonic() + 30
    while (found := house.usage().processor - before) < processor and time.monotonic() < until:
        time.sleep(0.05)
    return found


def test_it_tells_the_address_and_ends_the_server_with_its_children():
    with server(CHILD + HELLO + "import time; time.sleep(60)") as house:
        assert house.url == "ws://127.0.0.1:1/x"
        family = house._family()
        assert len(family) == 2
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert len(gone) == 2 and not alive


def test_what_children_use_is_counted():
    with server(CHILD + HELLO + "import time; time.sleep(60)") as house:
        usage = house.usage()
        assert usage.processes == 2 and usage.memory > 0
        assert grown(house, 0.2) >= 0.2


@pytest.mark.skipif(sys.platform != "linux", reason="only there are parents told of their children's time")
def test_what_children_used_that_have_ended_is_counted():
    spend = "import time\nwhile time.process_time() < 0.3: pass"
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {spend!r}])\n"
    with server(program + HELLO + "import time; time.sleep(60)") as house:
        usage = house.usage()
    assert usage.processes == 1 and usage.processor >= 0.3


def test_a_server_that_does_not_start_is_told_with_its_last_words():
    with (
        pytest.raises(ConfigError, match=r"did not start.*the disk is full"),
        server("raise SystemExit('the disk is full')"),
    ):
        pass


def test_one_that_says_nothing_for_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(server_process, "START", 0.2)
    with pytest.raises(ConfigError, match="it said nothing"), server("import time; time.sleep(60)"):
        pass


def test_one_that_does_not_listen_to_the_signal_is_killed(monkeypatch):
    monkeypatch.setattr(server_process, "END", 0.2)
    stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + HELLO + "time.sleep(60)"
    with server(stubborn) as house:
        (process,) = house._family()
    assert not process.is_running()


def test_usage_of_one_that_died_is_nothing():
    with server(HELLO) as house:
        psutil.wait_procs(house._family(), timeout=10)
        house._process.wait()
        assert house.usage().processes == 0


@pytest.mark.skipif(not hasattr(psutil.Process, "cpu_affinity"), reason="no process is tied to cores here")
class TestCores:
    def test_server_and_driver_share_nothing_where_there_is_enough(self):
        ours = psutil.Process().cpu_affinity()
        cores = split(1)
        assert len(cores.server) == 1
        assert cores.shared == (len(ours) == 1)
        assert set(cores.server) | set(cores.driver) == set(ours)

    def test_where_all_are_asked_for_the_driver_shares(self):
        assert split(len(psutil.Process().cpu_affinity())).shared

    def test_more_than_there_are_is_refused(self):
        with pytest.raises(ConfigError, match="--cores"):
            split(100_000)

    def test_a_server_is_tied_to_its_cores_and_we_are_not(self):
        before = psutil.Process().cpu_affinity()
        core = split(1).server
        with server(HELLO + "import time; time.sleep(60)", core) as house:
            assert house._family()[0].cpu_affinity() == list(core)
        assert psutil.Process().cpu_affinity() == before

    def test_no_cores_are_nothing_to_do(self):
        assert pin(()) == ()


def test_a_system_that_ties_no_process_shares():
    assert Cores((), ()).shared
