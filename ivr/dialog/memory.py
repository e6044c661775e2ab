"""What a call's dialogs remember of it, across tables and Python."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Memory:
    """Of one call."""

    errors: int = 0
    """No-inputs and no-matches of the whole call."""


class GoneOver(BaseException):
    """Another dialog takes the call; nothing that runs is come back to. Not an error, so no ``except`` may catch it."""

    def __init__(self, dialog: str) -> None:
        super().__init__(dialog)
        self.dialog = dialog
