"""The recordings of people below ``audio/recordings/``: which clip each is for, and what is wrong with their files."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.phrases_file import SOUNDS
from ivr.errors import Problem, Severity
from ivr.project.files import not_a_directory, read_bytes, unreadable

RECORDINGS = "recordings"
"""The directory below ``audio/``."""
KINDS = (*SOUNDS, ".aif")
OTHER_KINDS = (".aac", ".aifc", ".amr", ".au", ".caf", ".mp4", ".oga", ".w64", ".wave", ".webm", ".wma")
"""Sounds that are not read. What is neither, such as a list or a note, is none of ours."""
MAX_RECORDING = 256_000_000
"""Bytes; ten minutes of 48 kHz, stereo and 24 bits are 173 million."""
_CHUNK = 1 << 20
_PART = re.compile(r"(.+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Recording:
    """One file; its sound is read when it is asked for, and it is never written."""

    clip: str
    """As ``ivr.project.clips.Wanted.name``: ``greeting``, ``balance.2``, ``de-DE/greeting``."""
    file: str
    """Below ``audio/``, with forward slashes."""
    path: Path
    size: int
    """Bytes."""

    def read(self) -> bytes | Problem:
        """The whole file."""
        return read_bytes(self.path, MAX_RECORDING)

    def sha256(self) -> str | Problem:
        """Of the whole file, 64 hexadecimal digits; never more than a megabyte of it is in memory."""
        found = hashlib.sha256()
        try:
            with open(self.path, "rb") as file:
                while chunk := file.read(_CHUNK):
                    found.update(chunk)
        except OSError as error:
            return unreadable(self.path, error)
        return found.hexdigest()


def find(
    audio: Path, names: Collection[str], own: Mapping[str, str] | None = None
) -> tuple[dict[str, Recording], list[Problem]]:
    """The recordings of a project by clip name, and every problem with their files, sorted.

    ``names`` are the clips that a recording may be for. ``own``: the clips that are sounds of the project's own, with
    their files below ``audio/``. Small and capital letters in names of files are the same, because some disks do not
    tell them apart. Where two are for one clip, neither is taken. No directory means no recordings.
    """
    root, own = audio / RECORDINGS, own or {}
    if (problem := not_a_directory(root)) is not None:
        return {}, [problem]
    if not root.is_dir():
        return {}, []
    search = _Search(audio, {_same(name): name for name in names}, own)
    search.enter(root)
    for clip, files in search.found.items():
        if len(files) > 1:
            search.tell(files[1].path, *_two(clip, files))
    return {clip: files[0] for clip, files in search.found.items() if len(files) == 1}, sorted(search.problems)


def _two(clip: str, files: list[Recording]) -> tuple[str, str]:
    named = " and ".join(printable(each.file.removeprefix(f"{RECORDINGS}/")) for each in files)
    return f"clip '{clip}' has {len(files)} recordings: {named}", "keep the one that is to be heard"


def _same(name: str) -> str:
    """What names have in common that some disk or keyboard does not tell apart (Unicode 15, section 3.11 and 3.13)."""
    return normalize("NFC", normalize("NFC", name).casefold())


def printable(text: str) -> str:
    """A name from the disk as one line of text that can be written anywhere."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


class _Search:
    """What was found so far."""

    def __init__(self, audio: Path, names: Mapping[str, str], own: Mapping[str, str]) -> None:
        self._audio = audio
        self._inside = audio.resolve()
        self._names = names
        self._own = own
        self.found: dict[str, list[Recording]] = {}
        self.problems: list[Problem] = []

    def tell(self, path: Path, what: str, remedy: str, severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Problem(printable(str(path)), 1, 1, what, remedy, code="clip", severity=severity))

    def enter(self, directory: Path) -> None:
        """Look at all that is in it. A link to a directory is not followed: it may lead round."""
        if directory.is_symlink():
            self.tell(directory, "a link to a directory is not followed", "put the directory itself there")
            return
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError as error:
            problem = unreadable(directory, error)
            self.tell(directory, problem.what, problem.remedy)
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = directory / entry.name
            if path.is_dir():
                self.enter(path)
            else:
                self._look(path)

    def _look(self, path: Path) -> None:
        kind = path.suffix.lower()
        file = path.relative_to(self._audio).as_posix()
        if (kind not in KINDS and kind not in OTHER_KINDS) or file in self._own.values():
            return
        name = normalize("NFC", file[len(RECORDINGS) + 1 : -len(kind)])
        clip = self._names.get(_same(name))
        if clip is None:
            what, remedy = _for_no_clip(name, self._names, self._own)
            self.tell(path, printable(what), printable(remedy), Severity.WARNING)
        elif kind in OTHER_KINDS:
            self.tell(
                path, f"recordings of kind '{kind}' are not read", f"convert it to WAV; read are {listing(KINDS)}"
            )
        elif (facts := self._facts(path)) is not None:
            self.found.setdefault(clip, []).append(Recording(clip, file, path, facts.st_size))

    def _facts(self, path: Path) -> os.stat_result | None:
        try:
            facts = os.stat(path)
        except OSError as error:
            problem = unreadable(path, error)
            self.tell(path, problem.what, problem.remedy)
            return None
        if not path.resolve().is_relative_to(self._inside):
            self.tell(
                path, "this link leads out of audio/", "put the recording itself there, so that a copy has it too"
            )
            return None
        return facts


def _for_no_clip(name: str, names: Mapping[str, str], own: Mapping[str, str]) -> tuple[str, str]:
    """What is wrong with the name of a recording, and what it may have been meant to be."""
    shown = f"'{name}'"
    if _same(name) in map(_same, own):
        what = f"phrase {shown} is a sound of the project's own, {own.get(name, name)}"
        return what, "write its words in the catalogue if the recording is to be heard, else remove it"
    if part := _PART.fullmatch(_same(name)):
        phrase = part[1]
        parts = list(_parts(phrase, names))
        if parts and part[2] == "1" and phrase in names:
            return f"the first words of phrase '{phrase}' have no number", f"name it as the clip, '{phrase}'"
        if parts:
            return f"phrase '{phrase}' has no clip {shown}", f"its clips are {listing(parts)}"
    last = PurePosixPath(name).name
    locale = name[: -len(last) - 1]
    if locale and _same(last) in names:
        if any(each.startswith(_same(f"{locale}/")) for each in names):
            return f"the words of {locale} have no phrase '{last}'", "add it to them, or remove the recording"
        remedy = f"name it '{last}', without the folder, if it is of the project's own locale"
        return f"there are no words of a locale {locale}", remedy
    return f"no phrase has a clip {shown}", meant(name, list(names.values()), "remove it, or add the phrase")


def _parts(phrase: str, names: Mapping[str, str]) -> Iterator[str]:
    for same, name in names.items():
        if same == phrase or ((part := _PART.fullmatch(same)) and part[1] == phrase):
            yield name
