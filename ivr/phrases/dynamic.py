"""Clips of words that were not known ahead and may be said again: a memory with a byte budget, oldest use out first."""

from __future__ import annotations

from collections import OrderedDict

from ivr.media.clip import Clip

BUDGET = 16 * 1024 * 1024
"""Bytes on the wire: about half an hour of mu-law speech."""


class DynamicClips:
    """Shared by all calls of a process. Words that belong to a caller are never put in."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._clips: OrderedDict[str, Clip] = OrderedDict()
        self.size = 0
        """Bytes held; never above the budget."""

    def get(self, key: str) -> Clip | None:
        """The clip of that full key, if it is held."""
        clip = self._clips.get(key)
        if clip is not None:
            self._clips.move_to_end(key)
        return clip

    def put(self, key: str, clip: Clip) -> None:
        """Hold a clip; what was not used for longest makes room. One above the budget is not held."""
        if len(clip.payload) > self._budget:
            return
        if (old := self._clips.pop(key, None)) is not None:
            self.size -= len(old.payload)
        self._clips[key] = clip
        self.size += len(clip.payload)
        while self.size > self._budget:
            _, dropped = self._clips.popitem(last=False)
            self.size -= len(dropped.payload)
