"""``ivr simulate [DIR]``"""

from __future__ import annotations

import argparse

from ivr.cli import simulate_explore
from ivr.cli.directory import add_directory


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    simulate_explore.add_arguments(parser)
    parser.epilog = (
        "Exit status 1 where a branch has dead air, raises or never ends. docs/exploring.md tells what is tried.\n\n"
        "examples:\n  ivr simulate harbour\n  ivr simulate harbour --values tried.yaml --json"
    )


def run(args: argparse.Namespace) -> int:
    """Explore the project."""
    return simulate_explore.run(args)
