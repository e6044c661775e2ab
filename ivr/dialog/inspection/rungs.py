"""Rungs and limits of ladders that no caller comes to, or that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ivr.catalog.source import Path, Source
from ivr.dialog.checks import QUESTIONS
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.ladders import PLATFORM, Event, Handlers, Rung, select
from ivr.dialog.table import Question, Table
from ivr.dialog.ways import MOST_ERRORS, failures, question_of

ASKED = (Event.NO_INPUT, Event.NO_MATCH)


def check_rungs(routes: Routes, table: Table, source: Source, findings: Findings) -> None:
    """Of one table: those of its questions and its own."""
    climbed: set[int] = set()
    scopes = (table.handlers, routes.repertoire.handlers, PLATFORM)
    for state in table.states.values():
        if state.lookup is not None:
            climbed |= {id(rung) for rung in failures(state, table, routes.repertoire)}
        on: Path = ("states", state.name, "on")
        written(source.at(on), on, findings)
        _unreached(state.handlers, Event.LOOKUP_FAILED, climbed, (*on, Event.LOOKUP_FAILED.value), source, findings)
        question = question_of(state.exit)
        if question is None:
            continue
        top: Path = ("states", state.name, QUESTIONS[type(state.exit)])
        written(source.at(top), top, findings)
        if state.vague:
            continue
        own = [rung for event in ASKED for rung in _climbed(event, question, scopes)]
        climbed |= {id(rung) for rung in own}
        for event in ASKED:
            _unreached(question.handlers, event, climbed, (*top, event.value), source, findings)
        _limit(question, scopes, top, findings)
    written(source.at(("on",)), ("on",), findings)
    missing = routes.dialogs[table.name].cuts.stateless or any(state.vague for state in table.states.values())
    for event in (*ASKED, Event.LOOKUP_FAILED) if not missing else ():
        _unreached(table.handlers, event, climbed, ("on", event.value), source, findings)


def _climbed(event: Event, question: Question, scopes: tuple[Handlers, ...]) -> Iterator[Rung]:
    """The rungs that a caller takes who makes one error again and again, up to the one that leaves."""
    for count in range(1, MOST_ERRORS):
        if question.handlers.limit is not None and count >= question.handlers.limit:
            return
        rung = select(event, count, (question.handlers, *scopes))
        if rung is not None:
            yield rung
            if rung.leave is not None:
                return


def _unreached(
    handlers: Handlers, event: Event, climbed: set[int], path: Path, source: Source, findings: Findings
) -> None:
    rungs = handlers.ladders.get(event, ())
    if any(rung.count >= later.count for rung, later in pairwise(rungs)):
        return  # told by ``written``
    entries = source.at(path)
    one_by_one = isinstance(entries, list) and len(entries) == len(rungs)
    for index, rung in enumerate(rungs):
        if id(rung) not in climbed and (one_by_one or index == len(rungs) - 1):
            what = f"no caller comes to the answer for {event} {rung.count}: the question is left before"
            if event is Event.LOOKUP_FAILED:
                what = f"no lookup comes to the answer for {event} {rung.count}: other rungs take every failure"
            place = (*path, index) if one_by_one else path
            findings.warn(place, "unreached-rung", what, "remove it, or give the rung that leaves a higher count")


def _limit(question: Question, scopes: tuple[Handlers, ...], top: Path, findings: Findings) -> None:
    limit = question.handlers.limit
    if limit is None:
        return
    bare = Question(question.listen, Handlers({e: r for e, r in question.handlers.ladders.items() if e in ASKED}))
    ladders = [list(_climbed(event, bare, scopes)) for event in ASKED]
    counts = [_left_at(event, bare, scopes) for event in ASKED]
    if all(ladders) and None not in counts and limit > sum(count or 0 for count in counts) - 1:
        left = f"{counts[0]} no_input or {counts[1]} no_match"
        what = f"no caller makes {limit} errors here: the question is left after {left}"
        findings.warn((*top, "max_errors"), "unreached-rung", what, "give it a lower limit, or remove it", key=True)


def _left_at(event: Event, question: Question, scopes: tuple[Handlers, ...]) -> int | None:
    for count in range(1, MOST_ERRORS):
        rung = select(event, count, (question.handlers, *scopes))
        if rung is not None and rung.leave is not None:
            return count
    return None


def written(below: Any, top: Path, findings: Findings) -> None:
    """Ladders as the file writes them: counts that do not rise, and two places to go to at once."""
    for event in Event:
        ladder = below.get(event.value) if isinstance(below, Mapping) else None
        entries = ladder if isinstance(ladder, list) else [ladder]
        last = 0
        for index, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                last += 1
                continue
            path: Path = (*top, event.value, index) if isinstance(ladder, list) else (*top, event.value)
            targets = [key for key in ("goto", "dialog") if key in entry]
            targets += ["hang_up"] if entry.get("hang_up") in ("yes", "true") else []
            if len(targets) > 1:
                what = f"this rung has both {targets[0]} and {targets[1]}"
                findings.error((*path, targets[1]), "rung-order", what, "keep one of them", key=True)
            if "limit" in entry and isinstance(ladder, list) and len(ladder) > 1:
                what = "'limit' stands in one of several rungs, where it means nothing"
                findings.error((*path, "limit"), "rung-order", what, "use 'count', or keep one rung", key=True)
            told = str(entry.get("count", "")).strip().lstrip("+")
            count = int(told) if told.isdecimal() else last + 1
            if count <= last:
                what = f"the rung for {count} stands behind that for {last}"
                findings.error((*path, "count"), "rung-order", what, "order the rungs by count")
            last = count
