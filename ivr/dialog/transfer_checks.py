"""Transfers of a dialog against what the project allows, as far as they can be told before any call."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.catalog.party import Allowed, Party
from ivr.catalog.source import Path
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.table import Transfer
from ivr.errors import Problem

SETTING = "transfer: {allow: […]} of prompts/ivr.yaml"


def refused_transfers(dialog: DialogSource, allowed: Allowed) -> Iterator[Problem]:
    """Those that could never be made."""
    for state in dialog.table.states.values():
        if not isinstance(state.exit, Transfer):
            continue
        path: Path = ("states", state.name, "transfer", "to")
        to = state.exit.to
        if (why := refused(to if isinstance(to, Party) else None, allowed)) is not None:
            yield dialog.source.problem(path, *why)


def refused(to: Party | None, allowed: Allowed) -> tuple[str, str] | None:
    """Why a transfer there could never be made, and the remedy; ``to`` None: it is known in a call alone."""
    if not allowed:
        return "this project transfers to nobody", f"name whom it may call in {SETTING}"
    if to is not None and not allowed.allows(to):
        return f"'{to.address}' is none of those that the project may call", f"add it to {SETTING}"
    return None
