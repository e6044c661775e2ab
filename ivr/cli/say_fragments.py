"""``ivr say --fragments "{1234.56:money}"``: values put together from the project's fragments, and no voice asked."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ivr.catalog.mistakes import listing, meant, shown
from ivr.catalog.phrase import Slot
from ivr.catalog.readback import closes, units
from ivr.catalog.sayas import KINDS
from ivr.catalog.saying.amounts import CURRENCIES
from ivr.catalog.saying.unit import Unit
from ivr.catalog.wording import pause_after
from ivr.errors import ClipError, ConfigError, SlotError
from ivr.media.clip import Clip
from ivr.media.format import AudioFormat
from ivr.phrases.fragments import FINAL, Fragments, fragment_name, is_fragment
from ivr.phrases.lock import LockEntry
from ivr.phrases.store import PhraseStore
from ivr.project.audio.fragments import needs
from ivr.project.audio.sounds import SoundFiles
from ivr.project.audio.unready import Unready
from ivr.project.disk.files import MAX_SOUND, read_bytes
from ivr.project.disk.layout import AUDIO, command
from ivr.project.project import Project

_VALUE = re.compile(r"\{([^{}]*)\}\s*([.,;:!?…]?)")
EXAMPLE = "write values only, such as '{1234.56:money}' or '{0451:digits}, {3:ordinal}.'"
MOST = 8
"""Missing fragments that are named; a kind that was never rendered has hundreds."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """What is heard, and how it came to be."""

    clip: Clip
    units: Sequence[tuple[Unit, float]]
    """Each with the seconds of its fragment."""
    took: float
    """Seconds from the values to the clip."""


def values_in(text: str) -> list[tuple[Slot, str]]:
    """The values of ``text`` with their kinds, in order. Raises ``ConfigError`` for anything else in it."""
    found: list[tuple[Slot, str]] = []
    if not text.strip() or _VALUE.sub("", text).strip():
        raise ConfigError(f"{shown(text)} has other words than values, and only those have fragments: {EXAMPLE}")
    for number, match in enumerate(_VALUE.finditer(text), 1):
        value, kind, currency = _taken_apart(match[1])
        found.append((Slot(f"value {number}", kind, match[2], currency), value))
    return found


def _taken_apart(written: str) -> tuple[str, str, str]:
    """Value, kind and currency. What a slot of a phrase may not have is told here in the same words."""
    value, _, kind = written.rpartition(":")
    currency = None
    amount, _, before = value.rpartition(":")
    if kind not in KINDS and (before in KINDS or kind in CURRENCIES):
        value, kind, currency = amount, before, kind
    if not value:
        raise ConfigError(f"'{{{written}}}' is not a value and its kind: {EXAMPLE}")
    if kind not in KINDS:
        raise ConfigError(f"unknown kind {shown(kind)}: {meant(kind, KINDS, f'use one of {listing(sorted(KINDS))}')}")
    if currency is None:
        return value, kind, ""
    if kind != "money":
        raise ConfigError(f"'{kind}' has nothing behind it: write {{{value}:{kind}}}; money alone has a currency")
    if currency not in CURRENCIES:
        raise ConfigError(f"unknown currency {shown(currency)}: use one of {listing(CURRENCIES)}")
    return value, kind, currency


def assembled(project: Project, text: str, locale: str | None, format: AudioFormat) -> Assembled:
    """The values of ``text`` as ``project`` reads them back in ``locale``.

    Raises ``ConfigError`` for a text that is more than values, a value that has no words, and a ``locale`` of a
    language that the project does not speak; ``ClipError`` for fragments that are not there, with what makes them.
    """
    locale = _spoken(project, locale)
    spoken = values_in(text)
    clips = _clips(project, format)
    fragments = Fragments(clips, format)
    began = time.perf_counter()
    said = list(_said(project, spoken, locale))
    clip = fragments.assemble(said, locale)
    took = time.perf_counter() - began
    if clip is None:
        raise ClipError(_missing(project, fragments.missing(said, locale), locale))
    lengths = [format.seconds(clips[fragment_name(locale, unit.text, unit.final)].samples) for unit in said]
    return Assembled(clip, list(zip(said, lengths, strict=True)), took)


def as_dict(made: Assembled) -> dict[str, Any]:
    """For ``--json``; times are seconds."""
    told = [
        {"text": unit.text, "final": unit.final, "seconds": round(length, 4), "pause": unit.pause}
        for unit, length in made.units
    ]
    return {"units": told, "assembled": round(made.took, 6)}


def _spoken(project: Project, locale: str | None) -> str:
    """The project's locale that serves; another language says other words, which nobody asked to hear."""
    found = project.spoken_for(locale)
    if locale is not None and locale.partition("-")[0] != found.partition("-")[0]:
        has = listing(sorted(project.catalogues))
        raise ConfigError(f"the project has no words in '{locale}': it reads values back in {has}; use one of these")
    return found


