"""What recorded calls asked a voice for, and what they said: counted, not expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.trace.events import LocaleChosen, PromptSaid, SynthesisStarted, TraceEvent


@dataclass
class Measured:
    """Of any number of calls."""

    calls: int = 0
    characters: int = 0
    """That voices were asked for, each time they were asked. A masked trace has stand-ins of the same length."""
    requests: int = 0
    said: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How often each prompt was said, by locale (empty for the project's own), name and attempt."""

    def add(self, events: Iterable[TraceEvent]) -> None:
        """One call."""
        self.calls += 1
        locale = ""
        for event in events:
            match event:
                case SynthesisStarted(text=text):
                    self.requests += 1
                    self.characters += len(text)
                case LocaleChosen(locale=chosen):
                    locale = chosen
                case PromptSaid(prompt=prompt, attempt=attempt):
                    self.said[locale, prompt, attempt] += 1

    @property
    def per_call(self) -> float:
        """Characters of a call on average."""
        return self.characters / self.calls if self.calls else 0.0
