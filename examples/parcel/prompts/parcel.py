"""The whole parcel line in Python: its dialogs, and what they look up.

A dialog is an ``async`` function that takes the call. It asks the same engine as a table in YAML would, so it is tested
in virtual time, and a caller's hang-up ends it at whatever it awaits. Its own code runs on the event loop of all calls:
what takes time is a function of its own, called through ``call.run`` or ``call.lookup``.
"""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from pathlib import Path

from ivr.catalog.party import TransferOutcome
from ivr.dialog.line import Line
from ivr.dialog.manners import Manners
from ivr.errors import LocalGatewayError, LookupFailed, NoAnswer
from ivr.media.private import Private
from ivr.media.recording import Recording

PATIENT = Manners(first=6.0, no_input="no_input", no_match="no_match", tries=3)
DESK = "+15550150"
"""From the range that the North American plan keeps for fiction."""

_PLACES = {"12345678": "in the depot at Harbour Street", "20260101": "on the van, four stops from you"}


async def answer(call: Line) -> None:
    """Answers every call."""
    await call.say("greeting")
    try:
        while True:
            await track(call)
            match await call.choose("next", "1209", PATIENT):
                case "2":
                    await leave_a_message(call)
                    break
                case "0":
                    await connect(call)
                    break
                case "9":
                    break
    except NoAnswer:
        pass
    await call.say("farewell")


async def track(call: Line) -> None:
    """Where a parcel is. Its place is looked up while the words before it are said."""
    code = await ask_for_code(call)
    found = await call.run(place, code=code.value)
    await call.say("looking", place=found)
    try:
        await found
    except LookupFailed as failed:
        await call.drop()
        await call.say("not_found" if "no such parcel" in str(failed) else "cannot_look")


async def ask_for_code(call: Line) -> Private:
    """Eight digits that the caller has confirmed."""
    while True:
        code = await call.collect("which", 8, PATIENT, valid=looks_right)
        if await call.confirm("right", PATIENT, code=code):
            return code


def looks_right(code: str) -> bool:
    """Whether a code can be one: none begins with 9."""
    return not code.startswith("9")


async def connect(call: Line) -> None:
    """To a person, or to the voicemail where nobody answers, or where the gateway can move no call."""
    await call.say("connecting")
    try:
        outcome = await call.transfer(DESK, timeout=20.0)
    except LocalGatewayError:
        outcome = TransferOutcome.FAILED
    if outcome is not TransferOutcome.ANSWERED_AND_ENDED:
        await call.say("nobody_there")
        await leave_a_message(call)


async def leave_a_message(call: Line) -> None:
    """A minute at the most; kept by ``keep``."""
    await call.say("speak_now")
    message = await call.record(longest=60.0, silence=4.0)
    if message is None:
        await call.say("no_input")
        return
    try:
        await call.lookup(keep, message)
    except LookupFailed:
        await call.say("not_kept")
    else:
        await call.say("thanks")


async def place(code: str) -> str:
    """Where the parcel is; the pretended depot takes its time."""
    await asyncio.sleep(0.8)
    if code not in _PLACES:
        raise LookupError("no such parcel")
    return _PLACES[code]


def keep(message: Recording) -> str:
    """Write a message where nobody but this user can read it. It runs in a thread, so that it may block."""
    directory = Path(tempfile.gettempdir()) / "swift-parcels"
    directory.mkdir(mode=0o700, exist_ok=True)
    file = directory / f"{uuid.uuid4()}.wav"
    file.write_bytes(message.wav())
    return file.name
