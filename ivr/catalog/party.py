"""Whom a call can be transferred to, whom it may be, and what comes of it.

A number is E.164 (``+`` and 7 to 15 digits), a SIP address is ``sip:user@host`` or ``sips:``, with a port if need be
and nothing else, and an extension has 1 to 15 digits. Nothing else is dialled: a caller may have a hand in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"
_SIP = re.compile(rf"(sips?):([A-Za-z0-9._+-]{{1,64}})@({_HOST})(:[0-9]{{1,5}})?", re.I | re.A)
_EXTENSION = re.compile(r"[0-9]{1,15}")
_LITERAL = re.compile(r"\+|sips?:|[0-9]+\Z", re.I | re.A)
_PATTERN = re.compile(r"!?(\+[0-9*?]*|sips?:[A-Za-z0-9._+*?-]+@[A-Za-z0-9.:*?-]+|[0-9*?]+)", re.I | re.A)

HOW = "write +15551234, sip:user@host or an extension such as 200"
"""What to do about a text that is no party."""


class Kind(StrEnum):
    """Ways to name a party."""

    NUMBER = "number"
    SIP = "sip"
    EXTENSION = "extension"


class TransferOutcome(StrEnum):
    """What came of a transfer."""

    ANSWERED_AND_ENDED = "answered_and_ended"
    """They talked, and the other party hung up."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    """The party does not exist, cannot be reached, or the platform did not say what came of it."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who is called."""

    address: str = field(repr=False)
    """As dialled; a SIP host in lower case."""
    kind: Kind


def party(text: str) -> Party | None:
    """The party that a text names; None for what is none."""
    if _NUMBER.fullmatch(text):
        return Party(text, Kind.NUMBER)
    if _EXTENSION.fullmatch(text):
        return Party(text, Kind.EXTENSION)
    found = _SIP.fullmatch(text)
    if found is None:
        return None
    scheme, user, host, port = found.groups()
    return Party(f"{scheme.lower()}:{user}@{host.lower()}{port or ''}", Kind.SIP)


def is_literal(text: str) -> bool:
    """Whether a text of a dialog's file is meant as a party, good or bad, and not as an expression."""
    return _LITERAL.match(text) is not None


def is_pattern(text: str) -> bool:
    """Whether a text can be a pattern of ``Allowed``."""
    return _PATTERN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The parties that a project may call: ``+1*``, ``sip:*@pbx.example.com``, ``2??``; ``!+1900*`` takes some out."""

    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Allowed:
        """Where any pattern allows and none takes out."""
        return cls(tuple(pattern.lower() for pattern in patterns))

    def __bool__(self) -> bool:
        return any(not pattern.startswith("!") for pattern in self.patterns)

    def allows(self, party: Party) -> bool:
        """Whether it may be called."""
        address = party.address.lower()
        if any(fnmatchcase(address, pattern[1:]) for pattern in self.patterns if pattern.startswith("!")):
            return False
        return any(fnmatchcase(address, pattern) for pattern in self.patterns if not pattern.startswith("!"))


NOBODY = Allowed()
"""What a project allows that says nothing of transfers."""
