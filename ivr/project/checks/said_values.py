"""What dialogs in Python put into slots that can never say it, told where it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ivr.catalog.phrase import Catalogue
from ivr.catalog.place import Path as PlacePath
from ivr.catalog.place import Place
from ivr.catalog.source import Source
from ivr.dialog.inspection.unsayable import CODE, slots_said
from ivr.dialog.returned import UNTOLD, returned
from ivr.dialog.sayable import Held, Hinted, refusal, remedy
from ivr.errors import Problem
from ivr.project.code.values import Given, LookedUp


def check_given(
    given: Mapping[str, Collection[Given]],
    catalogues: Collection[Catalogue],
    functions: Mapping[str, Callable[..., Any]],
) -> Iterator[Problem]:
    """``given``: by file. An error where no locale's slot of that name can say the value."""
    for file, values in given.items():
        for each in values:
            held = _held(each.value, Path(file).stem, functions)
            slots = [(slot, locale) for slot, locale in slots_said(each.prompt, catalogues) if slot.name == each.slot]
            whys = [] if held is None else [refusal(slot.kind, locale, held) for slot, locale in slots]
            if held is None or not whys or whys[0] is None or None in whys:
                continue
            (slot, locale), at = slots[0], (each.line, each.column)
            places: dict[PlacePath, Place] = {(0,): Place(at, at, None)}
            what = f"'{each.prompt}' says '{each.slot}' as {slot.kind}: {whys[0]}"
            yield Source(file, {}, (), places).problem((0,), what, remedy(slot.kind, locale, held), code=CODE)


def _held(value: Held | LookedUp, module: str, functions: Mapping[str, Callable[..., Any]]) -> Held | None:
    if not isinstance(value, LookedUp):
        return value
    name = value.function if "." in value.function else f"{module}.{value.function}"
    hint = returned(functions.get(name))
    return None if hint is UNTOLD else Hinted(hint, f"'{name}' returns")
