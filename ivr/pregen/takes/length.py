"""How long a text takes to say: whether a recording, or what a voice sent, can be of these words at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import category, east_asian_width

from ivr.errors import Severity
from ivr.media.edges import speech_bounds
from ivr.media.samples import Samples
from ivr.pregen.takes.finding import Finding, level, powers, speech_power

QUICKEST, SLOWEST = 22.0, 6.0
"""Letters a second. A professional speaker had 9 to 16; the embedded voice up to 20 at 1.5 times its pace, and 6 to 8
at 0.6."""
FAR = 1.8
"""So much quicker than the quickest, or longer than the slowest, is an error."""
_REACH = 25.0  # dB under the speech, where it begins and ends
_SLACK = 1.0  # seconds on top of the slowest; the words "is" and "for" alone were said at 4 and 6 letters a second
_PAUSE = 0.7  # seconds on top for each sentence behind the first
_WIDE = 3.0  # letters of a character that is a syllable (Chinese, Japanese, Korean)
_SIGN = 6.0  # letters of a sign that may be said, such as % or #
_INITIAL = 3.0  # letters of each capital where they may be said one by one, as in ATM
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_INITIALS = re.compile(r"\b[A-Z]{2,5}\b")
_SENTENCE = re.compile(r"[.!?…。！？](?=\s|\S)")
_MARKUP = re.compile(r"<[^<>]*>")
_ONE_BY_ONE = 4.0  # letters of a digit that is said by itself, as in one, seven, zero


@dataclass(frozen=True, slots=True)
class Spoken:
    """How many letters a text has when it is read out; numbers may be read as such or digit by digit."""

    least: float
    most: float
    sentences: int


def spoken(text: str, locale: str) -> Spoken:
    """Of a text as the voice is asked to say it."""
    least = most = 0.0
    for number in _NUMBER.findall(text):
        ways = _read_out(number, locale)
        least, most = least + min(ways), most + max(ways)
    words = _NUMBER.sub(" ", text)
    for character in words:
        kind = category(character)
        if kind[0] == "L":
            least, most = least + _weight(character), most + _weight(character)
        elif kind[0] == "S" or character in "%#&@*":
            most += _SIGN
    most += sum(len(each) * (_INITIAL - 1) for each in _INITIALS.findall(words))
    return Spoken(least, most, max(1, len(_SENTENCE.findall(text))))


def check_length(samples: Samples, rate: int, text: str, locale: str = "en-US") -> list[Finding]:
    """Whether the speech, from its first loud block to its last, is too short or too long for ``text``."""
    seconds = _speech(samples, rate)
    said = spoken(text, locale)
    if not seconds or not said.most:
        return []
    shortest = said.least / QUICKEST
    longest = said.most / SLOWEST + _SLACK + _PAUSE * (said.sentences - 1)
    if shortest <= seconds <= longest:
        return []
    far = seconds < shortest / FAR or seconds > longest * FAR
    quick = seconds < shortest
    letters = said.least if quick else said.most
    what = (
        f"has {seconds:.1f} s of speech for {letters:.0f} letters, {letters / seconds:.1f} a second; "
        f"these words take {shortest:.1f} to {longest:.1f} s"
    )
    if far:
        return [Finding("words", Severity.ERROR, what, f"is this the right take? Its words are: {text}")]
    remedy = "is all of it there? Or speak more slowly" if quick else "cut what is not of these words, or speak faster"
    return [Finding("words", Severity.WARNING, what, remedy)]


def cut_short(samples: Samples, rate: int, text: str, speed: float) -> str:
    """How it shows that a voice sent but a part of ``text``; empty where that is not sure.

    ``speed``: the voice was asked to be so much quicker than is its own. A digit counts as one letter at least, since
    a build has no time to learn fifty languages.
    """
    seconds = _speech(samples, rate)
    letters = sum(_weight(character) for character in _MARKUP.sub(" ", text))
    if not seconds or seconds >= letters / (QUICKEST * FAR * max(speed, 1.0)):
        return ""
    return f"it sent {seconds:.1f} s of speech for {letters:.0f} letters, which is not all of it, or at another rate"


def _weight(character: str) -> float:
    """Letters that a character is at the least, out of a number."""
    if category(character)[0] not in "LN":
        return 0.0
    return _WIDE if east_asian_width(character) in "WF" else 1.0


def _speech(samples: Samples, rate: int) -> float:
    """Seconds from the first loud block to the last; 0 where nothing is loud."""
    start, stop = speech_bounds(samples, rate, level(speech_power(powers(samples, rate))) - _REACH)
    return (stop - start) / rate


def _read_out(number: str, locale: str) -> tuple[float, ...]:
    digits = [each for each in number if each.isdigit()]
    ways = [len(digits) * _ONE_BY_ONE]
    for part in re.split(r"[.,:]", number):
        ways.append(float(_letters(part, locale)))
    return (ways[0], sum(ways[1:]))


@cache
def _letters(number: str, locale: str) -> int:
    """Of a whole number in words; digit by digit where nobody knows the language, or the number is too long."""
    from num2words import num2words  # all its fifty languages: only texts with digits need it

    for language in (locale.replace("-", "_"), locale.partition("-")[0]):
        try:
            return sum(map(str.isalpha, num2words(int(number), lang=language)))
        except (NotImplementedError, OverflowError, ValueError, IndexError, KeyError):
            continue
    return round(len(number) * _ONE_BY_ONE)
