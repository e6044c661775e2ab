"""``ivr preview [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ivr.cli.arguments import writable, writing
from ivr.cli.dialogs import dialogs_of
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.errors import ConfigError, SpeechError
from ivr.pregen.preview.card import GOOD, Card, Preview, Turn
from ivr.pregen.preview.cards import Reading
from ivr.pregen.preview.gather import gather
from ivr.pregen.preview.page import MB, page
from ivr.pregen.preview.readback import Example, compared, examples
from ivr.pregen.preview.room import Room
from ivr.pregen.preview.told import told
from ivr.pregen.provider.asking import collected
from ivr.project.sources import Sources, read_sources
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.speech.voices import open_voice

SOUND_LIMIT = 50
"""MB of sound in a page, packed: about an hour and a half of speech, as in ``ivr timeline``."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="an .html (preview.html)")
    parser.add_argument(
        "--only", metavar="PHRASE", action="append", help="these phrases or clips alone; 'menu_*' is a pattern"
    )
    parser.add_argument("--locale", metavar="LOCALE", help="the phrases of this locale alone")
    parser.add_argument(
        "--audio-limit",
        type=_whole,
        default=SOUND_LIMIT,
        metavar="MB",
        help="how much sound the page holds; beyond it players play the files themselves (%(default)s)",
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="a few values from fragments, each beside the same by the voice, which is asked for it now",
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    parser.add_argument("--json", action="store_true", help="print what the page tells as JSON, and write no page")
    parser.epilog = (
        "One page of all clips to look and listen through, without a network: texts, waveforms, levels, and what is\n"
        "stale or missing. Nothing below audio/ is written. Exit status 0: the page is written, whatever it tells;\n"
        "1: the project has mistakes, and what they are about is not shown; 2: nothing is written.\n\n"
        "examples:\n  ivr preview harbour --open\n  ivr preview harbour --compare --open\n"
        "  ivr preview harbour -o prompts.html --only 'menu_*' --locale en-US"
    )


def run(args: argparse.Namespace) -> int:
    """Write the page, or tell of the clips."""
    if args.json and (args.out is not None or args.open):
        raise ConfigError("--json writes no page, so there is no use for -o or --open: leave them out, or --json")
    out = args.out or Path("preview.html")
    if out.suffix not in (".html", ".htm"):
        raise ConfigError(f"-o {out}: name an .html")
    root = directory(args)
    sources = read_sources(root, os.environ)
    repertoire, notes = dialogs_of(root, "phrases that are wrong and the turns of dialogs are not shown")
    if not args.json:
        writable(out, "-o")
    room = Room(0 if args.json else args.audio_limit * MB)
    beside = _compared(sources, room) if args.compare else ((), ())
    reading = Reading(sources, room, out)
    shown = gather(reading, repertoire, only=args.only, locale=args.locale, notes=notes, compared=beside)
    for note in notes:
        print(f"ivr: {note}", file=sys.stderr)
    if args.json:
        print(json.dumps(told(shown), indent=2, ensure_ascii=False))
        return 1 if notes else 0
    made = page(shown).encode()
    with writing(out, "-o"):
        out.write_bytes(made)
    print(f"{_counts(shown)} written to {out}, {len(made) / MB:.1f} MB, {room.taken / MB:.1f} MB of it sound")
    opened = _opened(out) if args.open else True
    return 0 if opened and not notes else 1


def _compared(sources: Sources, room: Room) -> tuple[Sequence[Card], Sequence[Turn]]:
    """Values that are read back, from fragments and by the voice. Raises ``ConfigError`` where there are none."""
    some = examples(sources)
    if not some:
        mode = "readback: {mode: fragments}"
        raise ConfigError(f"--compare: no phrase has a value that is read back; set '{mode}' in prompts/ivr.yaml")
    return compared(sources, room, some, run_loop(_spoken(sources, some)))


async def _spoken(sources: Sources, some: Sequence[Example]) -> Mapping[str, SpeechChunk]:
    """What the project's voice makes of each text; what it cannot say is left out."""
    voice = open_voice(**sources.settings.voice.options())
    said: dict[str, SpeechChunk] = {}
    try:
        for each in some:
            who = sources.settings.speaker(each.locale)
            request = SpeechRequest(each.text, who.name, each.locale, who.speed, who.model, who.style)
            with suppress(SpeechError):
                said[each.text] = await collected(voice, request)
    finally:
        await voice.aclose()
    return said


def _counts(shown: Preview) -> str:
    clips = [card for card in shown.cards if card.state != "live"]
    wrong = sum(card.state not in GOOD for card in clips)
    return f"{len(clips)} clip{'' if len(clips) == 1 else 's'} ({wrong} to be mended)"


def _opened(out: Path) -> bool:
    if webbrowser.open(out.absolute().as_uri()):
        return True
    print(f"ivr: there is no browser to show it: open {out} yourself", file=sys.stderr)
    return False


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number, 0 for none")
    return int(text)
