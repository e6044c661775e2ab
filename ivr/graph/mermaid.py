"""A dialog as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), for pages that draw it themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.graph.model import Graph, Node
from ivr.graph.picture import FILLS, legend
from ivr.trace.sound import Strategy

_SHAPES = {
    "menu": "{{{}}}",
    "collect": "{{{}}}",
    "confirm": "{{{}}}",
    "record": "{{{}}}",
    "branch": "{{{}}}",
    "over": "[[{}]]",
    "dialog": "[[{}]]",
    "return": "([{}])",
    "hangup": "([{}])",
    "hang_up": "([{}])",
    "event": "(({}))",
}
_ARROWS = {"way": "-->", "ladder": "-.->", "command": "==>"}


def mermaid(graph: Graph) -> str:
    """The whole chart. Ids are numbered, since Mermaid has reserved words; every label is quoted and escaped."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    ids = {node.id: f"s{number}" for number, node in enumerate(graph.nodes)}
    yield "---"
    yield f"title: {graph.dialog}"
    yield "---"
    yield "flowchart TD"
    yield f"  begin(( )) --> {ids[graph.start]}"
    for node in graph.nodes:
        yield f"  {ids[node.id]}{_shape(node)}"
    for edge in graph.edges:
        label = f"|{quoted(edge.label)}|" if edge.label else ""
        yield f"  {ids[edge.source]} {_ARROWS[edge.style]}{label} {ids[edge.target]}"
    if graph.everywhere:
        yield f"  everywhere[{quoted('at every question: ' + ', '.join(graph.everywhere))}]"
    for strategy in legend(graph):
        fill, edge_colour = FILLS[strategy]
        yield f"  classDef {strategy.value} fill:{fill},stroke:{edge_colour}"
        named = [ids[node.id] for node in graph.nodes if strategy is strongest(node)]
        if named:
            yield f"  class {','.join(named)} {strategy.value}"


def strongest(node: Node) -> Strategy | None:
    """The strategy that colours the whole node: live where anything in it is, else fragments."""
    used = [strategy for _, strategy in node.say]
    first = next((each for each in (Strategy.STREAM, Strategy.FRAGMENTS) if each in used), None)
    return first or (used[0] if used else None)


def _shape(node: Node) -> str:
    said = [f"{name} ({node.bargein[name]})" if name in node.bargein else name for name, _ in node.say]
    text = "<br/>".join(quoted(part)[1:-1] for part in (node.id, *said, *node.notes))
    opening, closing = _SHAPES.get(node.kind, "[{}]").split("{}") if node.kind in _SHAPES else ("[", "]")
    return f'{opening}"{text}"{closing}'


def quoted(text: str) -> str:
    """A label: in quotes, with Mermaid's own entities for what would end it or mean something."""
    return (
        '"'
        + "".join(f"#{ord(each)};" if each in '"#&<>|`{}[]\\;' or not each.isprintable() else each for each in text)
        + '"'
    )
