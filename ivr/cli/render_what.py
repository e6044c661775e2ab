"""What a build is about: the arguments of `ivr render`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Sequence
from typing import Any

from ivr.catalog.mistakes import listing
from ivr.errors import ConfigError, IvrError
from ivr.pregen.choice import Choice
from ivr.pregen.files.disk import usual_disk
from ivr.pregen.render import Manner
from ivr.pregen.takes.taken import recordings_of
from ivr.project.audio.wanted import wanted
from ivr.project.sources import Sources


def what(sources: Sources, args: argparse.Namespace, refusal: IvrError | None = None) -> dict[str, Any]:
    """What ``render`` is to be told; ``refusal``: why there is no voice.

    Raises ``ConfigError`` for what is to be accepted and was never recorded.
    """
    accepted = args.accept or ()
    if accepted:
        clips = list(wanted(sources.catalogues, sources.settings))
        recordings = recordings_of(sources, clips).recordings
        _known(accepted, {name for clip in clips if clip.name in recordings for name in (clip.name, clip.phrase)})
    disk = usual_disk(sources.audio, os.environ)
    manner = Manner(at_once=args.concurrency, held=True, disk=disk, refusal=refusal, again=args.again)
    return {"choice": choice_of(args), "accepted": accepted, "manner": manner}


def _known(accepted: Sequence[str], recorded: Collection[str]) -> None:
    for name in accepted:
        if name not in recorded:
            there = f"there are recordings of {listing(sorted(recorded))}" if recorded else "there are none"
            raise ConfigError(f"--accept {name}: no clip or phrase of that name was recorded: {there}")


def choice_of(args: argparse.Namespace) -> Choice:
    """The clips that are chosen."""
    return Choice(phrases=args.only or (), locales=args.locale or (), voices=args.voice or ())
