"""Strongly connected components of a graph (Tarjan 1972), without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

Node = TypeVar("Node")


def components(nodes: Iterable[Node], after: Callable[[Node], Iterable[Node]]) -> Iterator[list[Node]]:
    """Each component as its nodes; those that others lead to come first. Takes time in nodes and edges."""
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    for root in nodes:
        if root in number:
            continue
        work = [(root, iter(after(root)))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, ahead = work[-1]
            for other in ahead:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(after(other))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    yield _taken(node, stack, on_stack)


def _taken(node: Node, stack: list[Node], on_stack: set[Node]) -> list[Node]:
    found: list[Node] = []
    while not found or found[-1] != node:
        found.append(stack.pop())
        on_stack.discard(found[-1])
    return found[::-1]


def innermost(stuck: Sequence[Node], after: Callable[[Node], Iterable[Node]]) -> Iterator[list[Node]]:
    """The components of ``stuck`` that lead to no other of it, and the rest to them; their nodes in its order."""
    known = {node: number for number, node in enumerate(stuck)}

    def ahead(node: Node) -> list[Node]:
        return [other for other in after(node) if other in known]

    for found in components(stuck, ahead):
        inside = set(found)
        if all(other in inside for node in found for other in ahead(node)):
            yield sorted(found, key=known.__getitem__)
