"""``prompts/phrases/*.yaml``: the phrases and prompts of one locale."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationInfo

from ivr.catalog.bargein_shape import Written as Policy
from ivr.catalog.bargein_shape import policy
from ivr.catalog.mistakes import NAME, Name, listing, meant, misnamed, refuse, refuse_all, shown
from ivr.catalog.phrase import Catalogue, Literal, Phrase, Prompt
from ivr.catalog.salvage import salvage
from ivr.catalog.sayas import prepare
from ivr.catalog.schema_marks import SCALAR, Also, Written
from ivr.catalog.source import Path, Source, check, read
from ivr.catalog.syntax import twice
from ivr.catalog.template import as_written, parts, take_apart
from ivr.errors import Problem

SOUNDS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aiff")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


@dataclass(frozen=True, slots=True)
class _Context:
    """What the validators of one value must know of the whole file."""

    locale: str
    phrases: Collection[str]
    lenient: bool = False
    """Prompts may say phrases that there are not."""


@dataclass(frozen=True, slots=True)
class Words:
    """What could be read of the phrases of one locale."""

    catalogue: Catalogue | None
    """None: not even its locale is known. What stands in ``unread`` has no words in it."""
    source: Source
    unread: frozenset[str] = frozenset()
    """Phrases that are there, and are wrong."""
    whole: bool = True
    """False: it may have other phrases and prompts."""
    right: bool = True
    """Whether nothing is wrong with the file by itself."""
    others: tuple[Source, ...] = ()
    """Further files of the same locale; the phrases and prompts of all are in the catalogue."""

    def source_of(self, phrase: str) -> Source:
        """The file that has a phrase."""
        having = (source for source in self.others if source.at(("phrases", phrase)) is not None)
        return next(having, self.source)

    @property
    def sayable(self) -> Catalogue | None:
        """The catalogue without what stands in ``unread``, or stands there twice, of which one is wrong."""
        problems = {problem.what for source in (self.source, *self.others) for problem in source.problems}
        if self.catalogue is None or not (self.unread or problems):
            return self.catalogue
        phrases = self.catalogue.phrases.items()
        right = {name: each for name, each in phrases if name not in self.unread and twice(name) not in problems}
        return replace(self.catalogue, phrases=right)


def _locale(value: str) -> str:
    if not _LOCALE.fullmatch(value):
        raise refuse(f"{shown(value)} is not a locale", "write a language and a region, such as en-US")
    return value


def _text(value: str, info: ValidationInfo[_Context]) -> str:
    _, mistakes = take_apart(value, info.context.locale)
    if mistakes:
        raise refuse_all(mistakes)
    return value


def _sound(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value or not value.isprintable():
        raise refuse(f"{shown(value)} is not below audio/", "name a file below audio/, such as hold.wav")
    if path.suffix.lower() not in SOUNDS:
        raise refuse(f"{shown(value)} is no sound file", f"use one of {', '.join(SOUNDS)}")
    return value


def _known(value: str, info: ValidationInfo[_Context]) -> str:
    phrases = info.context.phrases
    if value not in phrases and not info.context.lenient and not misnamed(value, phrases):
        has = f"use one of {listing(phrases)}" if phrases else "add it under 'phrases'"
        raise refuse(f"no phrase {shown(value)}", meant(value, phrases, has))
    return value


def _unquoted(value: Any) -> Any:
    raise refuse("the text has become a mapping", "put a text that begins with '{' in quotes")


def _phrase_kind(value: Any) -> str:
    if isinstance(value, dict):
        # YAML reads {amount:money} without quotes as a mapping from 'amount:money' to nothing.
        return "(unquoted)" if value and not any(value.values()) else "(sound)"
    return "(text)"


def _variants_kind(value: Any) -> str:
    if isinstance(value, list):
        return "(tapered)" if any(isinstance(entry, list) for entry in value) else "(list)"
    return "(word)"


def _prompt_mapping(value: Any) -> Any:
    return value if isinstance(value, dict) or value is None else {"say": value}


class SoundShape(BaseModel):
    """A phrase that is a sound file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    sound: Annotated[str, AfterValidator(_sound)]


PhraseShape = Annotated[
    Annotated[str, AfterValidator(_text), Written(SCALAR), Tag("(text)")]
    | Annotated[SoundShape, Tag("(sound)")]
    | Annotated[Any, BeforeValidator(_unquoted), Written({"not": {}}), Tag("(unquoted)")],
    Discriminator(_phrase_kind),
]
PhraseId = Annotated[str, AfterValidator(_known), Written({"type": "string", "pattern": f"^{NAME.pattern}$"})]
Variant = Annotated[list[PhraseId], Field(min_length=1)]
Variants = Annotated[
    Annotated[PhraseId, Tag("(word)")] | Annotated[Variant, Tag("(list)")] | Annotated[list[Variant], Tag("(tapered)")],
    Discriminator(_variants_kind),
]


