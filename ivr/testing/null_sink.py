"""A real sound server with a sink that nobody hears, and a record of what was played to it: PulseAudio, on Linux."""

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
"""Hz, of the sink and of what is recorded."""

PLUGIN = "libasound_module_pcm_pulse.so"

ALSA = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"

STARTS = 10.0
"""Seconds that the server, and the recorder, get to start."""


def missing() -> str:
    """What such a server lacks on this machine, by Debian's names; empty where it lacks nothing."""
    tools = {"pulseaudio": "pulseaudio", "parec": "pulseaudio-utils", "pactl": "pulseaudio-utils"}
    lacking = {package for tool, package in tools.items() if shutil.which(tool) is None}
    if find_library("portaudio") is None:
        lacking.add("libportaudio2")
    if not any(Path("/usr/lib").glob(f"**/alsa-lib/{PLUGIN}")):
        lacking.add("libasound2-plugins")
    if importlib.util.find_spec("sounddevice") is None:
        lacking.add("sounddevice")
    return ", ".join(sorted(lacking))


class NullSink:
    """One server, private to a directory that is made here. Use it as ``with NullSink(directory)``.

    What is to play to it is started with ``environ``. Raises ``RuntimeError`` where it does not start.
    """

    def __init__(self, directory: Path) -> None:
        run = directory / "run"
        run.mkdir(parents=True, mode=0o700)
        (directory / ".asoundrc").write_text(ALSA)
        self.environ = {
            **os.environ,
            "HOME": str(directory),
            "XDG_RUNTIME_DIR": str(run),
            "PULSE_RUNTIME_PATH": str(run / "pulse"),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> NullSink:
        self._server = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit"),
                "--load=module-native-protocol-unix auth-anonymous=1",
                f"--load=module-null-sink sink_name=ivr rate={RATE} channels=2",
            ],
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        socket = Path(self.environ["PULSE_RUNTIME_PATH"]) / "native"
        until = time.monotonic() + STARTS
        while not (socket.exists() and "ivr.monitor" in self._control("list", "short", "sources")):
            if time.monotonic() > until or self._server.poll() is not None:
                self.kill()
                raise RuntimeError("pulseaudio did not start")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """The server is gone, at once and without a word to who plays to it."""
        self.signal(signal.SIGKILL)
        assert self._server is not None
        self._server.wait(STARTS)

    def signal(self, how: signal.Signals) -> None:
        """``SIGSTOP`` makes it hang, ``SIGCONT`` go on."""
        assert self._server is not None
        self._server.send_signal(how)

    def unplug(self) -> None:
        """The device is gone, and the server goes on without one."""
        self._control("unload-module", "module-null-sink")

    def _control(self, *words: str) -> str:
        done = subprocess.run(["pactl", *words], env=self.environ, capture_output=True, text=True, timeout=STARTS)
        return done.stdout


class Recorder:
    """The sink's monitor, as it sounds, with its time by the system's monotonic clock.

    Raises ``RuntimeError`` where nothing comes.
    """

    def __init__(self, sink: NullSink) -> None:
        shape = ("--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=10", "--raw")
        self._process = subprocess.Popen(
            ["parec", "-d", "ivr.monitor", *shape],
            env=sink.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._parts: list[bytes] = []
        self._zero = float("inf")
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        if not self._begun.wait(STARTS):
            self.stop()
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
        """What was heard, and when its first sample was, at the latest: parts come late, never early."""
        self._process.terminate()
        self._process.wait(STARTS)
        self._thread.join(STARTS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        heard = b"".join(self._parts)
        samples = np.frombuffer(heard[: len(heard) // 2 * 2], dtype="<i2").astype(np.float32) / np.float32(32768)
        return samples, self._zero
