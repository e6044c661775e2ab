"""Whether the words of a locale are said by a voice of its language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.catalog.phrase import Catalogue, Literal, Phrase
from ivr.catalog.phrases_file import Words
from ivr.dialog.inspection.findings import Findings
from ivr.errors import Problem
from ivr.phrases.lock import Lock
from ivr.project.audio.speakers import NO_VOICE, entry, foreign, mute, name_one
from ivr.project.settings.settings import Settings
from ivr.speech.espeak.languages import language


def tongues(settings: Settings, words: Mapping[str, Words], voiced: Collection[str]) -> Iterator[Problem]:
    """An error for each locale whose language the embedded voice lacks, a warning where a voice of another says it.

    ``voiced``: the locales of which a voice says anything. Who is named in ``voice.locales`` is meant, and of a hosted
    voice's own locale nobody knows what it speaks.
    """
    for locale, each in words.items():
        if locale not in voiced:
            continue
        findings = Findings(each.source, settings.ignore)
        if why := mute(settings, locale):
            findings.error(("locale",), NO_VOICE, why, name_one(locale))
        elif foreign(settings, locale):
            said = f"the words of {locale} are said by {settings.speaker(locale).name}, a voice of another language"
            name = language(locale) if settings.voice.provider == "embedded" else "…"
            remedy = f"name one of its own in prompts/ivr.yaml: {entry(locale, name)}"
            findings.warn(("locale",), "other-voice", said, remedy)
        yield from findings.problems


def voiced(catalogues: Mapping[str, Catalogue], lock: Lock) -> set[str]:
    """The locales of catalogues, ``qualified``, in which not all is recorded: a voice says or is to say the rest."""
    return {
        locale for locale, each in catalogues.items() if any(_said(phrase, lock) for phrase in each.phrases.values())
    }


def _said(phrase: Phrase, lock: Lock) -> bool:
    if phrase.sound is not None:
        return False
    if phrase.slots:
        return True
    entries = [lock.clips.get(part.clip) for part in phrase.parts if isinstance(part, Literal)]
    return any(entry is None or entry.origin != "recorded" for entry in entries)
