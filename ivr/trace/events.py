"""Events of a call as its dialog sees it. Those of sound stand in ``ivr.trace.sound``, what came in in ``doors``.

``at`` is seconds on the call's own clock. Where ``private`` is set, the text or value beside it belongs to the caller.
"""

from __future__ import annotations

from ivr.records import record
from ivr.trace.doors import DoorEvent
from ivr.trace.sound import SoundEvent


@record
class CallStarted:
    """The first stream of a call began."""

    call: str
    stream: str
    started_at: str
    """Wall time, ISO 8601, of the call's clock at zero."""
    at: float
    rate: int = 0
    """Samples a second on the wire, which positions and lengths are counted in; 0 where the trace does not tell."""


@record
class StateEntered:
    """The dialog is in another state."""

    state: str
    at: float
    why: str = ""
    """What led there: ``option 1``, ``no_input 2``, ``goto``."""


@record
class LocaleChosen:
    """What comes is said in this locale: the dialog's choice, or the call's where it is not the project's own."""

    locale: str
    at: float


@record
class CoverChosen:
    """What comes is covered otherwise than before where it is late."""

    cover: str
    """What differs from the project's covers: ``hold music, patience 20 s``; empty where nothing does."""
    at: float


@record
class TurnStarted:
    """Something happened that the caller expects words after."""

    trigger: str
    """``answer``, ``digit``, ``pause`` (no further key came), ``no-input``, ``value``, ``speech``, ``recording`` or
    ``return`` (of a transfer)."""
    at: float


@record
class FirstAudio:
    """The first words, or a cover for them, of a turn are on the wire."""

    trigger: str
    strategy: str
    ttfa: float
    """Seconds from the trigger to the first audible sample on the wire, without the work of making it (FirstFrame)."""
    at: float


@record
class FirstFrame:
    """A turn's first frame has been handed to the socket. Noted by the shell, by a clock that runs while it works."""

    took: float
    """Seconds since the message or timer came in that led to it."""
    at: float


@record
class DigitHeard:
    """The caller pressed a key."""

    digit: str
    at: float
    private: bool = True


@record
class BargedIn:
    """The caller interrupted."""

    position: int
    """Where in all that was sent the caller's ear was cut off, in samples."""
    heard: str
    """The words of the interrupted turn that were heard."""
    private: bool
    at: float
    by: str = "digit"
    """``digit`` or ``speech``."""


@record
class CallerSpeaks:
    """The caller has begun to speak; known only where somebody listens."""

    since: float
    """When it began."""
    at: float


@record
class CallerSilent:
    """The caller has stopped speaking."""

    since: float
    """When the silence began."""
    at: float


@record
class RecordingStarted:
    """From now on what the caller says is taken down."""

    longest: float
    """Seconds that it may last."""
    at: float


@record
class RecordingEnded:
    """It is over."""

    why: str
    """``key``, ``silence``, ``longest``, ``hang_up``, ``stream``, ``command`` or ``nothing`` (nobody spoke)."""
    seconds: float
    """Of what is kept; 0 where nothing is."""
    missing: float
    """Seconds of it for which no sound came."""
    at: float


@record
class PromptSaid:
    """A prompt was enqueued."""

    utterance: str
    prompt: str
    attempt: int
    pauses: tuple[float, ...]
    """Planned silences between its segments, seconds."""
    at: float


@record
class PromptSkipped:
    """A prompt was not said, because the caller had already typed ahead."""

    prompt: str
    at: float


@record
class Asked:
    """The dialog has said what it had to say and waits for keys; words before it may still be sounding."""

    at: float


@record
class Listening:
    """From now on silence counts: the last word was heard, or a key was pressed and more may follow."""

    seconds: float
    """How long it may last."""
    at: float


@record
class NoInput:
    """The caller was silent for too long."""

    at: float


@record
class LookupStarted:
    """The project's own code is asked for a value."""

    lookup: str
    name: str
    at: float


@record
class LookupEnded:
    """It returned, failed or took too long."""

    lookup: str
    name: str
    outcome: str
    """``returned``, ``failed``, ``timed out``, or ``left alone`` by a call that had ended."""
    detail: str
    private: bool
    at: float


@record
class TransferStarted:
    """The announcement was heard, and the platform is asked to move the call."""

    to: str
    kind: str
    """``number``, ``sip`` or ``extension``."""
    timeout: float
    """Seconds of ringing."""
    private: bool
    at: float


@record
class TransferEnded:
    """What came of it; exactly once for each start."""

    outcome: str
    """``answered_and_ended``, ``busy``, ``no_answer``, ``failed``; ``refused`` by the gateway; or ``hung_up``."""
    at: float


@record
class SynthesisStarted:
    """A voice was asked for words."""

    segment: str
    text: str
    private: bool
    attempt: int
    at: float


@record
class SynthesisFirstAudio:
    """Its first audio came in."""

    segment: str
    slack: float
    """Seconds until that audio is due."""
    at: float
    provider: str = ""
    """Who made it: ``Synthesizer.name``."""
    region: str = ""
    """Where, if the provider has several."""


@record
class SynthesisEnded:
    """It is done, failed or was cancelled; exactly once for each start."""

    segment: str
    outcome: str
    """``done``, ``failed`` or ``cancelled``."""
    detail: str
    private: bool
    at: float


@record
class FragmentsReady:
    """A value was put together from fragments, whether they are heard or not. What it says is not told here."""

    segment: str
    samples: int
    """Its length on the wire; 0 where fragments cannot say it."""
    at: float


@record
class StaleDropped:
    """Something came for a stream, segment or lookup that is over."""

    what: str
    at: float


@record
class DialogFailed:
    """The dialog raised an error of its own; the fallback is said and the call ends."""

    error: str
    """The kind of error."""
    where: str
    """``file:line:column`` of a state or expression, ``prompts/file.py:line``; else where it was raised."""
    detail: str
    """The whole message of the error."""
    at: float
    private: bool = True
    what: str = ""
    """What of the message holds no value of a caller's; empty for errors of the project's own code."""

    @property
    def told(self) -> str:
        """Kind, place, and what may be shown to everybody."""
        return f"{self.error} at {self.where}" + (f": {self.what}" if self.what else "")


@record
class CallEnded:
    """The last event of a call."""

    reason: str
    at: float


CallEvent = (
    CallStarted
    | StateEntered
    | LocaleChosen
    | CoverChosen
    | TurnStarted
    | FirstAudio
    | FirstFrame
    | DigitHeard
    | BargedIn
    | CallerSpeaks
    | CallerSilent
    | RecordingStarted
    | RecordingEnded
    | PromptSaid
    | PromptSkipped
    | Asked
    | Listening
    | NoInput
    | LookupStarted
    | LookupEnded
    | TransferStarted
    | TransferEnded
    | SynthesisStarted
    | SynthesisFirstAudio
    | SynthesisEnded
    | FragmentsReady
    | StaleDropped
    | DialogFailed
    | CallEnded
)

TraceEvent = CallEvent | SoundEvent | DoorEvent
