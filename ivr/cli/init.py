"""``ivr init DIR``"""

from __future__ import annotations

import argparse
from pathlib import Path

from ivr.project.disk.layout import command
from ivr.project.starter import copy_starter


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("directory", metavar="DIR", help="made if it does not exist")
    parser.add_argument("--force", action="store_true", help="write into a directory that is not empty")
    parser.epilog = "example:\n  ivr init harbour && ivr check harbour"


def run(args: argparse.Namespace) -> int:
    """Copy the starter and say what to do next."""
    root = Path(args.directory)
    written = copy_starter(root, force=args.force)
    print(f"{len(written)} files copied to {root}")
    print()
    print("What callers hear:   " + str(root / "prompts" / "phrases" / "en-US.yaml"))
    print("What happens when:   " + str(root / "prompts" / "dialogs" / "main.yaml"))
    print("Your own functions:  " + str(root / "prompts" / "bank.py"))
    print("Settings:            " + str(root / "prompts" / "ivr.yaml"))
    print()
    print(f"Next: change a phrase, then `{command('render', root)}` and `{command('check', root)}`.")
    return 0
