"""Half-written files that a build left which was killed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PART = re.compile(r"\..+\.[0-9]+\.part")
"""As ``ivr.pregen.disk.replace_file`` names them."""


def is_litter(name: str) -> bool:
    """Whether a file of that name is half-written, if no build is running."""
    return _PART.fullmatch(name) is not None


def litter(audio: Path) -> list[Path]:
    """All such files below ``audio``, sorted. Only who is ``alone`` there may remove them."""
    return sorted(Path(path) for path in _below(audio) if is_litter(os.path.basename(path)))


def sweep(audio: Path) -> None:
    """Remove them; what cannot be removed stays."""
    for path in litter(audio):
        with suppress(OSError):
            path.unlink()


def _below(directory: Path | str) -> Iterator[str]:
    try:
        with os.scandir(directory) as found:
            entries = list(found)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        else:
            yield entry.path
