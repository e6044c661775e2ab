"""A dialog as SVG: states in rows, digits on their arrows, ladders dashed, prompts coloured by how they are said."""

from __future__ import annotations

from collections import defaultdict

from ivr.graph.arrows import LABEL_LINE, LEVELS, Arrows, lines
from ivr.graph.layers import Rows, rows
from ivr.graph.model import Edge, Graph, Node
from ivr.graph.places import Box, places
from ivr.trace.sound import Strategy
from ivr.trace.svg import Drawing, fitted, width, wrapped

FILLS = {
    Strategy.CLIP: ("#cfe3f5", "#2f6da6"),
    Strategy.FRAGMENTS: ("#e0d6f2", "#6b4fa3"),
    Strategy.STREAM: ("#ffdcb0", "#c96a00"),
}
"""Fill and edge, as in the picture of a call."""
NAMES = {
    Strategy.CLIP: "said from memory",
    Strategy.FRAGMENTS: "read back from fragments",
    Strategy.STREAM: "has live words",
}
ENDS = frozenset(["hang_up", "return"])
_KINDS = {
    **dict.fromkeys(("menu", "collect", "confirm", "record"), "asks"),
    **dict.fromkeys(("over", "dialog", "event", "transfer"), "other"),
}

LINE, PAD, WIDEST, NARROWEST = 15.0, 9.0, 250.0, 96.0
WIDEST_NAME = 420.0
"""Names are not broken, so they may make a box wider."""
NOTE_LINES = 4
"""Of one note; what is more stands in the box's tip."""
MARGIN, HEAD = 28.0, 84.0

STYLES = (
    "text{font-family:'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;font-size:11px;fill:#222}"
    ".page{fill:#fff}.title{font-size:19px;font-weight:bold}.name{font-size:12.5px;font-weight:bold}"
    ".kind{font-size:10px;fill:#777;text-anchor:end}.note{font-size:10.5px;fill:#555}"
    ".note.ladder{fill:#b3263a}.note.command{fill:#8e3a8e}.legend{font-size:11px}"
    ".box{fill:#fbfbfb;stroke:#8a8a8a;stroke-width:1.1}.box.asks{stroke:#2e6b34;stroke-width:1.8}"
    ".box.ends{fill:#f1f1f1;stroke:#333;stroke-width:1.8}.box.other{fill:#f6f0fb;stroke:#6b4fa3}"
    ".box.first{stroke:#1f5fbf;stroke-width:2.6}.chip{stroke-width:.8}"
    ".arrow{fill:none;stroke:#444;stroke-width:1.2}.arrow.ladder{stroke:#b3263a;stroke-dasharray:5 3}"
    ".arrow.command{stroke:#8e3a8e;stroke-dasharray:1.5 3;stroke-width:1.8}"
    ".tip{fill:#444}.tip.ladder{fill:#b3263a}.tip.command{fill:#8e3a8e}"
    ".label{text-anchor:middle;font-size:10.5px;font-weight:bold}.label.ladder{fill:#b3263a;font-weight:normal}"
    ".label.command{fill:#8e3a8e}.under{fill:#fff;fill-opacity:.88}"
    + "".join(f".{strategy.value}{{fill:{fill};stroke:{edge}}}" for strategy, (fill, edge) in FILLS.items())
)


def legend(graph: Graph) -> list[Strategy]:
    """The strategies that occur, in a fixed order."""
    used = {strategy for node in graph.nodes for _, strategy in node.say}
    return [strategy for strategy in FILLS if strategy in used]


def picture(graph: Graph) -> str:
    """An SVG of its own, without scripts or fonts from elsewhere."""
    found = rows([node.id for node in graph.nodes], ((e.source, e.target) for e in graph.edges), graph.start)
    cut = _cut(graph, found)
    sizes = {node.id: _size(node, cut[node.id]) for node in graph.nodes}
    leaving: defaultdict[str, int] = defaultdict(int)
    for edge in graph.edges:
        leaving[edge.source] += len(lines(edge)) if edge.source != edge.target else 0
    between = {
        index: 44.0 + LABEL_LINE * min(LEVELS, max((leaving[node] for node in row), default=0))
        for index, row in enumerate(found.rows)
    }
    boxes = {
        node: Box(box.x + MARGIN, box.y + HEAD + MARGIN, box.width, box.height)
        for node, box in places(found, sizes, between).items()
    }
    sheet, front = Drawing(), Drawing()
    Arrows(found, boxes, graph.edges).draw(sheet, front)
    for node in graph.nodes:
        _node(front, node, boxes[node.id], cut[node.id], first=node.id == graph.start)
    wide = max([780.0, *(box.x + box.width + MARGIN + 40 for box in boxes.values())])
    tall = max(box.y + box.height for box in boxes.values()) + MARGIN
    whole = Drawing()
    whole.rect(0, 0, wide, tall, "page")
    _head(whole, graph)
    whole.add(sheet)
    whole.add(front)
    return whole.document(wide, tall, f"dialog {graph.dialog}", STYLES)


