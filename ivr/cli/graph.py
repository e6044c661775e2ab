"""``ivr graph [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from ivr.catalog.mistakes import listing
from ivr.cli.arguments import writing
from ivr.cli.directory import add_directory, directory
from ivr.errors import ConfigError
from ivr.graph.mermaid import mermaid
from ivr.graph.model import Graph, graph_of
from ivr.graph.picture import picture
from ivr.project.load import load
from ivr.project.project import Project


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--dialog", metavar="NAME", help="the dialog to draw; left out: the one that answers")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there instead of printing it")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--mermaid", action="store_true", help="a Mermaid flowchart instead of SVG")
    form.add_argument("--json", action="store_true", help="states and ways as JSON")
    parser.epilog = "example:\n  ivr graph harbour --out main.svg"


def run(args: argparse.Namespace) -> int:
    """Draw one dialog."""
    project = load(directory(args), os.environ, clips=False)
    graph = _graph(project, args.dialog or project.settings.start)
    if args.json:
        drawn = json.dumps(asdict(graph), indent=2, ensure_ascii=False) + "\n"
    else:
        drawn = mermaid(graph) if args.mermaid else picture(graph)
    if args.out is None:
        sys.stdout.write(drawn)
        return 0
    with writing(args.out):
        args.out.write_text(drawn, encoding="utf-8")
    print(f"{len(graph.nodes)} states and {len(graph.edges)} ways of dialog {graph.dialog} written to {args.out}")
    return 0


def _graph(project: Project, name: str) -> Graph:
    table = project.tables.get(name)
    if table is None:
        why = "it is in Python, and only a table can be drawn" if name in project.functions else "there is none"
        there = listing(sorted(project.tables)) or "none"
        raise ConfigError(f"dialog '{name}' cannot be drawn: {why}; name one of {there} with --dialog")
    return graph_of(table, project.repertoire, project.catalogue(), project.settings.readback)
