"""What ``ivr timeline`` finds with traces: what tells them apart, and the recording beside each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import AudioError, BadAudioFile
from ivr.media.wave import read_channels
from ivr.trace.html.entry import SILENT, Recording, Sound
from ivr.trace.html.packed import packed

MB = 1_000_000


def names(paths: Sequence[Path]) -> list[str]:
    """Of each path what tells it from the others."""
    if len(paths) == 1:
        return [paths[0].name]
    common = os.path.commonpath([path.absolute().parent for path in paths])
    return [path.absolute().relative_to(common).as_posix() for path in paths]


@dataclass(frozen=True, slots=True)
class Beside:
    """The recording of a call: ``call.wav`` beside ``call.jsonl``."""

    recording: Recording
    wav: bytes
    about: str
    """How long it is, or why there is none."""
    damaged: str = ""
    """What is wrong with it."""


def beside(path: Path) -> Beside:
    """What there is to hear of the call whose trace ``path`` is."""
    wav = path.with_suffix(".wav")
    try:
        data = wav.read_bytes()
        channels, rate = read_channels(data)
        if len(channels) != 2:
            raise BadAudioFile(f"it has {len(channels)} channel(s) of two: record the caller left and the words right")
    except FileNotFoundError:
        return Beside(SILENT, b"", "no recording beside the trace")
    except OSError as error:
        damaged = f"{wav} cannot be read ({error.strerror or error})"
        return Beside(SILENT, b"", f"{wav.name} cannot be read", damaged)
    except AudioError as error:
        return Beside(SILENT, b"", f"{wav.name} is no recording of a call", f"{wav}: {error}")
    return Beside(Recording(*channels, rate), data, f"{len(channels[0]) / rate:.1f} s")


@dataclass(slots=True)
class Sounds:
    """Shares out how much sound the page may hold; who comes first is served first."""

    limit: int
    """Bytes, packed; 0 where the page is to have none."""
    taken: int = 0

    def of(self, there: Beside) -> Sound:
        """The recording as the page gets it, or why it does not."""
        if not there.wav:
            return Sound(there.about)
        if not self.limit:
            return Sound(f"{there.about} recorded, not in this page (--audio)")
        wav = packed(there.wav)
        if self.taken + len(wav) > self.limit:
            return Sound(f"{there.about} recorded, beyond this page's {self.limit // MB} MB of sound (--audio-limit)")
        self.taken += len(wav)
        return Sound(f"{there.about}, {len(wav) / MB:.2f} MB of this page", wav)
