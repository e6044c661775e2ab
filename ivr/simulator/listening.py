"""Whether what a simulated caller was told can be understood from the telephone's audio: a recogniser listens.

An utterance that was heard to its end is one of all the utterances of the call, or none. A sentence that the
recogniser hears as another, or as none, is a finding. It hears worse than people do (``python -m bench.recognition``):
a finding says where to listen, not that nobody would understand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from ivr.catalog.normalise import normalise
from ivr.media.private import stand_in
from ivr.simulator.reference import RATE, Reference
from ivr.simulator.simulation import Simulated
from ivr.testing.recogniser import Recogniser, words_of
from ivr.trace.events import LocaleChosen, TraceEvent
from ivr.trace.sound import Outcome, SegmentStarted, Strategy, UtteranceHeard

ROOM = 0.050
"""Seconds before and behind an utterance that are listened to with it."""
UNKNOWABLE = "said in one piece the recogniser does not understand it either"
OTHERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand minus dollar dollars and "
    "cent cents"
)
"""What may be heard in place of live words, in any order. Without it the right words before them carried a wrong amount
in 13 of 20 calls, and none with it."""
RENDERED = (Strategy.CLIP, Strategy.FILLER, Strategy.STILL)
WORDLESS = (Strategy.HOLD, Strategy.SILENCE)


@dataclass(frozen=True, slots=True)
class Finding:
    """An utterance that was not understood."""

    start: float
    """Seconds into the call, at the caller's ear."""
    text: str
    """What was to be said; personal data as stand-ins."""
    heard: str | None
    """What was heard instead; None: nothing that was said in this call."""
    why: str = ""
    """Set where it could not be judged."""

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.start:.2f} s: '{self.text}' {self.verdict}"

    @property
    def verdict(self) -> str:
        """What is to be said of the text."""
        if self.why:
            return f"cannot be judged: {self.why}"
        return f"was heard as {'nothing that was to be said' if self.heard is None else repr(self.heard)}"


@dataclass(frozen=True, slots=True)
class Listened:
    """What came of listening to a call, or to the end of one."""

    judged: int = 0
    """Utterances that could be judged."""
    findings: tuple[Finding, ...] = ()
    """In the order of the call."""

    @property
    def misheard(self) -> tuple[Finding, ...]:
        """The findings that were judged."""
        return tuple(finding for finding in self.findings if not finding.why)

    @property
    def unjudged(self) -> tuple[Finding, ...]:
        """The others."""
        return tuple(finding for finding in self.findings if finding.why)


@dataclass(slots=True)
class _Utterance:
    start: float
    text: str
    shown: str
    locale: str
    stop: float | None = None
    beginning: str | None = None
    """The words before the first live ones; None where none are live."""
    held: bool = False
    """There was hold sound in it."""


NOBODY = Listened()
"""Of a call that nobody listened to."""


