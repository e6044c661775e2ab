"""The seam between the runtime and a voice: one request in, chunks of linear audio out."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ivr.media.samples import Samples


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What is to be said, and by whom."""

    text: str
    """Normalised: numbers are words, no slots."""
    voice: str
    """The provider's own name for the voice."""
    locale: str
    """BCP 47, such as ``en-US``."""
    speed: float = 1.0
    """1.0 is the voice's own pace."""
    model: str = ""
    """The provider's own name for it; empty: its usual one."""
    style: str = ""
    """The provider's own name for a way of speaking; empty: its usual one."""


@dataclass(frozen=True, slots=True)
class WordTiming:
    """Where a word of the request's text begins in its audio."""

    sample: int
    """Position in samples at the chunk's rate, counted from the start of the whole utterance."""
    offset: int
    """First character of the word in ``SpeechRequest.text``."""
    length: int
    """Characters in the word."""


@dataclass(frozen=True, slots=True, eq=False)
class SpeechChunk:
    """Audio in the order in which it is to be heard."""

    samples: Samples
    rate: int
    """Hz; the same for every chunk of one request."""
    words: tuple[WordTiming, ...] = ()
    """Words that begin in this chunk, where the voice tells."""
    region: str = ""
    """Which of a voice's regions made it; empty where it has but one."""


class Synthesizer(Protocol):
    """A voice. One object serves all calls; several syntheses may run at once."""

    @property
    def name(self) -> str:
        """What traces and keys call this provider, with its version where it has one."""
        ...

    def synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Yield the audio of ``request`` as it is made.

        Closing the iterator cancels the synthesis at once. Raises ``SpeechError``: ``SpeechEmpty`` when no
        audio came at all, ``SpeechBroken`` when it stopped early.
        """
        ...

    async def warm(self) -> None:
        """Do now what the first request would otherwise wait for (start workers, open connections)."""
        ...

    async def aclose(self) -> None:
        """Release workers and connections; running syntheses end with ``SpeechBroken``."""
        ...


@runtime_checkable
class Whole(Protocol):
    """A voice that can also say a text in one piece, for rendering ahead of time."""

    async def render(self, request: SpeechRequest) -> SpeechChunk:
        """All of it. Raises as ``Synthesizer.synthesize``."""
        ...


@runtime_checkable
class Probed(Protocol):
    """A voice that can tell what it lacks without saying anything."""

    async def probe(self, request: SpeechRequest) -> None:
        """Raises ``SpeechRefused`` where voice, language or speed of ``request`` are not there."""
        ...