def _said(project: Project, spoken: Sequence[tuple[Slot, str]], locale: str) -> Iterator[Unit]:
    for number, (slot, value) in enumerate(spoken, 1):
        last = number == len(spoken)
        try:
            found = units(
                slot.name,
                slot.kind,
                value,
                locale,
                currency=slot.currency or project.settings.readback.currency,
                closing=closes(slot, last),
            )
        except SlotError as error:
            raise ConfigError(str(error)) from None
        yield from found[:-1]
        yield found[-1] if last else replace(found[-1], pause=pause_after(slot.ending))


def _clips(project: Project, format: AudioFormat) -> dict[str, Clip]:
    """The fragments that were rendered; the others need not be there."""
    entries = {name: entry for name, entry in project.lock.clips.items() if is_fragment(name)}
    audio = project.root / AUDIO
    there = {name: entry for name, entry in entries.items() if _is_there(audio / entry.file, entry)}
    sounds = SoundFiles(audio, there)
    return dict(PhraseStore(sounds, project.settings.loudness, there, sounds.rate).clips(format))


def _is_there(path: Path, entry: LockEntry) -> bool:
    data = read_bytes(path, MAX_SOUND)
    return isinstance(data, bytes) and hashlib.sha256(data).hexdigest() == entry.sha256


def _missing(project: Project, names: Sequence[str], locale: str) -> str:
    """What is told of fragments that are not there, or not right, and what helps."""
    audio, mend = project.root / AUDIO, command("render", project.root)
    needed = {clip.name: clip for need in needs(project.catalogues, project.settings) for clip in need.clips}
    endings = [name for name in names if name not in needed and name.removesuffix(FINAL) in needed]
    others = [name for name in names if name not in needed and name not in endings]
    unready = Unready(project.lock, audio, project.settings, mend)
    uncut = [needed[name] for name in names if name in needed and unready.helps(needed[name]) == "again"]
    streams = project.settings.readback.mode == "stream"
    remedies: list[str] = []
    if endings:
        remedies.append(f"no phrase of {locale} ends with such a value: write a comma behind the last one")
    if others:
        remedies.append(f"no phrase of {locale} has such values to be read back: add one below prompts/phrases")
    if streams and len(uncut) < len(names):
        remedies.append("write 'mode: auto' below readback in prompts/ivr.yaml")
    if others or len(endings) + len(uncut) < len(names):
        remedies.append(f"run `{mend}`")
    if uncut:
        cut = f"'{uncut[0].name}'" + (f" and {len(uncut) - 1} more" if len(uncut) > 1 else "")
        remedies.append(f"since a build could not cut {cut}: {unready.other_ways(uncut)}")
    return f"{_state(audio, names)}; {', then '.join(remedies)}"


def _state(audio: Path, names: Sequence[str]) -> str:
    """Which are not there, and which are no longer what a build made."""
    changed = [name for name in names if (audio / f"{name}.wav").exists()]
    absent = [name for name in names if name not in changed]
    told = [f"not rendered: {_named(absent)}"] if absent else []
    return ", ".join([*told, *([f"not as ivr.lock names them: {_named(changed)}"] if changed else [])])


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return listing([f"'{name}'" for name in names[:MOST]]) + more
