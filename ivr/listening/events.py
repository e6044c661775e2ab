"""What a voice gate tells. Start and end alternate, and times never go backwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller speaks; told once it was voice for long enough."""

    at: float
    """When it began, seconds."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The caller is silent; told once it was silence for long enough."""

    at: float
    """When the silence began, seconds."""


SpeechEvent = SpeechStarted | SpeechEnded
