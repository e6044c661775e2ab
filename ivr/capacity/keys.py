"""Which keys callers of a project can press, and which of them lead to words that no memory holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import Menu, State, SubDialog, Table
from ivr.dialog.ways import By, question_of, reached, ways
from ivr.errors import ConfigError
from ivr.project.project import Project


@dataclass(frozen=True, slots=True)
class Keys:
    """The digits of all menus that the start dialog reaches."""

    memory: tuple[str, ...]
    """Those after which every word is a clip in every menu, up to the next question."""
    live: tuple[str, ...]
    """Those that somewhere run a lookup, or have words spoken for this one caller."""
    live_from_the_start: bool
    """Whether every call has such words before its first question."""

    def pressed(self, *, live: bool) -> tuple[str, ...]:
        """What callers press; with ``live`` every key. Raises ``ConfigError`` where words cannot be avoided."""
        if live:
            return tuple(sorted((*self.memory, *self.live)))
        if self.live_from_the_start:
            raise ConfigError(
                "every call of this project runs a lookup or speaks live before its first question, which may cost "
                "money and reaches your own systems: add --live if that is meant"
            )
        return self.memory


def keys(project: Project) -> Keys:
    """Those of the project's start dialog."""
    table = project.tables.get(project.settings.start)
    if table is None:
        raise ConfigError(f"'{project.settings.start}' is a dialog in Python, whose keys cannot be read from a file")
    walk = _Walk(table, project.repertoire, project.catalogue())
    menus = [s.exit for s in reached(table, project.repertoire).values() if isinstance(s.exit, Menu)]
    digits = sorted({keys[0] for menu in menus for keys in menu.options})
    live = {digit for digit in digits for menu in menus if walk.leads_to_live(menu, digit)}
    return Keys(
        memory=tuple(digit for digit in digits if digit not in live),
        live=tuple(sorted(live)),
        live_from_the_start=walk.live_turn(table.start),
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    table: Table
    repertoire: Repertoire
    catalogue: Catalogue

    def leads_to_live(self, menu: Menu, digit: str) -> bool:
        if digit in menu.options:
            return self.live_turn(menu.options[digit])
        asked = State("", menu)
        wrong = [way for way in ways(asked, self.table, self.repertoire) if way.by in (By.NO_MATCH, By.MAX_ERRORS)]
        rungs = menu.question.handlers.ladders.values()
        said = [name for ladder in rungs for rung in ladder for name in rung.say]
        said += [name for way in wrong for name in way.said]
        after = [way.target.state for way in wrong if way.target.state is not None]
        return _spoken(said, self.catalogue) or any(self.live_turn(state) for state in after)

    def live_turn(self, start: str) -> bool:
        """Whether something is looked up or spoken live from ``start`` to the next questions."""
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            name = ahead.pop()
            if name in seen or name not in self.table.states:
                continue
            seen.add(name)
            state = self.table.states[name]
            if state.lookup is not None or isinstance(state.exit, SubDialog) or _spoken(state.say, self.catalogue):
                return True
            if question_of(state.exit) is None:
                found = ways(state, self.table, self.repertoire)
                ahead += [way.target.state for way in found if way.target.state is not None]
        return False


def _spoken(names: Iterable[str], catalogue: Catalogue) -> bool:
    prompts = [prompt for name in names if (prompt := catalogue.prompt(name)) is not None]
    phrases = (phrase for prompt in prompts for variant in prompt.variants for phrase in variant)
    return any(catalogue.phrases[phrase].slots for phrase in phrases)
