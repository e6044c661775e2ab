"""``ivr simulate [DIR]``"""

from __future__ import annotations

import argparse

from ivr.cli import simulate_explore
from ivr.cli.directory import add_directory, directory
from ivr.cli.simulate_many import add_many, run_many

_OF_MANY = ("calls", "only", "profile", "trace", "junit", "baseline", "write_baseline")
"""What only very many calls have; any of it asks for them."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--gateway", metavar="NAME", help="the gateway that calls come by")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    add_many(parser)
    simulate_explore.add_arguments(parser)
    parser.epilog = (
        "Without --calls every branch is explored once: docs/exploring.md.\n\n"
        "examples:\n  ivr simulate harbour\n  ivr simulate harbour --calls 10000"
    )


def run(args: argparse.Namespace) -> int:
    """Make calls: very many, or one for each branch."""
    if any(getattr(args, name, None) for name in _OF_MANY):
        return run_many(args, directory(args))
    return simulate_explore.run(args)
