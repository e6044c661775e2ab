"""``listening:`` in ``ivr.yaml``: what counts as a caller's speech."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ivr.catalog.durations import Seconds, between
from ivr.listening.gate import USUAL, Sensitivity


class ListeningSettings(BaseModel):
    """See ``Sensitivity``, which has the reasons."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True, hide_input_in_errors=True)
    begin: Annotated[Seconds, between(0.02, 1)] = USUAL.begin
    """Voice that begins speech: the shorter, the sooner words stop, and the more a cough stops them."""
    end: Annotated[Seconds, between(0.1, 5)] = USUAL.end
    """Silence that ends it."""
    floor: Annotated[float, Field(ge=-80, le=-10)] = USUAL.floor
    """dBFS; what is not louder is silence."""
    floor_over_words: Annotated[float, Field(ge=-80, le=-10)] = USUAL.floor_over_words
    """dBFS; the same while our own words sound, of which an echo comes back."""

    def sensitivity(self) -> Sensitivity:
        """The same as a value."""
        return Sensitivity(self.begin, self.end, self.floor, self.floor_over_words)
