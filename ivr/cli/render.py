"""``ivr render [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ivr.catalog.mistakes import listing
from ivr.cli.collector import uncollected
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.errors import ConfigError, IvrError, MissingExtra, Problem
from ivr.pregen.choice import Choice
from ivr.pregen.disk import Disk
from ivr.pregen.render import Progress, render
from ivr.pregen.report import RenderReport
from ivr.pregen.seen import Seen, usual_place
from ivr.project.sources import Sources, read_sources
from ivr.speech.synthesizer import Synthesizer
from ivr.speech.voices import open_voice


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if something is to be done")
    parser.add_argument("--only", metavar="PHRASE", action="append", help="these phrases alone; 'menu_*' is a pattern")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.epilog = (
        "Renders exactly the clips whose words, voice or settings changed, or whose file is missing or damaged,\n"
        "and enters every clip into audio/ivr.lock. Sounds of your own are never written over; nothing is removed.\n"
        "Exit status 0: all clips are there; 1: some failed, or with --check some are to be rendered; 2: no start.\n\n"
        "examples:\n  ivr render\n  ivr render harbour --check\n  ivr render harbour --only 'menu_*' --only greeting"
    )


def run(args: argparse.Namespace) -> int:
    """Render, with a bar where a person watches, and say what was done."""
    with uncollected():
        sources = read_sources(directory(args), os.environ)
    report = run_loop(_render(sources, check=args.check, choice=Choice(phrases=args.only or ())))
    if args.json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _print(report, sources)
    return 0 if report.ok else 1


async def _render(sources: Sources, *, check: bool, choice: Choice) -> RenderReport:
    disk = Disk(sources.audio, Seen(usual_place(sources.audio, os.environ)))
    voice: Synthesizer | None = None
    refusal: IvrError | None = None
    try:
        voice = open_voice(**sources.settings.voice.options())
    except (ConfigError, MissingExtra) as error:
        refusal = error
    try:
        if voice is None and not check:
            foreseen = await render(sources, None, check=True, choice=choice, disk=disk)
            if refusal is not None and (foreseen.missing or foreseen.corrupt or foreseen.stale):
                raise refusal
        with _bar() as tell:
            return await render(sources, voice, progress=tell, check=check, choice=choice, disk=disk)
    finally:
        if voice is not None:
            await voice.aclose()


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    console = Console(stderr=True)
    columns = (
        TextColumn("rendering"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[clip]}"),
    )
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, clip="", visible=False)

        def tell(progress: Progress) -> None:
            bar.update(task, total=progress.total, completed=progress.done, clip=progress.clip, visible=True)

        yield tell


def _print(report: RenderReport, sources: Sources) -> None:
    for word in ("missing", "corrupt", "stale", "rendered", "recorded", "entered"):
        for name in getattr(report, word):
            print(f"{word:9} {name}")
    for file in report.orphaned:
        print(f"{'orphaned':9} {sources.audio / file} (no phrase uses it; remove it if you like)")
    for problem in report.problems:
        print(problem, file=sys.stderr)
    for first, *others in _alike(report.failed):
        print(report.failed[first], file=sys.stderr)
        if others:
            print(f"  and {len(others)} more for the same reason: {listing(others)}", file=sys.stderr)
    todo = len(report.missing) + len(report.corrupt) + len(report.stale)
    if report.check:
        print(f"{len(report.ready)} clips right, {todo} to render ({report.characters} characters)")
    else:
        made = f"{len(report.rendered)} rendered ({report.characters} characters)"
        made += f", {len(report.recorded)} made from recordings" if report.recorded else ""
        print(f"{made}, {len(report.ready)} unchanged, {len(report.failed) + len(report.problems)} failed")


def _alike(failed: Mapping[str, Problem]) -> Iterator[list[str]]:
    """Clips that failed for one reason, such as a voice that does not exist."""
    found: dict[str, list[str]] = {}
    for name, problem in failed.items():
        found.setdefault(problem.what.replace(f"'{name}'", ""), []).append(name)
    yield from found.values()
