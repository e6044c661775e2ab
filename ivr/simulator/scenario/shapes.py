"""``prompts/calls/*.yaml`` as it is written: one scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ivr.catalog.durations import DURATION, Seconds, between, seconds
from ivr.catalog.mistakes import Name, YesNo, meant, refuse, shown
from ivr.catalog.party import TransferOutcome
from ivr.catalog.schema_marks import ENTRY, SCALAR, Also, Written
from ivr.simulator.emulated import EMULATED
from ivr.simulator.scenario.step_shapes import Digits, StepShape, StrategyName, Text

VARIABLE = re.compile(r"\$(\$|[A-Za-z_][A-Za-z0-9_]*)")
"""``$name``, filled in from a table; ``$$`` is a dollar."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=False)


def _gateway(value: str) -> str:
    if value not in EMULATED:
        raise refuse(f"no gateway {shown(value)} can be emulated", meant(value, EMULATED, ", ".join(EMULATED)))
    return value


def _moment(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise refuse(f"{shown(value)} is no date and time", "write one such as 2026-11-25 15:00") from None


def _list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _off(value: Any) -> float | None:
    return None if value in ("off", "no") else seconds(value)


class NetworkShape(_Section):
    """``network:``"""

    out: Annotated[Seconds, between(0, 5)] = 0.0
    back: Annotated[Seconds, between(0, 5)] = 0.0
    jitter: Annotated[Seconds, between(0, 1)] = 0.0
    loss: Annotated[float, Field(ge=0, le=1)] = 0.0
    queue: Annotated[Seconds, between(0.02, 600)] | None = None


class AnswerShape(_Section):
    """One answer of a lookup."""

    value: Annotated[Any, Written({})] = None
    text: Text | None = None
    delay: Annotated[Seconds, between(0, 600)] = 0.0
    error: Text | None = None
    status: Annotated[int, Field(ge=100, le=599)] | None = None


class TransferShape(_Section):
    """What comes of one transfer."""

    outcome: TransferOutcome | None = None
    refused: Text | None = None
    after: Annotated[Seconds, between(0, 3600)] = 0.0


class VoiceShape(_Section):
    """``voice:``, the voice of this call."""

    first_audio: Annotated[Seconds, between(0, 60)] = 0.2
    pace: Annotated[float, Field(gt=0, le=1000)] = 4.0
    dies_after: Annotated[Seconds, between(0, 600)] | None = None
    stalls_after: Annotated[Seconds, between(0, 600)] | None = None
    stall: Annotated[Seconds, between(0, 600)] | None = None
    empty: YesNo = False
    heals: Annotated[int, Field(ge=2, le=10)] | None = None


_States = Annotated[list[Text], BeforeValidator(_list), Also(part=ENTRY)]
_Strategies = Annotated[list[StrategyName], BeforeValidator(_list), Also(part=ENTRY)]


class ExpectShape(_Section):
    """``expect:``, of the whole call."""

    states: _States = Field(default_factory=list)
    never: _States = Field(default_factory=list)
    digits: Digits | None = None
    ttfa: Annotated[Seconds, between(0, 60)] | None = None
    dead_air: Annotated[
        float | None, BeforeValidator(_off), Written({"anyOf": [DURATION, {"enum": ["off", "no", False]}]})
    ] = 0.2
    strategies: _Strategies = Field(default_factory=list)
    without: _Strategies = Field(default_factory=list)
    characters: Annotated[int, Field(ge=0)] | None = None
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    outcome: Text | None = None


Number = Annotated[Text, Written({"type": ["string", "integer"]})]
"""A caller's number, as the gateway tells it."""


class ScenarioShape(_Section):
    """The whole file."""

    scenario: Name | None = None
    about: str = ""
    gateway: Annotated[str, AfterValidator(_gateway), Written({"enum": list(EMULATED)})] = "twilio"
    caller: Number | None = Field(default=None, alias="from")
    called: Number | None = Field(default=None, alias="to")
    parameters: Annotated[Mapping[str, str], Written({"type": "object", "additionalProperties": SCALAR})] = Field(
        default_factory=dict
    )
    when: Annotated[datetime, BeforeValidator(_moment), Written({"type": "string"})] | None = None
    network: NetworkShape | None = None
    rows: Text | None = None
    lookups: dict[Text, Annotated[list[AnswerShape], BeforeValidator(_list), Also(part=ENTRY)]] = Field(
        default_factory=dict
    )
    transfers: list[TransferShape] | None = None
    voice: VoiceShape | None = None
    hang_up: Annotated[Seconds, between(0, 1800)] | None = None
    steps: Annotated[list[StepShape], Field(min_length=1)]
    expect: ExpectShape = Field(default_factory=ExpectShape)
