"""Why calls end, as few classes. A reason is a sentence, and a dialog of one's own may make up others."""

from __future__ import annotations

import re
from enum import StrEnum


class Ending(StrEnum):
    """Classes of reasons."""

    DIALOG = "dialog"
    """It said what it had to say."""
    HANGUP = "hangup"
    """The caller hung up, or the platform ended the stream."""
    SOCKET = "socket"
    """The socket closed without a word."""
    MESSAGE = "message"
    """The gateway sent a message that cannot be read."""
    WEBSOCKET = "websocket"
    """The gateway broke the websocket protocol."""
    STUCK = "stuck"
    """The gateway took no data."""
    SILENT = "silent"
    """The gateway no longer answered."""
    NO_STREAM = "no_stream"
    """No stream began in time."""
    SHUTDOWN = "shutdown"
    """The drain was over."""
    DIALOG_FAILED = "dialog_failed"
    """The dialog raised an error."""
    FAULT = "fault"
    """A fault of our own."""
    FLOOD = "flood"
    """The gateway sent more messages than any does."""
    LENGTH = "length"
    """It had lasted as long as a call may."""
    TICKET = "ticket"
    """Its ticket was made for another call."""
    TRANSFER = "transfer"
    """It was transferred, and did not come back."""
    OTHER = "other"


_BY_REASON = (
    ("the dialog ended", Ending.DIALOG),
    ("the caller hung up", Ending.HANGUP),
    ("the socket closed", Ending.SOCKET),
    ("the gateway closed the socket", Ending.SOCKET),
    ("the gateway sent too many messages", Ending.FLOOD),
    ("the gateway sent ", Ending.MESSAGE),
    ("the gateway broke its protocol", Ending.MESSAGE),
    ("the gateway stopped reading", Ending.STUCK),
    ("the gateway no longer answers", Ending.SILENT),
    ("no stream began", Ending.NO_STREAM),
    ("the server is shutting down", Ending.SHUTDOWN),
    ("the dialog failed", Ending.DIALOG_FAILED),
    ("a fault of our own", Ending.FAULT),
    ("the call lasted too long", Ending.LENGTH),
    ("its ticket was made for another call", Ending.TICKET),
    ("a transfer: ", Ending.TRANSFER),
)

_BREACH = re.compile(r"(\d{4}|None): ")


def ending(reason: str) -> Ending:
    """The class of a ``CallEnded``'s reason."""
    for beginning, how in _BY_REASON:
        if reason.startswith(beginning):
            return how
    return Ending.WEBSOCKET if _BREACH.match(reason) else Ending.OTHER
