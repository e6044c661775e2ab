"""What a prompt becomes: its wordings, the pause before them, and a segment for each."""

from __future__ import annotations

from ivr.call.lookups import Lookups
from ivr.call.pending import NO_FRAGMENTS, Pending
from ivr.call.plan import CallPlan
from ivr.call.voicing import Voicing
from ivr.catalog.phrase import Catalogue
from ivr.catalog.wording import Awaited, Fixed, Live, Pause, Unsayable, Wording, resolve
from ivr.dialog.requests import Handle, Say
from ivr.errors import ClipError
from ivr.media.private import Private
from ivr.playout.playout import Playout
from ivr.playout.segments import ClipSegment, Segment, SilenceSegment
from ivr.trace.sound import UNSAYABLE


class Sentences:
    """Of one stream."""

    def __init__(self, plan: CallPlan, playout: Playout, lookups: Lookups, voicing: Voicing, pending: Pending) -> None:
        self._plan = plan
        self._playout = playout
        self._lookups = lookups
        self._voicing = voicing
        self._pending = pending
        self._pause: Pause | None = None
        """What is to be between the last words and the next ones."""

    def wordings(self, request: Say, catalogue: Catalogue) -> tuple[Wording, ...]:
        """The prompt with the values that are known by now.

        Raises ``PhraseNotFound``.
        """
        values = {name: self._settled(value) for name, value in request.values.items()}
        currency = self._plan.read_back.currency
        return resolve(
            catalogue, request.prompt, values, request.attempt, waiting=Handle, currency=currency, lenient=True
        )

    def with_pauses(self, wordings: tuple[Wording, ...]) -> tuple[Wording, ...]:
        """Behind words that still sound their last pause comes first; the pause after these is kept for later."""
        before = self._pause if self._playout.saying else None
        self._pause = None
        if wordings and isinstance(last := wordings[-1], Pause):
            self._pause = last
            wordings = wordings[:-1]
        return wordings if before is None else (before, *wordings)

    def segment(self, id: str, wording: Wording, now: float) -> Segment:
        """How playout says it; raises ``ClipError`` for a clip that is not in memory."""
        match wording:
            case Fixed(clip=name, text=text):
                clip = self._plan.clips.get(name)
                if clip is None:
                    raise ClipError(f"the clip '{name}' is not in memory: run ivr render and start again")
                return ClipSegment(id, clip, text)
            case Pause(seconds=seconds):
                format = self._plan.capabilities.out_format
                return SilenceSegment(id, format.whole_frames(format.samples(seconds)))
            case Live():
                words = self._voicing.segment(id, wording, now)
                return self._pending.refuse(id, NO_FRAGMENTS) if words is None else words
            case Unsayable(why=why):
                return self._pending.refuse(id, f"{UNSAYABLE}: {why}")
            case Awaited():
                return self._pending.wait(id, wording)

    def _settled(self, value: object) -> object:
        if isinstance(value, Handle) and (result := self._lookups.result(value)) is not None and result.error is None:
            return Private(result.value) if value.private else result.value
        return value
