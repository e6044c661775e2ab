"""What a caller said, as a value that nobody sees by accident."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.media.format import AudioFormat
from ivr.media.pcm import decode
from ivr.media.wave import write_wav


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One message. It belongs to the caller: its text tells how long it is, and nothing of what was said."""

    payload: bytes = field(repr=False)
    """As it came, in ``format``; silence where nothing did."""
    format: AudioFormat
    ended: str = ""
    """Why it is over: ``key``, ``silence``, ``longest``, ``hang_up`` or ``stream`` (another one carries the call)."""
    spoken: float = 0.0
    """Seconds from the first word to the last."""
    missing: float = 0.0
    """Seconds for which no sound came: it was lost, or the caller's side sends none while it is silent."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.format.seconds(len(self.payload) // self.format.sample_bytes)

    def wav(self) -> bytes:
        """A 16-bit linear WAV at the rate of ``format``."""
        return write_wav([decode(self.payload, self.format)], self.format.rate)

    def __str__(self) -> str:
        return f"a recording of {self.seconds:.1f} s"
