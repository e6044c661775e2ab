"""Why a clip was not made, and what to do about it, in words. Pure."""

from __future__ import annotations

import errno

from ivr.errors import (
    CutRefused,
    Problem,
    ProjectError,
    SpeechBroken,
    SpeechEmpty,
    SpeechRefused,
    SpeechTimeout,
    SpeechUnavailable,
)
from ivr.pregen.plan import Step
from ivr.pregen.refused import other_ways
from ivr.project.settings.voice import API_KEY
from ivr.project.sources import Sources

AGAIN = "render again"
_DISK = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk: its quota is full",
    errno.EROFS: "make the disk writable",
    errno.EACCES: "mend its permissions",
    errno.EPERM: "mend its permissions",
    errno.EFBIG: "let files be larger (ulimit -f)",
    errno.EISDIR: "move the directory away",
    errno.EEXIST: "move away what stands where a directory is to be",
    errno.ENOTDIR: "move away what stands where a directory is to be",
    errno.ENAMETOOLONG: "give the phrase a shorter name",
}
_STATUS = {
    400: "change the words, or the voice, model, style or speed, to what the provider takes",
    401: f"set {API_KEY} to a key that the provider takes",
    402: "settle the provider's account",
    403: f"set {API_KEY} to a key that may do that",
    404: "check voice.url and the voice's name in prompts/ivr.yaml",
    413: "split the phrase, and set voice.most in prompts/ivr.yaml, so that it is told before it is asked",
    422: "change the words, or the voice, model, style or speed, to what the provider takes",
    429: "wait a while, or ask with fewer requests at once (voice.at_once)",
}
_STATUS[414] = _STATUS[413]
_LONG = 360.0
"""Seconds of a ``Retry-After`` from which a remedy tells them: a tenth of an hour."""


def failure(sources: Sources, step: Step, error: Exception, *, uncut: bool = False) -> Problem:
    """The problem of a clip whose making ended with ``error``, at its phrase.

    ``uncut``: it was not asked for because fragments like it could not be cut.
    """
    clip = step.clip
    if isinstance(error, ProjectError):
        return error.problems[0]
    if isinstance(error, SpeechUnavailable):
        remedy = f"{other_ways(sources, clip)}, and" if uncut else "mend that and"
        return sources.problem(clip, f"'{clip.name}' was not asked for ({error})", f"{remedy} {AGAIN}")
    if isinstance(error, CutRefused) and step.recording is None:
        what = f"'{clip.name}' could not be cut out of \"{clip.text}\" ({error})"
        return sources.problem(clip, what, f"{other_ways(sources, clip)}, and {AGAIN}")
    why = disk_says(error) if isinstance(error, OSError) else str(error)
    if step.recording is not None and not isinstance(error, OSError):
        what = f"the recording {step.recording.file} of '{clip.name}' cannot be used ({why})"
        return sources.problem(clip, what, "record it again")
    made = "rendered" if step.recording is None else "made"
    return sources.problem(clip, f"'{clip.name}' was not {made} ({why})", f"{_remedy(error)} and {AGAIN}")


def disk_says(error: OSError) -> str:
    """What the system said, and of which file."""
    return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror or error)


def disk_remedy(error: OSError) -> str:
    """What to do about it."""
    return _DISK.get(error.errno or 0, "mend the disk")


def _remedy(error: Exception) -> str:
    match error:
        case OSError():
            return disk_remedy(error)
        case SpeechRefused(retry_after=seconds) if seconds is not None and seconds >= _LONG:
            return f"wait {seconds / 3600:.1f} hours, as the provider asks,"
        case SpeechRefused(status=status) if status in _STATUS:
            return _STATUS[status]
        case SpeechRefused(status=status) if 300 <= status < 400:
            return "set voice.url in prompts/ivr.yaml to where it leads"
        case SpeechRefused(status=status) if 400 <= status < 500:
            return "mend what the provider says"
        case SpeechRefused() | SpeechTimeout():
            return "wait a while"
        case SpeechBroken():
            return "check voice.url, voice.format, voice.rate and the network"
        case SpeechEmpty():
            return "check that the voice can say these words"
    return "mend that"
