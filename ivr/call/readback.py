"""Reading back: how a project voices values, and the fragments that it has for them.

Rules:

* ``STREAM``: every value is asked of the voice, as long as it takes.
* ``FRAGMENTS``: no value is asked of the voice, ever. One that fragments cannot say has failed, as if it never came.
* ``AUTO``: the voice is asked, and fragments take its place where its words are not there when they are due.
* The phrases in ``streamed`` are asked of the voice in every mode, because their author said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.catalog.readback import readable, units
from ivr.catalog.sayas import DEFAULT_CURRENCY
from ivr.catalog.wording import Live, Place
from ivr.errors import SlotError
from ivr.media.clip import Clip
from ivr.media.format import AudioFormat
from ivr.phrases.fragments import Fragments
from ivr.project.settings.readback import ReadBackSettings


class Mode(StrEnum):
    """How values are voiced."""

    STREAM = "stream"
    FRAGMENTS = "fragments"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Of one project over one kind of wire."""

    mode: Mode = Mode.STREAM
    fragments: Fragments | None = None
    streamed: frozenset[str] = frozenset()
    """Phrases whose values are asked of the voice whatever the mode is."""
    currency: str = DEFAULT_CURRENCY

    def mode_of(self, words: Live) -> Mode:
        """How these words are voiced."""
        return self._mode_at(words.place)

    def spliced(self, place: Place) -> bool:
        """Whether fragments may take the place of a voice that is late with the value that comes there."""
        return (
            self._mode_at(place) is Mode.AUTO and self.fragments is not None and readable(place.slot.kind, place.locale)
        )

    def clip(self, segment: str, words: Live) -> Clip | None:
        """The value of a segment put together from fragments; None where they cannot say it."""
        if self.fragments is None:
            return None
        place, slot = words.place, words.place.slot
        try:
            said = units(
                slot.name, slot.kind, words.value, place.locale, currency=place.currency, closing=place.closing
            )
        except SlotError:
            return None
        return self.fragments.assemble(said, place.locale)

    def _mode_at(self, place: Place) -> Mode:
        return Mode.STREAM if place.phrase in self.streamed else self.mode


STREAMED = ReadBack()
"""A project that asks for nothing."""


def read_back(settings: ReadBackSettings, clips: Mapping[str, Clip], format: AudioFormat) -> ReadBack:
    """As the project's settings say, with what is in memory."""
    mode = Mode(settings.mode)
    made = None if mode is Mode.STREAM else Fragments(clips, format)
    return ReadBack(mode, made, frozenset(settings.stream), settings.currency)
