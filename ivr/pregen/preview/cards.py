"""From a project and the plan of its build to what the page shows: the one module that knows how clips are made."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import quote

from ivr.catalog.phrase import Literal, Phrase
from ivr.dialog.cover import ROLES
from ivr.errors import AudioError, ConfigError, MissingExtra, Problem
from ivr.media.format import MULAW_8K
from ivr.media.samples import Samples
from ivr.media.wave import mulaw_wav
from ivr.phrases.lock import LockEntry
from ivr.phrases.store import PhraseStore
from ivr.pregen.plan import Step, make_plan
from ivr.pregen.preview.card import Card, Parts, Preview, Sound, Turn
from ivr.pregen.preview.measure import measure
from ivr.pregen.preview.room import Room
from ivr.pregen.preview.turns import dialogs, spoken, turns
from ivr.project.files import MAX_SOUND, read_bytes
from ivr.project.load import AUDIO
from ivr.project.project import Project
from ivr.project.sounds import decode_sound
from ivr.speech.voices import made_by


def preview(
    project: Project, room: Room, page: Path, *, only: Sequence[str] | None = None, locale: str | None = None
) -> Preview:
    """All clips of ``project`` (loaded without clips), or those of the phrases that match ``only``, or of ``locale``.

    ``page`` is where the page will be: what finds no ``room`` in it is linked from there. Orphans belong to no phrase
    and are there without ``only`` alone. Raises ``ConfigError`` where nothing matches.
    """
    if locale is not None and locale not in project.catalogues:
        there = ", ".join(sorted(project.catalogues))
        raise ConfigError(f"there are no phrases for locale '{locale}': name one of {there} with --locale")
    read = _Reading(project, room, page)
    cards = tuple(card for card in read.cards(only) if locale in (None, card.locale))
    if not cards:
        raise ConfigError(f"no phrase of locale '{locale}' matches {', '.join(only or ())}: there is nothing to show")
    start = project.settings.start
    locales = [locale] if locale is not None else list(project.catalogues)
    found = [turn for each in locales for turn in turns(project.repertoire, project.catalogue(each), each, start)]
    shown = {card.clip for card in cards}
    return Preview(
        project=project.settings.project,
        target=project.settings.loudness,
        cards=cards,
        turns=tuple(turn for turn in found if not shown.isdisjoint(_clips(turn))),
        dialogs=_dialogs(project),
        prompts=_prompts(project),
        left_out=room.refused,
        limit=room.limit,
    )


def _clips(turn: Turn) -> Iterator[str]:
    for take in turn.takes:
        for _, parts in take.phrases:
            yield from _named(parts)


def _named(parts: Parts) -> list[str]:
    """The clips of a phrase."""
    return [part.clip for part in parts if isinstance(part, Literal)]


def _all(pattern: str, phrases: Sequence[Phrase], live: Collection[str]) -> bool:
    """Whether ``pattern`` matches some phrase, and none but ``live`` ones."""
    found = [phrase.id for phrase in phrases if fnmatchcase(phrase.id, pattern)]
    return bool(found) and set(found) <= set(live)


def _dialogs(project: Project) -> dict[str, frozenset[str]]:
    cover = project.settings.cover
    covers = frozenset(name for role in ROLES if (name := getattr(cover, role))) if cover.enabled else frozenset()
    found: dict[str, frozenset[str]] = {}
    for locale in project.catalogues:
        for name, words in dialogs(project.repertoire, covers, project.catalogue(locale)).items():
            found[name] = found.get(name, frozenset()) | words
    return found


def _prompts(project: Project) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for catalogue in project.catalogues.values():
        for name in catalogue.prompts:
            found[name] = found.get(name, frozenset()) | spoken({name}, catalogue)
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """One look at a project's files."""

    project: Project
    room: Room
    page: Path

    def cards(self, only: Sequence[str] | None) -> Iterator[Card]:
        """In the order of the catalogues, orphans last."""
        phrases = [phrase for catalogue in self.project.catalogues.values() for phrase in catalogue.phrases.values()]
        live = [phrase.id for phrase in phrases if not _named(phrase.parts)]
        # The build knows phrases that have clips: it is not asked for patterns that mean others alone.
        plan = make_plan(self.project, None, only and [each for each in only if not _all(each, phrases, live)])
        steps = {step.clip.name: step for step in plan.steps}
        for phrase in phrases:
            clips = _named(phrase.parts)
            yield from (self.of_step(phrase, steps[clip]) for clip in clips if clip in steps)
            if not clips and (only is None or any(fnmatchcase(phrase.id, pattern) for pattern in only)):
                name = f"{phrase.id} ({phrase.locale})"
                yield Card(name, phrase.id, phrase.locale, phrase.parts, "live", "live")
        if only is None:
            yield from (self.of_orphan(entry) for entry in plan.orphans)

    def of_step(self, phrase: Phrase, step: Step) -> Card:
        """The card of one clip."""
        clip = step.clip
        origin = _origin(step)
        sound, why = self.heard(clip.name, clip.file, levelled=origin != "own")
        return Card(
            clip=clip.name,
            phrase=clip.phrase,
            locale=clip.locale,
            parts=phrase.parts,
            state=step.state,
            origin=origin,
            file=clip.file,
            voice="" if origin == "own" else _voice(step, self.project),
            why=step.why or (_changed(step, self.project) if step.state == "stale" else why),
            sound=sound,
            levelled=origin != "own",
            link=self.link(clip.file),
        )

    def of_orphan(self, entry: LockEntry) -> Card:
        """The card of a clip that nobody needs."""
        sound, why = self.heard(entry.clip, entry.file, levelled=True)
        parts = (Literal(entry.clip, entry.text),)
        return Card(
            clip=entry.clip,
            phrase=entry.clip,
            locale=entry.locale,
            parts=parts,
            state="orphaned",
            origin=entry.origin,
            file=entry.file,
            voice=entry.voice,
            why=why,
            sound=sound,
            link=self.link(entry.file),
        )

    def heard(self, name: str, file: str, *, levelled: bool) -> tuple[Sound | None, str]:
        """What is in a file, or why nothing of it can be heard; nothing to say of one that is not there."""
        path = self.project.root / AUDIO / file
        if not os.path.lexists(path):
            return None, ""
        data = read_bytes(path, MAX_SOUND)
        if isinstance(data, Problem):
            return None, f"{data.what}, {data.remedy}"
        try:
            samples, rate = decode_sound(data, file)
        except (AudioError, MissingExtra) as error:
            return None, str(error)
        target = self.project.settings.loudness
        return measure(samples, rate, self.room.of(_as_called(name, samples, rate, target, levelled=levelled))), ""

    def link(self, file: str) -> str:
        """Where a file is, as an address that begins at the page."""
        path = os.path.abspath(self.project.root / AUDIO / file)
        try:
            relative = os.path.relpath(path, os.path.abspath(self.page.parent))
        except ValueError:  # on Windows, where nothing leads from one drive to another
            return Path(path).as_uri()
        return "./" + quote(Path(relative).as_posix())


