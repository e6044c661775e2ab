"""The files by which the workers of one port share their metrics; see ``prometheus_client.multiprocess``.

The library decides when it is imported whether values are floats or files, by ``PROMETHEUS_MULTIPROC_DIR``. So this
module imports it late, and ``prepare`` runs in the process that starts the workers, before any of them exists.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.errors import ConfigError

if TYPE_CHECKING:
    from prometheus_client import Metric

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_FILE = re.compile(r"(counter|histogram|summary|gauge_[a-z]+)_\d+\.db")


def prepare(directory: Path) -> Path:
    """Make ``directory`` ready, empty of an earlier run's values; children inherit it.

    Raises ``ConfigError`` where it cannot be written, and where ``prometheus_client`` was imported without it before.
    """
    library = sys.modules.get("prometheus_client.values")
    if library is not None and not getattr(library.ValueClass, "_multiprocess", False):
        raise ConfigError("the metrics of workers were prepared too late: call prepare before anything imports them")
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in _files(directory):
            file.unlink()
    except OSError as error:
        raise ConfigError(f"the metrics of workers cannot be kept in {directory}: {error.strerror}") from None
    os.environ[VARIABLE] = str(directory)
    return directory


def bury(pid: int) -> None:
    """A worker has died: its gauges go, what it counted stays, since a counter that goes back looks like a restart.

    Nothing happens where no directory was prepared.
    """
    if shared() is not None:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]


def remove(directory: Path) -> None:
    """The last worker has ended: remove the values, and the directory where nothing else is in it."""
    if os.environ.get(VARIABLE) == str(directory):
        del os.environ[VARIABLE]
    for file in _files(directory):
        file.unlink(missing_ok=True)
    with suppress(OSError):  # there is something else in it
        directory.rmdir()


def shared() -> Path | None:
    """The directory that the workers share; None where this process is alone."""
    place = os.environ.get(VARIABLE)
    return Path(place) if place else None


def collect(directory: Path) -> Iterable[Metric]:
    """All workers' values as one. A worker that is just beginning its file, or was killed at that, is left out."""
    from prometheus_client.multiprocess import MultiProcessCollector

    begun = []
    for file in _files(directory):
        try:
            if file.stat().st_size > 0:
                begun.append(str(file))
        except FileNotFoundError:
            pass  # buried since the directory was read
    metrics: Iterable[Metric] = MultiProcessCollector.merge(begun)  # type: ignore[no-untyped-call]
    return metrics


def _files(directory: Path) -> list[Path]:
    try:
        return [file for file in directory.iterdir() if _FILE.fullmatch(file.name)]
    except FileNotFoundError:
        return []
