"""The toy bank over Asterisk: its clips in each format, and ``call``, which runs one call in virtual time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import toy
from toy import ANSWERS, HOLD, Recorder, Run, make_plan

from ivr.call.plan import CallPlan
from ivr.catalog.phrase import Literal
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
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.asterisk_channel import Channel
from ivr.testing.line import Path
from ivr.testing.voices import ScriptedVoice, SpeechScript, babble

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
    chance = random.Random(seed)
    ways = [
        Path(path, [chance.uniform(0, jitter) for _ in range(4000)] if jitter else ()) for path in (path_out, path_in)
    ]
    far = AsteriskFarEnd("17.1", channel, variables or {"from": "+1555"}, path_out=ways[0], path_in=ways[1])
    answers = ANSWERS if lookups is None else {**ANSWERS, **lookups}
    codec = Parameters(query)
    driver = Recorder(plan_ or plan(channel.format), codec, far, voice or ScriptedVoice(), answers)
    for at, key in keys:
        driver.at(at, lambda now, key=key: far.press(key, now, held))
    if hang_up_at is not None:
        driver.at(hang_up_at, far.hang_up)
    if setup is not None:
        setup(driver, far)
    longest = max(path_out, path_in) + jitter
    run = Run(driver, far, longest)
    run.trace = driver.run(until)
    far.handle_timer(driver.now + longest + 0.001)
    return run
