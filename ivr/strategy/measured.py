"""What recorded calls asked a voice for, and what they said: counted, not expected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.trace.events import LocaleChosen, PromptSaid, SynthesisStarted, TraceEvent

LETTERS = 5.0
"""Of a word whose stand-in in a masked trace tells nothing of its length: about the mean of numbers and money."""
_WORD = re.compile("x+")


@dataclass
class Measured:
    """Of any number of calls."""

    calls: int = 0
    characters: float = 0.0
    """That voices were asked for, each time they were asked."""
    requests: int = 0
    said: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How often each prompt was said, by locale (empty for the project's own), name and attempt."""

    def add(self, events: Iterable[TraceEvent], *, masked: bool) -> None:
        """One call; ``masked``: personal words have stand-ins."""
        self.calls += 1
        locale = ""
        for event in events:
            match event:
                case SynthesisStarted(text=text, private=private):
                    self.requests += 1
                    self.characters += _length(text) if private and masked else len(text)
                case LocaleChosen(locale=chosen):
                    locale = chosen
                case PromptSaid(prompt=prompt, attempt=attempt):
                    self.said[locale, prompt, attempt] += 1

    @property
    def per_call(self) -> float:
        """Characters of a call on average."""
        return self.characters / self.calls if self.calls else 0.0


def _length(text: str) -> float:
    words = _WORD.findall(text)
    return len(text) - sum(map(len, words)) + LETTERS * len(words)
