"""The lock file: what every clip of a project is, and what it was made from. It is the only manifest."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from ivr.errors import Problem, ProjectError

VERSION = 2


Origin = Literal["rendered", "recorded", "own"]
"""rendered: a voice said it. recorded: a person did, and the clip was made from that. own: a sound as it is."""


_Decibels = Annotated[float, Field(allow_inf_nan=False)]
_Length = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Rate = Annotated[int, Field(gt=0, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class LockEntry:
    """One clip."""

    clip: str
    phrase: str
    locale: str
    text: str
    """As the voice was asked to say it, or as it stood when the recording was entered; empty for an ``own`` sound."""
    origin: Origin
    file: str
    """Below ``audio/``, with forward slashes."""
    provider: str
    """With its version: ``espeak-ng/1.52``; empty unless rendered."""
    voice: str
    seconds: _Length
    """Its length, to the millisecond."""
    rate: _Rate
    """Hz, as in the file."""
    loudness: _Decibels | None
    """LUFS as spoken or recorded, at ``rate``, before the level was set; None where there was nothing to measure."""
    level: _Decibels | None
    """LUFS as in the file; None where there is nothing to measure."""
    peak: _Decibels | None
    """True peak of the file after mu-law, dBFS; None for silence and for an ``own`` sound."""
    key: str
    """See ``ivr.phrases.key``; empty for an ``own`` sound."""
    sha256: str
    """Of the whole file."""
    recording: str = ""
    """Where it was recorded, the source below ``audio/``."""
    recording_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fragment that could not be cut out of what a voice said; not asked for again while its key is the same."""

    fragment: str
    """The clip's name."""
    key: str
    """That of the clip which was to be made; see ``ivr.phrases.key``."""
    provider: str
    """With its version."""
    why: str
    asked: bool
    """False: others like it had been refused before, so that the voice was not asked for it."""


@dataclass(frozen=True, slots=True)
class Lock:
    """All clips by name, and the gain that brings each voice to the project's level."""

    clips: Mapping[str, LockEntry] = field(default_factory=dict)
    voices: Mapping[str, float] = field(default_factory=dict)
    """``provider:voice`` to decibels, to be added to live speech, whose own level is unknown when it begins."""
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    """By clip. It may be missing in the file, so that a project without such has none of it there."""

    def gain(self, provider: str, voice: str) -> float:
        """Decibels for live speech of ``voice``; 0 where nothing was rendered with it."""
        return self.voices.get(voice_name(provider, voice), 0.0)


def voice_name(provider: str, voice: str) -> str:
    """How the lock names a voice."""
    return f"{provider}:{voice}"


def calibrate(entries: Iterable[LockEntry], target: float) -> dict[str, float]:
    """Per voice the mean of ``target`` minus the loudness as spoken, in decibels to two places."""
    wanted: defaultdict[str, list[float]] = defaultdict(list)
    for entry in entries:
        if entry.origin == "rendered" and entry.loudness is not None:
            wanted[voice_name(entry.provider, entry.voice)].append(target - entry.loudness)
    return {name: round(math.fsum(gains) / len(gains), 2) for name, gains in sorted(wanted.items())}


def dump(lock: Lock) -> str:
    """JSON with one clip to a line, sorted by name: a changed phrase is one changed line."""
    lines = [_line({name: getattr(lock.clips[clip], name) for name in _FIELDS}) for clip in sorted(lock.clips)]
    voices = _line(dict(sorted(lock.voices.items())))
    refused = [_line(asdict(lock.refused[clip])) for clip in sorted(lock.refused)]
    told = ['"refused": [', ",\n".join(refused), "],"] if refused else []
    head = ["{", f'"version": {VERSION},', f'"voices": {voices},']
    return "\n".join([*head, *told, '"clips": [', ",\n".join(lines), "]", "}", ""])


def _line(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True)
class _File:
    """What a message says of the lock file."""

    path: str
    mend: str

    def newer(self, version: int) -> ProjectError:
        """It is right, so it must not be removed: it knows the words for which people's recordings were made."""
        what = f"the lock has version {version}, written by a newer ivr; this one reads version {VERSION}"
        return ProjectError([Problem(self.path, 1, 1, what, "update ivr and leave the lock as it is", code="clip")])

    def damaged(self, line: int, column: int, what: str) -> ProjectError:
        remedy = f"remove {self.path} and run `{self.mend}`, which enters the clips on disk and renders the others"
        return ProjectError([Problem(self.path, line, column, what, remedy, code="clip")])


