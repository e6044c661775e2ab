"""Live speech whose arithmetic is done once for all simulated calls in which it comes and is taken alike.

``LiveSpeech`` is a machine without a clock: what it answers follows from its format, its level and what was done to it,
in order. So its answers are kept in a tree, one branch for each thing done, by content. Where a call does what another
did before it, it walks along; where it leaves the trodden path, a machine of its own is brought there and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import sha256  # half the time of blake2b on processors with SHA extensions

from ivr.media.clip import Clip
from ivr.media.format import AudioFormat
from ivr.media.samples import Samples
from ivr.playout.live import Live, LiveSpeech, Word

BUDGET = 64 * 1024 * 1024
"""Bytes of clips and audio that are held; when they are more, all is forgotten and begins anew."""

Step = Callable[[LiveSpeech], Clip | None]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a machine answers at one place."""

    finished: bool
    empty: bool
    done: bool
    taken: int
    known: int
    available: int
    words: tuple[Word, ...]


@dataclass(slots=True)
class _Node:
    """A place, and the way on from it."""

    facts: _Facts
    clip: Clip | None = None
    """What the step to here gave."""
    then: dict[Hashable, _Node] = field(default_factory=dict)


class LiveMemory:
    """Shared by the calls of a simulation. Every answer is that which a ``LiveSpeech`` of the call's own would give."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._roots: dict[tuple[AudioFormat, float, float], _Node] = {}
        self.size = 0
        """Bytes held, about."""

    def live(self, format: AudioFormat, target: float, gain: float) -> Live:
        """In place of ``LiveSpeech(format, target, gain)``."""
        key = (format, target, gain)
        root = self._roots.get(key)
        if root is None:
            root = self._roots[key] = _Node(_facts(LiveSpeech(*key)))
        return _Remembered(self, root, lambda: LiveSpeech(*key))

    def grow(self, size: int) -> None:
        """So many bytes more are held."""
        self.size += size
        if self.size > self._budget:
            self._roots.clear()
            self.size = 0


class _Remembered:
    """One segment's audio; see ``LiveSpeech`` for what everything means."""

    def __init__(self, memory: LiveMemory, node: _Node, make: Callable[[], LiveSpeech]) -> None:
        self._memory = memory
        self._node = node
        self._make = make
        self._done: list[Step] = []
        self._machine: LiveSpeech | None = None

    def push(self, samples: Samples, rate: int, words: tuple[tuple[int, int, int], ...] = ()) -> None:
        """See ``LiveSpeech.push``."""
        key = (sha256(samples.tobytes()).digest(), len(samples), rate, words)
        self._step(key, lambda live: live.push(samples, rate, words))

    def finish(self) -> None:
        """See ``LiveSpeech.finish``."""
        self._step("finish", LiveSpeech.finish)

    def take(self, samples: int) -> Clip:
        """See ``LiveSpeech.take``."""
        clip = self._step(samples, lambda live: live.take(samples))
        assert clip is not None
        return clip

    def cut_off(self) -> Clip | None:
        """See ``LiveSpeech.cut_off``."""
        return self._step("cut off", LiveSpeech.cut_off)

    def rewind(self) -> None:
        """See ``LiveSpeech.rewind``."""
        self._step("rewind", LiveSpeech.rewind)

    def available(self) -> int:
        """See ``LiveSpeech.available``."""
        return self._node.facts.available

    @property
    def finished(self) -> bool:
        """See ``LiveSpeech.finished``."""
        return self._node.facts.finished

    @property
    def words(self) -> list[Word]:
        """See ``LiveSpeech.words``."""
        return list(self._node.facts.words)

    @property
    def empty(self) -> bool:
        """See ``LiveSpeech.empty``."""
        return self._node.facts.empty

    @property
    def taken(self) -> int:
        """See ``LiveSpeech.taken``."""
        return self._node.facts.taken

    @property
    def known(self) -> int:
        """See ``LiveSpeech.known``."""
        return self._node.facts.known

    @property
    def done(self) -> bool:
        """See ``LiveSpeech.done``."""
        return self._node.facts.done

    def _step(self, key: Hashable, step: Step) -> Clip | None:
        node = self._node.then.get(key)
        if node is None:
            if self._machine is None:
                self._machine = self._make()
                for done in self._done:
                    done(self._machine)
            clip = step(self._machine)
            node = self._node.then[key] = _Node(_facts(self._machine), clip)
            self._memory.grow(_NODE + (0 if clip is None else len(clip.payload)))
        elif self._machine is not None:
            step(self._machine)
        self._done.append(step)
        self._node = node
        return node.clip


_NODE = 600
"""Bytes of a place without its clip, about: its facts, its dictionary and its key."""


def _facts(live: LiveSpeech) -> _Facts:
    return _Facts(live.finished, live.empty, live.done, live.taken, live.known, live.available(), tuple(live.words))
