"""The recording that a dialog waits for: behind the words before it comes the beep, and behind that the recording.

Rules:

* The beep is heard to its end, by its mark, before anything is taken down, and nothing interrupts it.
* Keys pressed before end no recording; of these a command is obeyed, and the others are thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable

from ivr.call.ears import Ears
from ivr.call.outbox import Outbox
from ivr.call.saying import Saying
from ivr.call.speaking import Speaking
from ivr.dialog.listen import Ended, Typed
from ivr.dialog.requests import Record
from ivr.listening.events import SpeechEvent
from ivr.listening.recorder import Over
from ivr.media.recording import Recording
from ivr.trace.events import NoInput, RecordingEnded, RecordingStarted

Outcome = tuple[Recording | Typed | None]
"""What the dialog is answered; in a tuple, because None is an answer too."""


class Message:
    """Of one call: the recording that is wanted now, if any."""

    def __init__(self, ears: Ears, outbox: Outbox) -> None:
        self._ears = ears
        self._outbox = outbox
        self._request: Record | None = None
        self._beeped = False

    def want(self, request: Record, ahead: Iterable[str]) -> Typed | None:
        """The dialog asks for one, with those keys typed ahead; the command among them, if there is one."""
        command = next((key for key in ahead if key in request.listen.commands), None)
        if command is not None:
            return Typed(command, Ended.COMMAND)
        self._request, self._beeped = request, False
        return None

    def quiet(self, speaking: Speaking, saying: Saying, now: float) -> list[SpeechEvent]:
        """All words before it were heard, or cut off; or the beep was. Told what that brings to light."""
        request = self._request
        if request is None or self._ears.recorder is not None:
            return []
        if request.beep and not self._beeped:
            self._beeped = True
            saying.protect(speaking.beep(now))
            return []
        events = self._ears.record(request, now)
        self._outbox.note(RecordingStarted(request.longest, now))
        return events

    def key(self, key: str, now: float) -> Outcome | None:
        """The caller pressed a key; what that ends, if it does."""
        request = self._request
        if request is None:
            return None
        if key in request.listen.commands:
            self._take(Over.KEY, now, "command")
            return (Typed(key, Ended.COMMAND),)
        recording = self._ears.recorder is not None
        return (self._take(Over.KEY, now),) if recording and key in request.listen.end else None

    def over(self, now: float) -> Outcome | None:
        """What the dialog is answered, if it is over by what came, or did not."""
        recorder = self._ears.recorder
        if recorder is None or recorder.over is None:
            return None
        recording = self._take(Over.NOTHING, now)
        if recording is None:
            self._outbox.note(NoInput(now))
        return (recording,)

    def stop(self, over: Over, now: float) -> Outcome | None:
        """The stream or the call ends; what there is, if it had begun."""
        if self._ears.recorder is not None:
            return (self._take(over, now),)
        self._beeped = False
        return None

    def _take(self, over: Over, now: float, why: str = "") -> Recording | None:
        """``over`` counts unless it was over before."""
        recorder, self._ears.recorder = self._ears.recorder, None
        self._request = None
        if recorder is None:
            return None
        recorder.end(over)
        recording = recorder.recording()
        seconds, missing = (recording.seconds, recording.missing) if recording is not None else (0.0, 0.0)
        self._outbox.note(RecordingEnded(why or str(recorder.over), seconds, missing, now))
        return recording
