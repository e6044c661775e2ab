"""What an Asterisk dialplan asks over HTTP beside its streams, by ``CURL()``, and the answers to it.

An answer is one line of fields with commas between, as ``ARRAY()`` takes them, and empty where the call is to be hung
up.
"""

from __future__ import annotations

from ivr.catalog.party import Party, TransferOutcome

_STATUS = {
    "ANSWER": TransferOutcome.ANSWERED_AND_ENDED,
    "BUSY": TransferOutcome.BUSY,
    "NOANSWER": TransferOutcome.NO_ANSWER,
}
_GONE = ("CANCEL", "HANGUP")
"""``CANCEL``: the caller hung up while it rang. ``HANGUP`` is what the page's extension ``h`` says."""

NOTHING = ""


def next_answer(to: Party, timeout: float) -> str:
    """Whom to dial, by which kind of address, and for how many seconds."""
    return f"{to.address},{to.kind},{round(timeout)}"


def dialed(status: str) -> TransferOutcome | None:
    """What came of it, by ``DIALSTATUS``; None where the caller has hung up."""
    return None if status in _GONE else _STATUS.get(status, TransferOutcome.FAILED)
