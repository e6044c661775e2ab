"""What is said in one turn, so that clips are heard beside those that a caller hears them with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.catalog.phrase import Catalogue
from ivr.dialog.ladders import Event, Handlers
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, Table
from ivr.dialog.ways import climbed, failures, question_of
from ivr.pregen.preview.card import Parts, Take, Turn

ASKED = (Event.NO_INPUT, Event.NO_MATCH)


def turns(repertoire: Repertoire, catalogue: Catalogue, locale: str, first: str) -> Iterator[Turn]:
    """Of each state of each table what it says at first and after each error, then the prompts that no table says.

    ``catalogue``: all that can be said in ``locale``; ``first``: the dialog that answers.
    """
    said: set[str] = set()
    for table in sorted(repertoire.tables.values(), key=lambda table: table.name != first):
        for state in table.states.values():
            takes = _merged(_takes(state, table, repertoire, catalogue))
            said.update(said_by(state))
            if takes:
                yield Turn(table.name, state.name, locale, state.say, takes)
    for name, prompt in catalogue.prompts.items():
        if name not in said:
            words = [(f"attempt {count}", variant) for count, variant in enumerate(prompt.variants, 1)]
            found = tuple(_take(label, variant, catalogue) for label, variant in words)
            yield Turn("", name, locale, (name,), found)


def _takes(state: State, table: Table, repertoire: Repertoire, catalogue: Catalogue) -> Iterator[Take]:
    yield _take("first", _phrases(state.say, 1, catalogue), catalogue)
    question = question_of(state.exit)
    ladders = {event: climbed(event, question, table, repertoire) for event in ASKED} if question is not None else {}
    if state.lookup is not None:
        ladders[Event.LOOKUP_FAILED] = failures(state, table, repertoire)
    for event, rungs in ladders.items():
        attempt = 1
        for count, rung in enumerate(rungs, 1):
            again = event in ASKED and rung.leave is None and rung.reprompt
            attempt += again
            words = _phrases(rung.say, 1, catalogue)
            if rung.say or again:
                own = _phrases(state.say, attempt, catalogue) if again else ()
                yield _take(f"{event.replace('_', ' ')} {count}", (*words, *own), catalogue)


def _merged(takes: Iterator[Take]) -> tuple[Take, ...]:
    """Those of the same words as one; without those that have none."""
    labels: dict[tuple[tuple[str, Parts], ...], list[str]] = {}
    for take in takes:
        labels.setdefault(take.phrases, []).append(take.label)
    return tuple(Take(", ".join(names), phrases) for phrases, names in labels.items() if phrases)


def _phrases(prompts: tuple[str, ...], attempt: int, catalogue: Catalogue) -> tuple[str, ...]:
    found = [catalogue.prompt(name) for name in prompts]
    return tuple(phrase for prompt in found if prompt is not None for phrase in prompt.phrases(attempt))


def _take(label: str, phrases: tuple[str, ...], catalogue: Catalogue) -> Take:
    return Take(label, tuple((name, catalogue.phrases[name].parts) for name in phrases if name in catalogue.phrases))


def dialogs(repertoire: Repertoire, covers: frozenset[str], catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """By table, the phrases that it says itself; ``covers`` are those of the project's covers."""
    found: dict[str, frozenset[str]] = {}
    for table in repertoire.tables.values():
        names = _of_ladders(table.handlers)
        for state in table.states.values():
            names |= said_by(state) | set(state.cover.phrases.values())
        found[table.name] = spoken(names, catalogue)
    project = spoken(_of_ladders(repertoire.handlers), catalogue)
    return found | {name: words for name, words in (("any dialog", project), ("covers", covers)) if words}


def spoken(prompts: set[str], catalogue: Catalogue) -> frozenset[str]:
    """The phrases of all attempts of ``prompts``."""
    found = [catalogue.prompt(name) for name in prompts]
    return frozenset(name for prompt in found if prompt is not None for words in prompt.variants for name in words)


def said_by(state: State) -> set[str]:
    """The prompts that a state names."""
    question = question_of(state.exit)
    scopes = [state.handlers] if question is None else [state.handlers, question.handlers]
    return set(state.say).union(*(_of_ladders(scope) for scope in scopes))


def _of_ladders(handlers: Handlers) -> set[str]:
    ladders: Mapping[Event, object] = handlers.ladders
    return {name for event in ladders for rung in handlers.ladders[event] for name in rung.say}
