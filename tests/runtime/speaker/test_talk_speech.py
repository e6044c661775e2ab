"""A caller who speaks at the speaker, into a file: the microphone's sound takes the way of any gateway's."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from runtime_bank import Babbler
from speaking_bank import LONG, RECORDS, with_dialog
from talker import pause, speech

from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.speaker.hurry import HurriedLoop
from ivr.runtime.speaker.talk import Talk
from ivr.trace.events import BargedIn, CallerSpeaks, Listening, RecordingEnded, RecordingStarted


def talk(project, heard, rate, keep=lambda caller: 0):
    events = []
    lookups = LookupDesk({"bank.balance": keep})
    with asyncio.Runner(loop_factory=HurriedLoop) as runner:
        made = Talk(project, Babbler(), lookups, lambda _, event: events.append(event), "+1555")
        ended, sound = runner.run(made.to_file(heard, rate))
    return events, ended, sound


@pytest.mark.parametrize("rate", [8000, 44100])
def test_speech_interrupts_at_the_speaker(loaded, rate):
    heard = np.concatenate([pause(1.0, rate), speech(1.5, rate)])
    events, ended, _ = talk(with_dialog(loaded, LONG, "speech"), heard, rate)
    (barge,) = [event for event in events if isinstance(event, BargedIn)]
    assert barge.by == "speech" and 1.1 < barge.at < 1.3
    (speaks,) = [event for event in events if isinstance(event, CallerSpeaks)]
    assert speaks.since == pytest.approx(1.0, abs=0.1)
    (listens,) = [event for event in events if isinstance(event, Listening)]
    assert listens.at == pytest.approx(2.5, abs=0.1)
    assert ended.reason == "the dialog ended"


def test_where_no_words_allow_it_speech_is_not_listened_to(loaded):
    heard = np.concatenate([pause(1.0), speech(1.5)])
    events, _, _ = talk(with_dialog(loaded, LONG), heard, 8000)
    assert not [event for event in events if isinstance(event, BargedIn | CallerSpeaks)]


def test_a_message_at_the_speaker(loaded):
    recordings = []

    def keep(caller):
        recordings.append(caller)
        return 1

    events, _, _ = talk(with_dialog(loaded, RECORDS), np.concatenate([pause(2.5), speech(2.0)]), 8000, keep)
    (started,) = [event for event in events if isinstance(event, RecordingStarted)]
    (recording,) = recordings
    assert started.at < 2.5
    assert recording.spoken == pytest.approx(2.0, abs=0.1)
    assert [event.why for event in events if isinstance(event, RecordingEnded)] == ["silence"]
