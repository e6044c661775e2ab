"""A real sound server with a sink that nobody hears, and what was played to it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from ctypes.util import find_library
from pathlib import Path

import numpy as np

from ivr.media.samples import Samples

RATE = 48000

PLUGIN = "libasound_module_pcm_pulse.so"


def missing() -> str:
    """What such a server lacks on this machine; empty where it lacks nothing."""
    tools = [tool for tool in ("pulseaudio", "parec") if shutil.which(tool) is None]
    if find_library("portaudio") is None:
        tools.append("libportaudio2")
    if not any(Path("/usr/lib").glob(f"**/alsa-lib/{PLUGIN}")):
        tools.append("libasound2-plugins")
    if importlib.util.find_spec("sounddevice") is None:
        tools.append("sounddevice")
    return ", ".join(tools)


class NullSink:
    """One server, private to a directory. Use it as ``with NullSink(directory)``."""

    def __init__(self, directory: Path) -> None:
        run = directory / "run"
        run.mkdir(parents=True, mode=0o700)
        (directory / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        self.environ = {
            **os.environ,
            "HOME": str(directory),
            "XDG_RUNTIME_DIR": str(run),
            "PULSE_RUNTIME_PATH": str(run / "pulse"),
            "PULSE_LATENCY_MSEC": "60",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> NullSink:
        self._server = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit"),
                "--load=module-native-protocol-unix auth-anonymous=1",
                f"--load=module-null-sink sink_name=ivr rate={RATE} channels=2",
                "--load=module-always-sink",
            ],
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        socket = Path(self.environ["PULSE_RUNTIME_PATH"]) / "native"
        for _ in range(200):
            if socket.exists():
                return self
            time.sleep(0.05)
        raise RuntimeError("pulseaudio did not start")

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        assert self._server is not None
        self._server.send_signal(how)
        if how is not signal.SIGSTOP:
            self._server.wait(10)


class Recorder:
    """The sink's monitor, as it sounds, with the time of each part by the system's monotonic clock."""

    def __init__(self, sink: NullSink) -> None:
        self._process = subprocess.Popen(
            [
                "parec",
                "-d",
                "ivr.monitor",
                "--format=s16le",
                f"--rate={RATE}",
                "--channels=1",
                "--latency-msec=10",
                "--raw",
            ],
            env=sink.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._parts: list[bytes] = []
        self._zero = float("inf")
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        if not self._begun.wait(10):
            raise RuntimeError("parec heard nothing")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        size = 0
        while part := os.read(self._process.stdout.fileno(), 65536):
            self._parts.append(part)
            size += len(part)
            self._zero = min(self._zero, time.monotonic() - size / 2 / RATE)
            self._begun.set()

    def stop(self) -> tuple[Samples, float]:
        """What was heard, and when its first sample was, as late as that can have been."""
        self._process.terminate()
        self._process.wait(10)
        self._thread.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()
        heard = b"".join(self._parts)
        samples = np.frombuffer(heard[: len(heard) // 2 * 2], dtype="<i2").astype(np.float32) / 32768
        return samples, self._zero
