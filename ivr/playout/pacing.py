"""How far ahead audio is sent and in what pieces: what the settings ask for, within what the gateway can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ivr.gateways.codec import Capabilities, Pacing
from ivr.media.format import AudioFormat

REALTIME_LEAD = 0.040
"""Seconds of lead where we are the clock: one frame sounds and one waits. More would queue up where nobody paces it."""

UNCLEARABLE_LEAD = 0.100
"""Seconds of lead where nothing can be taken back: so long the caller still hears what he has interrupted."""

AT_ONCE = 0.400
"""Seconds of audio sent in one wake: a quarter as many wakes as messages of 100 ms, and little for a queue to take."""

FORGIVEN = 0.200
"""Seconds by which a wake may come late, where half the lead is less than that."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How audio is paced, in seconds."""

    lead: float = 0.600
    """Audio sent ahead of what sounds, at the most."""
    message: float = 0.100
    """Audio in one message."""


USUAL = Schedule()


@dataclass(frozen=True, slots=True)
class Pace:
    """A schedule as one gateway allows it."""

    message: int
    """Samples in one message, at the most; whole frames where the gateway takes a frame."""
    lead: float
    """Seconds of audio sent ahead: two messages at least, unless that is more than the far side holds."""
    refill: float
    """Seconds of audio ahead at which more is sent, until the lead is full: a wake may come so late and none is heard.

    A call wakes once for the messages of ``AT_ONCE``, where the lead has room for as many beside ``FORGIVEN``, and
    otherwise for half its lead.
    """

    @classmethod
    def of(cls, schedule: Schedule, capabilities: Capabilities) -> Self:
        """The gateway's limits make messages and lead smaller, never larger."""
        format = capabilities.out_format
        most = capabilities.max_lead
        if capabilities.pacing is Pacing.REALTIME:
            most = min(most, REALTIME_LEAD)
        if not capabilities.can_clear:
            most = min(most, UNCLEARABLE_LEAD)
        wanted = max(format.frame, format.whole_frames(format.samples(schedule.message)))
        fits = capabilities.max_message // format.sample_bytes
        message = min(wanted, _frames(format.samples(most / 2), format), max(1, _pieces(fits, format)))
        each = format.seconds(message)
        lead = max(min(max(schedule.lead, 2 * each), most), each)
        at_once = max(1, int(min(AT_ONCE, max(lead - FORGIVEN, lead / 2)) / each + 1e-9))
        return cls(message, lead, lead - at_once * each)


def _frames(samples: int, format: AudioFormat) -> int:
    """Rounded down to whole frames, one at the least."""
    return max(1, samples // format.frame) * format.frame


def _pieces(samples: int, format: AudioFormat) -> int:
    """Rounded down to whole frames, where it is one or more."""
    return samples - samples % format.frame if samples >= format.frame else samples
