"""Copies clips to other names, in an order in which no words are lost, whenever the build is killed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace

from ivr.errors import BadAudioFile, IvrError
from ivr.phrases.lock import LockEntry
from ivr.pregen.building import Build
from ivr.pregen.entries import taken_up
from ivr.pregen.files.aside import put_aside
from ivr.pregen.files.disk import Disk, replace_file
from ivr.pregen.files.mark import Mark, mark_of
from ivr.pregen.plan import Step
from ivr.pregen.twins import Twin


async def copy_all(build: Build, disk: Disk) -> None:
    """All copies of what is there. Each stands in its new place before its old one is written over."""
    copies = _Copies(build, disk)
    while (step := copies.next()) is not None:
        await copy_one(build, disk, step, copies.done(step))


async def copy_one(build: Build, disk: Disk, step: Step, twin: Twin) -> None:
    """One of them; what goes wrong is the build's to tell."""
    try:
        entry = await asyncio.to_thread(_copied, build, disk, step, twin)
    except (IvrError, OSError) as error:
        build.lost(step, error)
    else:
        build.made(step, entry)


class _Copies:
    """What is left to be copied, by the file that is to be written."""

    def __init__(self, build: Build, disk: Disk) -> None:
        self._build = build
        self._disk = disk
        self._left = {
            step.clip.file: (step, twin)
            for step in build.todo
            if (twin := build.twins.get(step.clip.name)) is not None and not twin.maker
        }
        self._readers: defaultdict[str, dict[str, None]] = defaultdict(dict)
        """By the file that is copied, those that wait for it."""
        for file, (_, twin) in self._left.items():
            self._readers[twin.file][file] = None
        self._free = [file for file in self._left if file not in self._readers]

    def next(self) -> Step | None:
        """One whose file nobody reads any more. Where all wait for each other, the words of one are put aside."""
        while self._left and not self._free:
            self._break(next(iter(self._left)))
        return self._left[self._free.pop()][0] if self._free else None

    def done(self, step: Step) -> Twin:
        """Take it off the list; what it is copied from."""
        _, twin = self._left.pop(step.clip.file)
        del self._readers[twin.file][step.clip.file]
        if not self._readers[twin.file] and twin.file in self._left:
            self._free.append(twin.file)
        return twin

    def _break(self, file: str) -> None:
        waiting = self._readers[file]
        _, first = self._left[next(iter(waiting))]
        try:
            data, _ = _whole(self._disk, first)
            aside = put_aside(self._build.sources.audio, first.key, data)
        except (IvrError, OSError) as error:
            step, _ = self._left[file]
            self.done(step)
            self._build.lost(step, error)
            return
        for other in waiting:
            step, twin = self._left[other]
            self._left[other] = (step, replace(twin, file=aside))
        self._readers[aside] = self._readers.pop(file)
        self._free.append(file)


def _copied(build: Build, disk: Disk, step: Step, twin: Twin) -> LockEntry:
    """Write the clip, and say what the lock says of it. Raises ``BadAudioFile`` and ``OSError``.

    The disk is not waited for: it would take longer than all the rest. ``Keeper`` does so, for many at once.
    """
    data, mark = _whole(disk, twin)
    replace_file(build.sources.audio / step.clip.file, data, sync=False)
    return taken_up(step.clip, mark, data, None)


def _whole(disk: Disk, twin: Twin) -> tuple[bytes, Mark]:
    data = disk.read(twin.file)
    mark = mark_of(data) if isinstance(data, bytes) else None
    if not isinstance(data, bytes) or mark is None or mark.key != twin.key:
        raise BadAudioFile(f"audio/{twin.file} was changed while it was copied")
    return data, mark
