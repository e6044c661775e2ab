"""Every error of the runtime, as one tree.

::

    IvrError
    ├── ConfigError              a setting is missing, unknown or out of range
    ├── MissingExtra             an optional part is not installed
    ├── DeviceError              a sound device is missing, refuses, or went away
    ├── ProjectError             a project's files are wrong; carries every Problem at once
    ├── CatalogError             the catalogue cannot say what was asked of it
    │   ├── PhraseNotFound
    │   └── SlotError            a slot without a value, or a value of the wrong type
    ├── ConditionError           an expression failed on the values it was given
    ├── WrongValue               a value is not of its variable's type
    ├── DialogBroken             a dialog asked for what no call can do, or never waits
    ├── AudioError               bytes are not the audio they should be
    │   ├── FormatMismatch
    │   ├── BadAudioFile
    │   └── CutRefused           a fragment cannot be cut out of its sentence with trust
    ├── ClipError                a clip is missing, or is not the one that the lock names
    ├── SpeechError              a synthesis ended without its audio
    │   ├── SpeechTimeout        nothing came for too long
    │   ├── SpeechRefused        the provider said no (4xx, 5xx, 429)
    │   ├── SpeechBroken         the audio stopped in the middle, or was no audio
    │   ├── SpeechEmpty          the provider reported success and sent no audio
    │   └── SpeechUnavailable    it failed so often that it is not asked now
    ├── TransferRefused          a call is not moved there: nobody's address, or not allowed
    ├── LookupFailed             a lookup raised, timed out or does not exist
    ├── TraceError               lines are not a trace, or not a whole one
    ├── GatewayError
    │   ├── LocalGatewayError    we used the gateway wrongly
    │   └── RemoteGatewayError   the far side broke its protocol
    ├── NoAnswer                 a question in Python was put as often as it may be
    └── HungUp                   thrown into a dialog when its call has ended

A normal end of a call is an event, not an error; ``HungUp`` exists so that a dialog's ``await`` can stop. A caller who
interrupts stops none: words are enqueued and not waited for, and the key is the next question's (docs/dialog.md, B10).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class IvrError(Exception):
    """Root of all errors of this library."""

    where: str = ""
    """``file:line:column`` of the project's file that it is about, where that is known; the message begins with it."""

    def told(self, shown: Callable[[str], str]) -> str:
        """What of the message holds no value of a caller's, without ``where``; empty for nothing.

        ``shown`` gives a name that the dialog used as it may be shown: in Python it can have been made of a value.
        """
        return ""


class _Open(IvrError):
    """Its message holds names of the project and types alone: logs and traces show it."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what = what
        self.where = where

    def told(self, shown: Callable[[str], str]) -> str:
        """See ``IvrError.told``: all of it."""
        return self.what


class ConfigError(IvrError):
    """A setting is missing, unknown or out of range."""


class MissingExtra(IvrError):
    """An optional part is needed and not installed."""

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(f"{needed_for} needs the extra '{extra}': pip install 'ivr-runtime[{extra}]'")
        self.extra = extra


class DeviceError(IvrError):
    """A sound device is missing, refuses what is asked of it, or went away in the middle of a call."""


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    """The project cannot be used, or some call in it goes wrong."""
    WARNING = "warning"
    """It can be meant, and mostly is not."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a project's file. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    what: str
    remedy: str
    code: str = "value"
    """What kind of mistake it is; docs/check.md lists them."""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        warning = self.severity is Severity.WARNING
        said = f"warning: {self.what}, {self.remedy} [{self.code}]" if warning else f"{self.what}, {self.remedy}"
        return f"{self.file}:{self.line}:{self.column}: {said}"


class ProjectError(IvrError):
    """The files of a project are wrong; every problem found is in ``problems``."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CatalogError(IvrError):
    """The catalogue cannot say what was asked of it."""


class PhraseNotFound(CatalogError):
    """A phrase or prompt id is in no catalogue of the call's locale."""

    def __init__(self, phrase: str, locale: str) -> None:
        self.phrase = phrase
        self.locale = locale
        super().__init__(self.told(str))

    def told(self, shown: Callable[[str], str]) -> str:
        """See ``IvrError.told``."""
        return f"no phrase '{shown(self.phrase)}' for locale '{self.locale}': add it under prompts/phrases/"


