"""The lines of the catalogues: how each is voiced, and how often a call hears it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from ivr.catalog.phrase import Catalogue
from ivr.project.project import Project
from ivr.strategy.told import Phrase, Turn
from ivr.strategy.words import ASKED, Handling, Words, label

Said = Mapping[tuple[str, str], float]
"""How often a call hears each phrase, by its name and the locale whose words it has."""


def expected(project: Project, turns: Iterable[Turn]) -> Said:
    """By how often a call comes to the turns that say them."""
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    spoken = _catalogues(project)
    for each in turns:
        for prompt, attempt in each.key.prompts:
            for phrase in _phrases(spoken(each.locale), prompt, attempt):
                found[phrase] += each.per_call or 0.0
    return found


def counted(project: Project, said: Counter[tuple[str, str, int]], calls: int) -> Said:
    """By how often recorded calls said prompts: locale, prompt and attempt."""
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    spoken = _catalogues(project)
    for (locale, prompt, attempt), times in said.items():
        for phrase in _phrases(spoken(locale or project.settings.locale), prompt, attempt):
            found[phrase] += times / calls
    return found


def _catalogues(project: Project) -> Callable[[str], Catalogue]:
    return lru_cache(None)(lambda locale: project.catalogue(project.spoken_for(locale)))


def _phrases(catalogue: Catalogue, prompt: str, attempt: int) -> Iterator[tuple[str, str]]:
    known = catalogue.prompt(prompt)
    for name in () if known is None else known.phrases(attempt):
        if name in catalogue.phrases:
            yield name, catalogue.phrases[name].locale


def phrases(
    project: Project, words: Callable[[str], Words], said: Said | None, unknown: Collection[str] = ()
) -> Iterator[Phrase]:
    """Of all catalogues; ``unknown``: phrases of which nobody knows how often they are said. None: of all."""
    covers = _covers(project)
    for locale, catalogue in project.catalogues.items():
        for name, phrase in catalogue.phrases.items():
            pieces = tuple(words(locale).phrase(name))
            fixed = sum(piece.characters for piece in pieces if piece.handling is Handling.CLIP)
            live = sum(piece.characters for piece in pieces if piece.handling in ASKED)
            known = said is not None and name not in unknown and not (name in covers and not said.get((name, locale)))
            often = said.get((name, locale), 0.0) if said is not None and known else None
            yield Phrase(name, locale, label(pieces), phrase.text, round(fixed), live, often, covers.get(name, ""))


def _covers(project: Project) -> dict[str, str]:
    """By phrase, as which cover it is heard; how often depends on how late words are."""
    settings = project.settings.cover
    found: dict[str, str] = {}
    covers = [state.cover.phrases for table in project.tables.values() for state in table.states.values()]
    usual = {role: getattr(settings, role) for role in ("filler", "hold", "still", "fallback")}
    for each in [usual, *covers]:
        found |= {name: role for role, name in each.items() if name and name not in found}
    return found
