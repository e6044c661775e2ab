"""Whether what a simulated caller was told can be understood from the telephone's audio: a recogniser listens.

An utterance that was heard to its end is one of all the utterances of the call, or none. A sentence that the
recogniser hears as another, or as none, is a finding. It hears worse than people do (``python -m bench.recognition``):
a finding says where to listen, not that nobody would understand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.catalog.normalise import normalise
from ivr.media.private import stand_in
from ivr.simulator.simulation import Simulated
from ivr.testing.recogniser import Recogniser, words_of
from ivr.trace.events import TraceEvent
from ivr.trace.sound import Outcome, SegmentStarted, Strategy, UtteranceHeard

ROOM = 0.050
"""Seconds before and behind an utterance that are listened to with it."""
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
        if self.why:
            return f"{self.start:.2f} s: '{self.text}' cannot be judged: {self.why}"
        heard = "nothing that was to be said" if self.heard is None else f"'{self.heard}'"
        return f"{self.start:.2f} s: '{self.text}' was heard as {heard}"


@dataclass(slots=True)
class _Utterance:
    start: float
    text: str
    shown: str
    stop: float | None = None


def listen(simulated: Simulated, path: float = 0.0, pronunciations: Mapping[str, str] | None = None) -> list[Finding]:
    """What of a call with audio was not understood, in its order; ``path``: seconds from the runtime to the caller.

    ``pronunciations``: of words that the recogniser's American dictionary lacks, in ARPAbet. Words without one are a
    finding. Raises ``MissingExtra`` where pocketsphinx is not installed, and ``ValueError`` for a call without audio.
    """
    said = [each for each in _utterances(simulated.trace) if each.stop is not None and words_of(each.text)]
    heard = simulated.phone.heard
    if not heard.known:
        raise ValueError("there is no audio to listen to: simulate the call with audio, and to its first words")
    recogniser = Recogniser({"yes": "yes"})
    known, findings = _known(recogniser, said, pronunciations or {})
    if known:
        recogniser.expect({" ".join(words_of(each.text)): each.text for each in known})
    for each in known:
        assert each.stop is not None
        sound = heard.timeline(each.start + path - ROOM, each.stop + path + ROOM)
        id = recogniser.hear(sound, heard.rate)
        if id != " ".join(words_of(each.text)):
            findings.append(Finding(each.start + path, each.shown, _shown(id, known)))
    return sorted(findings, key=lambda finding: finding.start)


def _known(
    recogniser: Recogniser, said: Iterable[_Utterance], pronunciations: Mapping[str, str]
) -> tuple[list[_Utterance], list[Finding]]:
    """The utterances whose words the recogniser can know, and a finding for each of the others."""
    for word, phones in pronunciations.items():
        recogniser.pronounce(word, phones)
    known, findings = [], []
    for each in said:
        why = ""
        if any(character.isdigit() for character in each.text):
            why = "it has digits: how they are read is the voice's choice; write numbers as words"
        elif lacking := recogniser.lacks(each.text):
            why = f"no pronunciation of {', '.join(lacking)}"
        if why:
            findings.append(Finding(each.start, each.shown, None, why))
        else:
            known.append(each)
    return known, findings


def _shown(id: str | None, known: Sequence[_Utterance]) -> str | None:
    return next((each.shown for each in known if " ".join(words_of(each.text)) == id), None)


def _utterances(trace: Iterable[TraceEvent]) -> list[_Utterance]:
    """With the words of all their segments, covers included, in the order in which they sounded."""
    found: dict[str, _Utterance] = {}
    for event in trace:
        match event:
            case SegmentStarted() if event.strategy not in WORDLESS:
                text = normalise(event.text)
                shown = stand_in(event.text) if event.private else event.text
                if event.utterance in found:
                    before = found[event.utterance]
                    before.text, before.shown = f"{before.text} {text}", f"{before.shown} {shown}"
                else:
                    found[event.utterance] = _Utterance(event.sounds_at, text, shown)
            case UtteranceHeard(outcome=Outcome.PLAYED | Outcome.ESTIMATED) if event.utterance in found:
                found[event.utterance].stop = event.at
    return list(found.values())
