"""Words that a clip says already, under another name: a phrase that was renamed costs nothing."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.errors import BadAudioFile
from ivr.phrases.lock import LockEntry
from ivr.pregen.disk import Disk, replace_file
from ivr.pregen.entries import taken_up
from ivr.pregen.mark import mark_of
from ivr.pregen.plan import Step
from ivr.project.clips import Wanted, key_of
from ivr.project.sources import Sources


def twins(sources: Sources, steps: Iterable[Step], disk: Disk, provider: str | None) -> dict[str, LockEntry]:
    """For each clip of which that is so, what the lock says of the other one, whose file is whole.

    Without a ``provider`` none are known. Two new phrases of the same words are none: each is asked for.
    """
    if provider is None:
        return {}
    wanted = {step.clip.name: key_of(step.clip, sources.settings, provider) for step in steps if step.to_render}
    keys = set(wanted.values())
    there = [entry for _, entry in sorted(sources.lock.clips.items()) if entry.origin == "rendered"]
    known = {entry.key: entry for entry in there if entry.key in keys and disk.sha256(entry.file) == entry.sha256}
    return {name: known[key] for name, key in wanted.items() if key in known}


def copied(sources: Sources, clip: Wanted, twin: LockEntry, disk: Disk) -> LockEntry:
    """Write the clip, and say what the lock says of it. Raises ``BadAudioFile`` and ``OSError``."""
    data = disk.read(twin.file)
    mark = mark_of(data) if isinstance(data, bytes) else None
    if not isinstance(data, bytes) or mark is None or mark.key != twin.key:
        raise BadAudioFile(f"audio/{twin.file} was changed while it was copied")
    replace_file(sources.audio / clip.file, data)
    return taken_up(clip, mark, data, None)
