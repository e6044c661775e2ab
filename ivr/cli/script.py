"""``ivr script [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ivr.cli.arguments import writing
from ivr.cli.dialogs import dialogs_of
from ivr.cli.directory import add_directory, directory
from ivr.dialog.repertoire import Repertoire
from ivr.pregen.choice import Choice
from ivr.pregen.files.disk import usual_disk
from ivr.pregen.script.lines import Line, of_words, script
from ivr.pregen.script.page import as_page
from ivr.pregen.script.table import as_csv
from ivr.pregen.script.usable import usable
from ivr.project.sources import read_sources


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the list as CSV, as spreadsheets open it")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the list as a page to print")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    parser.add_argument("--locale", metavar="LOCALE", action="append", help="the phrases of this locale alone")
    parser.add_argument(
        "--only", metavar="PHRASE", action="append", help="these phrases or clips alone; 'menu_*' is a pattern"
    )
    parser.add_argument(
        "--missing",
        action="store_true",
        help="what has no recording that can be used, or one of other words, alone",
    )
    parser.epilog = (
        "Lists every clip of fixed words once, in the order in which callers come to them, with the file to record it\n"
        "to, below audio/recordings/, and what is heard before and after it. Without --csv, --html or --json the list\n"
        "is printed as CSV. Exit status 0: listed; 1: the project has mistakes, the order is not known; 2: no list.\n"
        "docs/recordings.md tells how to record, and what is checked.\n\n"
        "examples:\n  ivr script harbour --html script.html\n"
        "  ivr script harbour --missing --locale de-DE --csv todo.csv"
    )


def run(args: argparse.Namespace) -> int:
    """Write the list, or print it; what is wrong with the recordings that there are goes to standard error."""
    root = directory(args)
    sources = read_sources(root, os.environ)
    repertoire, notes = dialogs_of(root, "in which order callers hear what is said is not known")
    choice = Choice(phrases=args.only or (), locales=args.locale or ())
    chosen = {clip.name for clip in of_words(sources, choice)}
    recordings, problems = usable(sources, chosen, usual_disk(sources.audio, os.environ))
    lines = script(sources, repertoire or Repertoire(), recordings, choice, missing=args.missing)
    for told in (*(f"ivr: {note}" for note in notes), *problems):
        print(told, file=sys.stderr)
    if args.csv is not None:
        with writing(args.csv, "--csv"):
            args.csv.write_bytes(as_csv(lines).encode("utf-8-sig"))  # Excel takes it for UTF-8 by the mark alone
    if args.html is not None:
        title = f"{sources.settings.project or root.resolve().name}: recording list"
        with writing(args.html, "--html"):
            args.html.write_text(as_page(lines, title), encoding="utf-8")
    if args.json:
        print(json.dumps({"lines": [line.as_json() for line in lines]}, indent=2, ensure_ascii=False))
    elif args.csv is None and args.html is None:
        sys.stdout.write(as_csv(lines, newline="\n"))
    else:
        _tell(lines, [path for path in (args.csv, args.html) if path is not None])
    return 1 if notes else 0


def _tell(lines: Sequence[Line], written: Sequence[Path]) -> None:
    there = sum(bool(line.recorded) for line in lines)
    noun = "line" if len(lines) == 1 else "lines"
    print(f"{len(lines)} {noun}, {there} recorded, written to {' and '.join(map(str, written))}")
