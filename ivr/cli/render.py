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
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.errors import ConfigError, IvrError, MissingExtra
from ivr.pregen.render import Progress, render
from ivr.pregen.report import RenderReport
from ivr.project.layout import AUDIO
from ivr.project.load import load
from ivr.project.project import Project
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
    project = load(directory(args), os.environ, clips=False)
    report = run_loop(_render(project, check=args.check, only=args.only))
    if args.json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _print(report, project)
    return 0 if report.ok else 1


async def _render(project: Project, *, check: bool, only: list[str] | None) -> RenderReport:
    voice: Synthesizer | None = None
    refusal: IvrError | None = None
    try:
        voice = open_voice(**project.settings.voice.options())
    except (ConfigError, MissingExtra) as error:
        refusal = error
    try:
        if voice is None and not check:
            foreseen = await render(project, None, check=True, only=only)
            if refusal is not None and (foreseen.missing or foreseen.corrupt or foreseen.stale):
                raise refusal
        with _bar() as tell:
            return await render(project, voice, progress=tell, check=check, only=only)
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


def _print(report: RenderReport, project: Project) -> None:
    groups = {"missing": report.missing, "corrupt": report.corrupt, "stale": report.stale, "rendered": report.rendered}
    for word, names in {**groups, "entered": report.entered}.items():
        for name in names:
            print(f"{word:9} {name}")
    for file in report.orphaned:
        print(f"{'orphaned':9} {project.root / AUDIO / file} (no phrase uses it; remove it if you like)")
    for why, failed in _by_reason(report.failed).items():
        which = failed[0] if len(failed) == 1 else f"{len(failed)} clips ({listing(failed)})"
        print(f"{'failed':9} {which}: {why}", file=sys.stderr)
    todo = len(report.missing) + len(report.corrupt) + len(report.stale)
    if report.check:
        print(f"{len(report.ready)} clips right, {todo} to render ({report.characters} characters)")
    else:
        made = f"{len(report.rendered)} rendered ({report.seconds:.1f} s, {report.characters} characters)"
        print(f"{made}, {len(report.ready)} unchanged, {len(report.failed)} failed")


def _by_reason(failed: Mapping[str, str]) -> dict[str, list[str]]:
    """What fails for all clips alike, such as a voice that does not exist, is told once."""
    found: dict[str, list[str]] = {}
    for name, why in failed.items():
        found.setdefault(why, []).append(name)
    return found
