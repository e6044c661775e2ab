"""What people recorded for the clips of a project, and whether it can be used."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.errors import BadAudioFile, Problem, Severity
from ivr.pregen.takes.recordings import Found, Recording, find
from ivr.pregen.takes.sound import Sound, read_sound
from ivr.project.audio.clips import Wanted
from ivr.project.sources import Sources


@dataclass(frozen=True, slots=True)
class Take:
    """One recording, and what it held when it was looked at."""

    recording: Recording
    sha256: str

    @property
    def file(self) -> str:
        """Below ``audio/``."""
        return self.recording.file


def recordings_of(sources: Sources, clips: Sequence[Wanted]) -> Found:
    """What people recorded for ``clips``, which are all of the project."""
    own = {clip.name: clip.file for clip in clips if clip.own}
    found = find(sources.audio, [clip.name for clip in clips if not clip.own], own)
    if sources.whole:
        return found
    # A recording may be of a phrase that could not be read.
    return found._replace(problems=[each for each in found.problems if each.severity is Severity.ERROR])


def read_take(recording: Recording) -> tuple[Take, Sound]:
    """What a file holds, and its sound, of one and the same reading. Raises ``BadAudioFile``."""
    data = recording.read()
    if isinstance(data, Problem):
        raise BadAudioFile(f"{data.what}: {data.remedy}")
    return Take(recording, hashlib.sha256(data).hexdigest()), read_sound(data, recording.file)


def judged(recording: Recording, clip: Wanted, sources: Sources) -> list[Problem]:
    """All that is wrong with a recording, errors first, as problems of its file."""
    try:
        _, sound = read_take(recording)
    except BadAudioFile as error:
        return [unreadable(recording, error)]
    return doubts(recording, sound, clip, sources)


def unreadable(recording: Recording, error: BadAudioFile) -> Problem:
    """What is said of a recording that is none."""
    what = f"the recording of '{recording.clip}' cannot be read ({error})"
    return Problem(str(recording.path), 1, 1, what, "save it again, as 16-bit WAV", code="clip")


def doubts(recording: Recording, sound: Sound, clip: Wanted, sources: Sources) -> list[Problem]:
    """What is wrong with its sound, errors first."""
    from ivr.pregen.takes.check import check_sound  # what a build without new recordings goes without

    findings = check_sound(sound, clip.words, locale=clip.locale, clip_rate=sources.settings.clip_rate)
    problems = [finding.problem(str(recording.path)) for finding in findings]
    return sorted(problems, key=lambda problem: (problem.severity is not Severity.ERROR, problem))
