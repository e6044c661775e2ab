"""``ivr preview [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
import webbrowser
from pathlib import Path

from ivr.cli.arguments import writable, writing
from ivr.cli.directory import add_directory, directory
from ivr.errors import ConfigError
from ivr.pregen.preview.card import GOOD, Preview
from ivr.pregen.preview.cards import preview
from ivr.pregen.preview.page import MB, page
from ivr.pregen.preview.room import Room
from ivr.pregen.preview.told import told
from ivr.project.load import load

SOUND_LIMIT = 50
"""MB of sound in a page, packed: about an hour and a half of speech, as in ``ivr timeline``."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="an .html (preview.html)")
    parser.add_argument("--only", metavar="PHRASE", action="append", help="these phrases alone; 'menu_*' is a pattern")
    parser.add_argument("--locale", metavar="LOCALE", help="the phrases of this locale alone")
    parser.add_argument(
        "--audio-limit",
        type=_whole,
        default=SOUND_LIMIT,
        metavar="MB",
        help="how much sound the page holds; beyond it players play the files themselves (%(default)s)",
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    parser.add_argument("--json", action="store_true", help="print what the page tells as JSON, and write no page")
    parser.epilog = (
        "One page of all clips to look and listen through, without a network: texts, waveforms, levels, and what is\n"
        "stale or missing. Nothing below audio/ is written. Exit status 0: the page is written, whatever it tells;\n"
        "2: it is not.\n\n"
        "examples:\n  ivr preview harbour --open\n  ivr preview harbour -o prompts.html --only 'menu_*' --locale en-US"
    )


def run(args: argparse.Namespace) -> int:
    """Write the page, or tell of the clips."""
    if args.json and (args.out is not None or args.open):
        raise ConfigError("--json writes no page, so there is no use for -o or --open: leave them out, or --json")
    out = args.out or Path("preview.html")
    if out.suffix not in (".html", ".htm"):
        raise ConfigError(f"-o {out}: name an .html")
    project = load(directory(args), os.environ, clips=False)
    if not args.json:
        writable(out, "-o")
    room = Room(0 if args.json else args.audio_limit * MB)
    shown = preview(project, room, out, only=args.only, locale=args.locale)
    if args.json:
        print(json.dumps(told(shown), indent=2, ensure_ascii=False))
        return 0
    made = page(shown).encode()
    with writing(out, "-o"):
        out.write_bytes(made)
    print(f"{_counts(shown)} written to {out}, {len(made) / MB:.1f} MB, {room.taken / MB:.1f} MB of it sound")
    return _opened(out) if args.open else 0


def _counts(shown: Preview) -> str:
    clips = [card for card in shown.cards if card.state != "live"]
    wrong = sum(card.state not in GOOD for card in clips)
    return f"{len(clips)} clip{'' if len(clips) == 1 else 's'} ({wrong} to be mended)"


def _opened(out: Path) -> int:
    if webbrowser.open(out.absolute().as_uri()):
        return 0
    print(f"ivr: there is no browser to show it: open {out} yourself", file=sys.stderr)
    return 1


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number, 0 for none")
    return int(text)
