"""What is written at an arrow, and in a box below its prompts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ivr.catalog.bargein import USUAL, BargeIn
from ivr.catalog.party import Party
from ivr.catalog.phrase import Catalogue
from ivr.dialog.ladders import Event
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import Record, State, SubDialog, Table, Transfer
from ivr.dialog.ways import By, Way, climbed, failures, question_of

ASKED = (Event.NO_INPUT, Event.NO_MATCH)


def label(way: Way, state: State) -> str:
    """What makes a caller take it, and what a ladder says before."""
    match way.by:
        case By.GOTO | By.DIALOG:
            return ""
        case By.OPTION | By.COMMAND | By.BRANCH:
            return way.label
        case By.ANSWER:
            return way.label or ("recorded" if isinstance(state.exit, Record) else "typed")
        case By.TRANSFER:
            return way.label.replace("_", " ")
        case By.LOOKUP_FAILED if state.lookup is not None and way.label in state.lookup.on:
            return f"lookup answered {way.label}"
        case By.LOOKUP_FAILED:
            return _with(way.said, f"lookup failed {way.label}".removesuffix(" 1"))
    return _with(way.said, f"{way.by.value.replace('_', ' ')} {way.label}".strip())


def again(state: State, table: Table, repertoire: Repertoire) -> Iterator[str]:
    """The rungs that ask again, or look up again; those that say and do the same stand in one line."""
    ladders = {"lookup failed": failures(state, table, repertoire)} if state.lookup is not None else {}
    question = question_of(state.exit)
    for event in ASKED if question is not None else ():
        assert question is not None
        ladders[event.replace("_", " ")] = climbed(event, question, table, repertoire)
    same: dict[tuple[tuple[str, ...], bool], dict[str, list[int]]] = {}
    for name, rungs in ladders.items():
        for count, rung in enumerate(rungs, 1):
            if rung.leave is None:
                same.setdefault((rung.say, rung.reprompt), {}).setdefault(name, []).append(count)
    for (said, reprompt), counts in same.items():
        which = ", ".join(f"{name} {_numbers(numbers)}" for name, numbers in counts.items())
        yield _with(said, which) + ("" if reprompt else " (without its own words)")


def notes(state: State) -> Iterator[str]:
    """What a state does beside its words, and how its way out listens."""
    if state.locale is not None:
        yield f"in {state.locale}"
    if state.assignments:
        yield f"set {', '.join(state.assignments)}"
    if state.lookup is not None:
        yield f"lookup {state.lookup.run} as {state.lookup.name}"
    if told := str(state.cover):
        yield f"covered by {told}"
    match state.exit:
        case SubDialog(dialog=dialog, arguments=arguments, name=name):
            given = f" with {', '.join(arguments)}" if arguments else ""
            yield f"runs {dialog}{given}{f' as {name}' if name else ''}"
        case Transfer(to=to, timeout=timeout):
            yield f"to {to.address if isinstance(to, Party) else to.source}, rings {timeout:g} s"
        case Record(name=name, longest=longest):
            yield f"records {name}, {longest:g} s at most"
    question = question_of(state.exit)
    name = getattr(state.exit, "name", None)
    if question is not None and name is not None and not isinstance(state.exit, Record):
        least, most = question.listen.least, question.listen.most
        counts = f"{least}" if least == most else f"{least}-{most}"
        yield f"{counts} key{'s' if most > 1 else ''} as {name}"


def bargein(name: str, catalogue: Catalogue) -> str:
    """What interrupts a prompt, where that is not just any key at any time."""
    prompt = catalogue.prompt(name)
    policy = USUAL if prompt is None else prompt.bargein
    return "" if policy == USUAL else f"barge-in {_policy(policy)}"


def _policy(policy: BargeIn) -> str:
    by = " or ".join("key" if each == "digit" else str(each) for each in sorted(policy.by)) or "no"
    return f"{by} after {policy.after:g} s" if policy.by and policy.after else by


def _with(said: Sequence[str], what: str) -> str:
    return f"{what}: {', '.join(said)}" if said else what


def _numbers(numbers: Sequence[int]) -> str:
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}-{numbers[-1]}"
    return " and ".join(map(str, numbers))
