"""The argument DIR, which most commands have."""

from __future__ import annotations

import argparse
from pathlib import Path

from ivr.project.starter import project_root


def add_directory(parser: argparse.ArgumentParser) -> None:
    """Add it."""
    parser.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        help="the project; left out: the current directory if it has prompts/, else the starter project",
    )


def directory(args: argparse.Namespace) -> Path:
    """The project that is meant."""
    return project_root(args.directory)
