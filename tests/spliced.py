"""A project that reads values back from fragments which no build has made: each is babble as long as its words."""

from __future__ import annotations

from dataclasses import replace

from ivr.catalog.readback import inventory, readable
from ivr.media.resample import resample
from ivr.phrases.fragments import fragment_name
from ivr.phrases.store import PhraseStore
from ivr.project.project import Project
from ivr.project.settings import Settings
from ivr.testing.voices import babble

RATE = 8000


def sounds(locale: str, kinds: set[str], currency: str = "USD"):
    """Fragments by name, as a store takes them."""
    wanted = {each for kind in kinds if readable(kind, locale) for each in inventory(kind, locale, currency=currency)}
    return {
        fragment_name(locale, text, final): (resample(babble(text), 22050, RATE), RATE)
        for text, final in sorted(wanted)
    }


def spliced(project: Project, mode: str, **settings) -> Project:
    """``project`` with that mode, and with every fragment that its phrases may need."""
    asked = project.settings.readback.model_copy(update={"mode": mode, **settings})
    made = {}
    for catalogue in project.catalogues.values():
        kinds = {slot.kind for phrase in catalogue.phrases.values() for slot in phrase.slots}
        made |= sounds(catalogue.locale, kinds, asked.currency)
    held = {name: project.store._sound(name) for name in project.store.names if not name.startswith("fragments/")}
    store = PhraseStore({**held, **made}, project.settings.loudness, [*held, *made], RATE)
    changed: Settings = project.settings.model_copy(update={"readback": asked})
    return replace(project, settings=changed, store=store)
