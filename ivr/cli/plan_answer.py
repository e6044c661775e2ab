"""What ``ivr plan`` tells, gathered: the analysis, what is to be rendered, what was recorded, and prices."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ivr.cli.plan_foreseen import foreseen
from ivr.cli.plan_values import Values, bill, values
from ivr.dialog.table import SubDialog
from ivr.errors import Problem
from ivr.pregen.choice import Choice
from ivr.project.code.mentioned import mentioned
from ivr.project.code.names import Named
from ivr.project.disk.layout import PROMPTS
from ivr.project.profiles.shapes import ProfileShape
from ivr.project.project import Project
from ivr.project.settings.prices import Price
from ivr.project.sources import read_sources
from ivr.speech.voices import named
from ivr.strategy.measured import Measured
from ivr.strategy.phrases import counted
from ivr.strategy.plan import Plan, make_plan
from ivr.strategy.told import Bill, Phrase, Turn


@dataclass(frozen=True, slots=True)
class Answer:
    """All of it."""

    project: str
    locale: str
    """The project's own."""
    profile: str
    """Its name or file; empty for the defaults."""
    plan: Plan
    turns: tuple[Turn, ...]
    """Those that are asked for."""
    phrases: tuple[Phrase, ...]
    """Those that are asked for."""
    values: Values
    """Of those, what fragments take."""
    python: tuple[tuple[str, Named], ...]
    """Prompts that dialogs in Python name, with their files."""
    provider: str
    """As a lock names it, without a version."""
    price: Price | None
    clips: int
    """So many are to be rendered."""
    recorded: int
    """So many more are to be made from what people recorded, which costs nothing."""
    copied: int
    """So many more say what another clip says, and cost nothing either."""
    now: Bill
    """To render them."""
    blocked: Mapping[str, Problem]
    """Clips that cannot be rendered, and why."""
    calls: int
    live: float | None
    """Characters that a voice is asked for in a call; None where that is not known."""
    later: Bill | None
    """The same in so many calls."""
    measured: Measured | None
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    profile: str
    calls: int
    only: Sequence[str] | None
    """Patterns of phrases; None: all."""
    measured: Measured | None
    unread: tuple[str, ...] = ()

    def wants(self, phrase: str) -> bool:
        """Whether a phrase is asked for."""
        return self.only is None or any(fnmatchcase(phrase, pattern) for pattern in self.only)


def answer(project: Project, profile: ProfileShape, asked: Question) -> Answer:
    """Reads what lies under ``audio/``; nothing is rendered. Raises ``ConfigError`` for patterns without a phrase."""
    sources = read_sources(project.root, os.environ)
    build = foreseen(sources, Choice(phrases=asked.only or ()))
    recorded = sum(bool(one.recording) for one in build.planned)
    copied = sum(bool(one.twin) for one in build.planned)
    python, measured = _python(project), asked.measured
    said = None if measured is None else counted(project, measured.said, measured.calls)
    plan = make_plan(project, profile, {each.name for _, each in python}, said)
    provider = named(project.settings.voice.provider, project.settings.voice.url)
    price = project.settings.price_of(provider)
    live = _live(plan, asked)
    return Answer(
        project.settings.project,
        project.settings.locale,
        asked.profile,
        plan,
        tuple(turn for turn in plan.turns if any(asked.wants(piece.phrase) for piece in turn.pieces if piece.phrase)),
        tuple(phrase for phrase in plan.phrases if asked.wants(phrase.name)),
        values(project, sources, plan.turns, price, asked.wants),
        tuple(python) if asked.only is None else (),
        provider,
        price,
        len(build.planned) - recorded - copied,
        recorded,
        copied,
        bill(build.characters, price),
        build.failed,
        asked.calls,
        live,
        None if live is None else bill(round(live * asked.calls), price),
        measured,
        asked.unread,
    )


def _live(plan: Plan, asked: Question) -> float | None:
    if asked.measured is not None and asked.only is None:
        return asked.measured.per_call
    if asked.only is None or (plan.live is None and asked.measured is None):
        return plan.live
    if asked.measured is None:
        return sum(each.characters_of(asked.wants) * (each.per_call or 0.0) for each in plan.turns)
    return sum(each.live * (each.per_call or 0.0) for each in plan.phrases if asked.wants(each.name))


def _python(project: Project) -> list[tuple[str, Named]]:
    """Prompts that Python names where it hands them to a call."""
    states = [state for table in project.tables.values() for state in table.states.values()]
    ran = {project.settings.start, *(state.exit.dialog for state in states if isinstance(state.exit, SubDialog))}
    found = mentioned(project.root / PROMPTS, ran).named
    return [(file, each) for file, names in found.items() for each in names if each.kind == "prompt"]
