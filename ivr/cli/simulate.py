"""``ivr simulate [DIR]``"""

from __future__ import annotations

import argparse

from ivr.cli.directory import add_directory, directory
from ivr.cli.simulate_many import add_many, run_many


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--gateway", metavar="NAME", help="the gateway that calls come by")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    add_many(parser)


def run(args: argparse.Namespace) -> int:
    """Make calls."""
    return run_many(args, directory(args))
