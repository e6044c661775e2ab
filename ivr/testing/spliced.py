"""A project that reads values back from fragments which no build has made: each is babble as long as its words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from ivr.catalog.readback import inventory, readable
from ivr.catalog.sayas import DEFAULT_CURRENCY
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.phrases.fragments import fragment_name, is_fragment
from ivr.phrases.store import PhraseStore
from ivr.project.project import Project
from ivr.project.settings.settings import Settings
from ivr.testing.voices import babble

RATE = 8000
"""Hz."""


def sounds(
    locale: str, kinds: Collection[str], currencies: Collection[str] = (DEFAULT_CURRENCY,)
) -> dict[str, tuple[Samples, int]]:
    """Fragments by name, as a store takes them: those of every value of these kinds."""
    known = [kind for kind in kinds if readable(kind, locale)]
    each = [inventory(kind, locale, currency=currency) for kind in known for currency in currencies]
    wanted = {unit for units in each for unit in units}
    return {
        fragment_name(locale, text, final): (resample(babble(text), 22050, RATE), RATE)
        for text, final in sorted(wanted)
    }


def spliced(project: Project, mode: str, **settings: Any) -> Project:
    """``project`` with that mode, and with every fragment that its phrases may need."""
    asked = project.settings.readback.model_copy(update={"mode": mode, **settings})
    made: dict[str, tuple[Samples, int]] = {}
    for catalogue in project.catalogues.values():
        slots = [slot for phrase in catalogue.phrases.values() for slot in phrase.slots]
        currencies = {slot.currency or asked.currency for slot in slots}
        made |= sounds(catalogue.locale, {slot.kind for slot in slots}, currencies)
    held = {name: sound for name, sound in project.store.sounds.items() if not is_fragment(name)}
    store = PhraseStore({**held, **made}, project.settings.loudness, [*held, *made], RATE)
    changed: Settings = project.settings.model_copy(update={"readback": asked})
    return replace(project, settings=changed, store=store)
