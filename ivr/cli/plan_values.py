"""What it takes to say values from fragments, by locale and kind: how many there are, and what the voice asks for them.

Told in every mode, since one chooses the mode by it.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ivr.catalog.phrase import Catalogue
from ivr.catalog.readback import readable
from ivr.cli.plan_foreseen import foreseen
from ivr.phrases.fragments import PREFIX
from ivr.pregen.choice import Choice
from ivr.project.audio.clips import Wanted
from ivr.project.audio.fragments import needs
from ivr.project.project import Project
from ivr.project.settings.prices import Price
from ivr.project.settings.settings import Settings
from ivr.project.sources import Sources
from ivr.strategy.told import Bill, Turn

Wants = Callable[[str], bool]
"""Whether a phrase is asked for."""


@dataclass(frozen=True, slots=True)
class Fragments:
    """Those of one kind of value in one locale, or of all kinds together."""

    locale: str
    voice: str
    """The provider's own name of who says them."""
    kind: str
    """Empty for all kinds: what several of them need counts once."""
    currency: str
    """Of money; empty for other kinds."""
    phrases: tuple[str, ...]
    """That say such values."""
    needed: int
    ready: int
    """In memory when a server starts."""
    missing: int
    stale: int
    """Made of other words or by another voice, or damaged, or changed by somebody."""
    whole: Bill
    """If all of them were rendered, with the words around each."""
    now: Bill
    """For those that are not there."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A value that goes to the voice in every mode."""

    locale: str
    phrase: str
    slot: str
    """``{name:text}``"""
    allowed: bool
    """Since ``readback.stream`` names its phrase; else since fragments cannot say its kind."""


@dataclass(frozen=True, slots=True)
class Values:
    """Of the phrases that are asked for."""

    mode: str
    """``stream``, ``fragments`` or ``auto``."""
    kinds: tuple[Fragments, ...]
    """By locale and kind."""
    locales: tuple[Fragments, ...]
    """Of all kinds together."""
    streamed: tuple[Streamed, ...]
    lacking: int
    """Of all locales: so many are not there, and the build makes them."""
    unmade: int
    """So many are not there, and the build cannot make them."""
    blocked: tuple[str, ...]
    """Why some fragments could not be made, where the mode makes none yet."""
    saved: float | None
    """Characters a call that go to the voice now and would not with fragments; None where that is not known."""


@dataclass(frozen=True, slots=True)
class _Build:
    """What is there, and what the voice is asked for what is not."""

    settings: Settings
    price: Price | None
    ready: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    asked: Mapping[str, int] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()

    def of(
        self, locale: str, clips: Collection[Wanted], kind: str = "", currency: str = "", phrases: tuple[str, ...] = ()
    ) -> Fragments:
        """What these clips are, and what they cost."""
        names = [clip.name for clip in clips]
        ready, stale = (sum(name in found for name in names) for found in (self.ready, self.stale))
        whole = bill(sum(len(clip.text) for clip in clips), self.price)
        now = bill(sum(self.asked.get(name, 0) for name in names), self.price)
        voice, missing = self.settings.speaker(locale).name, len(names) - ready - stale
        return Fragments(locale, voice, kind, currency, phrases, len(names), ready, missing, stale, whole, now)


def bill(characters: int, price: Price | None) -> Bill:
    """So many characters at that price."""
    return Bill(characters, None if price is None else price.of(characters))


def values(project: Project, sources: Sources, turns: Iterable[Turn], price: Price | None, wants: Wants) -> Values:
    """``turns``: all of the project's. Reads what lies under ``audio/``; nothing is rendered."""
    settings, catalogues = project.settings, _only(project.catalogues, wants)
    found = needs(catalogues, settings)
    build = _foreseen(sources, price) if found else _Build(settings, price)
    kinds, clips = [], defaultdict[str, dict[str, Wanted]](dict)
    for need in found:
        phrases = _phrases(catalogues[need.locale], settings, need.kind, need.currency)
        kinds.append(build.of(need.locale, need.clips, need.kind, need.currency, phrases))
        clips[need.locale] |= {clip.name: clip for clip in need.clips}
    every = [name for each in clips.values() for name in each]
    return Values(
        settings.readback.mode,
        tuple(kinds),
        tuple(build.of(locale, each.values()) for locale, each in clips.items()),
        tuple(_streamed(catalogues, settings)),
        sum(name not in build.ready and name not in build.failed for name in every),
        sum(name in build.failed for name in every),
        build.blocked if settings.readback.mode == "stream" else (),
        _saved(project, turns, wants),
    )


def _only(catalogues: Mapping[str, Catalogue], wants: Wants) -> dict[str, Catalogue]:
    return {
        locale: replace(each, phrases={name: phrase for name, phrase in each.phrases.items() if wants(name)})
        for locale, each in catalogues.items()
    }


def _foreseen(sources: Sources, price: Price | None) -> _Build:
    """Of all fragments of the project, whether or not its mode makes them."""
    settings = sources.settings
    if settings.readback.mode == "stream":
        asked = settings.readback.model_copy(update={"mode": "fragments"})
        sources = replace(sources, settings=settings.model_copy(update={"readback": asked}))
    report = foreseen(sources, Choice(phrases=(f"{PREFIX}*",)))
    wrong = (name for name in report.failed if os.path.lexists(sources.audio / f"{name}.wav"))
    stale, asked_for = {*report.stale, *report.corrupt, *wrong}, {one.clip: one.characters for one in report.planned}
    blocked = tuple(map(str, report.failed.values()))
    ready, failed = frozenset(report.ready), frozenset(report.failed)
    return _Build(settings, price, ready, frozenset(stale), failed, asked_for, blocked)


def _phrases(catalogue: Catalogue, settings: Settings, kind: str, currency: str) -> tuple[str, ...]:
    """Those whose values of a kind are read back."""
    return tuple(
        phrase.id
        for phrase in catalogue.phrases.values()
        if phrase.id not in settings.readback.stream
        and any(
            slot.kind == kind and (not currency or (slot.currency or settings.readback.currency) == currency)
            for slot in phrase.slots
        )
    )


def _streamed(catalogues: Mapping[str, Catalogue], settings: Settings) -> Iterator[Streamed]:
    for locale, catalogue in catalogues.items():
        for phrase in catalogue.phrases.values():
            allowed = phrase.id in settings.readback.stream
            for slot in dict.fromkeys(phrase.slots):
                if allowed or not readable(slot.kind, phrase.locale):
                    yield Streamed(locale, phrase.id, f"{{{slot.written}}}", allowed)


def _saved(project: Project, turns: Iterable[Turn], wants: Wants) -> float | None:
    total, streamed = 0.0, project.settings.readback.stream
    for turn in turns:
        locale = project.spoken_for(turn.locale)
        for piece, asked in zip(turn.pieces, turn.asked, strict=True):
            slot, phrase = piece.slot, piece.phrase
            if slot is None or not asked or phrase in streamed or not wants(phrase):
                continue
            if readable(slot.kind, locale):
                if turn.per_call is None:
                    return None
                total += piece.characters * asked * turn.per_call
    return total
