"""How a dialog in Python asks: the times, the words for silence and wrong keys, and when it gives up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.dialog.ladders import END, Event, Handlers, Rung
from ivr.dialog.listen import Listen


@dataclass(frozen=True, slots=True)
class Manners:
    """Of one question; times are seconds. docs/dialog.md tells what each starts and stops on."""

    first: float = 5.0
    """Silence from the last word heard to the first key."""
    between: float = 3.0
    """Silence between two keys."""
    in_all: float | None = None
    """From the first key to the end of the answer."""
    type_ahead: bool = True
    """False: keys that were pressed before the question are thrown away."""
    no_input: str | Sequence[str] = ()
    """The prompt after silence, or one for each time; the last one repeats. The question's own words follow it."""
    no_match: str | Sequence[str] = ()
    """The same after a wrong answer."""
    tries: int = 3
    """How often the question is put; after so many silences, or wrong answers, ``NoAnswer`` is raised."""
    wrong: int | None = None
    """After how many wrong answers it is raised, where that is another number than ``tries``."""

    def listen(self, *, least: int = 1, most: int = 1, end: str = "", options: frozenset[str] = frozenset()) -> Listen:
        """What the engine waits for."""
        return Listen(
            least=least,
            most=most,
            end=end,
            options=options,
            first=self.first,
            between=self.between,
            within=self.in_all,
            type_ahead=self.type_ahead,
        )

    @property
    def handlers(self) -> Handlers:
        """The same as ladders; every count has its rung, so that no outer scope comes between."""
        wrong = self.tries if self.wrong is None else self.wrong
        ladders = {Event.NO_INPUT: _ladder(self.no_input, self.tries), Event.NO_MATCH: _ladder(self.no_match, wrong)}
        return Handlers(ladders)


def _ladder(words: str | Sequence[str], tries: int) -> tuple[Rung, ...]:
    said = (words,) if isinstance(words, str) else tuple(words)
    rungs = [Rung(count, (said[min(count, len(said)) - 1],) if said else ()) for count in range(1, tries)]
    return (*rungs, Rung(max(1, tries), leave=END))


USUAL = Manners()
