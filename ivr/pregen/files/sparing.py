"""Words that phrases want which are not chosen: they are put aside before a chosen clip takes their place."""

from __future__ import annotations

from collections.abc import Collection

from ivr.pregen.building import Build
from ivr.pregen.files.aside import put_aside
from ivr.pregen.files.disk import Disk
from ivr.pregen.files.mark import mark_of
from ivr.pregen.plan import Step
from ivr.project.audio.clips import key_of
from ivr.project.audio.wanted import wanted


def spare_all(build: Build, disk: Disk, chosen: Collection[str]) -> None:
    """Keep what a later build will copy; where that cannot be, the clip in whose place it stands is not made.

    ``chosen``: the names of all clips that the build is about, where others are left out.
    """
    in_danger = [step for step in build.todo if disk.sha256(step.clip.file) is not None]
    if build.asker is None or not in_danger:
        return
    keys = _lacking(build, disk, build.asker.voice.name, chosen)
    for step in in_danger if keys else ():
        try:
            _spare(build, disk, step, keys)
        except OSError as error:
            for lost in _with_repeats(build, step):
                build.todo = [other for other in build.todo if other is not lost]
                build.lost(lost, error)


def _with_repeats(build: Build, step: Step) -> list[Step]:
    twins = build.twins
    return [
        step,
        *(each for each in build.todo if (twin := twins.get(each.clip.name)) and twin.maker == step.clip.name),
    ]


def _lacking(build: Build, disk: Disk, provider: str, chosen: Collection[str]) -> Collection[str]:
    """The keys of clips that are not chosen, and do not stand right in their own places."""
    sources = build.sources
    found: set[str] = set()
    for clip in wanted(sources.catalogues, sources.settings):
        if clip.own or clip.name in chosen:
            continue
        key, entry = key_of(clip, sources.settings, provider), sources.lock.clips.get(clip.name)
        if entry is None or entry.key != key or disk.sha256(clip.file) != entry.sha256:
            found.add(key)
    return found


def _spare(build: Build, disk: Disk, step: Step, keys: Collection[str]) -> None:
    """Raises ``OSError``."""
    data = disk.read(step.clip.file)
    mark = mark_of(data) if isinstance(data, bytes) else None
    if isinstance(data, bytes) and mark is not None and mark.key in keys:
        put_aside(build.sources.audio, mark.key, data)
