"""Which node stands in which row, and in which order: the layered drawing of Sugiyama, Tagawa and Toda (1981)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Arrow = tuple[str, str]

ROUNDS = 12
"""Sweeps that reorder the rows; more change nothing that is seen."""
SPAN = 6
"""Rows that an arrow of a large drawing crosses at most; longer ones end in the name of their target."""
SMALL = 30
"""Nodes up to which every arrow is drawn to its end."""


@dataclass(slots=True)
class Rows:
    """Nodes in rows; arrows over several rows pass through ``bends``, which stand in rows too."""

    rows: list[list[str]] = field(default_factory=list)
    chains: dict[Arrow, list[str]] = field(default_factory=dict)
    """For each arrow that is drawn, its nodes from above to below, with the bends between."""
    turned: set[Arrow] = field(default_factory=set)
    """Those that lead upwards."""
    cut: list[Arrow] = field(default_factory=list)
    """Those that are not drawn to their end."""
    bends: set[str] = field(default_factory=set)


def rows(nodes: Sequence[str], arrows: Iterable[Arrow], first: str) -> Rows:
    """Nodes that ``first`` leads to stand below it; takes time in nodes and arrows."""
    arrows = [arrow for arrow in dict.fromkeys(arrows) if arrow[0] != arrow[1]]
    found = Rows()
    found.turned = _backwards([first, *(node for node in nodes if node != first)], arrows)
    downwards = {arrow: (arrow[::-1] if arrow in found.turned else arrow) for arrow in arrows}
    depth = _depths(nodes, downwards.values())
    found.rows = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for node in nodes:
        found.rows[depth[node]].append(node)
    for arrow in arrows:
        above, below = downwards[arrow]
        if len(nodes) > SMALL and (depth[below] - depth[above] > SPAN or arrow in found.turned):
            found.cut.append(arrow)
            continue
        bends = [f"{above}\n{below}\n{row}\n{len(found.chains)}" for row in range(depth[above] + 1, depth[below])]
        for row, bend in enumerate(bends, depth[above] + 1):
            found.rows[row].append(bend)
        found.bends.update(bends)
        found.chains[arrow] = [above, *bends, below]
    _reorder(found)
    return found


def _backwards(nodes: Sequence[str], arrows: Sequence[Arrow]) -> set[Arrow]:
    """The arrows that close a circle, as a walk from the first node on finds them."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for above, below in arrows:
        after[above].append(below)
    found: set[Arrow] = set()
    state: dict[str, int] = {}
    for root in nodes:
        work = [(root, iter(after[root]))] if root not in state else []
        state.setdefault(root, 1)
        while work:
            node, ahead = work[-1]
            for other in ahead:
                if state.get(other) == 1:
                    found.add((node, other))
                elif other not in state:
                    state[other] = 1
                    work.append((other, iter(after[other])))
                    break
            else:
                state[node] = 2
                work.pop()
        state[root] = 2
    return found


def _depths(nodes: Sequence[str], arrows: Iterable[Arrow]) -> dict[str, int]:
    """Below everything that leads to it (Kahn 1962)."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    waits: defaultdict[str, int] = defaultdict(int)
    for above, below in arrows:
        after[above].append(below)
        waits[below] += 1
    depth = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waits[node]]
    while ready:
        node = ready.pop()
        for other in after[node]:
            depth[other] = max(depth[other], depth[node] + 1)
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return depth


def _reorder(found: Rows) -> None:
    """By the mean place of neighbours in the row before, downwards and upwards in turn."""
    above: defaultdict[str, list[str]] = defaultdict(list)
    below: defaultdict[str, list[str]] = defaultdict(list)
    for chain in found.chains.values():
        for upper, lower in pairwise(chain):
            above[lower].append(upper)
            below[upper].append(lower)
    for turn in range(ROUNDS):
        near, order = (above, found.rows) if turn % 2 == 0 else (below, found.rows[::-1])
        for last, row in pairwise(order):
            place = {node: index for index, node in enumerate(last)}
            mean = {
                node: sum(place[other] for other in near[node]) / len(near[node]) if near[node] else index
                for index, node in enumerate(row)
            }
            row.sort(key=mean.__getitem__)
