"""Values read back in a replay: as long as they were, where a trace has but stand-ins of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from ivr.call.readback import ReadBack
from ivr.catalog.wording import Live
from ivr.media.clip import Clip, make_clip
from ivr.media.format import MULAW_8K, AudioFormat

LEVEL = 0.05
"""Amplitude of what stands for a value; whoever compares replays looks at lengths and times."""


@dataclass(frozen=True, slots=True)
class ReadAgain(ReadBack):
    """Today's, with the lengths of a recorded call for what belongs to its caller."""

    lengths: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Samples on the wire by segment; 0 where fragments could not say the value."""
    format: AudioFormat = MULAW_8K

    def clip(self, segment: str, words: Live) -> Clip | None:
        """See ``ReadBack.clip``."""
        samples = self.lengths.get(segment)
        if samples is None or not words.private:
            return ReadBack.clip(self, segment, words)
        return make_clip(np.full(samples, LEVEL, dtype=np.float32), self.format) if samples else None


def read_again(today: ReadBack, lengths: Mapping[str, int], format: AudioFormat) -> ReadAgain:
    """``today`` with the ``lengths`` of a recorded call."""
    return ReadAgain(today.mode, today.fragments, today.streamed, today.currency, lengths, format)
