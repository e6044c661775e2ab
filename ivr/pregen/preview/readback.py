"""What values sound like from fragments, each beside the same words by the voice in one piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.catalog.phrase import Literal
from ivr.catalog.readback import Unit, units
from ivr.catalog.sayas import DEFAULT_CURRENCY
from ivr.catalog.saying.kinds import SAYINGS
from ivr.catalog.saying.unit import words
from ivr.errors import ClipError
from ivr.media.clip import Clip, make_clip
from ivr.media.finish import finish
from ivr.media.format import MULAW_8K
from ivr.media.pcm import decode
from ivr.media.wave import mulaw_wav
from ivr.phrases.fragments import Fragments, is_fragment
from ivr.phrases.store import PhraseStore
from ivr.pregen.preview.card import Card, Sound, Take, Turn
from ivr.pregen.preview.measure import measure
from ivr.pregen.preview.room import Room
from ivr.project.audio.fragments import Need, needs
from ivr.project.audio.sounds import SoundFiles
from ivr.project.sources import Sources
from ivr.speech.synthesizer import SpeechChunk

GROUP = "values read back"
"""What their cards are said in."""
_MORE = {"money": ("0.05", "1234.56"), "number": ("1234", "-7.5"), "date": ("1999-12-31",), "time": ("09:05",)}
"""Values beside the kind's own example."""


@dataclass(frozen=True, slots=True)
class Example:
    """One value."""

    kind: str
    value: str
    locale: str
    units: tuple[Unit, ...]

    @property
    def text(self) -> str:
        """As the voice is asked for it in one piece."""
        return f"{words(self.units)}."

    @property
    def name(self) -> str:
        """For its cards."""
        return f"{self.kind} {self.value} ({self.locale})"


def examples(sources: Sources) -> list[Example]:
    """A few values for each kind that the project reads back; none where it does not."""
    if sources.settings.readback.mode == "stream":
        return []
    return [each for need in needs(sources.catalogues, sources.settings) for each in _of(need)]


def _of(need: Need) -> Iterator[Example]:
    for value in (SAYINGS[need.kind].example, *_MORE.get(need.kind, ())):
        closing = True in need.closings
        said = units(
            "value", need.kind, value, need.locale, currency=need.currency or DEFAULT_CURRENCY, closing=closing
        )
        yield Example(need.kind, str(value), need.locale, said)


def compared(
    sources: Sources, room: Room, some: Sequence[Example], spoken: Mapping[str, SpeechChunk]
) -> tuple[list[Card], list[Turn]]:
    """Two cards for each example, and a turn that has both. ``spoken``: what the voice said of each text."""
    made = _fragments(sources)
    cards: list[Card] = []
    turns: list[Turn] = []
    for each in some:
        clip = made.assemble(each.units, each.locale) if made is not None else None
        chunk = spoken.get(each.text)
        spliced = _card(each, "from fragments", _sound(clip, room), "a fragment is not there: run `ivr render`")
        whole = _card(each, "in one piece", _sound(_whole(sources, chunk), room), "the voice did not say it")
        cards += [spliced, whole]
        takes = tuple(Take(card.phrase, ((card.clip, card.parts),)) for card in (spliced, whole))
        turns.append(Turn("", each.name, each.locale, (), takes))
    return cards, turns


def _fragments(sources: Sources) -> Fragments | None:
    """Those that are on disk as the lock has them; None where one is not."""
    entries = {
        name: entry
        for name, entry in sources.lock.clips.items()
        if is_fragment(name) and (sources.audio / entry.file).is_file()
    }
    store = PhraseStore(SoundFiles(sources.audio, entries), sources.settings.loudness, entries)
    try:
        return Fragments(store.clips(MULAW_8K), MULAW_8K)
    except ClipError:
        return None


def _whole(sources: Sources, chunk: SpeechChunk | None) -> Clip | None:
    if chunk is None:
        return None
    finished = finish(chunk.samples, chunk.rate, MULAW_8K.rate, sources.settings.loudness)
    return make_clip(finished.samples, MULAW_8K)


def _sound(clip: Clip | None, room: Room) -> Sound | None:
    if clip is None:
        return None
    heard = room.of(lambda: mulaw_wav(clip.payload, MULAW_8K.rate))
    return measure(decode(clip.payload, MULAW_8K), MULAW_8K.rate, heard)


def _card(each: Example, how: str, sound: Sound | None, lacking: str) -> Card:
    name = f"{each.name} {how}"
    return Card(
        clip=name,
        phrase=how,
        locale=each.locale,
        parts=(Literal(name, each.text),),
        state="ready" if sound is not None else "missing",
        origin="rendered",
        why="" if sound is not None else lacking,
        sound=sound,
        levelled=False,
    )