def _cut(graph: Graph, found: Rows) -> dict[str, list[Edge]]:
    """By node, the edges that are not drawn but named in it: too long, or to itself."""
    short = set(found.cut)
    cut: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        if (edge.source, edge.target) in short or edge.source == edge.target:
            cut[edge.source].append(edge)
    return cut


def _named(edge: Edge) -> str:
    return f"{edge.label} → {edge.target}".strip() if edge.source != edge.target else f"{edge.label} → again".strip()


def _below(node: Node, cut: list[Edge]) -> list[tuple[str, str, str]]:
    """The lines below the prompts: each with its style and the whole of its text."""
    found = [(note, "note") for note in node.notes] + [(_named(edge), f"note {edge.style}") for edge in cut]
    room = WIDEST - 2 * PAD
    return [(line, style, text) for text, style in found for line in wrapped(text, 10.5, room, NOTE_LINES)]


def _chip(node: Node, name: str) -> str:
    return f"{name} ({node.bargein[name]})" if name in node.bargein else name


def _size(node: Node, cut: list[Edge]) -> tuple[float, float]:
    below = _below(node, cut)
    names = [width(node.id, 12.5) + width(node.kind, 10) + 22]
    names += [width(_chip(node, name), 11) + 12 for name, _ in node.say]
    wide = max([NARROWEST, *(width(text, 10.5) for text, _, _ in below), min(WIDEST_NAME, max(names))])
    return wide + 2 * PAD + 1, PAD * 2 + LINE * (1 + len(below)) + 18 * len(node.say)


def _node(to: Drawing, node: Node, box: Box, cut: list[Edge], *, first: bool) -> None:
    style = "ends" if node.kind in ENDS else _KINDS.get(node.kind, "plain")
    to.rect(box.x, box.y, box.width, box.height, f"box {style}{' first' if first else ''}", _tip(node))
    room = box.width - 2 * PAD
    y = box.y + PAD + 11
    kind = width(node.kind, 10) + 10
    to.text(box.x + PAD, y, fitted(node.id, 12.5, room - kind), "name", _tip(node))
    to.text(box.x + box.width - PAD, y, node.kind.replace("_", " "), "kind")
    for name, strategy in node.say:
        y += 18
        to.rect(box.x + PAD, y - 11.5, room, 15.5, f"chip {strategy.value}", name)
        to.text(box.x + PAD + 5, y, fitted(_chip(node, name), 11, room - 8), "say", name)
    for line, kind_of_line, text in _below(node, cut):
        y += LINE
        to.text(box.x + PAD, y, line, kind_of_line, text)


def _tip(node: Node) -> str:
    return "\n".join([node.id, *(name for name, _ in node.say), *node.notes])


def _head(to: Drawing, graph: Graph) -> None:
    to.text(MARGIN, 32, f"dialog {graph.dialog}", "title")
    x = MARGIN
    for strategy in legend(graph):
        to.rect(x, 46, 16, 11, f"chip {strategy.value}")
        to.text(x + 21, 55.5, NAMES[strategy], "legend")
        x += 41 + width(NAMES[strategy], 11)
    for style, name in (
        ("way", "answer, branch or goto"),
        ("ladder", "silence, error or failure"),
        ("command", "command"),
    ):
        to.line(x, 52, x + 26, 52, f"arrow {style}")
        to.text(x + 31, 55.5, name, "legend")
        x += 51 + width(name, 11)
    if graph.everywhere:
        to.text(MARGIN, 76, f"at every question: {', '.join(graph.everywhere)}", "legend")
