"""Phrases and prompts: what a project can say, as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.catalog.bargein import USUAL, BargeIn


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a phrase that a value fills: ``{amount:money}``."""

    name: str
    kind: str
    """How the value is said; one of ``ivr.catalog.sayas.KINDS``."""
    ending: str = ""
    """Punctuation right behind the slot; it closes the live words, and asks for a pause when more follows."""
    currency: str = ""
    """Of money, by ISO 4217, where the slot names one: ``{amount:money:EUR}``; else that of the settings."""

    @property
    def written(self) -> str:
        """As it stands in a text, without its braces."""
        return ":".join(part for part in (self.name, self.kind, self.currency) if part)


@dataclass(frozen=True, slots=True)
class Literal:
    """Fixed words of a phrase; rendered once, when the project is built."""

    clip: str
    """Name of the clip: the phrase's id, with ``.2``, ``.3`` … for the words behind its slots."""
    text: str
    """As the voice is asked to say it; words before a slot carry a comma, for an intonation that goes on."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of the catalogue."""

    id: str
    locale: str
    text: str
    parts: tuple[Literal | Slot, ...]
    """Never empty; for a phrase without slots one literal."""
    sound: str | None = None
    """A sound file of the project's own under ``audio/``, instead of rendered speech."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots in the order in which they are said."""
        return tuple(part for part in self.parts if isinstance(part, Slot))


@dataclass(frozen=True, slots=True)
class Prompt:
    """Phrases that are said in one turn, by attempt."""

    id: str
    variants: tuple[tuple[str, ...], ...]
    """``variants[0]`` are the phrase ids of the first attempt; the last variant repeats (VoiceXML 2.0 §4.1.6)."""
    bargein: BargeIn = USUAL

    def phrases(self, attempt: int) -> tuple[str, ...]:
        """Phrase ids for ``attempt``, counted from 1."""
        return self.variants[min(attempt, len(self.variants)) - 1]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that can be said in one locale."""

    locale: str
    phrases: Mapping[str, Phrase] = field(default_factory=dict)
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    """A phrase that stands in no prompt is a prompt of its own, under its own id."""

    def prompt(self, name: str) -> Prompt | None:
        """The prompt of that name, or the phrase of that name as a prompt."""
        if name in self.prompts:
            return self.prompts[name]
        return Prompt(name, ((name,),)) if name in self.phrases else None
