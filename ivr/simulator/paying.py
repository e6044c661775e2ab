"""What the characters that a simulated call gives to its voice cost, and where that is told."""

from __future__ import annotations

from decimal import Decimal

from ivr.errors import Problem, ProjectError
from ivr.project.profiles.profile import USUAL, load_profile
from ivr.project.profiles.shapes import ProfileShape
from ivr.project.project import Project
from ivr.project.reading.readable import Readable
from ivr.project.settings.prices import Price
from ivr.project.settings.settings import Settings
from ivr.speech.voices import named

MILLION = 1_000_000


def call_price(project: Project | Readable, profile: ProfileShape | str | None = None) -> Price | None:
    """The price in the profile, which has no currency, or else that of the project's voice; None where nobody told it.

    A price of 0 is one that was told. Raises as ``load_profile``, which reads a profile that is named.
    """
    shape = profile if isinstance(profile, ProfileShape) else load_profile(project, profile)
    if "price" in shape.voice.model_fields_set:
        return Price.model_construct(price=Decimal(repr(shape.voice.price)), per=MILLION, currency="")
    settings = project.settings
    return settings.price_of(named(settings.voice.provider, settings.voice.url))


def unpriced(project: Readable) -> list[Problem]:
    """Thresholds of what a call costs where no price is known. A profile that is wrong may have one."""
    bounds = [index for index, each in enumerate(project.settings.thresholds) if each.metric == "cost"]
    try:
        if not bounds or project.source is None or call_price(project) is not None:
            return []
    except ProjectError:
        return []
    what = "no price of the voice is known, so that nothing tells what a call costs"
    remedy = priceless(project.settings)
    return [project.source.problem(("thresholds", index), what, remedy, code="no-price") for index in bounds]


def priceless(settings: Settings, profile: str | None = None) -> str:
    """The remedy where no price is known."""
    file = f"the profile {profile}" if profile is not None else f"prompts/profiles/{USUAL}.yaml"
    voice = named(settings.voice.provider, settings.voice.url)
    return f"give {file} voice.price, or prompts/ivr.yaml prices.{voice}, or bound `characters` instead"


def shown(amount: Decimal | float) -> str:
    """An amount to its last digit, without an exponent."""
    text = f"{Decimal(repr(amount)) if isinstance(amount, float) else amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
