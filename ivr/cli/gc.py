"""``ivr gc [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys

from ivr.cli.directory import add_directory, directory
from ivr.cli.stopping import terminable
from ivr.errors import ConfigError
from ivr.pregen.files.holding import alone
from ivr.pregen.gc import GcReport, collect
from ivr.project.disk.layout import AUDIO, command, prompts_of
from ivr.project.sources import Sources, read_sources

_EPILOG = """\
Removes clips of phrases that are gone, and what builds left that were killed; entries of the lock go with them. It asks
nothing: all of it can be made again. Recordings, clips whose recording is gone, sounds of your own, and whatever no
build has made or somebody changed are left.

Exit status 0: done; 1: something could not be removed; 2: not all phrases could be read, and nothing was removed.

examples:
  ivr gc harbour --dry-run
  ivr gc harbour"""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--dry-run", action="store_true", help="remove nothing; tell what would be")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.epilog = _EPILOG


def run(args: argparse.Namespace) -> int:
    """Remove, and say what."""
    root = directory(args)
    prompts_of(root)
    if args.dry_run or not os.path.lexists(root / AUDIO):
        report = _collected(root_sources := read_sources(root, os.environ), dry_run=args.dry_run)
    else:
        with terminable(), alone(root / AUDIO):
            report = _collected(root_sources := read_sources(root, os.environ), dry_run=False)
    if args.json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _show(report, root_sources)
    return 1 if report.problems else 0


def _collected(sources: Sources, *, dry_run: bool) -> GcReport:
    if not sources.whole:
        wrong = "\n".join(str(problem) for problem in sources.problems)
        remedy = f"mend them (`{command('check', sources.root)}` tells all)"
        raise ConfigError(f"not all phrases could be read, so it is not known what is needed: {remedy}\n{wrong}")
    return collect(sources, dry_run=dry_run)


def _show(report: GcReport, sources: Sources) -> None:
    for garbage in report.removed:
        size = f", {garbage.bytes:,} bytes" if garbage.why != "empty directory" else ""
        print(f"{sources.audio / garbage.file} ({garbage.why}{size})")
    for file in report.kept:
        print(f"{sources.audio / file} was left: no phrase uses it, and it is not as a build made it")
    for file in report.voices:
        what = (
            "no phrase uses it, and it is all that is left of its recording: remove it yourself, or keep it elsewhere"
        )
        print(f"{sources.audio / file} was left: {what}")
    for problem in report.problems:
        print(problem, file=sys.stderr)
    done = "would be removed" if report.dry_run else "removed"
    print(f"{len(report.removed)} {done}, {report.bytes:,} bytes")
