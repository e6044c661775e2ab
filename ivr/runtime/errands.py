"""What a call sent for: its syntheses and lookups under way, each with the call's door that its result goes to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from ivr.call.call import Call
from ivr.call.effects import CancelLookup, CancelSpeech, Lookup, Synthesize
from ivr.errors import SpeechError
from ivr.runtime.looking_up import LookupDesk, Outcome
from ivr.runtime.synthesis import SynthesisDesk
from ivr.speech.synthesizer import SpeechChunk

log = logging.getLogger("ivr.session")


class Errands:
    """One call's."""

    def __init__(
        self,
        call: Call,
        synthesis: SynthesisDesk,
        lookups: LookupDesk,
        do: Callable[[Callable[[], object]], None],
        now: Callable[[], float],
    ) -> None:
        """``do`` opens one of the call's doors and does what it wants then; ``now`` is the call's time in seconds."""
        self._call = call
        self._synthesis = synthesis
        self._desk = lookups
        self._do = do
        self._now = now
        self._speech: dict[tuple[str, int], Callable[[], None]] = {}
        self._lookups: dict[str, Callable[[], None]] = {}

    def run(self, effect: Synthesize | CancelSpeech | Lookup | CancelLookup) -> None:
        """Begin one, or cancel one."""
        match effect:
            case Synthesize(segment=segment, attempt=attempt, request=request):
                key = (segment, attempt)
                self._speech[key] = self._synthesis.begin(request, partial(self._heard, key))
            case CancelSpeech(segment=segment, attempt=attempt):
                if (cancel := self._speech.pop((segment, attempt), None)) is not None:
                    cancel()
            case Lookup():
                self._lookups[effect.id] = self._desk.begin(effect, partial(self._looked_up, effect))
            case CancelLookup(id=id):
                if (cancel := self._lookups.pop(id, None)) is not None:
                    cancel()

    def cancel_all(self) -> None:
        """Nobody waits for them any more."""
        for cancel in (*self._speech.values(), *self._lookups.values()):
            cancel()
        self._speech.clear()
        self._lookups.clear()

    def close(self) -> None:
        """The call is over and gone; what still comes for it reaches nobody."""
        self._do, self._now = _ignore, _never

    def _heard(self, key: tuple[str, int], part: SpeechChunk | SpeechError | None) -> None:
        self._do(partial(self._hand_over, key, part))

    def _hand_over(self, key: tuple[str, int], part: SpeechChunk | SpeechError | None) -> None:
        now = self._now()
        match part:
            case None:
                self._speech.pop(key, None)
                self._call.speech_finished(*key, now)
            case SpeechError():
                self._speech.pop(key, None)
                log.warning("call %s: a synthesis failed: %s", self._call.id, type(part).__name__)
                self._call.speech_failed(*key, part, now)
            case _:
                self._call.speech(*key, part, now)

    def _looked_up(self, lookup: Lookup, outcome: Outcome) -> None:
        id, error = lookup.id, outcome.error
        self._lookups.pop(id, None)
        if error is not None:
            log.warning("call %s: lookup %s failed: %s at %s", self._call.id, lookup.name, outcome.kind, outcome.where)
            self._do(lambda: self._call.lookup_failed(id, error, self._now(), outcome.status))
        else:
            self._do(lambda: self._call.returned(id, outcome.value, self._now()))


def _ignore(_: Callable[[], object]) -> None:
    pass


def _never() -> float:
    return 0.0
