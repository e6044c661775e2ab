"""The toy bank over AudioSocket: ``call`` runs one call in virtual time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from asterisk_toy import clips
from toy import ANSWERS, HOLD, Recorder, Run, caller, make_plan, to_its_end, ways

from ivr.call.plan import CallPlan, Wires
from ivr.gateways.audiosocket.codec import AudioSocketCodec
from ivr.gateways.audiosocket.formats import capabilities
from ivr.gateways.audiosocket.packets import Packets
from ivr.gateways.codec import Capabilities
from ivr.gateways.events import GatewayEvent
from ivr.playout.covers import Covers
from ivr.testing.audiosocket import AudioSocketFarEnd
from ivr.testing.audiosocket_channel import Channel
from ivr.testing.voices import ScriptedVoice, SpeechScript

TALKING = Channel(sends_silence=True)


def plan(rate: int = 8000, base: CallPlan | None = None) -> CallPlan:
    """The bank for a call that is presumed to be at ``rate``, and for every other it may turn out to be."""
    base = base or make_plan()

    def make(able: Capabilities) -> CallPlan:
        made = clips(able.out_format)
        covers = Covers(made["one_moment"], "One moment.", made[HOLD], made["sorry"], "I am sorry.")
        return replace(base, capabilities=able, clips=made, covers=covers if base.covers is not None else None)

    return Wires(make).plan(capabilities(rate))


class Stream(AudioSocketCodec):
    """Takes pieces of the stream, as the shell's listener does."""

    def __init__(self, presumed: int = 8000) -> None:
        super().__init__(presumed)
        self._packets = Packets()

    def receive(self, message: str | bytes) -> list[GatewayEvent]:
        assert isinstance(message, bytes)
        return [event for packet in self._packets.cut(message) for event in super(Stream, self).receive(packet)]


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
    chunks: Iterable[int] = (),
    hang_up_at: float | None = None,
    presumed: int = 8000,
    late: Any = None,
    seed: int = 0,
    until: float = 120.0,
    setup: Any = None,
) -> Run:
    """One call; see ``toy.drive``."""
    channel = channel or TALKING
    out, back = ways(path_out, path_in, jitter, seed, 9000)
    far = AudioSocketFarEnd(channel=channel, path_out=out, path_in=back, chunks=chunks)
    answers = ANSWERS if lookups is None else {**ANSWERS, **lookups}
    driver = Recorder(plan_ or plan(presumed), Stream(presumed), far, voice or ScriptedVoice(), answers)
    driver.late = late
    caller(driver, far, keys, hang_up_at)
    if setup is not None:
        setup(driver, far)
    return to_its_end(driver, far, max(path_out, path_in) + jitter, until, rest=0.100)
