"""The text of a phrase, taken apart: fixed words and slots."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from ivr.catalog.mistakes import NAME, Mistake, meant, shown
from ivr.catalog.normalise import normalise
from ivr.catalog.phrase import Literal, Slot
from ivr.catalog.sayas import KINDS, languages, spoken_in
from ivr.catalog.saying.amounts import CURRENCIES

MAX_TEXT = 10_000
"""Characters; about ten minutes of speech. What a voice takes in one request is for ``voice.most`` to say."""
CLOSING = ".,;:!?…"
_SILENT = frozenset(CLOSING + " -–—'\"()[]")
"""What is not said by itself."""
_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")

Pieces = list[str | Slot]

KEPT = 8192
"""Texts of catalogues, as written, whose answers are kept: each is asked for more than once while a project loads."""


def take_apart(text: str, locale: str) -> tuple[Pieces, list[Mistake]]:
    """Words and slots in their order, and all mistakes. ``{{`` and ``}}`` are braces that are meant as such."""
    plain = "{" not in text and "}" not in text
    pieces: Pieces = [text] if plain else []
    mistakes: list[Mistake] = []
    if len(text) > MAX_TEXT:
        return [], [Mistake(f"the text has {len(text):,} characters", f"keep to {MAX_TEXT:,}, or make two phrases")]
    for token in () if plain else _TOKEN.finditer(text):
        match token[0]:
            case "{" | "}":
                what, remedy = (
                    f"a '{token[0]}' without its other half",
                    f"write '{token[0] * 2}' for a brace that is said",
                )
                mistakes.append(Mistake(what, remedy, token.start()))
            case "{{" | "}}":
                _add(pieces, token[0][0])
            case written if written.startswith("{"):
                slot = _slot(written[1:-1], locale, token.start())
                (pieces if isinstance(slot, Slot) else mistakes).append(slot)  # type: ignore[arg-type]
            case words:
                _add(pieces, words)
    if not mistakes and not any(isinstance(piece, Slot) or _heard(piece) for piece in pieces):
        mistakes.append(Mistake("the text has no words", "write what is to be said"))
    return pieces, mistakes


def parts(phrase: str, pieces: Pieces) -> tuple[Literal | Slot, ...]:
    """What is rendered and what is filled in. The clips of ``phrase`` are ``phrase``, ``phrase.2``, ``phrase.3`` …

    Words before a slot end with a comma unless they have punctuation of their own; punctuation right behind a slot
    belongs to the slot and is no clip.
    """
    made: list[Literal | Slot] = []
    clips = 0
    for index, piece in enumerate(pieces):
        if isinstance(piece, Slot):
            behind = pieces[index + 1] if index + 1 < len(pieces) else ""
            ending = behind.lstrip()[:1] if isinstance(behind, str) else ""
            made.append(replace(piece, ending=ending if ending in CLOSING else ""))
            continue
        words = normalise(piece)
        if index:
            words = words.lstrip(CLOSING + " ")
        if not _heard(words):
            continue
        if index + 1 < len(pieces) and words[-1] not in CLOSING + "-–—":
            words += ","
        clips += 1
        made.append(Literal(phrase if clips == 1 else f"{phrase}.{clips}", words))
    return tuple(made)


def as_written(pieces: Pieces) -> str:
    """The whole text on one line, slots in braces."""
    return normalise("".join(p if isinstance(p, str) else f"{{{p.written}}}" for p in pieces))


def _add(pieces: Pieces, words: str) -> None:
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] += words
    else:
        pieces.append(words)


def _slot(written: str, locale: str, offset: int) -> Slot | Mistake:
    name, colon, kind = written.partition(":")
    if not NAME.fullmatch(name):
        example = "{amount:money}, of small letters, digits and '_'"
        return Mistake(f"{shown(name) if name else 'nothing'} is no name for a slot", f"write it as {example}", offset)
    kind, extra, currency = kind.partition(":")
    kind = kind if colon else "text"
    if kind not in KINDS:
        remedy = meant(kind, KINDS, f"use one of {', '.join(sorted(KINDS))}")
        return Mistake(f"unknown kind {shown(kind)} of slot '{name}'", remedy, offset)
    if not spoken_in(kind, locale):
        remedy = f"make the words in your code and use the kind text; locales with words for it are {languages()}"
        return Mistake(f"'{kind}' has no words in '{locale}'", f"{remedy}, and their regions such as de-CH", offset)
    if extra and kind != "money":
        return Mistake(
            f"'{kind}' has nothing behind it", f"write {{{name}:{kind}}}; money alone has a currency", offset
        )
    if extra and currency not in CURRENCIES:
        remedy = meant(currency, CURRENCIES, f"use one of {', '.join(CURRENCIES)}")
        return Mistake(f"no currency {shown(currency)} has words", remedy, offset)
    return Slot(name, kind, currency=currency)


@lru_cache(KEPT)
def _heard(words: str) -> bool:
    return not _SILENT.issuperset(normalise(words))
