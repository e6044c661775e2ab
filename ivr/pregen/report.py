"""What a build did, or would have to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ivr.errors import Problem, Severity
from ivr.project.settings.prices import Price, money


@dataclass(frozen=True, slots=True)
class Planned:
    """A clip that is to be made."""

    clip: str
    phrase: str
    locale: str
    text: str
    file: str
    """Below ``audio/``."""
    state: str
    """Why: ``missing``, ``corrupt`` or ``stale``."""
    voice: str
    """The provider's own name of who says it; empty where it is made from a recording or copied."""
    recording: str
    """What it is made from, below ``audio/``; empty where a voice says it."""
    twin: str
    """The clip below ``audio/`` that says the same, or is to be made first, and is copied; empty where none does."""
    characters: int
    """That the voice is asked for, once."""


@dataclass(frozen=True, slots=True)
class RenderReport:
    """Names of clips by what became of them; sorted."""

    check: bool
    """Whether nothing was written, on request."""
    provider: str = ""
    """The voice, with its version where it was opened; empty where the settings do not tell it."""
    ready: tuple[str, ...] = ()
    """Nothing was to be done."""
    rendered: tuple[str, ...] = ()
    """The voice said them."""
    copied: tuple[str, ...] = ()
    """Another clip said the same words already."""
    recorded: tuple[str, ...] = ()
    """Made from what people recorded."""
    entered: tuple[str, ...] = ()
    """The file was right and the lock lacked it: a sound of the project's own, or a clip of a build that was killed."""
    missing: tuple[str, ...] = ()
    """These three only where nothing was written."""
    corrupt: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    """Files below ``audio/`` of phrases that are gone; a build leaves them alone."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Those of ``orphaned`` that `ivr gc` leaves too, and why."""
    unreachable: tuple[Problem, ...] = ()
    """Phrases that nobody says; looked for by ``ivr render --check`` alone."""
    unsure: str = ""
    """Why it is not known which phrases nobody says; empty where it is, or was not asked."""
    failed: Mapping[str, Problem] = field(default_factory=dict)
    """Clip to reason; all others were built."""
    not_asked: tuple[str, ...] = ()
    """Those of ``failed`` for which the voice was not asked, because it would have failed as for others before."""
    planned: tuple[Planned, ...] = ()
    """All that is, or was, to be made."""
    problems: tuple[Problem, ...] = ()
    """Of the project's words, settings, recordings and lock; what an error is about was not built."""
    requests: int = 0
    """To the voice, retries and refused ones too."""
    characters: int = 0
    """That are paid for: of all requests but those that failed for free. Where nothing was written, what would be
    asked for, once."""
    seconds: float = 0.0
    """Of speech rendered."""

    @property
    def ok(self) -> bool:
        """Whether every clip is there and right."""
        late = self.missing or self.corrupt or self.stale or (self.check and (self.entered or self.orphaned))
        wrong = any(problem.severity is Severity.ERROR for problem in self.problems)
        return not (late or self.failed or wrong or self.unreachable or self.unsure)

    def as_json(self, price: Price | None = None) -> dict[str, Any]:
        """Plain values, with ``ok`` and with what ``characters`` cost; null where nobody said the ``price``."""
        cost = None
        if price is not None:
            exact = price.of(self.characters)
            cost = {"amount": f"{exact:f}", "shown": money(exact), "currency": price.currency}
        return {"ok": self.ok, "cost": cost, **asdict(self)}


def alike(failed: Mapping[str, Problem]) -> Iterator[list[str]]:
    """Clips that failed for one reason, such as a voice that does not exist."""
    found: dict[str, list[str]] = {}
    for name, problem in failed.items():
        what = problem.what.replace(f"'{name}'", "").replace(f"{name}.wav", "")  # the file's name tells nothing more
        found.setdefault(_SENTENCE.sub("", what), []).append(name)
    yield from found.values()


def of_one_kind(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    """Mistakes of one file that differ in their figures alone, as texts that are too long by so and so much."""
    found: dict[tuple[str, str, str, Severity], list[Problem]] = {}
    for problem in problems:
        what, remedy = _FIGURES.sub("", problem.what), _FIGURES.sub("", problem.remedy)
        found.setdefault((problem.file, what, remedy, problem.severity), []).append(problem)
    yield from found.values()


_SENTENCE = re.compile(r'out of "[^"]*"')
"""The sentence from which a fragment could not be cut: the fragment's name tells as much."""
_FIGURES = re.compile(r"(?<=\s)[0-9][0-9,.]*(?=[\s,)]|$)")
"""Numbers that stand by themselves; those within names are other names."""
