"""The dialogs of a project, for commands that can do without them."""

from __future__ import annotations

import os
from pathlib import Path

from ivr.dialog.repertoire import Repertoire
from ivr.errors import ProjectError
from ivr.project.disk.layout import command
from ivr.project.load import load


def dialogs_of(root: Path, otherwise: str) -> tuple[Repertoire | None, list[str]]:
    """What is said together, and why that is not known where the project has mistakes: its clips are there then too.

    ``otherwise`` tells what becomes of that.
    """
    try:
        return load(root, os.environ, clips=False).repertoire, []
    except ProjectError as error:
        first, *others = error.problems
        more = f", and {len(others)} more" if others else ""
        told = f"the project has mistakes ({first}{more}): {otherwise}; `{command('check', root)}` tells them all"
        return None, [told]
