"""Which fragments a project needs: those of every value that it may read back. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.catalog.carriers import carrier
from ivr.catalog.phrase import Catalogue, Phrase, Slot
from ivr.catalog.readback import closes, inventory, readable
from ivr.catalog.sayas import DEFAULT_CURRENCY
from ivr.phrases.fragments import fragment_name
from ivr.project.audio.clips import Wanted
from ivr.project.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Need:
    """What the values of one kind need in one locale."""

    locale: str
    kind: str
    currency: str
    """Of money; empty for other kinds."""
    phrase: str
    """The first one, by the catalogue's order, that says such a value."""
    closings: tuple[bool, ...]
    """Whether values of that kind end their sentences, go on, or both."""
    clips: tuple[Wanted, ...]
    """Some of them may be those of another kind as well."""

    @property
    def characters(self) -> int:
        """That a voice is asked for, of all clips."""
        return sum(len(clip.text) for clip in self.clips)


def fragments(catalogues: Mapping[str, Catalogue], settings: Settings) -> Iterator[Wanted]:
    """Every fragment once, for the phrase that asks for it first; none where the settings ask for no read-back."""
    found: dict[str, Wanted] = {}
    for need in needs(catalogues, settings) if settings.readback.mode != "stream" else ():
        for clip in need.clips:
            found.setdefault(clip.name, clip)
    yield from found.values()


def needs(catalogues: Mapping[str, Catalogue], settings: Settings) -> list[Need]:
    """By locale, kind and currency, whether or not the settings ask for it.

    Phrases whose values always go to the voice are left out, and texts.
    """
    found: list[Need] = []
    for catalogue in catalogues.values():
        places: defaultdict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
        for phrase in catalogue.phrases.values():
            for slot, last in _slots(phrase) if phrase.id not in settings.readback.stream else ():
                if readable(slot.kind, phrase.locale):
                    currency = slot.currency or settings.readback.currency if slot.kind == "money" else ""
                    places[slot.kind, currency].append((phrase.id, closes(slot, last)))
        found += [_need(catalogue.locale, *what, said) for what, said in places.items()]
    return found


def _slots(phrase: Phrase) -> Iterator[tuple[Slot, bool]]:
    for part in phrase.parts:
        if isinstance(part, Slot):
            yield part, part is phrase.parts[-1]


def _need(locale: str, kind: str, currency: str, places: list[tuple[str, bool]]) -> Need:
    closings = tuple(sorted({closing for _, closing in places}, reverse=True))
    phrase = places[0][0]
    units = inventory(kind, locale, currency=currency or DEFAULT_CURRENCY, closings=closings)
    clips = tuple(_wanted(locale, phrase, text, final) for text, final in units)
    return Need(locale, kind, currency, phrase, closings, clips)


def _wanted(locale: str, phrase: str, text: str, final: bool) -> Wanted:
    name, around = fragment_name(locale, text, final), carrier(locale, final)
    return Wanted(name, phrase, locale, around.around(text), f"{name}.wav", own=False, carrier=around)
