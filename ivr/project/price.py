"""What a voice costs, and where that is known."""

from __future__ import annotations

from decimal import Decimal

from ivr.project.profile import USUAL, load_profile
from ivr.project.profile_shapes import ProfileShape
from ivr.project.project import Project
from ivr.project.readable import Readable

MILLION = 1_000_000


def price(profile: ProfileShape) -> float | None:
    """Of a million characters, in whatever money; None where nobody has told it. A price of 0 is one that was told."""
    return profile.voice.price if "price" in profile.voice.model_fields_set else None


def price_of(project: Project | Readable, named: str | None = None) -> float | None:
    """The price in the profile that is meant; see ``load_profile``, also for what it raises."""
    return price(load_profile(project, named))


def priceless(named: str | None = None) -> str:
    """The remedy where no price is known."""
    file = f"the profile {named}" if named is not None else f"prompts/profiles/{USUAL}.yaml"
    return f"give {file} voice.price, of a million characters, or bound `characters` instead"


def cost(characters: int, of_a_million: float) -> float:
    """Of so many characters. Exact in decimals, so that 1,250 of them at 16 a million are 0.02 and no more."""
    return float(Decimal(repr(of_a_million)) * characters / MILLION)


def shown(money: float) -> str:
    """An amount without an exponent."""
    return f"{Decimal(repr(money)).normalize():f}"
