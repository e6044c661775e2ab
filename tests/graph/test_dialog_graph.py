"""Dialogs as pictures: everything is in them, nothing overlaps, and any name is safe."""

import json
import re
import time
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.catalog.phrases_file import read_phrases
from ivr.cli.main import main
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.repertoire import Repertoire
from ivr.graph.layers import rows
from ivr.graph.mermaid import mermaid, quoted
from ivr.graph.model import graph_of
from ivr.graph.picture import picture
from ivr.graph.places import GAP, places
from ivr.project.settings.readback import ReadBackSettings
from ivr.project.starter import starter_root
from ivr.trace.sound import Strategy

CATALOGUE, _ = read_phrases(
    'locale: en-US\nphrases: {hello: Hello., sum: "You have {amount:money}.", bye: Bye.}\n', "en.yaml"
)
DIALOG = """\
dialog: main
start: top
on: {hang_up: {goto: note}, lookup_failed: {say: bye, dialog: agent}}
commands: {"*": back}
states:
  top: {say: hello, menu: {options: {1: look, 2: look, 9: end}, no_input: {limit: 1, goto: end}}}
  look:
    lookup: {run: bank.balance, as: amount}
    say: sum
    cover: {filler: no, hold: hello, patience: 20s}
    branch: [{if: 'amount < 0.0 && "a" != "b"', goto: ask}, {goto: top}]
  ask: {commands: {"*": {goto: top}, A: repeat}, collect: {as: number, digits: 4-8, goto: pay}}
  pay: {dialog: {run: other, with: {number: number}, as: paid, goto: top}, on: {hang_up: {goto: gone}}}
  gone: {return: yes}
  note: {set: {done: "1"}, goto: end}
  end: {say: bye, hang_up: yes}
"""
MAIN = read_dialog(DIALOG, "main.yaml")[0].table
GRAPH = graph_of(MAIN, Repertoire({"main": MAIN}), CATALOGUE)


def texts(svg):
    root = ElementTree.fromstring(svg)
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return {(each.text or "") + "".join(child.tail or "" for child in each) for each in found}


def test_states_ways_ladders_and_commands_are_in_it():
    edges = {(edge.source, edge.target): (edge.label, edge.style) for edge in GRAPH.edges}
    assert edges["pay", "gone"] == ("hangs up", "ladder")
    assert edges["top", "look"] == ("1, 2", "way")
    assert ("top", "end", "no input 2", "ladder") in [(e.source, e.target, e.label, e.style) for e in GRAPH.edges]
    assert edges["look", "dialog agent"] == ("lookup failed: bye", "ladder")
    assert edges["ask", "top"] == ("*", "command")
    assert edges["the caller hangs up", "note"] == ("", "ladder")
    nodes = {node.id: node for node in GRAPH.nodes}
    spliced = graph_of(MAIN, Repertoire({"main": MAIN}), CATALOGUE, ReadBackSettings(mode="fragments"))
    assert {node.id: node for node in spliced.nodes}["look"].say == (("sum", Strategy.FRAGMENTS),)
    assert "classDef fragments" in mermaid(spliced) and "read back from fragments" in picture(spliced)
    assert nodes["look"].say == (("sum", Strategy.STREAM),) and nodes["top"].say == (("hello", Strategy.CLIP),)
    assert nodes["look"].notes == ("lookup bank.balance as amount", "covered by filler no, hold hello, patience 20 s")
    assert nodes["pay"].notes == ("runs other with number as paid",)
    again = [(edge.source, edge.label) for edge in GRAPH.edges if edge.source == edge.target]
    assert again == [("top", "no input 1, no match 1-2"), ("ask", "no input 1-2, no match 1-2")]
    assert nodes["ask"].notes == ("4-8 keys as number", "command A repeat", "ends after no input 3, no match 3")
    assert GRAPH.everywhere == ("* back",)


