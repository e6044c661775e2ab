"""The starter's bank (``prompts/dialogs/main.yaml``) as a dialog in Python: the same words, keys, times and states."""

from __future__ import annotations

from ivr.dialog.line import Line
from ivr.dialog.manners import Manners
from ivr.errors import LookupFailed, NoAnswer

MAIN = Manners(first=5.0, no_input="no_input", no_match="no_match", tries=3)
AGAIN = Manners(first=5.0, no_input="no_input", no_match="no_match", tries=2, wrong=3)


async def bank(call: Line) -> None:
    """Answers a call. ``entered`` notes for traces what a table notes by itself."""
    await call.entered("welcome", "start")
    await call.say("greeting")
    choice, why = await asked(call, "main", MAIN, "goto")
    while choice != "9":
        why = await balance(call, why) if choice == "1" else await hours(call, why)
        choice, why = await asked(call, "again", AGAIN, why)
    await call.entered("goodbye", why)
    await call.say("farewell")


async def asked(call: Line, menu: str, manners: Manners, why: str) -> tuple[str, str]:
    """The key, and what led on; a caller who gives no answer leaves."""
    await call.entered(menu, why)
    try:
        choice = await call.choose(menu, "129", manners)
    except NoAnswer as none:
        return "9", none.why
    return choice, f"option {choice}"


async def hours(call: Line, why: str) -> str:
    """What leads on from here."""
    await call.entered("hours", why)
    await call.say("hours")
    return "goto"


async def balance(call: Line, why: str) -> str:
    """The amount is looked up while the words before it are said."""
    await call.entered("balance", why)
    amount = await call.run("bank.balance", caller=call.caller)
    await call.say("balance", amount=amount)
    try:
        overdrawn = await amount < 0
    except LookupFailed:
        await call.drop(own=True)
        await call.entered("unavailable", "lookup_failed 1")
        await call.say("unavailable")
        return "goto"
    if not overdrawn:
        return "branch 2"
    await call.entered("overdrawn", "branch 1")
    await call.say("overdrawn")
    return "goto"
