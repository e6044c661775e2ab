"""How soon the voice gate is sure, what it misses, what it takes for speech, and what it costs.

``python -m bench.listening`` hears the starter's rendered words as a telephone brings them (mu-law, 8 kHz), at several
levels and with noise beneath. No caller was recorded for it: these are one synthetic voice's words.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from itertools import count

import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.call.call import Call
from ivr.call.plan import plan_calls
from ivr.dialog.line import Line
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.listening.events import SpeechStarted
from ivr.listening.gate import VoiceGate
from ivr.listening.webrtc import WebRtcDetector
from ivr.media.clip import onset
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.media.pcm import decode
from ivr.media.samples import Samples, silence
from ivr.media.tones import noise
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.driver import EPOCH
from ivr.trace.report import percentiles

RATE, FRAME = 8000, 160
LEVELS = (-20.0, -30.0, -40.0)
"""LUFS of the caller's words."""
NOISES = (-70.0, -55.0, -45.0, -35.0)
"""dBFS, RMS, of white noise under them."""
ALONE = 60.0
"""Seconds of noise without words."""


def words() -> Iterator[Samples]:
    """The starter's rendered clips, at -20 LUFS."""
    project = load(starter_root(), {})
    for name, clip in project.store.clips(MULAW_8K).items():
        if name != project.settings.cover.hold:
            yield decode(clip.payload, MULAW_8K)[onset(clip.payload, MULAW_8K) :]


def told(sound: Samples, *, over_words: bool) -> list[tuple[float, object]]:
    """Events with the seconds at which a gateway's frame of 20 ms had brought them."""
    gate = VoiceGate(WebRtcDetector(RATE))
    gate.over_words = over_words
    return [
        ((start + FRAME) / RATE, event)
        for start in range(0, len(sound), FRAME)
        for event in gate.push(sound[start : start + FRAME])
    ]


def delays(level: float, under: float, *, over_words: bool) -> list[float | None]:
    """From the first sound of each prompt to the gate's word; None where it came later than 2 s, or not."""
    found: list[float | None] = []
    for seed, said in zip(count(), words(), strict=False):
        lead = 1.0 + seed * 0.0037  # so that words begin anywhere in a frame
        quiet = silence(round(lead * RATE))
        line = np.concatenate((quiet, said * np.float32(10 ** ((level + 20) / 20)), silence(RATE)))
        heard = mulaw_decode(mulaw_encode(line + noise(len(line), under, seed)))
        starts = [at for at, event in told(heard, over_words=over_words) if isinstance(event, SpeechStarted)]
        first = starts[0] - len(quiet) / RATE if starts else None
        found.append(first if first is not None and 0 < first <= 2 else None)
    return found


def cost() -> tuple[float, float]:
    """Microseconds of processor for 20 ms of words, and of silence."""
    spoken = np.concatenate(list(words()))
    spent = []
    for sound in (spoken, silence(len(spoken))):
        gate = VoiceGate(WebRtcDetector(RATE))
        payload = mulaw_encode(sound)
        began = time.process_time()
        for start in range(0, len(payload), FRAME):
            gate.push(mulaw_decode(payload[start : start + FRAME]))
        spent.append((time.process_time() - began) / (len(payload) / FRAME) * 1e6)
    return spent[0], spent[1]


def in_a_call() -> tuple[float, float]:
    """Microseconds of processor for one media message of 20 ms: where its sound is wanted, and where it is not."""
    payload = mulaw_encode(np.concatenate(list(words())))
    frames = [base64.b64encode(payload[start : start + FRAME]).decode() for start in range(0, len(payload), FRAME)]
    plan = plan_calls(load(starter_root(), {}), TWILIO, provider="scripted", dialog=_listens)
    spent = []
    for wanted in (True, False):
        codec = TwilioCodec()
        call = Call("bench", plan, codec, EPOCH)
        call.receive(*codec.receive('{"event":"start","start":{"streamSid":"MZ","callSid":"CA"}}'), 0.0)
        codec.listening = codec.listening and wanted
        began = time.process_time()
        for number, frame in enumerate(frames):
            media = f'{{"event":"media","media":{{"timestamp":"{20 * number}","payload":"{frame}"}}}}'
            for event in codec.receive(media):
                call.receive(event, 0.02 * number)
                call.effects(), call.trace(), call.next_timer(0.02 * number)
        spent.append((time.process_time() - began) / len(frames) * 1e6)
    return spent[0], spent[1]


async def _listens(line: Line) -> None:
    await line.record(longest=600.0, silence=600.0, first=600.0, beep=False)


def main() -> None:
    """Print the tables."""
    console = Console(highlight=False)
    for over_words in (False, True):
        table = Table(title="while our own words sound" if over_words else "in silence", title_justify="left")
        for column in ("words, LUFS", "noise, dBFS", "sure after, ms: p50", "p95", "max", "not within 2 s"):
            table.add_column(column, justify="right")
        for level in LEVELS:
            for under in NOISES:
                if under > level - 10:
                    continue
                found = delays(level, under, over_words=over_words)
                good = [delay * 1000 for delay in found if delay is not None]
                figures = percentiles(good, (50, 95, 100))
                shown = [f"{figures[percent]:.0f}" if figures else "-" for percent in (50, 95, 100)]
                table.add_row(f"{level:.0f}", f"{under:.0f}", *shown, f"{len(found) - len(good)} of {len(found)}")
        console.print(table)
    for under in NOISES:
        line = noise(round(ALONE * RATE), under, 1)
        starts = [
            sum(isinstance(event, SpeechStarted) for _, event in told(line, over_words=over)) for over in (False, True)
        ]
        console.print(
            f"{ALONE:.0f} s of noise at {under:.0f} dBFS: taken for speech {starts[0]} times, {starts[1]} over words"
        )
    speech, quiet = cost()
    heard, unheard = in_a_call()
    console.print(f"20 ms of words cost the gate {speech:.0f} µs, of silence {quiet:.0f} µs")
    console.print(f"a message of 20 ms costs a call that listens {heard:.0f} µs, one that does not {unheard:.1f} µs")


if __name__ == "__main__":
    main()
