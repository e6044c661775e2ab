"""Where a build stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Progress:
    """One is told for each clip that was made or failed, and when the provider makes everybody wait."""

    done: int
    total: int
    clip: str
    """The last one."""
    failed: bool
    """Whether that one was not made."""
    characters: int = 0
    """Paid for until now; see ``ivr.pregen.provider.asking.Asker.characters``."""
    all_characters: int = 0
    """Of all clips that a voice is to say, each asked for once."""
    wait: float = 0.0
    """Seconds for which nobody is asked, counted from now; 0 where nobody waits."""

    def waiting(self, seconds: float, characters: int) -> Progress:
        """The same, when the provider is to be left alone for so long."""
        return replace(self, wait=seconds, characters=characters)


Tell = Callable[[Progress], None]
