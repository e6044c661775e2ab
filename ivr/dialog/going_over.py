"""How a dialog takes over for good."""

from __future__ import annotations


class GoneOver(BaseException):
    """Another dialog takes the call; nothing that runs is come back to. Not an error, so no ``except`` may catch it."""

    def __init__(self, dialog: str, why: str) -> None:
        """``why``: what led there, for the trace; nothing of the caller's."""
        super().__init__(dialog)
        self.dialog = dialog
        self.why = why
