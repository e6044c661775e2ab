"""What a barge-in leaves behind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeardSegment:
    """How much of one segment reached the caller."""

    utterance: str
    segment: str
    samples: int
    text: str
    """The words heard, whole words only."""
    private: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a barge-in stopped what was sounding."""

    position: int
    """Where in all that was sent the caller's ear was cut off, in samples."""
    heard: tuple[HeardSegment, ...]
    """The segments of the interrupted utterances, as far as they were heard."""
    sentinel: str | None
    """A mark to send right behind the clear; its echo confirms it. None where there are no marks, or no clear."""
