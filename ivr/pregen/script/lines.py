"""The list of what is to be recorded by a person: every clip of fixed words, once, where a caller hears it first.

Behind them stand the fragments of a locale, which callers hear within values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ivr.catalog.locales import merged
from ivr.catalog.phrase import Catalogue, Literal, Phrase, Slot
from ivr.catalog.sayas import DEFAULT_CURRENCY, say_as
from ivr.catalog.saying.kinds import SAYINGS
from ivr.dialog.repertoire import Repertoire
from ivr.phrases.lock import LockEntry
from ivr.pregen.choice import ALL, Choice
from ivr.pregen.script.sayings import Saying, sayings
from ivr.pregen.takes.recordings import RECORDINGS
from ivr.project.audio.clips import Wanted
from ivr.project.audio.wanted import wanted
from ivr.project.disk.layout import AUDIO
from ivr.project.sources import Sources

VALUES = "in values"
"""In place of a dialog: words from which values are put together, where they are (docs/fragments.md)."""
WITHIN, AT_END = "within a sentence", "at its end"
_GOES_ON = ",;:-–—…"


def _example(slot: Slot, locale: str) -> str:
    """What a slot of that kind may hold; of a text nobody knows, so its name is shown."""
    if slot.kind == "text":
        return slot.name
    return say_as(slot.name, slot.kind, SAYINGS[slot.kind].example, locale, slot.currency or DEFAULT_CURRENCY)


@dataclass(frozen=True, slots=True)
class Line:
    """What is read in one take."""

    number: int
    """From 1 on, in the list."""
    locale: str
    dialog: str
    """The dialog that says it first; see ``ivr.pregen.script.sayings`` for what no dialog says."""
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
    """The recording's file below the project; empty where there is none that can be used, of these words."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def script(
    sources: Sources,
    repertoire: Repertoire,
    recordings: Mapping[str, str],
    choice: Choice = ALL,
    *,
    missing: bool = False,
) -> list[Line]:
    """The lines that are chosen, those of the project's own locale first.

    ``repertoire``: the dialogs, which tell the order. ``recordings``: files below ``audio/`` by clip, of those that can
    be used. ``missing``: the lines alone that have none. Raises ``ConfigError`` for a choice that fits nothing.
    """
    chosen = {clip.name: clip for clip in of_words(sources, choice)}
    own = sources.settings.locale
    lines: list[Line] = []
    for locale in sorted({clip.locale for clip in chosen.values()}, key=lambda each: (each != own, each)):
        ahead = {name: clip for name, clip in chosen.items() if clip.locale == locale}
        catalogue = merged(locale, sources.catalogues, own)
        for saying in sayings(repertoire, sources.settings, catalogue):
            for take in _takes(saying, catalogue):
                clip = ahead.pop(take.literal.clip, None)
                if clip is not None:
                    entry = sources.lock.clips.get(clip.name)
                    lines.append(take.line(saying, clip, entry, recordings.get(clip.name, "")))
        lines += _of_values(ahead.values(), sources, recordings)
    asked = [line for line in lines if not (missing and line.recorded)]
    return [replace(line, number=number) for number, line in enumerate(asked, start=1)]


def _of_values(clips: Iterable[Wanted], sources: Sources, recordings: Mapping[str, str]) -> Iterator[Line]:
    """The fragments among ``clips``, those behind which a sentence goes on first."""
    fragments = [(clip, clip.carrier) for clip in clips if clip.carrier is not None]
    for clip, around in sorted(fragments, key=lambda each: each[1].final):
        entry, recording = sources.lock.clips.get(clip.name), recordings.get(clip.name, "")
        yield Line(
            number=0,
            locale=clip.locale,
            dialog=VALUES,
            where=AT_END if around.final else WITHIN,
            prompt=clip.phrase,
            attempt="",
            phrase=clip.phrase,
            clip=clip.name,
            file=_file(clip),
            text=clip.words,
            before=around.before.strip(),
            after="" if around.final else around.behind.strip(" -"),
            goes_on=not around.final,
            seconds=None if entry is None else entry.seconds,
            recorded=f"{AUDIO}/{recording}" if recording else "",
        )


def _file(clip: Wanted) -> str:
    return f"{AUDIO}/{RECORDINGS}/{clip.name}.wav"


def of_words(sources: Sources, choice: Choice) -> list[Wanted]:
    """The chosen clips that somebody can record. Raises ``ConfigError`` for a choice that fits nothing."""
    return choice.of([clip for clip in wanted(sources.catalogues, sources.settings) if not clip.own], sources.settings)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of what is said at one time."""

    prompt: str
    attempt: str
    phrase: Phrase
    piece: Literal | Slot

    @property
    def own(self) -> bool:
        """A sound, which is heard and not read."""
        return self.phrase.sound is not None

    @property
    def shown(self) -> str:
        match self.piece:
            case Slot(ending=ending):
                return f"[{_example(self.piece, self.phrase.locale)}]{ending}"
            case Literal(text=text):
                return text or f"[{self.phrase.id}]"


@dataclass(frozen=True, slots=True)
class _Take:
    """A clip between its neighbours."""

    literal: Literal
    part: _Part
    before: Sequence[_Part]
    after: Sequence[_Part]

    def line(self, saying: Saying, clip: Wanted, entry: LockEntry | None, recording: str) -> Line:
        """See ``Line``; ``recording``: its file below ``audio/``."""
        return Line(
            number=0,
            locale=clip.locale,
            dialog=saying.dialog,
            where=saying.where,
            prompt=self.part.prompt,
            attempt=self.part.attempt,
            phrase=self.part.phrase.id,
            clip=clip.name,
            file=_file(clip),
            text=clip.text,
            before=_near(list(reversed(self.before)), backwards=True),
            after=_near(self.after),
            goes_on=clip.text[-1:] in _GOES_ON,
            seconds=None if entry is None else entry.seconds,
            recorded=f"{AUDIO}/{recording}" if recording else "",
        )


def _near(parts: Sequence[_Part], *, backwards: bool = False) -> str:
    """The neighbours up to the next words: a value alone does not tell how a sentence goes on."""
    shown: list[str] = []
    for part in parts:
        shown.append(part.shown)
        if isinstance(part.piece, Literal):
            break
    return " ".join(reversed(shown) if backwards else shown)


def _takes(saying: Saying, catalogue: Catalogue) -> Iterator[_Take]:
    """The clips of words in what is said, at the first attempt, then at the later ones."""
    prompts = [prompt for name in saying.prompts if (prompt := catalogue.prompt(name)) is not None]
    for attempt in range(1, max((len(prompt.variants) for prompt in prompts), default=0) + 1):
        parts = [
            _Part(prompt.id, _attempt(attempt, len(prompt.variants)), phrase, piece)
            for prompt in prompts
            for phrase in map(catalogue.phrases.__getitem__, prompt.phrases(attempt))
            for piece in phrase.parts
        ]
        for at, part in enumerate(parts):
            if isinstance(part.piece, Literal) and not part.own:
                yield _Take(part.piece, part, parts[:at], parts[at + 1 :])


def _attempt(attempt: int, variants: int) -> str:
    if variants == 1:
        return ""
    return f"{variants} and later" if attempt >= variants else str(attempt)
