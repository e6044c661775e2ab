"""What dialogs in Python name by literals, and nobody provides: told where it stands, as for tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.catalog.locales import TAG
from ivr.catalog.mistakes import listing, meant
from ivr.catalog.party import HOW, Allowed, party
from ivr.catalog.phrase import Catalogue
from ivr.catalog.place import Path, Place
from ivr.catalog.source import Source
from ivr.dialog.checks import check_said, slots_of
from ivr.dialog.inspection.reach import no_dialog
from ivr.dialog.languages import speaks
from ivr.dialog.transfer_checks import refused
from ivr.errors import Problem
from ivr.project.checks.covered import unfit
from ivr.project.code.mentioned import Mentioned
from ivr.project.code.names import ROLES, Named

HAND = 'hand it over by its name, as in call.say("sum", amount=5)'


@dataclass(frozen=True, slots=True)
class Provided:
    """What a project has. ``None``: some of it could not be read, so nothing is missed there."""

    catalogues: Mapping[str, Catalogue]
    """By locale, with all that each takes from others."""
    dialogs: Collection[str] | None
    lookups: Collection[str]
    """Functions that are no dialogs."""
    functions: Collection[str] | None
    calendars: Collection[str]
    allowed: Allowed | None


def check_code(code: Mentioned, provided: Provided) -> list[Problem]:
    """Of all modules, in order."""
    found: set[Problem] = set()
    for file, names in code.named.items():
        stand = [(each.line, each.column) for each in names]
        places: dict[Path, Place] = {(index,): Place(at, at, None) for index, at in enumerate(stand)}
        source = Source(file, {}, (), places)
        for index, name in enumerate(names):
            found.update(_wrong(name, source, index, provided))
    return sorted(found)


def _wrong(named: Named, source: Source, index: int, provided: Provided) -> Iterator[Problem]:
    name, path = named.name, (index,)
    match named.kind:
        case "prompt":
            yield from _said(named, source, index, provided.catalogues.values())
        case role if role in ROLES and name:
            for catalogue in _with(name, provided.catalogues.values()):
                yield from unfit(iter([(source, path, role, name)]), catalogue, "add it under prompts/phrases/")
        case "dialog" if provided.dialogs is not None and name not in provided.dialogs:
            yield source.problem(path, *no_dialog(name, provided.dialogs, provided.lookups), code="no-dialog")
        case "function" if provided.functions is not None and name not in provided.functions:
            otherwise = f"the functions are {listing(sorted(provided.functions))}" if provided.functions else "write it"
            remedy = meant(name, provided.functions, otherwise)
            yield source.problem(path, f"no function '{name}' in prompts/*.py", remedy, code="no-function")
        case "calendar" if name not in provided.calendars:
            otherwise = f"there are {listing(sorted(provided.calendars))}" if provided.calendars else "write it there"
            remedy = meant(name, provided.calendars, otherwise)
            yield source.problem(path, f"no calendar '{name}' in prompts/hours.yaml", remedy)
        case "locale" if not TAG.fullmatch(name):
            yield source.problem(path, f"'{name}' is no locale", "write a language tag such as en-US")
        case "locale" if provided.catalogues and not speaks(name, provided.catalogues):
            remedy = f"there are phrases for {', '.join(sorted(provided.catalogues))}"
            yield source.problem(
                path, f"no phrases for locale '{name}', nor for its language", remedy, code="no-locale"
            )
        case "party":
            to = party(name)
            if to is None:
                yield source.problem(path, f"nobody can be called at '{name}'", HOW)
            elif provided.allowed is not None and (why := refused(to, provided.allowed)) is not None:
                yield source.problem(path, *why)


def _said(named: Named, source: Source, index: int, catalogues: Collection[Catalogue]) -> Iterator[Problem]:
    for catalogue in _with(named.name, catalogues):
        given = set(named.given or ())
        prompt = catalogue.prompt(named.name)
        if prompt is not None and (named.given is None or named.once):  # later attempts may have slots of their own
            first = {slot.name for phrase in prompt.phrases(1) for slot in catalogue.phrases[phrase].slots}
            given |= set(slots_of(named.name, catalogue)) - (set() if named.given is None else first)
        yield from check_said([((index,), named.name)], source, catalogue, given, HAND)


def _with(name: str, catalogues: Collection[Catalogue]) -> Sequence[Catalogue]:
    """Those that can say it, for code may look at the call's locale before; where none can, one to tell it of."""
    return [each for each in catalogues if each.prompt(name) is not None] or list(catalogues)[:1]
