"""What a build is about, and from what: the arguments of `ivr render`, and the recordings of the project."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Sequence
from typing import Any

from ivr.catalog.mistakes import listing
from ivr.errors import ConfigError, Problem
from ivr.pregen.choice import Choice
from ivr.pregen.disk import Disk
from ivr.pregen.recordings import find
from ivr.pregen.render import Manner
from ivr.pregen.seen import Seen, usual_place
from ivr.project.clips import wanted
from ivr.project.sources import Sources


def what(sources: Sources, args: argparse.Namespace) -> tuple[dict[str, Any], list[Problem]]:
    """What ``render`` is to be told, and what is wrong with recordings."""
    clips = list(wanted(sources.catalogues))
    own = {clip.name: clip.file for clip in clips if clip.own}
    found, wrong = find(sources.audio, [clip.name for clip in clips if not clip.own], own)
    recordings = {clip: recording.file for clip, recording in found.items()}
    _known(args.accept or (), {name for clip in clips if clip.name in found for name in (clip.name, clip.phrase)})
    disk = Disk(sources.audio, Seen(usual_place(sources.audio, os.environ)))
    manner = Manner(at_once=args.concurrency, held=True, disk=disk)
    told = {"choice": choice_of(args), "recordings": recordings, "accepted": args.accept or (), "manner": manner}
    return told, wrong


def _known(accepted: Sequence[str], recorded: Collection[str]) -> None:
    for name in accepted:
        if name not in recorded:
            there = f"there are recordings of {listing(sorted(recorded))}" if recorded else "there are none"
            raise ConfigError(f"--accept {name}: no clip or phrase of that name was recorded: {there}")


def choice_of(args: argparse.Namespace) -> Choice:
    """The clips that are chosen."""
    return Choice(phrases=args.only or (), locales=args.locale or (), voices=args.voice or ())
