"""Clips as their gateway sends them: made once, shared by all calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ivr.media.clip import Clip

REPEATS = 4
"""Of one clip at most so many times its own length is kept: a clip is cut at few places, but any place is possible."""


class PreparedClips:
    """Prepared payloads of the clips that live as long as the project does; others pass through.

    One object serves one gateway dialect and one wire format; ``prepare`` is the codec's door for payloads.
    """

    def __init__(self, prepare: Callable[[bytes], object], clips: Iterable[Clip] = ()) -> None:
        self._prepare = prepare
        # The clip itself is held beside its id, so that the id cannot come to name another object.
        self._static: dict[int, Clip] = {}
        self._made: dict[tuple[int, int, int], object] = {}
        self._room: dict[int, int] = {}
        for clip in clips:
            self.register(clip)

    def register(self, clip: Clip) -> None:
        """Keep what is prepared of ``clip`` from now on."""
        if id(clip) not in self._static:
            self._static[id(clip)] = clip
            self._room[id(clip)] = REPEATS * len(clip.payload)

    def get(self, clip: Clip, start: int, stop: int) -> object:
        """The prepared payload of samples ``start`` to ``stop`` of ``clip``; the same object for every caller."""
        place = (id(clip), start, stop)
        made = self._made.get(place)
        if made is not None:
            return made
        payload = clip.payload[clip.format.size(start) : clip.format.size(stop)]
        made = self._prepare(payload)
        if self._room.get(place[0], 0) >= len(payload) > 0:
            self._room[place[0]] -= len(payload)
            self._made[place] = made
        return made

    @property
    def kept(self) -> int:
        """How many prepared payloads are held."""
        return len(self._made)
