"""Which clips a project needs, and whether what lies on disk is them. Pure: hashes come in as arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from ivr.catalog.carriers import Carrier
from ivr.catalog.normalise import normalise
from ivr.catalog.phrase import Catalogue, Literal, Phrase
from ivr.phrases.key import Delivery, phrase_key, recording_key
from ivr.phrases.lock import LockEntry
from ivr.project.settings.settings import Settings
from ivr.speech.voices import made_by

CUT = 2
"""Raised when other fragments are cut from the same audio, so that they are made anew."""
State = OneOf["ready", "missing", "corrupt", "stale"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clip that some phrase needs."""

    name: str
    phrase: str
    locale: str
    text: str
    """What the voice is asked to say; empty for a sound of the project's own."""
    file: str
    """Below ``audio/``, with forward slashes."""
    own: bool
    """A sound of the project's own, which is never written."""
    carrier: Carrier | None = None
    """For a fragment: the words around it in ``text``, which are cut away."""

    @property
    def words(self) -> str:
        """What is heard of it, and what a person records: of a fragment its own words alone."""
        return self.text if self.carrier is None else self.carrier.inside(self.text)

    @property
    def cut(self) -> str:
        """What decides how it is cut, for its key; empty for what is kept whole."""
        return "" if self.carrier is None else f"{CUT}:{self.carrier.before}|{self.carrier.behind}"


def qualified(catalogue: Catalogue, default: str) -> Catalogue:
    """``catalogue`` with clip names that are unique in its project: ``de-DE/greeting`` outside the default locale."""
    if catalogue.locale == default:
        return catalogue
    phrases = {name: _qualified(phrase) for name, phrase in catalogue.phrases.items()}
    return replace(catalogue, phrases=phrases)


def _qualified(phrase: Phrase) -> Phrase:
    parts = tuple(
        replace(part, clip=f"{phrase.locale}/{part.clip}") if isinstance(part, Literal) else part
        for part in phrase.parts
    )
    return replace(phrase, parts=parts)


def of_phrases(catalogues: Mapping[str, Catalogue]) -> Iterator[Wanted]:
    """The words of all phrases of catalogues that are ``qualified``, in the order of their files."""
    for catalogue in catalogues.values():
        for phrase in catalogue.phrases.values():
            for part in phrase.parts:
                if isinstance(part, Literal):
                    own = phrase.sound is not None
                    file = phrase.sound or f"{part.clip}.wav"
                    yield Wanted(part.clip, phrase.id, phrase.locale, "" if own else part.text, file, own)


def delivery(clip: Wanted, settings: Settings) -> Delivery:
    """Who is to say it, and how."""
    speaker = settings.speaker(clip.locale)
    return Delivery(speaker.name, speaker.speed, speaker.model, speaker.style, settings.voice.sent)


def clashing(clips: Sequence[Wanted]) -> dict[str, Wanted]:
    """Clips that would be written over a sound of the project's own, and that sound.

    Small and capital letters in names of files are the same, as some disks have it.
    """
    own = {clip.file.casefold(): clip for clip in clips if clip.own}
    if not own:
        return {}
    return {clip.name: own[file] for clip in clips if not clip.own and (file := clip.file.casefold()) in own}


def key_of(clip: Wanted, settings: Settings, provider: str) -> str:
    """The full key of a rendered clip, as ``provider`` (with its version) would make it now."""
    return phrase_key(
        text=clip.text,
        provider=provider,
        delivery=delivery(clip, settings),
        locale=clip.locale,
        target=settings.loudness,
        rate=settings.clip_rate,
        cut=clip.cut,
    )


def key_of_recording(sha256: str, settings: Settings) -> str:
    """The full key of the clip that is made from a recording now."""
    return recording_key(sha256=sha256, target=settings.loudness, rate=settings.clip_rate)


def current(key: str, made: str, clip: Wanted, settings: Settings, provider: str | None) -> bool:
    """Whether ``key``, rendered by the provider ``made``, is what ``clip`` should have.

    Without ``provider``, any version of the project's own is taken: clips are played where no voice is installed.
    """
    if provider is None and not made_by(made, settings.voice.provider, settings.voice.url):
        return False
    return key == key_of(clip, settings, made if provider is None else provider)


def same_words(entry: LockEntry, clip: Wanted) -> bool:
    """Whether ``clip`` still says what a person recorded."""
    return normalise(entry.text) == normalise(clip.words)


def judge(
    clip: Wanted, entry: LockEntry | None, sha256: str | None, settings: Settings, provider: str | None = None
) -> State:
    """``sha256``: of the clip's file, None where there is none. Dates of files do not count."""
    if sha256 is None:
        return "missing"
    if entry is None or entry.file != clip.file or (entry.origin == "own") != clip.own:
        return "stale"
    if not clip.own and not _is_right(entry, clip, settings, provider):
        return "stale"
    return "ready" if sha256 == entry.sha256 else "corrupt"


def _is_right(entry: LockEntry, clip: Wanted, settings: Settings, provider: str | None) -> bool:
    if entry.origin == "recorded":
        return same_words(entry, clip) and entry.key == key_of_recording(entry.recording_sha256, settings)
    return current(entry.key, entry.provider, clip, settings, provider)
