"""The server under test, as a child of its own: started, tied to cores, and watched with all that it starts."""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Self

import psutil

from ivr.capacity.cores import pin
from ivr.capacity.run import Usage
from ivr.errors import ConfigError

START = 60.0
"""Seconds that a server gets to say where it answers."""
END = 10.0
"""Seconds that it gets to end."""
_URL = re.compile(r"ws://\S+")


class ServerProcess:
    """A command that prints a ``ws://`` address once it answers calls. Use it as ``with ServerProcess(...)``."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], cores: tuple[int, ...] = ()) -> None:
        self._command = tuple(command)
        self._environ = dict(environ)
        self._cores = cores
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None
        self._watched: psutil.Process | None = None
        self.url = ""
        """Where it answers."""

    def __enter__(self) -> Self:
        """Start it and wait for its address. Raises ``ConfigError`` with its last words where there is none."""
        self._errors = tempfile.TemporaryFile("w+")
        before = pin(self._cores)
        try:
            self._process = subprocess.Popen(
                self._command, env=self._environ, stdout=subprocess.PIPE, stderr=self._errors, text=True
            )
        finally:
            pin(before)
        self._watched = psutil.Process(self._process.pid)
        try:
            self.url = self._address()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            started = self._family()
            self._process.terminate()
            try:
                self._process.wait(END)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            for child in started[1:]:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            assert self._process.stdout is not None
            self._process.stdout.close()
        if self._errors is not None:
            self._errors.close()

    def usage(self) -> Usage:
        """So far; of children that have ended, the processor time that their parents were told of."""
        processor, memory, processes = 0.0, 0, 0
        for process in self._family():
            with suppress(psutil.NoSuchProcess), process.oneshot():
                times = process.cpu_times()
                ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
                processor += times.user + times.system + ended
                memory += process.memory_info().rss
                processes += 1
        return Usage(processor, memory, processes)

    def _family(self) -> list[psutil.Process]:
        assert self._watched is not None
        try:
            return [self._watched, *self._watched.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _address(self) -> str:
        assert self._process is not None and self._process.stdout is not None and self._errors is not None
        watchdog = threading.Timer(START, self._process.kill)
        watchdog.start()
        try:
            for line in self._process.stdout:
                if (found := _URL.search(line)) is not None:
                    return found[0]
        finally:
            watchdog.cancel()
        self._errors.seek(0)
        words = self._errors.read().strip().splitlines()
        why = "; ".join(words[-2:]) or "it said nothing"
        raise ConfigError(f"the server to be measured did not start ({' '.join(self._command)}): {why}")