def _as_called(name: str, samples: Samples, rate: int, target: float, *, levelled: bool) -> Callable[[], bytes]:
    """Makes what a telephone gets of it: the clip of the very store that calls have."""
    store = PhraseStore({name: (samples, rate)}, target, [name] if levelled else [])
    return lambda: mulaw_wav(store.clip(name, MULAW_8K).payload, MULAW_8K.rate)


def _origin(step: Step) -> str:
    """Where a clip comes from, or is to come from."""
    if step.clip.own:
        return "own"
    origin: str = "rendered" if step.entry is None else step.entry.origin
    return "rendered" if origin == "own" else origin


def _voice(step: Step, project: Project) -> str:
    """Who speaks it; of a clip that must be made, who is to."""
    if step.entry is not None and not step.to_render:
        return step.entry.voice
    return project.settings.speaker(step.clip.locale).name


def _changed(step: Step, project: Project) -> str:
    """What is known of why a clip is stale."""
    entry, voice = step.entry, project.settings.voice
    speaker = project.settings.speaker(step.clip.locale).name
    if entry is None:
        return "the lock does not have it"
    if entry.text != step.clip.text:
        return f"it says “{entry.text}”" if entry.text else "it was a sound of the project's own"
    if not made_by(entry.provider, voice.provider, voice.url):
        return f"it was made by {entry.provider}"
    return f"it was spoken by {entry.voice}" if entry.voice != speaker else "its settings were others"
