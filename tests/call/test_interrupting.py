"""What a digit interrupts, what it does not, and what was heard by then."""

from __future__ import annotations

from toy import clips, drive, make_plan

from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn
from ivr.trace.sound import SegmentStarted, Strategy


def test_a_held_digit_skips_what_may_be_interrupted():
    async def dialog(line):
        await line.say("legal")  # bargein: no
        await line.say("main")  # may be interrupted
        assert await line.ask() == "7"
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "7")])
    played = run.far.heard.played_samples(run.far.closed_at)
    assert played < clips()["legal"].samples + 4000


def test_the_last_words_of_a_call_are_heard_in_spite_of_a_stray_digit():
    async def dialog(line):
        await line.say("greeting")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "5")], until=60)
    assert run.of(BargedIn) == []
    assert run.far.heard.played_samples(run.far.closed_at) == clips()["greeting"].samples


def test_words_of_a_stream_that_is_not_all_here_are_not_overstated():
    # 40 characters = 2.3 s of babble; the caller interrupts after about 0.5 s of it, with 1.2x pace little more is here
    text = "alpha beta gamma delta epsilon zeta eta theta"

    async def dialog(line):
        await line.say("news", headline=text)
        await line.ask()

    run = drive(make_plan(dialog), voice=ScriptedVoice(first_audio=0.1, pace=1.2), keys=[(1.4, "1")], until=3)
    heard = run.of(BargedIn)[0].heard.removeprefix("The news,").strip()
    stream = next(e for e in run.of(SegmentStarted) if e.strategy is Strategy.STREAM)
    truth = (1.4 - stream.sounds_at) / (0.06 * len(text))
    assert len(heard) / len(text) <= truth + 0.1
