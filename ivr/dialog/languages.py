"""In which locale a call begins: rules over what its gateway says of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ivr.catalog.locales import TAG, fallbacks
from ivr.catalog.mistakes import refuse, shown
from ivr.catalog.schema_marks import Written
from ivr.dialog.conditions import evaluate, names
from ivr.dialog.fields import Expression
from ivr.dialog.line import Line
from ivr.dialog.table import Condition
from ivr.errors import ConditionError


def _tag(value: str) -> str:
    if not TAG.fullmatch(value):
        raise refuse(f"{shown(value)} is no locale", "write a language tag such as en-US")
    return value


def _of_the_call(value: str) -> str:
    if unknown := sorted(names(value) - {"call"}):
        raise refuse(f"'{unknown[0]}' has no value before the call begins", "use `call`")
    return value


def _one_way(value: Any) -> Any:
    if isinstance(value, dict) and ("locale" in value) == ("parameter" in value):
        raise refuse("this names no locale", "give it one of 'locale' and 'parameter'")
    return value


Tag = Annotated[str, AfterValidator(_tag), Written({"type": "string", "pattern": f"^{TAG.pattern}$"})]
"""A language tag (BCP 47)."""


class LocaleRule(BaseModel):
    """One entry of ``choose_locale:``."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True)
    when: Annotated[Expression, AfterValidator(_of_the_call)] | None = Field(alias="if", default=None)
    """CEL over ``call``; without it the entry always applies."""
    locale: Tag | None = None
    parameter: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The call's parameter that names the locale; where it names none that the project speaks, the entry is passed."""


LocaleRules = tuple[Annotated[LocaleRule, BeforeValidator(_one_way)], ...]


def begins_in(rules: Sequence[LocaleRule], line: Line, available: Collection[str], own: str) -> str:
    """The locale of a call at its beginning: of the first rule that applies, else ``own``.

    A condition that fails does not apply: a parameter that it asks for is not there.
    """
    for rule in rules:
        tag = rule.locale or line.parameters.get(rule.parameter or "", "")
        if TAG.fullmatch(tag) and speaks(tag, available) and _applies(rule, line):
            return tag
    return own


def speaks(tag: str, available: Collection[str]) -> bool:
    """Whether there is a catalogue of that language."""
    return bool(fallbacks(tag, available, ""))


def _applies(rule: LocaleRule, line: Line) -> bool:
    if rule.when is None:
        return True
    try:
        return evaluate(Condition(rule.when, "choose_locale"), {"call": line.facts}) is True
    except ConditionError:
        return False
