"""Who says the words of a locale: nobody, or a voice that was named for another language."""

from __future__ import annotations

from ivr.project.settings.settings import Settings
from ivr.speech.espeak.languages import LANGUAGES, language

NO_VOICE = "no-voice"


def mute(settings: Settings, locale: str) -> str:
    """Why nobody can say the words of ``locale``; empty where somebody can."""
    if settings.voice.provider != "embedded" or not foreign(settings, locale) or language(locale) in LANGUAGES:
        return ""
    return f"the embedded voice does not speak the language of {locale}"


def name_one(locale: str) -> str:
    """What to do about it."""
    return f"name who is to say it below voice.locales, or use a hosted voice: {entry(locale, '…')}"


def entry(locale: str, name: str) -> str:
    """A voice for ``locale``, as ``ivr.yaml`` has it."""
    return f"voice: {{locales: {{{locale}: {{name: {name}}}}}}}"


def foreign(settings: Settings, locale: str) -> bool:
    """Whether who says it was named for another language."""
    named = settings.voice.locales
    if any(language(each) == language(locale) for each in named):
        return False
    if settings.voice.provider != "embedded":
        return language(locale) != language(settings.locale)
    spoken = language(settings.voice.name)
    return spoken in LANGUAGES and spoken != language(locale)
