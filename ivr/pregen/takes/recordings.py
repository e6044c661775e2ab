"""The recordings of people below ``audio/recordings/``: which clip each is for, and what is wrong with their files."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from ivr.catalog.mistakes import listing
from ivr.catalog.phrases_file import SOUNDS
from ivr.errors import Problem, Severity
from ivr.pregen.takes.names import Named
from ivr.project.disk.files import not_a_directory, read_bytes, unreadable

RECORDINGS = "recordings"
"""The directory below ``audio/``."""
KINDS = (*SOUNDS, ".aif")
OTHER_KINDS = (".aac", ".aifc", ".amr", ".au", ".caf", ".mp4", ".oga", ".w64", ".wave", ".webm", ".wma")
"""Sounds that are not read. What is neither, such as a list or a note, is none of ours."""
MAX_RECORDING = 256_000_000
"""Bytes; ten minutes of 48 kHz, stereo and 24 bits are 173 million."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file; its sound is read when it is asked for, and it is never written."""

    clip: str
    """As ``ivr.project.audio.clips.Wanted.name``: ``greeting``, ``balance.2``, ``de-DE/greeting``."""
    file: str
    """Below ``audio/``, with forward slashes."""
    path: Path
    size: int
    """Bytes."""

    def read(self) -> bytes | Problem:
        """The whole file."""
        return read_bytes(self.path, MAX_RECORDING)


class Found(NamedTuple):
    """What stands below ``audio/recordings/``."""

    recordings: dict[str, Recording]
    """By clip name."""
    problems: list[Problem]
    """All that is wrong with the files, sorted, but what is ``unusable``."""
    unusable: dict[str, Problem]
    """Clips that somebody recorded, and why none of the files can be taken: nobody else is to say them meanwhile."""


def find(audio: Path, names: Collection[str], own: Mapping[str, str] | None = None) -> Found:
    """The recordings of a project, and every problem with their files.

    ``names`` are the clips that a recording may be for. ``own``: the clips that are sounds of the project's own, with
    their files below ``audio/``. Small and capital letters in names of files are the same, because some disks do not
    tell them apart. Where two are for one clip, neither is taken. No directory means no recordings.
    """
    root, own = audio / RECORDINGS, own or {}
    if (problem := not_a_directory(root)) is not None:
        return Found({}, [problem], {})
    if not root.is_dir():
        return Found({}, [], {})
    search = _Search(audio, Named(names, own))
    search.enter(str(root), RECORDINGS)
    recordings: dict[str, Recording] = {}
    for clip, files in search.found.items():
        if len(files) == 1:
            recordings[clip] = files[0]
        else:
            search.tell(str(files[1].path), *_two(clip, files), clip=clip)
    unusable = {clip: problem for clip, problem in search.unusable.items() if clip not in recordings}
    others = [problem for clip, problem in search.unusable.items() if clip in recordings]
    return Found(recordings, sorted(search.problems + others), unusable)


def _two(clip: str, files: list[Recording]) -> tuple[str, str]:
    named = " and ".join(each.file.removeprefix(f"{RECORDINGS}/") for each in files)
    return f"clip '{clip}' has {len(files)} recordings: {named}", "keep the one that is to be heard"


def printable(text: str) -> str:
    """A name from the disk as one line of text that can be written anywhere."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


class _Search:
    """What was found so far."""

    def __init__(self, audio: Path, named: Named) -> None:
        self._inside = audio.resolve()
        self._named = named
        self.found: dict[str, list[Recording]] = {}
        self.problems: list[Problem] = []
        self.unusable: dict[str, Problem] = {}
        """By clip."""

    def tell(
        self, path: str, what: str, remedy: str, severity: Severity = Severity.ERROR, clip: str | None = None
    ) -> None:
        """``clip``: whose recording the file is."""
        what, remedy = printable(what), printable(remedy)
        problem = Problem(printable(path), 1, 1, what, remedy, code="clip", severity=severity)
        if clip is None:
            self.problems.append(problem)
        else:
            self._spoil(clip, problem)

    def _spoil(self, clip: str, problem: Problem) -> None:
        """The first of a clip says why it cannot be made, the others are told beside it."""
        if clip in self.unusable:
            self.problems.append(problem)
        else:
            self.unusable[clip] = problem

    def enter(self, directory: str, below: str) -> None:
        """Look at all that is in ``directory``, which is ``below`` of ``audio/``.

        A link to a directory is not followed: it may lead round.
        """
        if os.path.islink(directory):
            self.tell(directory, "a link to a directory is not followed", "put the directory itself there")
            return
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError as error:
            problem = unreadable(Path(directory), error)
            self.tell(directory, problem.what, problem.remedy)
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            file = f"{below}/{entry.name}"
            if entry.is_dir():
                self.enter(entry.path, file)
            else:
                self._look(entry, file)

    def _look(self, entry: os.DirEntry[str], file: str) -> None:
        stem, dot, kind = file.rpartition(".")
        kind = f"{dot}{kind.lower()}"
        if (kind not in KINDS and kind not in OTHER_KINDS) or file in self._named.sounds:
            return
        name = normalize("NFC", stem[len(RECORDINGS) + 1 :])
        clip = self._named.clip(name)
        if clip is None:
            self.tell(entry.path, *self._named.for_none(name), Severity.WARNING)
        elif kind in OTHER_KINDS:
            what = f"recordings of kind '{kind}' are not read"
            self.tell(entry.path, what, f"convert it to WAV; read are {listing(KINDS)}", clip=clip)
        elif (size := self._size(entry, clip)) is not None:
            self.found.setdefault(clip, []).append(Recording(clip, file, Path(entry.path), size))

    def _size(self, entry: os.DirEntry[str], clip: str) -> int | None:
        try:
            facts = entry.stat()
        except OSError as error:
            problem = unreadable(Path(entry.path), error)
            self.tell(entry.path, problem.what, problem.remedy, clip=clip)
            return None
        if not stat.S_ISREG(facts.st_mode):
            self.tell(entry.path, "this is no regular file", "put a regular file in its place", clip=clip)
            return None
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self._inside):
            remedy = "put the recording itself there, so that a copy has it too"
            self.tell(entry.path, "this link leads out of audio/", remedy, clip=clip)
            return None
        return facts.st_size