OFFICE = """\
dialog: office
start: call
states:
  call:
    locale: es-US
    say: [law, promo]
    transfer: {to: "+15551234567", timeout: 25s, busy: leave, no_answer: leave, failed: leave, goto: thanks}
  leave:
    say: hello
    record:
      {as: message, longest: 90s, goto: keep, no_input: [hello, {say: bye, reprompt: no}, {say: bye, goto: thanks}]}
  keep:
    lookup: {get: "https://api.example.com/x", as: kept, on: {404: thanks, 5xx: thanks}}
    on: {lookup_failed: [bye, bye, {say: hello, goto: thanks}]}
    branch:
      - {if: "call.parameters.the_name_of_a_parameter_that_is_long_indeed == 'x' && kept", goto: call}
      - {goto: thanks}
  thanks: {say: bye, hang_up: yes}
"""
LAWFUL, _ = read_phrases(
    "locale: en-US\nphrases: {hello: Hello., bye: Bye.}\n"
    "prompts: {law: {say: hello, bargein: no}, promo: {say: bye, bargein: {by: any, after: 2s}}}\n",
    "en.yaml",
)


def test_ladders_recordings_transfers_locales_and_barge_in_are_drawn():
    table = read_dialog(OFFICE, "office.yaml")[0].table
    graph = graph_of(table, Repertoire({"office": table}), LAWFUL)
    nodes = {node.id: node for node in graph.nodes}
    edges = {(edge.source, edge.target, edge.label) for edge in graph.edges}
    assert nodes["call"].notes == ("in es-US", "to +15551234567, rings 25 s")
    assert nodes["call"].bargein == {"law": "barge-in no", "promo": "barge-in key or speech after 2 s"}
    assert nodes["leave"].notes == ("records message, 90 s at most", "ends after no match 3")
    assert {
        ("call", "leave", "busy, no answer, failed"),
        ("call", "thanks", "answered and ended"),
        ("leave", "keep", "recorded"),
        ("leave", "leave", "no input 1: hello"),
        ("leave", "leave", "no input 2: bye (without its own words)"),
        ("leave", "leave", "no match 1-2"),
        ("leave", "thanks", "no input 3: bye"),
        ("keep", "keep", "lookup failed 1-2: bye"),
        ("keep", "thanks", "lookup answered 404, lookup answered 5xx, lookup failed 3: hello"),
    } <= edges
    shown, chart = "\n".join(sorted(texts(picture(graph)))), mermaid(graph)
    for words in (
        "in es-US",
        "law (barge-in no)",
        "no input 1: hello → again",
        "records message",
        "answered and ended",
    ):
        assert words in shown and words.removesuffix(" → again") in chart
    assert parsed(chart)


def test_no_label_of_an_arrow_is_cut():
    table = read_dialog(OFFICE, "office.yaml")[0].table
    svg = picture(graph_of(table, Repertoire({"office": table}), LAWFUL))
    assert "…" not in "".join(texts(svg))
    written = "".join(text for text in re.findall(r"</title>([^<]*)</text>", svg)).replace(" ", "")
    assert "call.parameters.the_name_of_a_parameter_that_is_long_indeed" in written


def test_the_picture_says_it_all_without_anything_from_elsewhere():
    svg = picture(GRAPH)
    assert {"top", "look", "1, 2", "no input 2", "sum", "dialog main", "at every question: * back"} <= texts(svg)
    assert {"said from memory", "has live words", "silence, error or failure"} <= texts(svg)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "") and "<script" not in svg
    assert svg == picture(GRAPH)


CHART = re.compile(
    r'  (?:begin\(\( \)\) --> s\d+|s\d+(?P<shape>\W{1,2})"[^"]*"\W{1,2}|s\d+ (?:-->|-\.->|==>)(?:\|"[^"]*"\|)? s\d+'
    r'|everywhere\["[^"]*"\]|classDef \w+ fill:#\w{6},stroke:#\w{6}|class s\d+(?:,s\d+)* \w+)'
)
PAIRS = {"[": "]", "{{": "}}", "[[": "]]", "([": "])", "((": "))"}


def parsed(chart):
    """A parser of the part of Mermaid that is written: every line is whole, and names what was defined."""
    *head, kind, _ = [*chart.split("\n")[:4], ""]
    assert head[0] == head[2] == "---" and head[1].startswith("title: ") and kind == "flowchart TD"
    lines = chart.rstrip("\n").split("\n")[4:]
    defined, named = set(), set()
    for line in lines:
        assert CHART.fullmatch(line), line
        if found := re.match(r'  (s\d+)([\[({]{1,2})"[^"]*"(.*)', line):
            assert PAIRS[found[2]] == found[3]
            defined.add(found[1])
        else:
            named.update(re.findall(r"\bs\d+\b", re.sub(r'"[^"]*"', "", line)))
    assert named <= defined
    return defined


