"""From a project's sources and the plan of its build to cards: the one module that knows how clips are made."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import quote

from ivr.catalog.phrase import Literal, Phrase
from ivr.errors import AudioError, MissingExtra, Problem
from ivr.media.format import MULAW_8K
from ivr.media.samples import Samples
from ivr.media.wave import mulaw_wav
from ivr.phrases.lock import LockEntry
from ivr.phrases.store import PhraseStore
from ivr.pregen.choice import Choice
from ivr.pregen.plan import Plan, Step, make_plan
from ivr.pregen.preview.card import Card, Sound, clips_of
from ivr.pregen.preview.measure import measure
from ivr.pregen.preview.room import Room
from ivr.pregen.quiet import short_of
from ivr.project.audio.clips import same_words
from ivr.project.audio.sounds import decode_sound
from ivr.project.disk.files import MAX_SOUND, read_bytes
from ivr.project.sources import Sources
from ivr.speech.voices import made_by

FRAGMENTS = "fragments"
"""What the cards of fragments are said in, with their locale behind it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a project's words and files, for a page that will be at ``page``."""

    sources: Sources
    room: Room
    page: Path

    def cards(self, only: Sequence[str] | None = None, locale: str | None = None) -> Iterator[Card]:
        """Of the phrases that match ``only``, or of ``locale``, in the order of the catalogues.

        Orphans come last; they belong to no phrase and are there without ``only`` alone. Raises ``ConfigError`` for a
        pattern that matches no phrase.
        """
        phrases = [phrase for catalogue in self.sources.catalogues.values() for phrase in catalogue.phrases.values()]
        plan = self.plan(phrases, only)
        steps = {step.clip.name: step for step in plan.steps}
        for phrase in phrases:
            if locale not in (None, phrase.locale):
                continue
            clips = clips_of(phrase.parts)
            yield from (self.of_step(phrase, steps[clip]) for clip in clips if clip in steps)
            if not clips and (only is None or any(fnmatchcase(phrase.id, pattern) for pattern in only)):
                name = f"{phrase.id} ({phrase.locale})"
                yield Card(name, phrase.id, phrase.locale, phrase.parts, "live", "live")
        yield from (self.of_fragment(step) for step in plan.steps if _shown(step, locale))
        if only is None:
            yield from (self.of_orphan(entry) for entry in plan.orphans if locale in (None, entry.locale))

    def plan(self, phrases: Sequence[Phrase], only: Sequence[str] | None) -> Plan:
        """What a build would do, of what is asked for."""
        live = {phrase.id for phrase in phrases if not clips_of(phrase.parts)}
        # A build knows the phrases that have clips: it is not asked for patterns that mean others alone.
        asked = [each for each in only or () if not _all(each, phrases, live)]
        if only is not None and not asked:
            return Plan((), ())
        return make_plan(self.sources, None, Choice(phrases=asked), thorough=True)

    def of_step(self, phrase: Phrase, step: Step) -> Card:
        """The card of one clip."""
        clip, origin = step.clip, _origin(step, self.sources)
        sound, why = self.heard(clip.name, clip.file, levelled=origin != "own")
        if sound is not None and not step.to_make and step.entry is not None and step.entry.peak is not None:
            sound = replace(sound, peak=step.entry.peak)
        if step.problem is not None:
            why = f"{step.problem.what}, {step.problem.remedy}"
        elif step.state == "stale":
            why = _changed(step, self.sources)
        return Card(
            clip=clip.name,
            phrase=clip.phrase,
            locale=clip.locale,
            parts=phrase.parts,
            state=step.state,
            origin=origin,
            file=clip.file,
            voice=_voice(step, self.sources) if origin == "rendered" else "",
            why=why,
            sound=sound,
            levelled=origin != "own",
            link=self.link(clip.file),
            warnings=tuple(_warnings(step, self.sources)),
        )

    def of_fragment(self, step: Step) -> Card:
        """The card of a fragment: its words, and around them in grey the sentence that it is cut out of."""
        clip, around = step.clip, step.clip.carrier
        assert around is not None
        words = (Literal("", around.before.strip()), Literal(clip.name, clip.words), Literal("", around.behind.strip()))
        phrase = Phrase(clip.phrase, clip.locale, clip.text, words)
        # Its level is that of its sentence, and it is none of what the phrase itself says.
        return replace(self.of_step(phrase, step), phrase=f"{FRAGMENTS} {clip.locale}", levelled=False)

    def of_orphan(self, entry: LockEntry) -> Card:
        """The card of a clip that nobody needs."""
        sound, why = self.heard(entry.clip, entry.file, levelled=True)
        return Card(
            clip=entry.clip,
            phrase=entry.phrase,
            locale=entry.locale,
            parts=(Literal(entry.clip, entry.text),),
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
        path = self.sources.audio / file
        if not os.path.lexists(path):
            return None, ""
        data = read_bytes(path, MAX_SOUND)
        if isinstance(data, Problem):
            return None, f"{data.what}, {data.remedy}"
        try:
            samples, rate = decode_sound(data, file)
        except (AudioError, MissingExtra) as error:
            return None, str(error)
        target = self.sources.settings.loudness
        return measure(samples, rate, self.room.of(_as_called(name, samples, rate, target, levelled=levelled))), ""

    def link(self, file: str) -> str:
        """Where a file is, as an address that begins at the page."""
        path = os.path.abspath(self.sources.audio / file)
        try:
            relative = os.path.relpath(path, os.path.abspath(self.page.parent))
        except ValueError:  # on Windows, where nothing leads from one drive to another
            return Path(path).as_uri()
        return "./" + quote(Path(relative).as_posix())


def _shown(step: Step, locale: str | None) -> bool:
    return step.clip.carrier is not None and locale in (None, step.clip.locale)


def _all(pattern: str, phrases: Sequence[Phrase], live: Collection[str]) -> bool:
    """Whether ``pattern`` matches some phrase, and none but ``live`` ones."""
    found = {phrase.id for phrase in phrases if fnmatchcase(phrase.id, pattern)}
    return bool(found) and found <= set(live)


def _as_called(name: str, samples: Samples, rate: int, target: float, *, levelled: bool) -> Callable[[], bytes]:
    """Makes what a telephone gets of it: the clip of the very store that calls have."""
    store = PhraseStore({name: (samples, rate)}, target, [name] if levelled else [])
    return lambda: mulaw_wav(store.clip(name, MULAW_8K).payload, MULAW_8K.rate)


def _warnings(step: Step, sources: Sources) -> Iterator[str]:
    yield from (f"{each.what}, {each.remedy}" for each in step.warnings)
    right = step.entry is not None and not step.to_make and step.clip.carrier is None
    if right and step.entry is not None and short_of(step.entry, sources.settings.loudness):
        yield "its peaks leave no room to be as loud as the project's other sounds: lower loudness in prompts/ivr.yaml"


def _origin(step: Step, sources: Sources) -> str:
    """Where the clip that is there comes from; of one that is not, where it is to come from."""
    if step.clip.own:
        return "own"
    entry = step.entry or sources.lock.clips.get(step.clip.name)
    if entry is not None and entry.origin != "own" and step.state != "missing":
        return entry.origin
    return "recorded" if step.recording is not None else "rendered"


def _voice(step: Step, sources: Sources) -> str:
    """Who speaks it; of a clip that the voice must make, who is to."""
    if step.entry is not None and not step.to_render:
        return step.entry.voice
    return sources.settings.speaker(step.clip.locale).name


def _changed(step: Step, sources: Sources) -> str:
    """What is known of why a clip is stale."""
    entry, voice = step.entry, sources.settings.voice
    if entry is None:
        return "the lock does not have it"
    if not same_words(entry, step.clip):
        return f"it says “{entry.text}”" if entry.text else "it was a sound of the project's own"
    if (entry.origin == "recorded") != (step.recording is not None):
        return "it is to be made from a recording" if step.recording else "it was made from a recording"
    if entry.origin == "recorded":
        return "the recording or its settings were others"
    if not made_by(entry.provider, voice.provider, voice.url):
        return f"it was made by {entry.provider}"
    speaker = sources.settings.speaker(step.clip.locale).name
    return f"it was spoken by {entry.voice}" if entry.voice != speaker else "its settings were others"
