"""``ivr schema KIND``"""

from __future__ import annotations

import argparse
import sys

from ivr.project.schema.published import PUBLISHED, published


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("kind", choices=sorted(PUBLISHED), help="which files it describes")
    parser.epilog = "example:\n  ivr schema dialog > prompts/.schema/dialog.json"


def run(args: argparse.Namespace) -> int:
    """Print one schema."""
    sys.stdout.write(published(args.kind))
    return 0
