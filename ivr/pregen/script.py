"""The list of what is to be recorded by a person: every clip of fixed words, once, where a caller hears it first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.phrase import Catalogue, Literal, Slot
from ivr.errors import ConfigError
from ivr.phrases.lock import LockEntry
from ivr.pregen.heard import Saying, sayings
from ivr.pregen.recordings import RECORDINGS, Recording
from ivr.project.load import AUDIO
from ivr.project.project import Project

_GOES_ON = ",;:-–—…"
_EXAMPLES = {"money": "twelve dollars and fifty cents", "number": "twelve", "digits": "four five one"}
"""What a slot of that kind may hold; of a text nobody knows, so its name is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is read in one take."""

    number: int
    """From 1 on."""
    locale: str
    dialog: str
    """The dialog that says it first; see ``ivr.pregen.heard`` for what no dialog says."""
    where: str
    prompt: str
    attempt: str
    """``1``, ``2 and later``; empty where the words are the same each time."""
    phrase: str
    clip: str
    file: str
    """Below the project, where its recording is looked for."""
    text: str
    before: str
    """What callers hear right before it; values are examples, in brackets. Empty where it begins."""
    after: str
    goes_on: bool
    """The voice stays up at its end: the sentence is not over."""
    seconds: float | None
    """Of the clip that there is now."""
    recorded: str
    """The recording's file below the project; empty where there is none, or it is of other words."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def script(
    project: Project,
    recordings: Mapping[str, Recording],
    *,
    locales: Collection[str] | None = None,
    only: Sequence[str] | None = None,
    missing: bool = False,
) -> list[Line]:
    """All lines of the ``locales`` (left out: of all), of phrases that match ``only`` (``menu_*``).

    ``missing``: those alone that have no recording, or one of other words than they have now. Raises ``ConfigError``
    for a locale without phrases of its own and for a pattern that matches none.
    """
    chosen = _locales(project, locales)
    for pattern in only or ():
        if not any(fnmatchcase(name, pattern) for locale in chosen for name in project.catalogues[locale].phrases):
            raise ConfigError(f"no phrase matches '{pattern}': name phrases of prompts/phrases/, '*' stands for any")
    lines: list[Line] = []
    for locale in chosen:
        seen: set[str] = set()
        catalogue = project.catalogue(locale)
        for saying in sayings(project, catalogue):
            for take in _takes(saying, catalogue, locale):
                if take.literal.clip in seen:
                    continue
                seen.add(take.literal.clip)
                line = take.line(len(lines) + 1, saying, locale, project.lock.clips, recordings)
                if _wanted(line, only, missing):
                    lines.append(line)
    return lines


def _wanted(line: Line, only: Sequence[str] | None, missing: bool) -> bool:
    if missing and line.recorded:
        return False
    return only is None or any(fnmatchcase(line.phrase, pattern) for pattern in only)


def _locales(project: Project, locales: Collection[str] | None) -> list[str]:
    """The project's own first."""
    own = project.settings.locale
    there = sorted(project.catalogues, key=lambda locale: (locale != own, locale))
    for locale in locales or ():
        if locale not in there:
            raise ConfigError(f"there are no phrases for locale '{locale}': {meant(locale, there, listing(there))}")
    return there if locales is None else [locale for locale in there if locale in locales]


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of what is said at one time."""

    prompt: str
    attempt: str
    phrase: str
    piece: Literal | Slot
    own: bool
    """A sound, which is heard and not read."""

    @property
    def shown(self) -> str:
        match self.piece:
            case Slot(kind=kind, name=name):
                return f"[{_EXAMPLES.get(kind, name)}]{self.piece.ending}"
            case Literal(text=text):
                return text or f"[{self.phrase}]"


@dataclass(frozen=True, slots=True)
class _Take:
    """A clip between its neighbours."""

    literal: Literal
    part: _Part
    before: Sequence[_Part]
    after: Sequence[_Part]

    def line(
        self,
        number: int,
        saying: Saying,
        locale: str,
        lock: Mapping[str, LockEntry],
        recordings: Mapping[str, Recording],
    ) -> Line:
        """See ``Line``."""
        clip, text = self.literal.clip, self.literal.text
        entry, recording = lock.get(clip), recordings.get(clip)
        other = entry is not None and str(entry.origin) == "recorded" and entry.text != text
        return Line(
            number=number,
            locale=locale,
            dialog=saying.dialog,
            where=saying.where,
            prompt=self.part.prompt,
            attempt=self.part.attempt,
            phrase=self.part.phrase,
            clip=clip,
            file=f"{AUDIO}/{RECORDINGS}/{clip}.wav",
            text=text,
            before=_near(list(reversed(self.before)), backwards=True),
            after=_near(self.after),
            goes_on=text[-1:] in _GOES_ON,
            seconds=round(entry.samples / entry.rate, 2) if entry is not None and entry.rate else None,
            recorded="" if recording is None or other else f"{AUDIO}/{recording.file}",
        )


def _near(parts: Sequence[_Part], *, backwards: bool = False) -> str:
    """The neighbours up to the next words: a value alone does not tell how a sentence goes on."""
    shown: list[str] = []
    for part in parts:
        shown.append(part.shown)
        if isinstance(part.piece, Literal):
            break
    return " ".join(reversed(shown) if backwards else shown)


def _takes(saying: Saying, catalogue: Catalogue, locale: str) -> Iterator[_Take]:
    """The clips of ``locale`` in what is said, at the first attempt, then at the later ones."""
    prompts = [prompt for name in saying.prompts if (prompt := catalogue.prompt(name)) is not None]
    for attempt in range(1, max((len(prompt.variants) for prompt in prompts), default=0) + 1):
        parts = [
            _Part(prompt.id, _attempt(attempt, len(prompt.variants)), phrase.id, piece, phrase.sound is not None)
            for prompt in prompts
            for phrase in map(catalogue.phrases.__getitem__, prompt.phrases(attempt))
            for piece in phrase.parts
        ]
        for at, part in enumerate(parts):
            if isinstance(part.piece, Literal) and not part.own and catalogue.phrases[part.phrase].locale == locale:
                yield _Take(part.piece, part, parts[:at], parts[at + 1 :])


def _attempt(attempt: int, variants: int) -> str:
    if variants == 1:
        return ""
    return f"{variants} and later" if attempt >= variants else str(attempt)