class SlotError(_Open, CatalogError):
    """A slot has no value, or one that its type cannot voice. The message never shows the value."""

    def __init__(self, slot: str, why: str) -> None:
        super().__init__(f"slot '{slot}': {why}")
        self.slot = slot


class ConditionError(_Open):
    """An expression of the dialog failed on the values it was given, which the message never shows."""


class WrongValue(_Open):
    """A value is not of its variable's type. The message names the type and never shows the value."""


class DialogBroken(IvrError):
    """A dialog asked for something that no call can do, or went on for ever without waiting."""

    def __init__(self, what: str, where: str = "", *, name: object = "") -> None:
        """``name``, which the dialog used, stands in the place of ``{}`` in ``what``."""
        self.what = what
        self.name = str(name)
        self.where = where
        super().__init__(f"{where}: {self.told(str)}" if where else self.told(str))

    def told(self, shown: Callable[[str], str]) -> str:
        """See ``IvrError.told``."""
        return self.what.replace("{}", shown(self.name))


class AudioError(IvrError):
    """Bytes are not the audio that they should be."""


class FormatMismatch(AudioError):
    """Two pieces of audio that must share a format do not."""


class BadAudioFile(AudioError):
    """A file or stream is not WAV (or FLAC, MP3) that can be read."""


class CutRefused(AudioError):
    """Where a fragment begins or ends in its sentence cannot be told with trust."""


class ClipError(_Open):
    """A clip is missing, or differs from what the lock file says of it."""


class SpeechError(IvrError):
    """A synthesis ended without (all of) its audio. It never ends a call by itself."""

    def __init__(self, what: str, *, free: bool = False) -> None:
        super().__init__(what)
        self.free = free
        """Whether it cost nothing for sure: the provider refused the words, or never had them."""


class SpeechTimeout(SpeechError):
    """The provider sent nothing for too long."""


class SpeechRefused(SpeechError):
    """The provider answered with an error status."""

    def __init__(self, status: int, why: str, retry_after: float | None = None) -> None:
        super().__init__(f"the speech provider answered {status}: {why}", free=True)
        self.status = status
        self.retry_after = retry_after


class SpeechBroken(SpeechError):
    """The audio stopped before its end, or was not audio."""


class SpeechEmpty(SpeechError):
    """The provider reported success and sent no audio."""


class SpeechUnavailable(SpeechError):
    """Every region failed again and again, and none is asked before its cool-down is over."""

    def __init__(self, what: str) -> None:
        super().__init__(what, free=True)


class LookupFailed(IvrError):
    """A lookup raised, took longer than its time-out, or is not defined by the project."""

    def __init__(self, lookup: str, why: str, status: int | None = None) -> None:
        super().__init__(f"lookup '{lookup}' failed: {why}")
        self.lookup = lookup
        self.why = why
        self.status = status
        """Of the answer, over HTTP, where there was one and it is why."""

    def told(self, shown: Callable[[str], str]) -> str:
        """See ``IvrError.told``: why may be the text of the project's own error, and a URL may hold values."""
        function = all(part.isidentifier() for part in self.lookup.split("."))
        name = self.lookup if function else shown(self.lookup)
        return f"lookup '{name}' failed" + (f" with status {self.status}" if self.status is not None else "")


class TransferRefused(_Open):
    """Whom a dialog wants its call transferred to is nobody's address, or nobody that the project may call.

    The message never shows the address.
    """


class TraceError(IvrError):
    """Lines are not the trace of a call, not one of this version, or not a whole one."""


class GatewayError(IvrError):
    """Something went wrong between a gateway and us."""


class LocalGatewayError(_Open, GatewayError):
    """We asked of a gateway what it cannot do, or in the wrong order. The message holds nothing of the caller's."""


class RemoteGatewayError(GatewayError):
    """The far side broke its protocol; its call ends, and no other."""


class NoAnswer(_Open):
    """The caller was silent, or pressed wrong keys, as often as a question in Python was put."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no answer: {why}")
        self.why = why
        """The last error and its number, such as ``no_input 3``."""


class HungUp(IvrError):
    """The call has ended; thrown into the dialog at its current ``await``."""

    def __init__(self, reason: str = "", recording: Any = None) -> None:
        super().__init__(reason)
        self.recording = recording
        """The ``Recording`` that the end has broken off, as far as it had come; None where there is none."""
