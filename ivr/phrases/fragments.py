"""Fragments: the words of values, rendered ahead, and put together when a value is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from ivr.catalog.saying.unit import Unit
from ivr.media.clip import Clip
from ivr.media.format import AudioFormat

PREFIX = "fragments/"
"""With which the clip names of fragments begin; those of phrases never do."""

FINAL = ".final"
"""With which those end that close a sentence."""


def fragment_name(locale: str, text: str, final: bool) -> str:
    """The clip of ``text``, and, with ``.wav`` behind it, its file below ``audio/``."""
    return f"{PREFIX}{locale}/{text.replace(' ', '_')}{FINAL if final else ''}"


def is_fragment(name: str) -> bool:
    """Whether the clip of that name is one."""
    return name.startswith(PREFIX)


def locale_of(name: str) -> str:
    """The locale in the name of a fragment."""
    return name.removeprefix(PREFIX).partition("/")[0]


class Fragments:
    """Those of one project in one format; all calls share them."""

    def __init__(self, clips: Mapping[str, Clip], format: AudioFormat) -> None:
        """``clips``: by name, as ``fragment_name`` has it; others among them are left alone."""
        self._clips = {name: clip for name, clip in clips.items() if is_fragment(name)}
        self._format = format

    @cached_property
    def names(self) -> Collection[str]:
        """The fragments that there are."""
        return frozenset(self._clips)

    def missing(self, units: Sequence[Unit], locale: str) -> list[str]:
        """The fragments that ``units`` need and that are not there, in their order."""
        wanted = dict.fromkeys(fragment_name(locale, unit.text, unit.final) for unit in units)
        return [name for name in wanted if name not in self._clips]

    def assemble(self, units: Sequence[Unit], locale: str) -> Clip | None:
        """All of ``units`` as one clip in whole frames; None where there are none, or a fragment is missing.

        Sample for sample the fragments, and between them silence as long as each unit's pause; what is needed to fill
        the last frame stands at the end. The clip has no name, because that would tell the value.
        """
        found = [self._clips.get(fragment_name(locale, unit.text, unit.final)) for unit in units]
        clips = [clip for clip in found if clip is not None]
        if not clips or len(clips) < len(found):
            return None
        format, parts = self._format, [clips[0].payload]
        for unit, clip in zip(units, clips[1:], strict=False):
            parts += (format.silence(format.samples(unit.pause)), clip.payload)
        payload = b"".join(parts)
        samples = len(payload) // format.sample_bytes
        payload += format.silence(format.whole_frames(samples) - samples)
        return Clip(payload, format, clips[0].head, clips[-1].tail)
