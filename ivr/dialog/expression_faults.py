"""Mistakes in an expression that are mistakes whatever its variables hold: they would come up in a call alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from ivr.catalog.mistakes import Mistake, listing, meant
from ivr.dialog.calendar import moment
from ivr.dialog.cel_core import cel
from ivr.dialog.expression_text import Sort, Word, words

METHODS = frozenset(
    "contains startsWith endsWith matches getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear "
    "getHours getMinutes getSeconds getMilliseconds".split()
)
"""Functions that stand behind a value and a dot, and nowhere else."""
CONVERSIONS = frozenset("int uint double string bytes type dyn timestamp duration".split())
"""Functions that stand before their value, and nowhere else."""


class Fields(dict[str, "Fields | None"]):
    """What a fact has behind its dots; None: a plain value, which has nothing."""


def _moment(*more: str) -> Fields:
    return Fields(dict.fromkeys((*moment(datetime(2026, 1, 1, tzinfo=UTC)), *more)))


ANYTHING = Fields()
"""Of a mapping whose keys nobody knows before a call."""
_HOURS = Fields(open=None, closes=_moment("days"), next=_moment("days"), holiday=None, now=_moment())
FACTS: Mapping[str, Fields] = {
    "call": Fields(caller=None, called=None, parameters=ANYTHING, locale=None),
    "now": _moment(),
    "hours": Fields({"": _HOURS}),
}
"""The shape of ``ivr.dialog.facts``; of ``hours`` behind any calendar's name."""


def faults(source: str, free: Collection[str]) -> Iterator[Mistake]:
    """Of a correct expression; ``free``: the variables that it reads."""
    found = words(source)
    for index, word in enumerate(found):
        if word.sort is Sort.NAME and found[index + 1].text == "(":
            yield from _called(found, index)
    tested = {_chain(found, index + 2)[0] for index, word in enumerate(found) if _is_has(found, index)}
    for index, word in enumerate(found):
        if word.text in FACTS and word.text in free and word.sort is Sort.NAME and found[index - 1].text != ".":
            chain, places = _chain(found, index)
            if chain not in tested:
                yield from _unknown_field(chain, places)


def _called(found: Sequence[Word], index: int) -> Iterator[Mistake]:
    word, behind_dot = found[index], found[index - 1].text == "."
    if word.text in METHODS and not behind_dot:
        remedy = f"write it behind its value: x.{word.text}(…)"
        yield Mistake(f"'{word.text}' stands before its value", remedy, word.at)
    elif word.text in CONVERSIONS and behind_dot:
        remedy = f"write it before its value: {word.text}(x)"
        yield Mistake(f"'{word.text}' stands behind its value", remedy, word.at)
    elif word.text == "matches" and found[index + 2].sort is Sort.TEXT and found[index + 3].text == ")":
        pattern = found[index + 2]
        if (why := _no_pattern(pattern.text)) is not None:
            what = f"{pattern.text} is no pattern ({why})"
            yield Mistake(what, "mend it; before a sign that is meant as itself write two backslashes", pattern.at)


def _no_pattern(literal: str) -> str | None:
    """Why the library cannot read a text as a regular expression."""
    try:
        cel.compile(f"''.matches({literal})").execute({})
    except RuntimeError as error:
        return str(error).partition("\nerror: ")[2].partition(".")[0].strip() or "it cannot be read"
    return None


def _is_has(found: Sequence[Word], index: int) -> bool:
    return found[index].text == "has" and found[index + 1].text == "("


def _chain(found: Sequence[Word], index: int) -> tuple[tuple[str, ...], list[int]]:
    """``call.parameters.x`` as its names, with their places; a method at its end is none of them."""
    chain, places = [found[index].text], [found[index].at]
    while found[index + 1].text == "." and found[index + 2].sort is Sort.NAME and found[index + 3].text != "(":
        index += 2
        chain.append(found[index].text)
        places.append(found[index].at)
    return tuple(chain), places


def _unknown_field(chain: Sequence[str], places: Sequence[int]) -> Iterator[Mistake]:
    fields: Fields | None = FACTS[chain[0]]
    for number, (name, at) in enumerate(zip(chain[1:], places[1:], strict=True), 1):
        so_far = ".".join(chain[:number])
        if fields is None:
            yield Mistake(f"'{so_far}' is a plain value and has no '{name}'", "compare it as it is", at)
            return
        if fields is ANYTHING:
            return
        if "" not in fields and name not in fields:
            yield Mistake(f"'{so_far}' has no '{name}'", meant(name, fields, f"it has {listing(fields)}"), at)
            return
        fields = fields[""] if "" in fields else fields[name]
