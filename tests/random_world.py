"""The world around one call, by chance: the date, the network, the voice, what lookups and transfers come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ivr.catalog.party import TransferOutcome
from ivr.dialog.web_step import lookups_over_http
from ivr.simulator.conditions import Conditions
from ivr.simulator.draws import Draws
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import Network
from ivr.simulator.explore_values import Tried
from ivr.testing.voices import ScriptedVoice

FAULTS: tuple[Mapping[str, Any], ...] = (
    {"empty": True},
    {"dies_after": 0.0},
    {"dies_after": 0.4},
    {"stalls_after": 0.4, "stall": 1.5},
)
NEVER = 1e6
"""Seconds."""


def world(tried: Tried, seed: int) -> Conditions:
    """The same for the same seed."""
    draws, project = Draws(seed, 1), tried.project
    way = draws.one_of((0.0, 0.0, 0.03, 0.1))
    lookups = enumerate((*project.functions, *lookups_over_http(project.tables)))
    return Conditions(
        _voice(draws),
        {name: _answering(tried, name, Draws(seed, 2, number)) for number, name in lookups},
        [_transfer(draws) for _ in range(6)],
        Network(way, way),
        draws.one_of(list(tried.moments().values())),
    )


def _voice(draws: Draws) -> ScriptedVoice:
    voice = ScriptedVoice(draws.one_of((0.05, 0.3, 1.5)), draws.one_of((8.0, 1.5)))
    return replace(voice, heals=draws.one_of((1, 2, None)), **draws.one_of(FAULTS)) if draws.chance(0.2) else voice


def _answering(tried: Tried, name: str, draws: Draws) -> Callable[..., Answer]:
    """Of five answers four are values, of the types that the project names; they take any time, or never come."""

    def answer(*_: Any, **__: Any) -> Answer:
        answers, wanted = list(tried.answers(name).values()), not draws.chance(0.2)
        found = draws.one_of([each for each in answers if (each.error is each.status is None) is wanted] or answers)
        low, high = ((0.0, 0.5), (0.5, 3.0), (3.0, 15.0), (NEVER, NEVER))[draws.weighed((6, 4, 1, 1))]
        return replace(found, delay=draws.between(low, high))

    return answer


def _transfer(draws: Draws) -> tuple[float, TransferOutcome | str]:
    if draws.chance(0.2):
        return 0.0, "it cannot"  # a gateway says so at once
    return draws.one_of((0.01, 0.3, 3.0, 25.0)) * 2 * draws.uniform(), draws.one_of(list(TransferOutcome))
