"""``ivr simulate --voice`` and ``--listen``: live words by the embedded voice, and a recogniser that hears them."""

from __future__ import annotations

import argparse
import os
import tempfile

from ivr.errors import ConfigError
from ivr.media.private import stand_in
from ivr.project.project import Project
from ivr.simulator.listening import Ear
from ivr.simulator.reference import said_whole
from ivr.simulator.store import SpeechStore, StoredSpeaker, usual_place
from ivr.testing.recogniser import PHONES, words_of


def add_listening(parser: argparse.ArgumentParser) -> None:
    """Their arguments."""
    group = parser.add_argument_group("the words themselves, in scenarios and exploring")
    group.add_argument("--voice", action="store_true", help="live words by the embedded voice, and not as tones")
    group.add_argument("--listen", action="store_true", help="--voice, and a recogniser says what it understood")
    group.add_argument(
        "--pronounce",
        type=_pronounced,
        action="append",
        metavar="WORD=PHONES",
        help="a word that the recogniser lacks, in ARPAbet: 'iban=AY B AA N'",
    )


def _pronounced(text: str) -> tuple[str, str]:
    word, _, phones = text.partition("=")
    if words_of(word) != (word.lower(),) or not phones.split() or not set(phones.upper().split()) <= PHONES:
        known = " ".join(sorted(PHONES))
        raise argparse.ArgumentTypeError(f"{text!r}: write WORD=PHONES, such as 'iban=AY B AA N'; phones are {known}")
    return word.lower(), " ".join(phones.upper().split())


def speaker(args: argparse.Namespace, project: Project) -> StoredSpeaker | None:
    """Who says live words; None: nobody, they are tones.

    Raises ``MissingExtra`` without the embedded voice, ``ConfigError`` where its store cannot be written.
    """
    if not (args.voice or args.listen):
        return None
    place = usual_place(os.environ)
    store = SpeechStore(place)
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        why = error.strerror or error
        remedy = "make it writable, or name another directory of caches (XDG_CACHE_HOME)"
        raise ConfigError(f"{place}, the store of spoken words, cannot be written ({why}): {remedy}") from None
    return StoredSpeaker(store, foreign=project.settings.voice.provider != "embedded")


def ear(args: argparse.Namespace, project: Project) -> Ear | None:
    """Who listens; None: nobody. Raises ``MissingExtra`` and ``ConfigError``."""
    if not args.listen:
        if args.pronounce:
            raise ConfigError("--pronounce tells the recogniser of a word: add --listen")
        return None
    settings = project.settings
    whole = said_whole(SpeechStore(usual_place(os.environ)), settings)
    return Ear(
        dict(args.pronounce or ()),
        mask=str if settings.trace.private == "show" else stand_in,
        locale=settings.locale,
        reference=whole,
    )
