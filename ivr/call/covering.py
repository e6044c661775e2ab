"""Phrases and times become covers: the project's own, and those that a dialog changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ivr.catalog.phrase import Catalogue, Literal
from ivr.dialog.cover import ROLES, USUAL, Cover
from ivr.errors import ClipError, PhraseNotFound, SlotError
from ivr.media.clip import Clip
from ivr.playout.covers import Covers
from ivr.project.settings.settings import CoverSettings

_TEXTS = {"filler": "filler_text", "still": "still_text", "fallback": "fallback_text"}
"""Where the words of a phrase stand; the hold loop has none."""


def covers(cover: CoverSettings, catalogue: Catalogue, clips: Mapping[str, Clip]) -> Covers | None:
    """A project's own in one language. Where covers are switched off the fallback phrase is left, if there is one.

    Raises ``PhraseNotFound``, ``SlotError`` and ``ClipError`` for a phrase that cannot cover anything.
    """
    if not cover.enabled:
        phrase = catalogue.phrases.get(cover.fallback)
        fits = phrase is not None and not phrase.slots
        return changed(Covers().only_fallback, Cover(fallback=cover.fallback if fits else ""), catalogue, clips)
    named = {role: getattr(cover, role) for role in ROLES}
    plain = Covers(every=cover.every, grace=cover.grace, patience=cover.patience)
    return changed(plain, Cover(**named), catalogue, clips)


def changed(usual: Covers | None, cover: Cover, catalogue: Catalogue, clips: Mapping[str, Clip]) -> Covers | None:
    """``usual`` with what ``cover`` has of its own: of covers that are switched off, the fallback phrase alone.

    Raises as ``covers``.
    """
    if usual is None or cover == USUAL:
        return usual
    given: dict[str, Any] = {"every": cover.every, "grace": cover.grace, "patience": cover.patience}
    found = {name: value for name, value in given.items() if value is not None}
    for role in ROLES:
        name = getattr(cover, role)
        if name is not None:
            clip, text = _fixed(name, catalogue, clips) if name else (None, "")
            found[role] = clip
            if role in _TEXTS:
                found[_TEXTS[role]] = text
    made = replace(usual, **found)
    return made if usual.enabled else made.only_fallback


def _fixed(name: str, catalogue: Catalogue, clips: Mapping[str, Clip]) -> tuple[Clip, str]:
    phrase = catalogue.phrases.get(name)
    if phrase is None:
        raise PhraseNotFound(name, catalogue.locale)
    if phrase.slots:
        raise SlotError(phrase.slots[0].name, f"phrase '{name}' cannot be a cover: covers never wait for a value")
    clip = next(part.clip for part in phrase.parts if isinstance(part, Literal))
    if clip not in clips:
        raise ClipError(f"the clip '{clip}' is not in memory: run ivr render and start again")
    return clips[clip], phrase.text
