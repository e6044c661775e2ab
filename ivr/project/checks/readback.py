"""Values that only fragments may say, held against the phrases: a text has no fragments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.catalog.mistakes import meant
from ivr.catalog.phrases_file import Words
from ivr.catalog.readback import readable
from ivr.catalog.source import Source
from ivr.errors import Problem
from ivr.project.settings.settings import Settings


def check_read_back(
    settings: Settings, source: Source, words: Mapping[str, Words], *, all_words: bool
) -> Iterator[Problem]:
    """An error for each slot that nothing may say, and for each phrase that is allowed to stream and does not exist.

    An error and no warning: the project says that no caller's data goes to a voice, and such a value would either
    break that or never be heard. ``all_words``: no phrase is unknown.
    """
    asked = settings.readback
    catalogues = [each.catalogue for each in words.values() if each.catalogue is not None]
    known = sorted({name for catalogue in catalogues for name in catalogue.phrases})
    for index, name in enumerate(asked.stream) if all_words else ():
        if name not in known:
            remedy = meant(name, known, "remove it")
            yield source.problem(("readback", "stream", index), f"no phrase '{name}'", remedy, code="no-phrase")
    for file in words.values() if asked.mode == "fragments" else ():
        phrases = file.catalogue.phrases.values() if file.catalogue is not None else ()
        for phrase in phrases:
            for slot in phrase.slots if phrase.id not in asked.stream else ():
                if not readable(slot.kind, phrase.locale):
                    what = f"slot '{slot.name}' is a {slot.kind}: fragments cannot say it, and nothing else may"
                    remedy = f"give it another kind, or let the voice say it: add '{phrase.id}' to readback.stream"
                    yield file.source_of(phrase.id).problem(("phrases", phrase.id), what, remedy, code="no-fragments")
