"""What Asterisk can be told, in either of its notations. Commands are case-sensitive, and an unknown one gets no reply.

One that is longer than 128 bytes is ignored over there, with a line in its own log alone; so it is refused here.
"""

from __future__ import annotations

from enum import StrEnum

import orjson

from ivr.errors import LocalGatewayError

LONGEST = 128
"""Bytes of a command, the last that was seen to work."""


class Command(StrEnum):
    """By the name on the wire."""

    ANSWER = "ANSWER"
    HANGUP = "HANGUP"
    START_MEDIA_BUFFERING = "START_MEDIA_BUFFERING"
    """From here on what is left of a message behind its last whole frame is joined to the next one."""
    STOP_MEDIA_BUFFERING = "STOP_MEDIA_BUFFERING"
    """MEDIA_BUFFERING_COMPLETED with the same id comes when all of it was *played*."""
    MARK_MEDIA = "MARK_MEDIA"
    FLUSH_MEDIA = "FLUSH_MEDIA"
    """Drops what is queued, pending marks too. Does not end a pause."""
    PAUSE_MEDIA = "PAUSE_MEDIA"
    CONTINUE_MEDIA = "CONTINUE_MEDIA"
    GET_STATUS = "GET_STATUS"
    REPORT_QUEUE_DRAINED = "REPORT_QUEUE_DRAINED"
    """One QUEUE_DRAINED for one request, also when the queue is empty already."""


WITH_ID = frozenset({Command.MARK_MEDIA, Command.STOP_MEDIA_BUFFERING})


def write(command: Command, id: str = "", *, json: bool) -> str:
    """The message. Raises ``LocalGatewayError`` for one that Asterisk would not read, and for an id out of place."""
    if id and command not in WITH_ID:
        raise LocalGatewayError(f"{command} takes no id: leave it out")
    if json:
        fields = {"command": command.value} | ({"correlation_id": id} if id else {})
        message = orjson.dumps(fields).decode("utf-8")
    else:
        message = f"{command.value} {id}" if id else command.value
    if len(message.encode("utf-8")) > LONGEST:
        raise LocalGatewayError(
            f"{command} with an id of {len(id)} characters: Asterisk ignores more than {LONGEST} bytes; shorten the id"
        )
    return message
