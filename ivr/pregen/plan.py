"""What a build has to do: each clip of a project held against the lock, the disk and what people recorded."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal

from ivr.errors import AudioError, MissingExtra, Problem, Severity
from ivr.phrases.lock import LockEntry
from ivr.pregen.choice import ALL, Choice
from ivr.pregen.entries import own_entry, taken_up
from ivr.pregen.files.disk import Disk
from ivr.pregen.files.mark import Mark, hash_of_words, is_marked, is_no_sound, is_pointer, is_wreck, mark_of
from ivr.pregen.orphans import left
from ivr.pregen.refused import uncut
from ivr.pregen.takes.recordings import RECORDINGS, Found, Recording
from ivr.pregen.takes.taken import Take, judged, recordings_of
from ivr.project.audio.clips import Wanted, clashing, current, judge, key_of_recording, same_words
from ivr.project.audio.sounds import decode_sound
from ivr.project.audio.wanted import wanted
from ivr.project.sources import Sources

State = Literal["ready", "entered", "missing", "corrupt", "stale", "blocked"]
"""ready: nothing to do. entered: the file is right, only the lock lacks it. blocked: nothing can be done here."""


@dataclass(frozen=True, slots=True)
class Step:
    """One clip."""

    clip: Wanted
    state: State
    entry: LockEntry | None = None
    """For ``ready`` and ``entered`` what the lock is to say; for other states what it says now, if anything."""
    problem: Problem | None = None
    """For ``blocked``: why, and what to do."""
    recording: Take | None = None
    """What it is made from; None where a voice speaks."""
    warnings: tuple[Problem, ...] = ()
    """What is doubtful about its recording, where that was listened to."""

    @property
    def to_make(self) -> bool:
        """Whether its file is to be written."""
        return self.state in ("missing", "corrupt", "stale")

    @property
    def to_render(self) -> bool:
        """Whether a voice must speak, which may cost money."""
        return self.to_make and self.recording is None

    @property
    def by_voice(self) -> bool:
        """Whether a voice says it, or is to."""
        recorded = self.entry is not None and self.entry.origin == "recorded"
        return self.to_render or not (self.clip.own or recorded or self.recording is not None)


@dataclass(frozen=True, slots=True)
class Plan:
    """All clips that were looked at, and what of the lock nobody needs any more."""

    steps: tuple[Step, ...]
    orphans: tuple[LockEntry, ...]
    """Made for phrases that are gone; their files are still there. None are known where not all words could be read."""
    left: Mapping[str, str] = field(default_factory=dict)
    """The files of orphans that nobody removes, and why not; see ``ivr.pregen.orphans``."""
    problems: tuple[Problem, ...] = ()
    """Of files that people recorded; warnings for those that nobody needs."""

    @property
    def right(self) -> list[LockEntry]:
        """What the lock is to say of clips at which there is nothing to do."""
        return [step.entry for step in self.steps if step.entry is not None and step.state in ("ready", "entered")]

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """All that is wrong with what people recorded, but what a step is blocked by."""
        return (*self.problems, *(warning for step in self.steps for warning in step.warnings))


def make_plan(
    sources: Sources,
    provider: str | None,
    choice: Choice = ALL,
    *,
    disk: Disk | None = None,
    accepted: Collection[str] = (),
    listen: bool = True,
    thorough: bool = False,
    again: bool = False,
) -> Plan:
    """Look at every clip of ``sources`` that is chosen.

    ``provider``: the voice's name with its version; None takes any version of the project's own. ``disk`` may know
    files from before. ``accepted``: clips whose recordings are right although the words have changed since.
    ``listen``: to the recordings of clips that are to be made, and block those whose recordings cannot be used.
    ``thorough``: also to those whose clips are right. ``again``: fragments that could not be cut are to be tried once
    more; else they are blocked. Raises ``ConfigError`` for a choice that fits nothing.
    """
    clips = list(wanted(sources.catalogues, sources.settings))
    chosen = choice.of(clips, sources.settings)
    disk = disk or Disk(sources.audio)
    disk.look(clip.file for clip in chosen)
    found = recordings_of(sources, clips)
    disk.look(found.recordings[clip.name].file for clip in chosen if clip.name in found.recordings)
    look = _Look(sources, disk, provider, found, accepted, clashing(clips))
    names = {clip.name for clip in clips}
    gone = [entry for name, entry in sorted(sources.lock.clips.items()) if name not in names and sources.whole]
    orphans = [entry for entry in gone if entry.origin != "own" and disk.sha256(entry.file) is not None]
    blocking = {clip.name for clip in chosen}
    problems = [*found.problems, *(problem for clip, problem in found.unusable.items() if clip not in blocking)]
    steps = [look.step(clip) for clip in chosen]
    if sources.lock.refused and not again:
        steps = [_held_back(sources, step, provider) for step in steps]
    if listen or thorough:
        steps = _listened(sources, steps, thorough=thorough)
    return Plan(tuple(steps), tuple(orphans), left(orphans, disk), tuple(sorted(problems)))


@dataclass(slots=True)
class _Look:
    """What every clip is held against."""

    sources: Sources
    disk: Disk
    provider: str | None
    found: Found
    accepted: Collection[str]
    over: Mapping[str, Wanted]
    """See ``ivr.project.audio.clips.clashing``."""

    def step(self, clip: Wanted) -> Step:
        """What is to be done about ``clip``."""
        found = self.disk.sha256(clip.file)
        if isinstance(found, Problem):
            return self._blocked(
                clip, f"audio/{clip.file} cannot be the clip of '{clip.name}': {found.what}", found.remedy
            )
        if clip.name in self.over:
            what = f"'{clip.name}' would be written over {clip.file}, a sound of the project's own"
            return self._blocked(clip, what, "rename one of the two")
        entry = self.sources.lock.clips.get(clip.name)
        if (unusable := self.found.unusable.get(clip.name)) is not None:
            return Step(clip, "blocked", entry, problem=unusable)
        recorded = self.found.recordings.get(clip.name)
        if recorded is not None and not clip.own:
            return self._recorded(clip, entry, found, recorded)
        state = judge(clip, entry, found, self.sources.settings, self.provider)
        if state == "ready":  # also where the recording it was made from is kept elsewhere
            return Step(clip, state, entry)
        if clip.own:
            return self._own(clip)
        if found is not None and entry is not None and entry.origin == "recorded":
            return self._without_recording(clip, entry)
        return self._from_disk(clip, entry, state, None, None)

    def _recorded(self, clip: Wanted, entry: LockEntry | None, found: str | None, recording: Recording) -> Step:
        """A person said it; the clip is made from that."""
        sha256 = self.disk.sha256(recording.file)
        if not isinstance(sha256, str):
            return Step(clip, "blocked", problem=sha256 or _gone(recording))
        return self._from_take(clip, entry, found, Take(recording, sha256))

    def _from_take(self, clip: Wanted, entry: LockEntry | None, found: str | None, take: Take) -> Step:
        key = key_of_recording(take.sha256, self.sources.settings)
        if entry is None or entry.origin != "recorded" or entry.recording_sha256 != take.sha256:
            return self._from_disk(clip, entry, "missing" if found is None else "stale", key, take)
        if not same_words(entry, clip) and not self._accepts(clip):
            return self._other_words(clip, take, f'have changed since {take.file} was recorded ("{entry.text}")')
        right = entry.key == key and entry.file == clip.file and same_words(entry, clip)
        if right and found == entry.sha256:
            return Step(clip, "ready", entry, recording=take)
        state: State = "missing" if found is None else "corrupt" if right else "stale"
        return self._from_disk(clip, entry, state, key, take)

    def _from_disk(
        self, clip: Wanted, entry: LockEntry | None, state: State, key: str | None, take: Take | None
    ) -> Step:
        """The file may be right although the lock does not say so; else it is made, if that may be."""
        data = self.disk.read(clip.file)
        if not isinstance(data, bytes):
            return Step(clip, "missing", entry, recording=take)
        mark = mark_of(data)
        if mark is None:
            if is_pointer(data):
                what = f"audio/{clip.file} is a pointer of Git LFS in place of the clip"
                return self._blocked(clip, what, "run `git lfs pull`, or remove it, to have the clip made anew")
            if not self._may_go(clip, entry, data):
                return self._foreign(clip, take, changed=is_marked(data))
        elif self._fits(mark, clip, key):
            return Step(clip, "entered", taken_up(clip, mark, data, take), recording=take)
        elif take is None and mark.origin == "recorded":
            return self._without_recording(clip, None)
        elif take is not None and self._asks(mark, clip, entry, take):
            have = "have" if mark.words else "may have"
            return self._other_words(clip, take, f"{have} changed since {take.file} was recorded")
        return Step(clip, state, entry, recording=take)

    def _may_go(self, clip: Wanted, entry: LockEntry | None, data: bytes) -> bool:
        """Whether ``data``, which bears no mark that holds, is a clip of ours, or nothing that anybody recorded."""
        if is_wreck(data):
            return True
        known = entry is not None and entry.origin != "own" and entry.file == clip.file
        return known and entry is not None and (self.disk.sha256(clip.file) == entry.sha256 or is_no_sound(data))

    def _fits(self, mark: Mark, clip: Wanted, key: str | None) -> bool:
        """``key``: of the clip that would be made of its recording, if there is one."""
        settings = self.sources.settings
        if mark.origin == "recorded":
            wanted = key or key_of_recording(mark.recording, settings)
            return mark.key == wanted and mark.words == hash_of_words(clip.words)
        return key is None and current(mark.key, mark.provider, clip, settings, self.provider)

    def _asks(self, mark: Mark, clip: Wanted, entry: LockEntry | None, take: Take) -> bool:
        """Whether a person must say that the same take will do for other words, since no lock knows that it does."""
        known = entry is not None and entry.recording_sha256 == take.sha256
        same = take.sha256 == mark.recording or mark.key == key_of_recording(take.sha256, self.sources.settings)
        return same and not known and mark.words != hash_of_words(clip.words) and not self._accepts(clip)

    def _other_words(self, clip: Wanted, take: Take, have: str) -> Step:
        remedy = f"record it again, or if it will do: --accept {clip.name}"
        return self._blocked(clip, f"the words of '{clip.name}' {have}", remedy)

    def _foreign(self, clip: Wanted, take: Take | None, *, changed: bool) -> Step:
        """Somebody else's sound, or what somebody made of ours."""
        how = "was changed since a build made it" if changed else "was not made by a build"
        what = f"audio/{clip.file} {how} and is not written over"
        if take is not None:
            return self._blocked(clip, what, f"put it in the place of audio/{take.file}, or remove it")
        remove, place = "remove it, to have it made anew", f"audio/{RECORDINGS}/{clip.file}"
        if clip.carrier is not None:  # what stands there is not cut
            return self._blocked(clip, what, f"{remove}, or if it is “{clip.words}” alone, move it to {place}")
        alone = clip.name.removeprefix(f"{clip.locale}/") == clip.phrase
        say = f"say 'sound: {clip.file}' for its words, " if alone and not changed else ""
        return self._blocked(clip, what, f"move it to {place}, to be made from it, {say}or {remove}")

    def _without_recording(self, clip: Wanted, entry: LockEntry | None) -> Step:
        source = entry.recording if entry is not None else ""
        source = f"audio/{source}" if source else f"it below audio/{RECORDINGS}/ as '{clip.name}'"
        what = f"audio/{clip.file} was made from a recording that is gone and is not written over"
        return self._blocked(clip, what, f"put back {source}, or remove audio/{clip.file} to have the voice say it")

    def _own(self, clip: Wanted) -> Step:
        data = self.disk.read(clip.file)
        if not isinstance(data, bytes):
            remedy = "put it there, or take it out of the catalogue"
            return self._blocked(clip, f"there is no sound audio/{clip.file}", remedy)
        try:
            samples, rate = decode_sound(data, clip.file)
        except (AudioError, MissingExtra) as error:
            what = f"the sound audio/{clip.file} cannot be used ({error})"
            return self._blocked(clip, what, "put a 16-bit WAV in its place")
        return Step(clip, "entered", own_entry(clip, data, samples, rate))

    def _accepts(self, clip: Wanted) -> bool:
        return clip.name in self.accepted or clip.phrase in self.accepted

    def _blocked(self, clip: Wanted, what: str, remedy: str) -> Step:
        return Step(clip, "blocked", problem=self.sources.problem(clip, what, remedy))


