"""Which recordings need not be made again: those that can be used, of the words that there are now."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from ivr.errors import Problem, Severity
from ivr.pregen.files.disk import Disk
from ivr.pregen.takes.recordings import Recording
from ivr.pregen.takes.taken import judged, recordings_of
from ivr.project.audio.clips import Wanted, same_words
from ivr.project.audio.wanted import wanted
from ivr.project.sources import Sources


def usable(sources: Sources, chosen: Collection[str], disk: Disk) -> tuple[dict[str, str], list[Problem]]:
    """Their files below ``audio/`` by clip, and what is wrong with recordings. ``chosen``: names of clips.

    A recording that a clip was made from was listened to then, and its words stand in the lock; any other is listened
    to here, and taken to be of the words that there are now.
    """
    clips = list(wanted(sources.catalogues, sources.settings))
    recordings, problems, none = recordings_of(sources, clips)
    asked = [(clip, recordings[clip.name]) for clip in clips if clip.name in chosen and clip.name in recordings]
    disk.look(recording.file for _, recording in asked)
    with ThreadPoolExecutor() as listeners:
        found = list(listeners.map(lambda each: _wrong(sources, each[0], each[1], disk), asked))
    good = {
        clip.name: recording.file for (clip, recording), wrong in zip(asked, found, strict=True) if not _useless(wrong)
    }
    return good, [*problems, *none.values(), *(problem for wrong in found for problem in wrong)]


def _useless(wrong: Collection[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in wrong)


def _wrong(sources: Sources, clip: Wanted, recording: Recording, disk: Disk) -> list[Problem]:
    """Errors first."""
    entry, sha256 = sources.lock.clips.get(clip.name), disk.sha256(recording.file)
    if entry is None or entry.origin != "recorded" or entry.recording_sha256 != sha256:
        return judged(recording, clip, sources)
    if same_words(entry, clip):
        return []
    what = f"the words of '{clip.name}' have changed since {recording.file} was recorded (\"{entry.text}\")"
    return [sources.problem(clip, what, f"record it again, or if it will do: ivr render --accept {clip.name}")]
