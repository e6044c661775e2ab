"""Whether the words of a locale are said by a voice of its language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.catalog.phrase import Catalogue, Literal, Phrase
from ivr.catalog.phrases_file import Words
from ivr.dialog.inspection.findings import Findings
from ivr.errors import Problem
from ivr.phrases.lock import Lock
from ivr.project.settings.settings import Settings
from ivr.speech.espeak.languages import LANGUAGES, language


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
            remedy = f"name who is to say it below voice.locales, or use a hosted voice: {_entry(locale, '…')}"
            findings.error(("locale",), "no-voice", why, remedy)
        elif _other(settings, locale):
            said = f"the words of {locale} are said by {settings.speaker(locale).name}, a voice of another language"
            name = language(locale) if settings.voice.provider == "embedded" else "…"
            remedy = f"name one of its own in prompts/ivr.yaml: {_entry(locale, name)}"
            findings.warn(("locale",), "other-voice", said, remedy)
        yield from findings.problems


def mute(settings: Settings, locale: str) -> str:
    """Why nobody can say the words of ``locale``; empty where somebody can."""
    if settings.voice.provider != "embedded" or not _other(settings, locale) or language(locale) in LANGUAGES:
        return ""
    return f"the embedded voice does not speak the language of {locale}"


def _other(settings: Settings, locale: str) -> bool:
    """Whether who says it was named for another language."""
    named = settings.voice.locales
    if any(language(each) == language(locale) for each in named):
        return False
    if settings.voice.provider != "embedded":
        return language(locale) != language(settings.locale)
    spoken = language(settings.voice.name)
    return spoken in LANGUAGES and spoken != language(locale)


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


def _entry(locale: str, name: str) -> str:
    return f"voice: {{locales: {{{locale}: {{name: {name}}}}}}}"
