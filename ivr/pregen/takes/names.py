"""Which clip a recording's name means, and what may have been meant where it means none. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from unicodedata import normalize

from ivr.catalog.mistakes import listing, meant

_PART = re.compile(r"(.+)\.(\d+)")
_GUESSES = 20
"""Wrong names for which others are compared; where there are more, something else is wrong than their letters."""


class Named:
    """The clips that a recording may be for."""

    def __init__(self, names: Collection[str], own: Mapping[str, str]) -> None:
        """``own``: clips that are sounds of the project's own, with their files below ``audio/``."""
        self._names = {same(name): name for name in names}
        self._own = {same(name): file for name, file in own.items()}
        self.sounds = frozenset(own.values())
        self._parts: defaultdict[str, list[str]] = defaultdict(list)
        """By phrase."""
        for each, name in self._names.items():
            part = _PART.fullmatch(each)
            self._parts[part[1] if part else each].append(name)
        self._locales = {each.rpartition("/")[0] for each in self._names}
        self._guesses = 0

    def clip(self, name: str) -> str | None:
        """The clip that ``name`` means, whatever the case of its letters."""
        return self._names.get(same(name))

    def for_none(self, name: str) -> tuple[str, str]:
        """What is wrong with a name that means no clip, and what to do."""
        each = same(name)
        if each in self._own:
            what = f"phrase '{name}' is a sound of the project's own, {self._own[each]}"
            return what, "write its words in the catalogue if the recording is to be heard, else remove it"
        part = _PART.fullmatch(each)
        if part is not None and part[1] in self._parts:
            return self._for_no_part(name, part[1], int(part[2]))
        locale, _, last = name.rpartition("/")
        if locale and same(last) in self._names:
            if same(locale) in self._locales:
                return f"the words of {locale} have no phrase '{last}'", "add it to them, or remove the recording"
            remedy = f"name it '{last}', without the folder, if it is of the project's own locale"
            return f"there are no words of a locale {locale}", remedy
        return f"no phrase has a clip '{name}'", self._meant(name)

    def _for_no_part(self, name: str, phrase: str, number: int) -> tuple[str, str]:
        if number == 1 and phrase in self._names:
            first = self._names[phrase]
            return f"the first words of phrase '{first}' have no number", f"name it as the clip, '{first}'"
        return f"phrase '{phrase}' has no clip '{name}'", f"its clips are {listing(self._parts[phrase])}"

    def _meant(self, name: str) -> str:
        otherwise = "remove it, or add the phrase"
        self._guesses += 1
        return otherwise if self._guesses > _GUESSES else meant(name, self._names.values(), otherwise)


def same(name: str) -> str:
    """What names have in common that some disk or keyboard does not tell apart (Unicode 15, sections 3.11 and 3.13)."""
    return normalize("NFC", normalize("NFC", name).casefold())
