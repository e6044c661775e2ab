"""Which of espeak's voices a request means, and which of its word events are words of the text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ivr.speech.espeak.protocol import Word

WORDS_PER_MINUTE = 165
"""At speed 1.0. espeak's own 175 is brisk for the telephone."""

SLOWEST, FASTEST = 80, 450
"""Words per minute: the range of espeakRATE (speak_lib.h)."""


class Refusal(Exception):
    """What is asked for does not exist. It ends in the worker; the pool raises ``SpeechRefused`` in its place."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Language:
    """One language that one voice speaks."""

    tag: str
    """BCP 47 in lower case, such as ``en-gb``."""
    priority: int
    """Among the voices of one tag, the lowest is preferred."""
    voice: str
    """The voice's identifier, such as ``gmw/en``."""


def words_per_minute(speed: float) -> int:
    """Raises ``Refusal`` where espeak would bend the rate to its own range without a word."""
    rate = round(WORDS_PER_MINUTE * speed) if SLOWEST <= WORDS_PER_MINUTE * speed <= FASTEST else 0
    if not rate:
        low, high = SLOWEST / WORDS_PER_MINUTE, FASTEST / WORDS_PER_MINUTE
        raise Refusal(400, f"espeak-ng speaks at speeds from {low:.2f} to {high:.2f}, not {speed}")
    return rate


def by_tag(tag: str, languages: Iterable[Language]) -> str | None:
    """The voice whose language is exactly ``tag``."""
    found = [language for language in languages if language.tag == tag.lower()]
    return min(found, key=lambda language: language.priority).voice if found else None


def by_locale(locale: str, languages: Sequence[Language]) -> str:
    """The voice for a locale, cutting subtags from the end until one is known (RFC 4647 §3.4).

    Raises ``Refusal`` when none is.
    """
    tag = locale
    while tag:
        if voice := by_tag(tag, languages):
            return voice
        tag = tag.rpartition("-")[0]
    raise Refusal(404, f"espeak-ng has no voice for locale '{locale}': name a voice")


def unknown(voice: str, languages: Sequence[Language]) -> Refusal:
    """The refusal for a voice that does not exist, naming its neighbours."""
    base, plus, variant = voice.partition("+")
    if plus and by_tag(base, languages):
        return Refusal(404, f"espeak-ng's voice '{base}' has no variant '+{variant}'; try '+f2' or '+m3'")
    tags = {language.tag for language in languages}
    near = {*get_close_matches(voice.lower(), tags, n=4), *({voice.lower().partition("-")[0]} & tags)}
    # Espeak's names are tags of languages: where nothing is spelled alike, say what they look like.
    remedy = f"did you mean {_either(sorted(near))}?" if near else "name one by its language, such as en-us or fr-fr"
    return Refusal(404, f"espeak-ng has no voice '{voice}': {remedy}")


def _either(names: Sequence[str]) -> str:
    *others, last = (f"'{name}'" for name in names)
    return f"{', '.join(others)} or {last}" if others else last


def speakable(text: str) -> str:
    """``text`` with control characters as blanks, so that offsets stay.

    NUL would end it, and 0x01 begins a command to espeak (its speech markup: ``0x01 140S`` changes the rate).
    """
    return text.translate({code: " " for code in (*range(32), 127) if chr(code) not in "\t\n\r"})


class WordFilter:
    """Turns word events, as espeak raises them, into words of the text in rising order.

    A number raises several events at and inside its own characters ("2024" as 2024, 024, 024) and a symbol one for the
    blank behind it; only the first counts.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0

    def words(self, events: Iterable[tuple[int, int, int]]) -> Iterator[Word]:
        """``events`` are (sample, position, length); espeak counts positions in characters, from 1."""
        for sample, position, length in events:
            offset = position - 1
            length = min(length, len(self._text) - offset)
            if offset < self._end or length <= 0 or self._text[offset : offset + length].isspace():
                continue
            self._end = offset + length
            yield Word(max(sample, 0), offset, length)
