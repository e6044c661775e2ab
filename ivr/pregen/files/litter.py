"""Half-written files that a build left which was killed."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from ivr.pregen.takes.recordings import RECORDINGS

_PART = re.compile(r"\.(.+\.wav|ivr\.lock|probe)\.[0-9]+\.part")
"""As ``replace_file`` (``disk.py``) names those of clips and of the lock, and ``provider/beforehand.py`` its probe."""


def is_litter(name: str) -> bool:
    """Whether a file of that name is half-written, if no build is running."""
    return _PART.fullmatch(name) is not None


def sweep(audio: Path) -> None:
    """Remove all such files below ``audio``, but among what people recorded; what cannot be removed stays.

    For who is ``alone`` there.
    """
    for path in _litter(str(audio), but=RECORDINGS):
        with suppress(OSError):
            os.unlink(path)


def _litter(directory: str, *, but: str = "") -> list[str]:
    found: list[str] = []
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and entry.name != but:
                found += _litter(entry.path)
            elif is_litter(entry.name) and entry.is_file(follow_symlinks=False):
                found.append(entry.path)
    return found
