"""One step of a scenario as it is written; which step it is shows by its keys."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from ivr.catalog.durations import DURATION, Seconds, between, seconds
from ivr.catalog.mistakes import Name, YesNo, meant, nearest, refuse, shown
from ivr.catalog.schema_marks import SCALAR, Written
from ivr.dialog.listen import KEYS
from ivr.simulator.scenario.model import WITHIN
from ivr.trace.sound import Strategy

MOST_TIMES = 1000
"""Of one loop."""
LONGEST_KEYS = 200


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _text(value: str) -> str:
    if not value.strip():
        raise refuse("there is nothing in it", "write something, or remove it")
    return value


def _digits(value: str) -> str:
    if not value or not set(value) <= set(KEYS):
        raise refuse(f"{shown(value)} has what is no key of a telephone", "use 0 to 9, '*', '#', A to D")
    if len(value) > LONGEST_KEYS:
        raise refuse(f"these are {len(value)} keys", f"keep to {LONGEST_KEYS}")
    return value


def _strategy(value: str) -> Strategy:
    names = [strategy.value for strategy in Strategy if strategy is not Strategy.SILENCE]
    if value not in names:
        raise refuse(f"no strategy {shown(value)}", meant(value, names, f"write one of {', '.join(names)}"))
    return Strategy(value)


def _ended(value: Any) -> float:
    return WITHIN if value in ("yes", "true") else seconds(value)


def _must(value: bool) -> bool:
    if not value:
        raise refuse("'no' does nothing here", "write yes, or remove the step")
    return value


Text = Annotated[str, AfterValidator(_text), Written(SCALAR)]
Digits = Annotated[str, AfterValidator(_digits), Written({"type": ["string", "integer"], "pattern": f"^[{KEYS}]+$"})]
StrategyName = Annotated[
    Strategy, BeforeValidator(_strategy), Written({"enum": [s.value for s in Strategy if s is not Strategy.SILENCE]})
]
_Yes = Annotated[YesNo, AfterValidator(_must), Written({"enum": ["yes", True]})]
_Within = Annotated[Seconds, between(0.02, 600)]
_Soon = Annotated[Seconds, between(0, 600)]
_Key = Annotated[Seconds, between(0, 10)]


class HearShape(_Step):
    """``hear:``, ``phrase:`` or ``strategy:``"""

    hear: Text | None = None
    phrase: Name | None = None
    strategy: StrategyName | None = None
    within: _Within = WITHIN
    not_before: _Soon = 0.0


class WaitShape(_Step):
    """``wait:``"""

    wait: _Soon


class PressShape(_Step):
    """``press:``"""

    press: Digits
    held: _Key = 0.1
    gap: _Key = 0.1


class SpeakShape(_Step):
    """``speak:`` a file beside the scenario, or for so long."""

    speak: Text


class SilentShape(_Step):
    """``silent:``"""

    silent: Annotated[int, Field(ge=1, le=100)]
    within: _Within = 120.0


class HangUpShape(_Step):
    """``hang_up:``"""

    hang_up: _Yes
    after: _Soon | None = None
    at: Annotated[Seconds, between(0, 1800)] | None = None


class EndedShape(_Step):
    """``ended:``"""

    ended: Annotated[
        float, BeforeValidator(_ended), between(0.02, 600), Written({"anyOf": [DURATION, {"enum": ["yes", True]}]})
    ]


class InterruptionShape(_Step):
    """What stands below ``interrupt:``."""

    at: Text | None = None
    after: _Soon | None = None
    sent: Name | None = None
    press: Digits | None = None
    held: _Key = 0.1
    gap: _Key = 0.1
    speak: Text | None = None
    hang_up: _Yes | None = None
    stops: YesNo = True
    within: _Within = WITHIN


class InterruptShape(_Step):
    """``interrupt:``"""

    interrupt: InterruptionShape


class XoffShape(_Step):
    """``xoff:``, how long the gateway takes no more sound."""

    xoff: _Within


class LoopShape(_Step):
    """What stands below ``repeat:``."""

    times: Annotated[int, Field(ge=1, le=MOST_TIMES)]
    steps: Annotated[list[StepShape], Field(min_length=1)]


class RepeatShape(_Step):
    """``repeat:``"""

    repeat: LoopShape


KINDS = (
    "interrupt",
    "repeat",
    "press",
    "speak",
    "silent",
    "hang_up",
    "ended",
    "wait",
    "xoff",
    "hear",
    "phrase",
    "strategy",
)


def _kind(value: Any) -> str:
    keys = [str(key) for key in value] if isinstance(value, dict) else []
    found = next((kind for kind in KINDS if kind in keys), None)
    # What is written wrongly is told as a mistake of the step that was probably meant.
    found = found or next((near for key in keys if (near := nearest(key, KINDS)) is not None), "hear")
    return "(hear)" if found in ("phrase", "strategy") else f"({found})"


StepShape = Annotated[
    Annotated[HearShape, Tag("(hear)")]
    | Annotated[WaitShape, Tag("(wait)")]
    | Annotated[PressShape, Tag("(press)")]
    | Annotated[SpeakShape, Tag("(speak)")]
    | Annotated[SilentShape, Tag("(silent)")]
    | Annotated[HangUpShape, Tag("(hang_up)")]
    | Annotated[EndedShape, Tag("(ended)")]
    | Annotated[InterruptShape, Tag("(interrupt)")]
    | Annotated[XoffShape, Tag("(xoff)")]
    | Annotated[RepeatShape, Tag("(repeat)")],
    Discriminator(_kind),
]
"""One step."""
LoopShape.model_rebuild()
RepeatShape.model_rebuild()