def test_the_chart_can_be_read():
    assert len(parsed(mermaid(GRAPH))) == len(GRAPH.nodes)
    assert '|"amount #60; 0.0 #38;#38; #34;a#34; != #34;b#34;"|' in mermaid(GRAPH)


@given(st.text())
def test_no_label_ends_early(text):
    inner = quoted(text)[1:-1]
    assert not set(inner) & set('"<>|`{}[]\\\n')
    assert (
        "".join(chr(int(part[1:-1])) if part.startswith("#") else part for part in re.findall(r"#\d+;|[^#]", inner))
        == text
    )


names = st.integers(0, 40).map(lambda number: f"n{number}")


@settings(deadline=None)
@given(st.lists(st.tuples(names, names), max_size=80))
def test_boxes_never_overlap_and_every_arrow_is_drawn_or_named(arrows):
    nodes = sorted({"n0", *(node for arrow in arrows for node in arrow)})
    found = rows(nodes, arrows, "n0")
    assert sorted(node for row in found.rows for node in row if node not in found.bends) == nodes
    assert {arrow for arrow in arrows if arrow[0] != arrow[1]} == {*found.chains, *found.cut}
    depth = {node: number for number, row in enumerate(found.rows) for node in row}
    for chain in found.chains.values():
        assert [depth[node] for node in chain] == list(range(depth[chain[0]], depth[chain[-1]] + 1))
    boxes = places(found, dict.fromkeys(nodes, (100.0, 40.0)), dict.fromkeys(range(len(found.rows)), 30.0))
    for row in found.rows:
        for left, right in pairwise(row):
            assert boxes[left].x + boxes[left].width + GAP <= boxes[right].x + 1e-6


def large(states):
    text = "dialog: main\nstart: s0\nstates:\n"
    for number in range(states - 1):
        ways = {1: number + 1, 2: min(states - 1, number * 7 % states), 3: number // 2}
        options = ", ".join(f"{key}: s{state}" for key, state in ways.items())
        text += f"  s{number}: {{say: hello, menu: {{options: {{{options}}}, no_input: {{limit: 1, goto: s0}}}}}}\n"
    return read_dialog(f"{text}  s{states - 1}: {{hang_up: yes}}\n", "main.yaml")[0].table


def test_time_grows_with_the_dialog_and_no_faster():
    def drawn(states):
        table = large(states)
        graph = graph_of(table, Repertoire({"main": table}), CATALOGUE)
        began = time.process_time()
        assert picture(graph).count('class="name"') == states
        return time.process_time() - began

    drawn(50)
    assert drawn(500) < 40 * max(drawn(100), 0.01), "twice the square would be 50 times"


@pytest.mark.parametrize(("words", "begins"), [((), "<svg"), (("--mermaid",), "---\ntitle: main"), (("--json",), "{")])
def test_the_command_draws_the_starter(words, begins, capsys, tmp_path):
    assert main(["graph", str(starter_root()), *words]) == 0
    said = capsys.readouterr().out
    assert said.startswith(begins) and "balance" in said
    assert main(["graph", str(starter_root()), *words, "--dialog", "main", "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_text() == said
    assert "8 states" in capsys.readouterr().out


def test_the_json_has_nodes_and_edges(capsys):
    assert main(["graph", str(starter_root()), "--json"]) == 0
    graph = json.loads(capsys.readouterr().out)
    welcome = {"id": "welcome", "kind": "goto", "say": [["greeting", "clip"]], "notes": [], "bargein": {}}
    assert welcome in graph["nodes"]
    assert {"source": "welcome", "target": "main", "label": "", "style": "way"} in graph["edges"]


def test_a_dialog_that_cannot_be_drawn_is_named(capsys, tmp_path):
    assert main(["graph", str(starter_root()), "--dialog", "mian"]) == 2
    assert "there is none; name one of main" in capsys.readouterr().err
    assert main(["graph", str(starter_root()), "--dialog", "bank.balance"]) == 2
    assert "in Python" in capsys.readouterr().err
    assert main(["graph", str(starter_root()), "--out", str(tmp_path / "no" / "x.svg")]) == 2
