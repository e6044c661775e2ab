"""What a project's phrases sound like: their words with gaps for values, and how long each fixed text lasts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ivr.call.plan import CallPlan
from ivr.catalog.phrase import Literal, Phrase
from ivr.simulator.scenario.words import words_of


def pattern(phrase: Phrase) -> tuple[str | None, ...]:
    """Its words; None for a value, which has one word or more. Empty for a sound of the project's own."""
    found: list[str | None] = []
    if phrase.sound is not None:
        return ()
    for part in phrase.parts:
        found += words_of(part.text) if isinstance(part, Literal) else [None]
    return tuple(found)


class Sayable:
    """What one plan can say."""

    def __init__(self, plan: CallPlan) -> None:
        self._plan = plan
        self._catalogues = [each.catalogue for each in plan.languages.values()] or [plan.catalogue]

    def patterns(self, phrase: str) -> tuple[tuple[str | None, ...], ...]:
        """Of a phrase in every locale that has it."""
        found = [pattern(each.phrases[phrase]) for each in self._catalogues if phrase in each.phrases]
        return tuple(dict.fromkeys(words for words in found if words))

    @cached_property
    def lengths(self) -> Mapping[str, float]:
        """Seconds of each fixed text; of two voices that say the same, the first."""
        found: dict[str, float] = {}
        for catalogue in self._catalogues:
            for phrase in catalogue.phrases.values():
                for part in phrase.parts:
                    clip = self._plan.clips.get(part.clip) if isinstance(part, Literal) else None
                    if isinstance(part, Literal) and clip is not None:
                        found.setdefault(part.text, clip.samples / clip.format.rate)
        return found
