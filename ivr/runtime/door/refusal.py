"""Why somebody was not let in."""

from __future__ import annotations

from enum import Enum


class Refusal(Enum):
    """For the log alone: whoever stands outside is told no reason."""

    MALFORMED = "it is no ticket or pass"
    FOREIGN = "it was not made here, or for another gateway"
    EXPIRED = "it has expired"
    REPLAYED = "it was used before"
    UNRECORDED = "its use could not be recorded"
    UNKNOWN = "nobody has it"
    REVOKED = "it was revoked"
    OTHER_GATEWAY = "it is for another gateway"
