"""``ivr render [DIR]``"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ivr.cli.collector import uncollected
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.cli.render_bar import bar
from ivr.cli.render_show import show
from ivr.cli.render_what import choice_of, what
from ivr.cli.stopping import accounted, terminable
from ivr.errors import ConfigError, IvrError, MissingExtra
from ivr.pregen.files.holding import alone
from ivr.pregen.files.litter import sweep
from ivr.pregen.foresee import provider_of
from ivr.pregen.render import render
from ivr.pregen.report import RenderReport
from ivr.project.disk.layout import AUDIO, command, prompts_of
from ivr.project.settings.voice import MOST_AT_ONCE
from ivr.project.sources import Sources, read_sources
from ivr.speech.synthesizer import Synthesizer
from ivr.speech.voices import open_voice

_EPILOG = """\
Renders exactly the clips whose words, voice or settings changed, or whose file is missing or damaged, and enters every
clip into audio/ivr.lock. Sounds and recordings of your own are never written over, and no clip is removed: that is
`ivr gc`. A build that was stopped, however, goes on where it was.

Exit status 0: all clips are there; 1: some are not, or --check found something; 2: no start. --dry-run has 0 or 2.
docs/render.md tells what is paid for, and what becomes of trouble with the provider.

examples:
  ivr render
  ivr render harbour --dry-run
  ivr render harbour --check                  for CI
  ivr render harbour --only 'menu_*' --only greeting --locale es-US
  ivr render harbour --only es-US/greeting --only balance.2    clips, as reports name them
  ivr render harbour --again                  fragments that could not be cut are asked for once more
  ivr render harbour --accept balance.2       its recording is right, although the words changed"""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    look = parser.add_mutually_exclusive_group()
    look.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit status 1 where clips are missing, damaged, stale or orphaned, or phrases unsaid",
    )
    look.add_argument(
        "--dry-run", action="store_true", help="write nothing; tell what would be made, from what and for how much"
    )
    parser.add_argument(
        "--only", metavar="PHRASE", action="append", help="these phrases or clips alone; 'menu_*' is a pattern"
    )
    parser.add_argument("--locale", metavar="TAG", action="append", help="the phrases of these locales alone")
    parser.add_argument("--voice", metavar="NAME", action="append", help="what these voices say alone")
    parser.add_argument(
        "--accept",
        metavar="CLIP",
        action="append",
        help="the recording of this clip, or phrase, is right although its words changed since",
    )
    parser.add_argument(
        "--again", action="store_true", help="ask once more for fragments that could not be cut the last time"
    )
    parser.add_argument(
        "--concurrency", metavar="N", type=_count, help="requests at once, 1 to 64; left out, voice.at_once of ivr.yaml"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.epilog = _EPILOG


def run(args: argparse.Namespace) -> int:
    """Render, with a bar where a person watches, and say what was done."""
    root = directory(args)
    if args.check or args.dry_run:
        sources = _read(root)
        report = run_loop(_foreseen(sources, args))
    else:
        prompts_of(root)
        with terminable(), alone(root / AUDIO) as by_itself:
            if by_itself:
                sweep(root / AUDIO)
            sources = _read(root)
            report = run_loop(_built(sources, args))
    price = sources.settings.price_of(report.provider)
    if args.json:
        print(json.dumps(report.as_json(price), indent=2, ensure_ascii=False))
    else:
        show(report, sources, price, dry=args.dry_run)
    return 0 if report.ok or args.dry_run else 1


def _read(root: Path) -> Sources:
    with uncollected():
        return read_sources(root, os.environ)


async def _foreseen(sources: Sources, args: argparse.Namespace) -> RenderReport:
    voice, _ = _voice(sources)
    told = what(sources, args)
    try:
        report = await render(sources, voice, check=True, **told)
    finally:
        await _close(voice)
    if args.check and not choice_of(args):
        from ivr.project.checks.unsaid import unsaid  # late: all that reads dialogs

        unreachable, unsure = unsaid(sources)
        report = replace(report, unreachable=tuple(unreachable), unsure=unsure)
    return report


async def _built(sources: Sources, args: argparse.Namespace) -> RenderReport:
    voice, refusal = _voice(sources)
    told = what(sources, args, refusal)
    try:
        price = sources.settings.price_of(provider_of(sources.settings, voice))
        with bar(price) as shown, accounted(shown, price, command("render", sources.root)) as tell, _told_once():
            return await render(sources, voice, progress=tell, **told)
    finally:
        await _close(voice)


@contextmanager
def _told_once() -> Iterator[None]:
    """The log of the voice tells operators of trouble that a build tells by phrase."""
    log = logging.getLogger("ivr.speech")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _voice(sources: Sources) -> tuple[Synthesizer | None, IvrError | None]:
    """The voice, or why there is none, which matters only where something is to be said."""
    try:
        return open_voice(**sources.settings.voice.options()), None
    except (ConfigError, MissingExtra) as error:
        return None, error


async def _close(voice: Synthesizer | None) -> None:
    if voice is not None:
        await voice.aclose()


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to {MOST_AT_ONCE}")
    return int(text)
