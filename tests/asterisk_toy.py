"""The toy bank over Asterisk: its clips in each format, and ``call``, which runs one call in virtual time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import toy
from toy import ANSWERS, HOLD, Recorder, Run, caller, make_plan, to_its_end, ways

from ivr.call.plan import CallPlan
from ivr.catalog.phrase import Catalogue, Literal, Phrase
from ivr.gateways.asterisk.codec import AsteriskCodec
from ivr.gateways.asterisk.formats import capabilities
from ivr.gateways.events import GatewayEvent, StreamStarted
from ivr.media.clip import Clip, make_clip
from ivr.media.edges import trim
from ivr.media.format import AudioFormat
from ivr.media.level import level
from ivr.media.pcm import decode
from ivr.media.resample import resample
from ivr.playout.covers import Covers
from ivr.playout.pacing import Schedule
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.asterisk_channel import Channel
from ivr.testing.voices import ScriptedVoice, SpeechScript, babble
from ivr.trace.sound import MarkResolved

NOTATIONS = (True, False)
FORMATS = ("ulaw", "alaw", "slin", "slin12", "slin16", "slin24", "g722")


def _again(clip: Clip, text: str, format: AudioFormat) -> Clip:
    """At another rate from the source, else from the clip's own samples."""
    if format.rate == clip.format.rate:
        return make_clip(decode(clip.payload, clip.format), format, clip.name)
    made = (
        resample(babble(text), 22050, format.rate)
        if text
        else resample(decode(clip.payload, clip.format), 8000, format.rate)
    )
    return make_clip(level(trim(made, format.rate) if text else made, format.rate, -20.0), format, clip.name)


@cache
def clips(format: AudioFormat) -> Mapping[str, Clip]:
    if format == toy.MULAW_8K:
        return toy.clips()
    texts = {
        part.clip: part.text
        for phrase in toy.catalogue().phrases.values()
        for part in phrase.parts
        if isinstance(part, Literal)
    }
    return {name: _again(clip, texts.get(name, ""), format) for name, clip in toy.clips().items()}


def plan(name: str = "ulaw", base: CallPlan | None = None, **limits: Any) -> CallPlan:
    """The bank for a channel of that format; ``limits`` replace what the gateway can do."""
    able = replace(capabilities(name), **limits)
    made = clips(able.out_format)
    covers = Covers(made["one_moment"], "One moment.", made[HOLD], made["sorry"], "I am sorry.")
    return replace(base or make_plan(), capabilities=able, clips=made, covers=covers)


class Parameters(AsteriskCodec):
    """Adds what the upgrade's query said, as the shell does."""

    def __init__(self, query: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._query = dict(query or {})

    def receive(self, message: str | bytes) -> list[GatewayEvent]:
        events = super().receive(message)
        return [
            replace(e, parameters={**self._query, **e.parameters}) if isinstance(e, StreamStarted) else e
            for e in events
        ]


def call(
    channel: Channel | None = None,
    plan_: CallPlan | None = None,
    *,
    keys: Iterable[tuple[float, str]] = (),
    voice: SpeechScript | None = None,
    lookups: Mapping[str, Any] | None = None,
    path_out: float = 0.0,
    path_in: float = 0.0,
    jitter: float = 0.0,
    hang_up_at: float | None = None,
    query: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    held: float = 0.0,
    seed: int = 0,
    until: float = 120.0,
    setup: Any = None,
) -> Run:
    """One call; see ``toy.drive``. The variables' ``from`` is +1555 unless they say otherwise."""
    channel = channel or Channel()
    out, back = ways(path_out, path_in, jitter, seed, 4000)
    far = AsteriskFarEnd("17.1", channel, variables or {"from": "+1555"}, path_out=out, path_in=back)
    answers = ANSWERS if lookups is None else {**ANSWERS, **lookups}
    codec = Parameters(query)
    driver = Recorder(plan_ or plan(channel.format), codec, far, voice or ScriptedVoice(), answers)
    caller(driver, far, keys, hang_up_at, held=held)
    if setup is not None:
        setup(driver, far)
    return to_its_end(driver, far, max(path_out, path_in) + jitter, until)


TALKING = Channel(sends_silence=True)


def channels(**changes: Any) -> list[Channel]:
    return [replace(TALKING, json=json, **changes) for json in NOTATIONS]


def sound(run: Run) -> np.ndarray:
    """All that was heard, without the silence between runs."""
    pieces = run.heard._sound
    return np.concatenate([decode(p, run.far.format) if isinstance(p, bytes) else p for p in pieces])


def is_whole(run: Run) -> None:
    """All that was sent arrived in whole frames, and every mark was resolved at most once."""
    queue = run.far.queue
    assert run.far.protocol_errors == queue.dropped == queue.cut_off == []
    names = [event.name for event in run.of(MarkResolved)]
    assert len(names) == len(set(names))


def prompts(seconds: float, clip: float = 2.0) -> Any:
    """A dialog that says so many seconds without a pause between its clips."""

    async def dialog(line: Any) -> None:
        for _ in range(round(seconds / clip)):
            await line.say("long")
        await line.ask(1.0)

    return dialog


def long_plan(lead: float, message: float = 0.1, seconds: float = 60.0) -> CallPlan:
    base = plan()
    phrase = Phrase("long", "en-US", "A long story.", (Literal("long", "A long story."),))
    words = Catalogue("en-US", {**toy.catalogue().phrases, "long": phrase}, {})
    clips = {**base.clips, "long": toy.make_tone(2.0, "long")}
    made = make_plan(prompts(seconds), schedule=Schedule(lead, message))
    return replace(made, capabilities=base.capabilities, catalogue=words, clips=clips)