class Ear:
    """Listens to calls, one after the other; what it heard before changes nothing."""

    def __init__(
        self,
        pronunciations: Mapping[str, str] | None = None,
        mask: Callable[[str], str] = stand_in,
        locale: str = "en-US",
        reference: Reference | None = None,
    ) -> None:
        """See ``listen``. ``mask`` makes personal data fit to be shown, ``locale`` is what calls begin in.

        With ``reference`` words that are not understood when they are said in one piece either cannot be judged: the
        recogniser's fault, or the text's, and not the call's. Raises ``MissingExtra``.
        """
        self._recogniser = Recogniser({"yes": "yes"})
        for word, phones in (pronunciations or {}).items():
            self._recogniser.pronounce(word, phones)
        self._mask = mask
        self._locale = locale
        self._reference = reference

    def listen(self, simulated: Simulated, path: float = 0.0, since: float = -1.0) -> Listened:
        """Of what was heard to its end after ``since`` seconds of the call; see ``listen``. Raises ``ValueError``."""
        every = _utterances(simulated.trace, self._mask, self._locale)
        said = [each for each in every if each.stop is not None]
        said = [each for each in said if words_of(each.text)]
        mine = [each for each in said if each.stop is not None and each.stop > since]
        if not mine:
            return NOBODY
        heard = simulated.phone.heard
        if not heard.known:
            raise ValueError("there is no audio to listen to: simulate the call with audio, and to its first words")
        known = [each for each in said if not self._why_not(each)]
        findings = [Finding(each.start + path, each.shown, None, why) for each in mine if (why := self._why_not(each))]
        judged = [each for each in mine if not self._why_not(each)]
        for each in judged:
            assert each.stop is not None
            self._expect(each, known)
            start, stop = _alone(each, every)
            sound = heard.timeline(start + path, stop + path)
            id = self._recogniser.hear(sound, heard.rate)
            if id != " ".join(words_of(each.text)):
                why = UNKNOWABLE if self._never(each) else ""
                findings.append(Finding(each.start + path, each.shown, _shown(id, known), why))
        unjudged = sum(bool(finding.why) for finding in findings)
        return Listened(len(mine) - unjudged, tuple(sorted(findings, key=lambda finding: finding.start)))

    def _expect(self, utterance: _Utterance, known: Sequence[_Utterance]) -> None:
        """All that was said; where right words come before live ones, the same with other words in their place."""
        true = {" ".join(words_of(utterance.text)): utterance.text}
        if utterance.beginning:
            self._recogniser.expect({**true, "": f"{utterance.beginning} {OTHERS}"})
        else:
            self._recogniser.expect({" ".join(words_of(each.text)): each.text for each in known})

    def _never(self, utterance: _Utterance) -> bool:
        """Whether the words are not understood where nothing went wrong either."""
        whole = None if self._reference is None else self._reference(utterance.text, utterance.locale)
        return whole is not None and self._recogniser.hear(whole, RATE) != " ".join(words_of(utterance.text))

    def _why_not(self, utterance: _Utterance) -> str:
        """Why an utterance cannot be judged; empty where it can."""
        if utterance.locale.partition("-")[0] != "en":
            return f"it is {utterance.locale}, and the recogniser knows English alone"
        if utterance.held:
            return "hold sound plays within it"
        if any(character.isdigit() for character in utterance.text):
            return "it has digits: how they are read is the voice's choice; write numbers as words"
        lacking = self._recogniser.lacks(utterance.text)
        return f"no pronunciation of {', '.join(lacking)}" if lacking else ""


def listen(simulated: Simulated, path: float = 0.0, pronunciations: Mapping[str, str] | None = None) -> list[Finding]:
    """What of a call with audio was not understood, in its order; ``path``: seconds from the runtime to the caller.

    ``pronunciations``: of words that the recogniser's American dictionary lacks, in ARPAbet. Words without one are a
    finding. Raises ``MissingExtra`` where pocketsphinx is not installed, and ``ValueError`` for a call without audio.
    """
    return list(Ear(pronunciations).listen(simulated, path).findings)


def _alone(utterance: _Utterance, every: Sequence[_Utterance]) -> tuple[float, float]:
    """From when to when it is listened to: with some room, but without the words of others that are close to it."""
    assert utterance.stop is not None
    before = [each.stop for each in every if each.stop is not None and each.start < utterance.start]
    behind = [each.start for each in every if each.start > utterance.start]
    start = max(utterance.start - ROOM, min(utterance.start, max(before, default=-inf)))
    return start, min(utterance.stop + ROOM, max(utterance.stop, min(behind, default=inf)))


def _shown(id: str | None, known: Sequence[_Utterance]) -> str | None:
    return next((each.shown for each in known if " ".join(words_of(each.text)) == id), None)


def _utterances(trace: Iterable[TraceEvent], mask: Callable[[str], str], locale: str) -> list[_Utterance]:
    """With the words of all their segments, covers included, in the order in which they sounded."""
    found: dict[str, _Utterance] = {}
    for event in trace:
        match event:
            case LocaleChosen():
                locale = event.locale
            case SegmentStarted(strategy=Strategy.HOLD) if event.utterance in found:
                found[event.utterance].held = True
            case SegmentStarted() if event.strategy not in WORDLESS:
                text = normalise(event.text)
                shown = mask(event.text) if event.private else event.text
                each = found.setdefault(event.utterance, _Utterance(event.sounds_at, "", "", locale))
                if each.beginning is None and event.strategy not in RENDERED:
                    each.beginning = each.text
                each.text, each.shown = f"{each.text} {text}".strip(), f"{each.shown} {shown}".strip()
            case UtteranceHeard(outcome=Outcome.PLAYED | Outcome.ESTIMATED) if event.utterance in found:
                found[event.utterance].stop = event.at
    return list(found.values())
