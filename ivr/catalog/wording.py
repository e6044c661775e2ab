"""A prompt and its values become wordings: what is fixed, what is live, and the pauses between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from ivr.catalog.phrase import Catalogue, Literal, Phrase, Slot
from ivr.catalog.readback import closes
from ivr.catalog.sayas import DEFAULT_CURRENCY, say_as
from ivr.errors import PhraseNotFound, SlotError
from ivr.media.private import Private, reveal
from ivr.records import record

PAUSES = {".": 0.30, "!": 0.30, "?": 0.30, ";": 0.20, ":": 0.20, ",": 0.12}
"""Seconds of planned silence after words that end so; speech pauses of these lengths are heard as punctuation."""

NO_VALUE = "has no value; set it before the prompt is said"
"""Why a slot without one cannot be said."""


@record
class Fixed:
    """Words that were rendered ahead."""

    clip: str
    text: str


@record
class Place:
    """Where a value stands."""

    slot: Slot
    phrase: str
    locale: str
    currency: str
    closing: bool
    """It ends its sentence, so that the pitch falls."""


@record
class Live:
    """Words that were not known before: they are synthesised now, or read back from fragments."""

    text: str
    private: bool
    locale: str
    """Of the phrase that they stand in."""
    place: Place = field(compare=False)
    value: Any = field(compare=False, repr=False)
    """Bare, as ``say_as`` takes it."""


@record
class Awaited:
    """Words whose value is still being looked up."""

    place: Place
    value: Any
    """The handle that stood in the slot."""


@record
class Unsayable:
    """A value that its slot cannot voice, or that it does not have: it failed, as one that never came."""

    place: Place
    why: str
    """Without the value."""


@record
class Pause:
    """Silence that the wording asks for."""

    seconds: float


Wording = Fixed | Live | Awaited | Unsayable | Pause


def pause_after(text: str) -> float:
    """Seconds of silence that the last character of ``text`` asks for before more is said."""
    return PAUSES.get(text.rstrip()[-1:], 0.0)


def resolve(
    catalogue: Catalogue,
    prompt: str,
    values: Mapping[str, Any],
    attempt: int = 1,
    *,
    waiting: type | None = None,
    currency: str = DEFAULT_CURRENCY,
    lenient: bool = False,
) -> tuple[Wording, ...]:
    """What is to be said for ``prompt``. A sentence ends in its pause, also the last one: more may follow it.

    ``waiting`` is the type of values that are not known yet; ``currency`` that of money whose slot names none.
    ``lenient``: a value that cannot be said, or that is not there, is ``Unsayable``. Raises ``PhraseNotFound``, and
    where not ``lenient`` ``SlotError`` for such a value.
    """
    found = catalogue.prompt(prompt)
    if found is None:
        raise PhraseNotFound(prompt, catalogue.locale)
    wordings: list[Wording] = []
    for name in found.phrases(attempt):
        phrase = catalogue.phrases.get(name)
        if phrase is None:
            raise PhraseNotFound(name, catalogue.locale)
        wordings.extend(_phrase(phrase, values, waiting, currency, lenient))
        if seconds := pause_after(phrase.text):
            wordings.append(Pause(seconds))
    return _behind_words(wordings)


def _behind_words(wordings: list[Wording]) -> tuple[Wording, ...]:
    """Without pauses that have no words before them, since an empty text stands there."""
    kept: list[Wording] = []
    for wording in wordings:
        if not isinstance(wording, Pause) or (kept and not isinstance(kept[-1], Pause)):
            kept.append(wording)
    return tuple(kept)


def _phrase(
    phrase: Phrase,
    values: Mapping[str, Any],
    waiting: type | None,
    currency: str,
    lenient: bool,
) -> Iterator[Wording]:
    for index, part in enumerate(phrase.parts):
        match part:
            case Literal():
                yield Fixed(part.clip, part.text)
            case Slot():
                last = index + 1 == len(phrase.parts)
                place = Place(part, phrase.id, phrase.locale, part.currency or currency, closes(part, last))
                wording = _slot(place, values, waiting, lenient)
                if wording is not None:
                    yield wording
                if not last and (seconds := pause_after(part.ending)):
                    yield Pause(seconds)


def _slot(place: Place, values: Mapping[str, Any], waiting: type | None, lenient: bool) -> Wording | None:
    name = place.slot.name
    try:
        if name not in values:
            raise SlotError(name, NO_VALUE)
        if waiting is not None and isinstance(value := values[name], waiting):
            return Awaited(place, value)
        return spoken(place, values[name])
    except SlotError as error:
        if not lenient:
            raise
        return Unsayable(place, str(error))


def spoken(place: Place, value: Any) -> Live | None:
    """The words of one value, None for an empty text. Raises ``SlotError`` where its type cannot be said so."""
    slot, bare = place.slot, reveal(value)
    words = say_as(slot.name, slot.kind, bare, place.locale, place.currency)
    if not words:
        return None
    return Live(words + slot.ending, isinstance(value, Private), place.locale, place, bare)