def _gone(recording: Recording) -> Problem:
    return Problem(str(recording.path), 1, 1, "the recording is gone", "put it back, or build again", code="clip")


def _held_back(sources: Sources, step: Step, provider: str | None) -> Step:
    problem = uncut(sources, step.clip, provider) if step.to_render else None
    return step if problem is None else replace(step, state="blocked", problem=problem)


def _listened(sources: Sources, steps: list[Step], *, thorough: bool) -> list[Step]:
    """The steps, and what is wrong with the recordings that they are made from."""
    heard = {step.clip.name: step.recording for step in steps if step.state != "blocked" and step.recording is not None}
    ahead = [step for step in steps if step.clip.name in heard and (step.to_make or thorough)]
    if not ahead:
        return steps
    with ThreadPoolExecutor(os.cpu_count()) as ears:
        found = ears.map(lambda step: judged(heard[step.clip.name].recording, step.clip, sources), ahead)
        told = {step.clip.name: problems for step, problems in zip(ahead, found, strict=True)}
    return [_doubted(step, told.get(step.clip.name, [])) for step in steps]


def _doubted(step: Step, problems: list[Problem]) -> Step:
    if problems and problems[0].severity is Severity.ERROR and step.to_make:
        return replace(step, state="blocked", problem=problems[0], warnings=tuple(problems[1:]))
    return replace(step, warnings=tuple(problems)) if problems else step
