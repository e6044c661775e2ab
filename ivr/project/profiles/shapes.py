"""What a latency profile looks like: ``prompts/profiles/NAME.yaml``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import refuse, shown
from ivr.catalog.schema_marks import Written
from ivr.project.profiles.distributions import Constant, Delays, Distribution, Factors, LogNormal, mostly

Kind = Literal["stall", "empty", "refused", "dead", "broken", "slow"]
_NEEDLESS: dict[str, tuple[str, ...]] = {
    "stall": ("by", "status", "retry_after"),
    "empty": ("by", "after", "lasts", "status", "retry_after"),
    "refused": ("by", "after", "lasts"),
    "dead": ("by", "lasts", "status", "retry_after"),
    "broken": ("by", "lasts", "status", "retry_after"),
    "slow": ("after", "lasts", "status", "retry_after"),
}
"""Fields that mean nothing to a kind."""
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")


def _chance(value: Any) -> float:
    written = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None or float(written[1]) > 100:
        raise refuse(f"{shown(value)} is no chance", "write 0% to 100%, such as 2.5%")
    return float(Decimal(written[1]) / 100)


Chance = Annotated[float, BeforeValidator(_chance), Written({"type": "string", "pattern": r"^ *[0-9.]+ ?% *$"})]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Trouble(_Shape):
    """What goes wrong with a synthesis."""

    fault: Kind
    """stall: it pauses in the middle. empty: success without audio. refused: an error status. dead: nothing comes any
    more, and nobody says so. broken: the connection breaks. slow: its first audio is late."""
    after: Annotated[Seconds, between(0, 600)] = 0.5
    """Seconds of audio before a stall, a break or a death; 0 is before the first."""
    lasts: Annotated[Seconds, between(0, 600)] = 1.0
    """Seconds of a stall."""
    by: Annotated[Seconds, between(0, 600)] = 2.0
    """Seconds by which the first audio of a slow one is later."""
    status: Annotated[int, Field(ge=400, le=599)] = 429
    retry_after: Annotated[Seconds, between(0, 600)] | None = None
    """Seconds that a refusal asks for."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        needless = [name for name in _NEEDLESS[self.fault] if name in self.model_fields_set]
        if needless:
            raise refuse(f"'{needless[0]}' means nothing to a fault '{self.fault}'", "remove it")
        return self


class FaultShape(Trouble):
    """A fault by chance, drawn for each request."""

    chance: Chance


class ScriptShape(Trouble):
    """A fault by the clock: whatever is asked in that time has it. Goes before those by chance."""

    at: Annotated[Seconds, between(0, 36000)]
    """Seconds since the cell began."""
    lasting: Annotated[Seconds, between(0, 36000)] = Field(alias="for")
    region: Annotated[int, Field(ge=1, le=8)] | None = None
    """The one that has it, counted from 1; left out, all."""


class VoiceProfile(_Shape):
    """``voice:``, how a hosted voice answers."""

    first_audio: Delays = LogNormal(0.3, 0.4)
    """Seconds to the first piece of audio."""
    pace: Factors = Constant(4.0)
    """Seconds of audio that come in a second."""
    regions: Annotated[int, Field(ge=1, le=8)] = 1
    """How many there are; ``voice.hedge`` and ``voice.breaker`` of the settings steer between them."""
    price: Annotated[float, Field(ge=0)] = 0.0
    """Of a million characters, in whatever money; each request pays for its own, a hedged one too."""
    faults: Annotated[list[FaultShape], Field(max_length=50)] = Field(default_factory=list)


class LookupProfile(_Shape):
    """One entry of ``lookups:``, by the name that traces give it (``bank.balance``, ``GET https://…``)."""

    delay: Delays = Constant(0.5)
    returns: Annotated[list[Any], Field(min_length=1, max_length=10000)]
    """One of them, each as often as the others; values as ``read_profile`` made them of what is written."""
    fails: Chance = 0.0
    never: Chance = 0.0
    """It does not come back, and runs into its time-out."""


class NetworkProfile(_Shape):
    """``network:``, between runtime and gateway; drawn for each call, jitter for each message."""

    out: Annotated[Delays, mostly(5)] = Constant(0.0)
    back: Annotated[Delays, mostly(5)] = Constant(0.0)
    jitter: Annotated[Delays, mostly(1)] = Constant(0.0)


class CellProfile(_Shape):
    """``cell:``, calls of one process: they share its breakers, its memory of live words, and syntheses under way."""

    calls: Annotated[int, Field(ge=1, le=1000)] = 20
    every: Delays = Constant(5.0)
    """Seconds from one call's beginning to the next one's."""


class ProfileShape(_Shape):
    """The whole file."""

    voice: VoiceProfile = Field(default_factory=VoiceProfile)
    lookups: dict[str, LookupProfile] = Field(default_factory=dict)
    network: NetworkProfile = Field(default_factory=NetworkProfile)
    cell: CellProfile = Field(default_factory=CellProfile)
    script: Annotated[list[ScriptShape], Field(max_length=200)] = Field(default_factory=list)


__all__ = ["CellProfile", "Distribution", "LookupProfile", "NetworkProfile", "ProfileShape", "Trouble", "VoiceProfile"]
