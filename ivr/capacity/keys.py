"""Which keys callers of a project can press, and which of them lead to words that no memory holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.dialog.table import Menu, State, Table
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
    table = project.tables[project.settings.start]
    catalogue = project.catalogue()
    menus = [state.menu for state in _reached(table, table.start) if state.menu is not None]
    digits = sorted({digit for menu in menus for digit in menu.options})
    live = {digit for digit in digits for menu in menus if _leads_to_live(menu, digit, table, catalogue)}
    return Keys(
        memory=tuple(digit for digit in digits if digit not in live),
        live=tuple(sorted(live)),
        live_from_the_start=any(_live(state, catalogue) for state in _turn(table, table.start)),
    )


def _leads_to_live(menu: Menu, digit: str, table: Table, catalogue: Catalogue) -> bool:
    if digit in menu.options:
        return any(_live(state, catalogue) for state in _turn(table, menu.options[digit]))
    said = () if menu.no_match.say is None else (menu.no_match.say,)
    after = () if menu.no_match.goto is None else _turn(table, menu.no_match.goto)
    return _spoken(said, catalogue) or any(_live(state, catalogue) for state in after)


def _live(state: State, catalogue: Catalogue) -> bool:
    return state.lookup is not None or _spoken(state.say, catalogue)


def _spoken(names: Iterable[str], catalogue: Catalogue) -> bool:
    prompts = [prompt for name in names if (prompt := catalogue.prompt(name)) is not None]
    phrases = (phrase for prompt in prompts for variant in prompt.variants for phrase in variant)
    return any(catalogue.phrases[phrase].slots for phrase in phrases)


def _turn(table: Table, start: str) -> Iterator[State]:
    """The states from ``start`` to the next questions."""
    return _walk(table, start, through_menus=False)


def _reached(table: Table, start: str) -> Iterator[State]:
    return _walk(table, start, through_menus=True)


def _walk(table: Table, start: str, *, through_menus: bool) -> Iterator[State]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name in seen or name not in table.states:
            continue
        seen.add(name)
        state = table.states[name]
        yield state
        ahead += [target for target in _next(state, through_menus) if target is not None]


def _next(state: State, through_menus: bool) -> Iterator[str | None]:
    yield state.goto
    yield from (branch.goto for branch in state.branches)
    if state.lookup is not None:
        yield state.lookup.failed
    if state.menu is not None and through_menus:
        yield from state.menu.options.values()
        yield from (state.menu.no_input.goto, state.menu.no_match.goto)
