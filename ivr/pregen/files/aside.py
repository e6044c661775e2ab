"""Clips that are put aside while their places are written anew, so that a build which is killed then loses no words."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from ivr.pregen.files.disk import replace_file

ASIDE = ".ivr.aside"
"""The directory below ``audio/``; each file in it is named by its key, and there until its copies are made."""


def set_aside(audio: Path) -> dict[str, str]:
    """By key, the files below ``audio`` that stand aside since a build was killed."""
    with suppress(OSError):
        return {Path(name).stem: f"{ASIDE}/{name}" for name in os.listdir(audio / ASIDE) if name.endswith(".wav")}
    return {}


def put_aside(audio: Path, key: str, data: bytes) -> str:
    """Its file below ``audio`` from now on. Raises ``OSError``."""
    file = f"{ASIDE}/{key}.wav"
    replace_file(audio / file, data)
    return file


def clear(audio: Path, keep: Collection[str] = ()) -> None:
    """Remove all but the clips of the keys in ``keep``; what cannot be removed stays, and does no harm."""
    for key, file in set_aside(audio).items():
        if key not in keep:
            with suppress(OSError):
                os.unlink(audio / file)
    with suppress(OSError):
        os.rmdir(audio / ASIDE)
