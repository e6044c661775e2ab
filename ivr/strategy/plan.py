"""The whole plan of a project: its turns and phrases, by a latency profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ivr.dialog.table import SubDialog
from ivr.project.profiles.shapes import ProfileShape
from ivr.project.project import Project
from ivr.strategy.chain import Chain, Place, Visits
from ivr.strategy.likely import chosen
from ivr.strategy.path import Figures
from ivr.strategy.phrases import Said, expected, phrases
from ivr.strategy.saying import Saying
from ivr.strategy.told import Phrase, Turn, turn
from ivr.strategy.turns import Key, ladder, says
from ivr.strategy.values import lengths
from ivr.strategy.voice import first_sound
from ivr.strategy.walk import Walk
from ivr.strategy.words import Words


@dataclass(frozen=True, slots=True)
class Plan:
    """Of one project."""

    turns: tuple[Turn, ...]
    """Of its tables, in the order of their files, in each locale that they are said in."""
    phrases: tuple[Phrase, ...]
    """Of all locales."""
    live: float | None
    """Characters that a voice is asked for in a call, on average; None where that is not known."""
    python: tuple[str, ...]
    """Dialogs in Python: what they say is not in ``turns``, and comes on top of ``live``."""
    notes: tuple[str, ...]
    """What could not be told, and why."""


def make_plan(
    project: Project, profile: ProfileShape, named: Collection[str] = (), counted: Said | None = None
) -> Plan:
    """``named``: the prompts that dialogs in Python name; ``counted``: how often recorded calls said each phrase."""
    return _Planning(project, profile).made(named, counted)


class _Planning:
    def __init__(self, project: Project, profile: ProfileShape) -> None:
        self._project = project
        self._profile = profile
        self._assumed: set[str] = set()
        self._words = lru_cache(None)(self._words_of)
        self._choices = {
            (name, state.name): chosen(state, table, project.repertoire, profile.lookups)
            for name, table in project.tables.items()
            for state in table.states.values()
        }
        self._chain = Chain(project.tables, self._choices)
        self._notes: list[str] = []

    def made(self, named: Collection[str], counted: Said | None) -> Plan:
        python = self._python()
        begins = self._begins()
        visits = self._chain.visits(begins)
        if visits.endless:
            self._notes.append("calls do not end by themselves: how often things are said is not known")
        turns = tuple(self._turns(self._figures(begins, visits), visits, bool(python)))
        known = bool(begins) and not visits.endless
        said = counted if counted is not None else expected(self._project, turns) if known else None
        spoken = self._phrases_of(named) if python and counted is None else ()
        live = sum(each.characters * (each.per_call or 0.0) for each in turns) if known else None
        lines = tuple(phrases(self._project, self._words, said, spoken))
        return Plan(turns, lines, live, tuple(python), tuple(self._notes))

    def _words_of(self, locale: str) -> Words:
        spoken = self._project.spoken_for(locale)
        known, assumed = lengths(self._project, self._profile, spoken)
        self._assumed |= {f"{{{name}:{kind}}}" for name, kind in assumed}
        settings = self._project.settings.readback
        return Words(self._project.catalogue(spoken), self._project.lock, known, settings)

    def _begins(self) -> dict[Place, float]:
        """The start dialog, in each locale that a call may begin in; none where it is in Python."""
        settings, catalogues = self._project.settings, self._project.catalogues
        locales = {settings.locale: None}
        for rule in settings.choose_locale:
            locales |= dict.fromkeys(catalogues) if rule.locale is None else {rule.locale: None}
        if settings.start not in self._project.tables:
            return {}
        return {self._chain.start(settings.start, locale): 1 / len(locales) for locale in locales}

    def _python(self) -> list[str]:
        """Dialogs in Python that answer, or that tables run or go over to."""
        tables = self._project.tables
        exits = [state.exit for table in tables.values() for state in table.states.values()]
        ran = {exit.dialog for exit in exits if isinstance(exit, SubDialog)}
        over = {each.way.target.dialog for choices in self._choices.values() for each in choices}
        return sorted({self._project.settings.start, *ran, *filter(None, over)} - set(tables))

    def _phrases_of(self, prompts: Collection[str]) -> set[str]:
        catalogues = self._project.catalogues.values()
        found = [known for name in prompts for each in catalogues if (known := each.prompt(name)) is not None]
        return {phrase for prompt in found for variant in prompt.variants for phrase in variant}

    def _figures(self, begins: Mapping[Place, float], visits: Visits) -> Mapping[tuple[Key, str], Figures]:
        """Dialogs that no table leads to are looked at as if each call had them once."""
        settings, tables = self._project.settings, self._project.tables
        led_to = {place.dialog for place, often in visits.places.items() if often}
        others = {self._chain.start(name, settings.locale): 1.0 for name in tables if name not in led_to}
        weights = {**self._chain.visits(others).places, **visits.places}
        sound = first_sound(self._profile.voice, settings.voice)
        saying = Saying(settings.cover, self._profile, self._words, sound)
        walk = Walk(self._project.repertoire, self._choices, weights, saying)
        walk.run({**others, **begins})
        if walk.cut:
            self._notes.append("there are too many ways through the dialogs: some were not looked at")
        return saying.turns

    def _turns(self, figures: Mapping[tuple[Key, str], Figures], visits: Visits, python: bool) -> list[Turn]:
        led_to = {place.dialog for place, often in visits.places.items() if often}
        found, own_locale, often = [], self._project.settings.locale, self._often(visits)
        by_key: dict[Key, list[str]] = {}
        for key, locale in figures:
            by_key.setdefault(key, []).append(locale)
        for key in self._keys():
            locales = sorted(by_key.get(key, [own_locale]), key=lambda locale: locale != own_locale)
            for locale in locales:
                own, words = figures.get((key, locale), Figures()), self._words(locale)
                pieces = tuple(piece for prompt, attempt in key.prompts for piece in words.of(prompt, attempt))
                known = not visits.endless and (key.dialog in led_to or not python)
                per_call = often.get((key, locale), 0.0) if known else None
                found.append(turn(key, locale, pieces, own, per_call, self._assumed))
        return found

    def _often(self, visits: Visits) -> Mapping[tuple[Key, str], float]:
        """How often a call has each turn, by its locale."""
        tables, repertoire = self._project.tables, self._project.repertoire
        found: defaultdict[tuple[Key, str], float] = defaultdict(float)
        for place, times in visits.places.items():
            table = tables[place.dialog]
            state = table.states[place.state]
            found[says(place.dialog, state), place.locale] += times
            for each in self._choices[place.dialog, place.state]:
                for key, _ in ladder(place.dialog, state, each, table, repertoire):
                    found[key, place.locale] += times * each.chance
        return found

    def _keys(self) -> dict[Key, None]:
        """All that states and their ladders say."""
        tables, repertoire = self._project.tables, self._project.repertoire
        keys: dict[Key, None] = {}
        for (dialog, name), choices in self._choices.items():
            state = tables[dialog].states[name]
            keys[says(dialog, state)] = None
            for each in choices:
                keys |= dict.fromkeys(key for key, _ in ladder(dialog, state, each, tables[dialog], repertoire))
        return {key: None for key in keys if key.prompts}
