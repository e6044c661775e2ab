"""What a prompt is made of: words that are in memory, words that a voice says while the call runs, and pauses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from math import ceil
from typing import Any

from ivr.catalog.phrase import Catalogue, Slot
from ivr.catalog.readback import readable
from ivr.catalog.wording import Awaited, Fixed, Pause, Place, resolve
from ivr.phrases.lock import Lock
from ivr.project.settings.readback import STREAMS, ReadBackSettings

CHARACTERS = 15.0
"""Characters that a voice says in a second: for what was not rendered yet, and for live words."""
FRAME = 0.020
"""Seconds; clips on a wire are whole frames."""


_THEN = " then "
_MOST = 4
"""Names of a label that are told one by one."""


class Handling(StrEnum):
    """How words are voiced."""

    CLIP = "clip"
    READ_BACK = "read back"
    """Joined of fragments while the call runs."""
    LIVE = "live"
    EITHER = "auto"
    """Live, or read back where the voice is not there in time; the voice is asked for it all the same."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip, one slot, or one pause of a prompt."""

    handling: Handling | None
    """None for a pause."""
    seconds: float
    """Of its audio; of live words estimated from ``characters``."""
    phrase: str = ""
    text: str = ""
    """The words of a clip; of a slot its name and kind in braces."""
    characters: float = 0.0
    """That a voice is asked for: of a clip once, of a slot each time, on average."""
    slot: Slot | None = None
    measured: bool = True
    """``seconds`` are those of the clip; else nothing but its text is known."""


class _Any(Mapping[str, Any]):
    """Values for every slot that there may be, none of them known yet."""

    def __getitem__(self, name: str) -> Any:
        return self

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


ASKED = (Handling.LIVE, Handling.EITHER)
"""What a voice is asked for while the call runs."""
WRITTEN = {
    Handling.CLIP: "clip",
    Handling.READ_BACK: "fragments",
    Handling.LIVE: "stream",
    Handling.EITHER: "auto",
}


def handling(place: Place, settings: ReadBackSettings) -> Handling:
    """How the runtime says a value there, where all of its fragments are in memory."""
    if place.phrase in settings.stream or not readable(place.slot.kind, place.locale):
        return Handling.LIVE
    return {"fragments": Handling.READ_BACK, "auto": Handling.EITHER}.get(settings.mode, Handling.LIVE)


def seconds_of(clip: str, text: str, lock: Lock) -> float | None:
    """How long a clip sounds on the wire; None where the lock does not know it with these words."""
    entry = lock.clips.get(clip)
    if entry is None or (entry.origin == "rendered" and entry.text != text):
        return None
    return ceil(round(entry.seconds / FRAME, 6)) * FRAME


def estimated(characters: float) -> float:
    """Seconds that so many characters take."""
    return characters / CHARACTERS


class Words:
    """The prompts of one locale in pieces."""

    def __init__(
        self,
        catalogue: Catalogue,
        lock: Lock,
        lengths: Mapping[tuple[str, str], float],
        read_back: ReadBackSettings = STREAMS,
    ) -> None:
        """``lengths``: characters of a slot with its ending, by name and kind."""
        self._catalogue = catalogue
        self._bare = replace(catalogue, prompts={})
        self._lock = lock
        self._lengths = lengths
        self._read_back = read_back

    @property
    def locale(self) -> str:
        """Whose words these are."""
        return self._catalogue.locale

    def of(self, prompt: str, attempt: int = 1) -> tuple[Piece, ...]:
        """As ``Speaking.say`` enqueues them. Raises ``PhraseNotFound``."""
        found = self._catalogue.prompt(prompt)
        names = () if found is None else found.phrases(attempt)
        pieces: list[Piece] = []
        for piece in (each for name in names for each in self.phrase(name)):
            if piece.handling is not None or (pieces and pieces[-1].handling is not None):
                pieces.append(piece)
        return tuple(pieces)

    def phrase(self, name: str) -> Iterator[Piece]:
        """Of one phrase, with the pause behind it. Raises ``PhraseNotFound``."""
        for wording in resolve(self._bare, name, _Any(), waiting=_Any):
            match wording:
                case Fixed(clip=clip, text=text):
                    yield self._fixed(name, clip, text)
                case Awaited(place=place):
                    slot = place.slot
                    characters = self._lengths.get((slot.name, slot.kind), 0.0) + len(slot.ending)
                    written = f"{{{slot.written}}}"
                    how = handling(place, self._read_back)
                    yield Piece(how, estimated(characters), name, written, characters, slot, measured=False)
                case Pause(seconds=seconds):
                    yield Piece(None, seconds)

    def sounds(self, name: str) -> float:
        """Seconds of a phrase without slots, such as a cover."""
        return sum(piece.seconds for piece in self.phrase(name) if piece.handling is not None)

    def _fixed(self, phrase: str, clip: str, text: str) -> Piece:
        own = self._catalogue.phrases[phrase].sound is not None
        seconds = seconds_of(clip, text, self._lock)
        characters = 0 if own else len(text)
        length = estimated(len(text)) if seconds is None else seconds
        return Piece(Handling.CLIP, length, phrase, text, characters, None, seconds is not None)


def label(pieces: tuple[Piece, ...]) -> str:
    """``clip``, ``stream``, ``clip then stream`` and so on, in the order in which they sound."""
    voiced = [WRITTEN[piece.handling] for piece in pieces if piece.handling is not None]
    return _THEN.join(name for name, _ in groupby(voiced))


def brief(strategy: str) -> str:
    """A ``label`` for a narrow place: ``clip then auto, 11 times``; with no order where it has none that is short."""
    names = strategy.split(_THEN)
    if len(names) <= _MOST:
        return strategy
    pair, times = names[:2], len(names) // 2
    rest = names[2 * times :]
    if [*pair * times, *rest] == [*names] and rest in ([], pair[:1]):
        return ", then ".join([f"{_THEN.join(pair)}, {times} times", *rest])
    return ", ".join(f"{name} × {count}" for name, count in Counter(names).items())