class PromptShape(BaseModel):
    """A prompt; in the file its ``say`` may stand for the whole."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    say: Variants
    bargein: Policy = "yes"


class PhrasesShape(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    locale: Annotated[str, AfterValidator(_locale), Written({"type": "string", "pattern": f"^{_LOCALE.pattern}$"})]
    phrases: Annotated[dict[Name, PhraseShape], Field(min_length=1)]
    prompts: dict[Name, Annotated[PromptShape, BeforeValidator(_prompt_mapping), Also(part=("properties", "say"))]] = (
        Field(default_factory=dict)
    )


class PromptsAloneShape(PhrasesShape):
    """The whole file, where the phrases of its locale stand in others."""

    phrases: Annotated[dict[Name, PhraseShape], Field(min_length=1)] = Field(default_factory=dict)


def read_phrases(text: str, file: str) -> tuple[Catalogue | None, list[Problem]]:
    """The catalogue of one file, or everything that is wrong with it, in the order of the file."""
    words, problems = words_in(read(text, file))
    return (None if problems else words.catalogue), problems


def words_in(source: Source, beside: Collection[str] = (), *, lenient: bool = False) -> tuple[Words, list[Problem]]:
    """What could be read of a file, and what is wrong with it.

    ``beside``: the phrases of further files of its locale; ``lenient``: there may be others. Where there are or may be
    such, the file may have prompts alone.
    """
    if not source.places:
        return Words(None, source), list(source.problems)
    locale, phrases = source.at(("locale",)), source.at(("phrases",))
    form = PhrasesShape
    if source.data.keys() <= {"locale", "prompts"} and source.at(("prompts",)) and (beside or lenient):
        form, phrases = PromptsAloneShape, {}
    context = _Context(
        locale if isinstance(locale, str) and _LOCALE.fullmatch(locale) else "en-US",
        {**phrases, **dict.fromkeys(beside)} if isinstance(phrases, dict) else (),
        lenient=lenient or not isinstance(phrases, dict),
    )
    shape, problems = check(form, source, context=context)
    problems = sorted([*source.problems, *problems])
    if shape is not None and not problems:
        return Words(_catalogue(shape, beside), source), []
    left = salvage(form, source, replace(context, lenient=True), _instead)
    if left is None:
        return Words(None, source), problems
    cuts = left.cuts
    unread = frozenset(str(path[1]) for path in cuts if path[0] == "phrases" and path[1:])
    names = (str(path[1]) for path in cuts if path[0] in ("phrases", "prompts") and path[1:])
    whole = not source.problems and all(path[1:] for path in cuts) and all(map(NAME.fullmatch, names))
    return Words(_catalogue(left.shape, beside), source, unread, whole, right=False), problems


def _instead(path: Path) -> Any:
    """What stands for a wrong phrase or prompt, so that it is there."""
    match path:
        case ("phrases", _):
            return "unread"
        case ("prompts", _):
            return {"say": "unread"}
    return None


def _catalogue(shape: PhrasesShape, beside: Collection[str]) -> Catalogue:
    made = {name: _phrase(name, shape.locale, value) for name, value in shape.phrases.items()}
    for kind in {slot.kind for phrase in made.values() for slot in phrase.slots}:
        prepare(kind, shape.locale)
    known = {*made, *beside}
    prompts = {
        name: Prompt(name, _variants(value.say, known), policy(value.bargein)) for name, value in shape.prompts.items()
    }
    return Catalogue(shape.locale, made, prompts)


def _phrase(name: str, locale: str, value: str | SoundShape) -> Phrase:
    if isinstance(value, SoundShape):
        return Phrase(name, locale, "", (Literal(name, ""),), value.sound)
    pieces, _ = take_apart(value, locale)
    return Phrase(name, locale, as_written(pieces), parts(name, pieces))


def _variants(say: str | list[str] | list[list[str]], known: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Of phrases that are ``known``, as all are where nothing is wrong."""
    if isinstance(say, str):
        return _variants([say], known)
    flat = [entry for entry in say if isinstance(entry, str)]
    variants = [flat] if flat else [list(entry) for entry in say]
    return tuple(tuple(name for name in variant if name in known) for variant in variants)
