"""All that the page shows: the cards, what is said together, and who says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.catalog.locales import merged
from ivr.catalog.phrase import Catalogue
from ivr.dialog.cover import ROLES
from ivr.dialog.repertoire import Repertoire
from ivr.errors import ConfigError
from ivr.pregen.preview.card import Card, Preview, Turn, clips_of
from ivr.pregen.preview.cards import FRAGMENTS, Reading
from ivr.pregen.preview.readback import GROUP
from ivr.pregen.preview.turns import dialogs, spoken, turns
from ivr.project.settings.settings import Settings


def gather(
    reading: Reading,
    repertoire: Repertoire | None,
    *,
    only: Sequence[str] | None = None,
    locale: str | None = None,
    notes: Sequence[str] = (),
    compared: tuple[Sequence[Card], Sequence[Turn]] = ((), ()),
) -> Preview:
    """All clips of a project, or those of the phrases that match ``only``, or of ``locale``.

    ``repertoire``: its dialogs; None where they could not be read. ``notes``: what is not shown, and why. ``compared``:
    cards and turns of values that are read back. Raises ``ConfigError`` where nothing matches.
    """
    sources, settings = reading.sources, reading.sources.settings
    if locale is not None and locale not in sources.catalogues:
        there = ", ".join(sorted(sources.catalogues))
        raise ConfigError(f"there are no phrases for locale '{locale}': name one of {there} with --locale")
    cards = tuple(reading.cards(only, locale))
    if not cards:
        told = f"no phrase of locale '{locale}' matches {', '.join(only or ())}" if only else "there is no phrase"
        raise ConfigError(f"{told}: there is nothing to show")
    words = {each: merged(each, sources.catalogues, settings.locale) for each in sources.catalogues}
    said = repertoire or Repertoire()
    shown = {card.clip for card in cards}
    beside, beside_turns = compared
    return Preview(
        project=settings.project,
        target=settings.loudness,
        cards=(*cards, *beside),
        turns=tuple(beside_turns)
        + tuple(
            turn
            for each in ([locale] if locale is not None else words)
            for turn in turns(said, words[each], each, settings.start)
            if any(not shown.isdisjoint(clips_of(parts)) for take in turn.takes for _, parts in take.phrases)
        ),
        dialogs=_dialogs(said, settings, words),
        prompts=_prompts(sources.catalogues) | _fragments(cards) | _beside(beside),
        notes=tuple(notes),
        left_out=reading.room.refused,
        limit=reading.room.limit,
    )


def _dialogs(said: Repertoire, settings: Settings, words: Mapping[str, Catalogue]) -> dict[str, frozenset[str]]:
    cover = settings.cover
    covers = frozenset(name for role in ROLES if (name := getattr(cover, role))) if cover.enabled else frozenset()
    found: dict[str, frozenset[str]] = {}
    for catalogue in words.values():
        for name, phrases in dialogs(said, covers, catalogue).items():
            found[name] = found.get(name, frozenset()) | phrases
    return found


def _fragments(cards: Sequence[Card]) -> dict[str, frozenset[str]]:
    """Those of each locale are a group of their own."""
    names = sorted({card.phrase for card in cards if card.phrase.startswith(f"{FRAGMENTS} ")})
    return {name: frozenset([name]) for name in names}


def _beside(cards: Sequence[Card]) -> dict[str, frozenset[str]]:
    return {GROUP: frozenset(card.phrase for card in cards)} if cards else {}


def _prompts(catalogues: Mapping[str, Catalogue]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for catalogue in catalogues.values():
        for name in catalogue.prompts:
            found[name] = found.get(name, frozenset()) | spoken({name}, catalogue)
    return found
