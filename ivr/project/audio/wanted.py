"""All clips that a project needs: the words of its phrases, and the fragments of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.catalog.phrase import Catalogue
from ivr.project.audio.clips import Wanted, of_phrases
from ivr.project.audio.fragments import fragments
from ivr.project.settings.settings import Settings


def wanted(catalogues: Mapping[str, Catalogue], settings: Settings) -> Iterator[Wanted]:
    """Every clip of catalogues that are ``qualified``: in the order of their files, then the fragments."""
    yield from of_phrases(catalogues)
    yield from fragments(catalogues, settings)
