"""Traces on disk: one JSON-lines file a call. A disk that is full costs the trace, never the call."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import BinaryIO

from ivr.trace.doors import StreamCame
from ivr.trace.events import CallEnded, CallStarted, TraceEvent
from ivr.trace.jsonl import Mask, header, line

log = logging.getLogger("ivr.trace")


class TraceFiles:
    """Writes the events of each call to ``directory/<call>.jsonl`` as they happen."""

    def __init__(self, directory: Path, mask: Mask) -> None:
        self._directory = directory
        self._mask = mask
        self._files: dict[str, BinaryIO | None] = {}
        self._warned = False

    def watch(self, call: str, event: TraceEvent) -> None:
        """Write one event; see ``ivr.runtime.session.Watch``."""
        try:
            if call not in self._files:
                if not isinstance(event, StreamCame | CallStarted):
                    return  # its stream has not begun; of calls that end before there can be thousands
                self._files[call] = self._open(call)
            file = self._files[call]
            if file is not None:
                file.write(line(event, self._mask))
        except OSError as error:
            self._give_up(call, error)
        if isinstance(event, CallEnded):
            self._close(call)

    def close(self) -> None:
        """Close what is open."""
        for call in list(self._files):
            self._close(call)

    def _open(self, call: str) -> BinaryIO:
        self._directory.mkdir(parents=True, exist_ok=True)
        file = (self._directory / f"{call}.jsonl").open("wb")
        file.write(header(call, self._mask))
        return file

    def _close(self, call: str) -> None:
        file = self._files.pop(call, None)
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self._warn(error)

    def _give_up(self, call: str, error: OSError) -> None:
        self._warn(error)
        file = self._files.get(call)
        self._files[call] = None
        if file is not None:
            try:
                file.close()
            except OSError:
                pass  # what was buffered is lost with the trace; that was said

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            why = error.strerror or error
            log.warning("no traces in %s (%s): calls go on without them", self._directory, why)
