"""A recording and an interruption by speech through ``ivr serve``'s server, on real sockets and in real time."""

from __future__ import annotations

import asyncio

import numpy as np
from runtime_bank import Babbler, open_house
from speaking_bank import LONG, RECORDS, with_dialog
from talker import speech

from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.media.wave import read_wav
from ivr.trace.events import BargedIn, CallEnded, CallerSpeaks, LookupEnded, RecordingEnded, RecordingStarted
from ivr.trace.jsonl import line as traced


async def test_a_recording_is_what_was_sent_within_the_quantisation_of_mu_law(loaded):
    recordings = []

    def keep(caller):
        recordings.append(caller)
        return "kept"

    said = speech(1.5)
    async with open_house(with_dialog(loaded, RECORDS), Babbler(), {"bank.balance": keep}) as house:
        async with house.call() as line:
            await line.until(RecordingStarted)
            await line.dialer.say(said)
            await line.until(RecordingEnded)
            await line.until(LookupEnded)
            await line.until(CallEnded)
    (recording,) = recordings
    samples, rate = read_wav(recording.wav())
    assert rate == 8000
    first = int(np.flatnonzero(samples)[0])
    quantised = mulaw_decode(mulaw_encode(said))
    near = range(max(0, first - 160), first + 160)
    at = next(n for n in near if np.array_equal(samples[n : n + 400], quantised[:400]))
    np.testing.assert_array_equal(samples[at : at + len(said)], quantised)
    assert np.max(np.abs(samples[at : at + len(said)] - said)) < 0.04  # half the widest step of mu-law
    assert b"recording of 1" not in b"".join(traced(event) for event in line.of())


async def test_speech_interrupts_at_once(loaded):
    async with open_house(with_dialog(loaded, LONG, "any"), Babbler()) as house:
        async with house.call() as line:
            await line.dialer.wait_heard(0.5)
            await line.dialer.say(speech(1.0))
            barge = await line.until(BargedIn)
            (speaks,) = line.of(CallerSpeaks)
            assert barge.by == "speech"
            assert barge.at == speaks.at
            await asyncio.sleep(0.1)
            assert len(line.far_end.cleared) == 1