def parse(text: str, path: str, mend: str = "ivr render") -> Lock:
    """Read what ``dump`` wrote. ``mend`` is the command that makes another lock, for the message.

    Raises ``ProjectError`` that names ``path``, the line of the damage and ``mend``.
    """
    file = _File(path, mend)
    if not text.strip():
        raise file.damaged(1, 1, "the lock is empty")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _unreadable(text, file, error) from None
    except RecursionError:
        raise file.damaged(1, 1, "the lock is nested far deeper than `ivr render` writes it") from None
    except ValueError:  # Python's own limit
        number = _ENDLESS.search(text)
        line = text.count("\n", 0, number.start()) + 1 if number is not None else 1
        raise file.damaged(line, 1, "the lock holds a number of thousands of digits") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        found = data.get("version") if isinstance(data, dict) else None
        if isinstance(found, int) and found > VERSION:
            raise file.newer(found)
        raise file.damaged(1, 1, f"the lock has version {found!r}, this ivr reads version {VERSION}")
    if (half := _half_a_letter(text, data)) is not None:
        raise file.damaged(half, 1, "the lock holds half a letter (a lone surrogate), which cannot be written")
    section, kind = "voices", ""
    try:
        voices = _VOICES.validate_python(data.get("voices"), strict=True)
        section, kind = "clips", "clip"
        entries = _ENTRIES.validate_python(data.get("clips"))
        section, kind = "refused", "fragment"
        refused = _REFUSED.validate_python(data.get("refused", []))
    except ValidationError as error:
        raise _misfit(text, file, data, error, section, kind) from None
    clips: dict[str, LockEntry] = {}
    for entry in entries:
        if entry.clip in clips:
            raise file.damaged(_line_of(text, _entry_of(entry.clip), last=True), 1, f"clip '{entry.clip}' stands twice")
        clips[entry.clip] = entry
    return Lock(clips, voices, {each.fragment: each for each in refused})


_VOICES = TypeAdapter(dict[str, _Decibels])
_ENTRIES = TypeAdapter(list[LockEntry])
_REFUSED = TypeAdapter(list[Refusal])
_ENDLESS = re.compile(r"[0-9]{4300}")
_FIELDS = tuple(each.name for each in fields(LockEntry))


def _unreadable(text: str, file: _File, error: json.JSONDecodeError) -> ProjectError:
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
            return file.damaged(number, 1, "the lock holds the marks of a merge that was not finished")
    return file.damaged(error.lineno, error.colno, f"the lock is damaged ({error.msg})")


def _half_a_letter(text: str, data: object) -> int | None:
    """The line of what JSON can say and no file can hold."""
    if "\\ud" not in text and "\\uD" not in text:
        return None
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return _line_of(text.lower(), "\\ud")
    return None


def _misfit(
    text: str, file: _File, data: Mapping[str, object], error: ValidationError, section: str, kind: str
) -> ProjectError:
    """``section``: what was read; ``kind``: by what each of its entries is named."""
    first = error.errors()[0]
    place = first["loc"]
    line, where = _line_of(text, f'"{section}"'), ".".join(str(each) for each in (section, *place))
    entries = data.get(section)
    if isinstance(entries, list) and place and isinstance(place[0], int) and isinstance(entries[place[0]], dict):
        name = str(entries[place[0]].get(kind))
        line = _line_of(text, _entry_of(name, kind))
        where = f"{kind} '{name}', {'.'.join(str(each) for each in place[1:])}"
    return file.damaged(line, 1, f"the lock is damaged ({where}: {first['msg']})")


def _line_of(text: str, sought: str, *, last: bool = False) -> int:
    """The first line that holds ``sought``, or the last; 1 where none does."""
    found = [number for number, line in enumerate(text.splitlines(), start=1) if sought in line]
    return (found[-1] if last else found[0]) if found else 1


def _entry_of(name: str, kind: str = "clip") -> str:
    """How the entry of a clip begins, or that of another kind."""
    return f'"{kind}": {json.dumps(name, ensure_ascii=False)}'
