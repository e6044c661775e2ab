"""What a scripted caller does, over the gateways, and what surrounds the call: held against the call itself."""

from itertools import pairwise

import numpy as np
import pytest
from scenario_line import of, play, stage

from ivr.catalog.party import TransferOutcome
from ivr.media.pcm import decode
from ivr.media.resample import resample
from ivr.media.wave import write_wav
from ivr.project.disk.layout import CALLS
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Answer
from ivr.simulator.scenario.file import read_scenario
from ivr.simulator.scenario.model import Repeat, Scenario, Wait, count
from ivr.testing.voices import babble
from ivr.trace.events import BargedIn, CallEnded, DigitHeard, RecordingEnded, TransferEnded, TransferStarted

GATEWAYS = ("twilio", "asterisk/ulaw", "asterisk/slin16", "asterisk/g722", "audiosocket")
SAID = babble("hello how are you today my dear friend")
"""What the caller says, at 22,050 Hz."""


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    made = stage(tmp_path_factory.mktemp("line"))
    folder = made.project.root / CALLS
    folder.mkdir()
    (folder / "hello.wav").write_bytes(write_wav([SAID], 22050))
    return made


def beside(line):
    """A scenario that finds the sounds of the project's."""
    return line.project.root / CALLS / "x.yaml"


def alike(heard, said):
    """How much of one sound is in another, wherever: 1 for all of it."""
    size = len(heard) + len(said)
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)
    return found.max() / (np.linalg.norm(heard) * np.linalg.norm(said))


def told(report):
    return {verdict.what: verdict for verdict in report.verdicts}


# ---- speak


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_sound_that_is_spoken_is_what_the_dialog_records(line, gateway):
    kept = []
    conditions = Conditions(lookups={"shop.keep": lambda message: kept.append(message) or Answer(True)})
    text = "steps: [press: 1, phrase: speak, speak: hello.wav, phrase: kept, press: 9, ended: yes]\n"
    report = play(line, text, gateway, file=beside(line), conditions=conditions)
    assert report.failures == ()
    (message,) = kept
    rate = message.format.rate
    heard, said = decode(message.payload, message.format), resample(SAID, 22050, rate)
    assert alike(heard, said) > 0.9 > 0.5 > alike(heard[::-1], said)
    verdicts = list(report.verdicts)
    at = [verdict.what for verdict in verdicts].index("speak hello.wav")
    assert verdicts[at].at - verdicts[at - 1].at == pytest.approx(len(SAID) / 22050, abs=0.001)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_words_are_interrupted_by_a_voice(line, gateway):
    text = "steps: [press: 4, interrupt: {at: we can help, speak: hello.wav}, press: 9, phrase: bye, ended: yes]\n"
    report = play(line, text, gateway, file=beside(line))
    assert report.failures == ()
    barged = [event for event in of(report, BargedIn) if event.by == "speech"]
    assert [event.heard.startswith("Tell us how") for event in barged] == [True]
    assert told(report)["interrupt at 'we can help': speak hello.wav"].detail.endswith(f"'{barged[0].heard}'")


def test_a_sound_that_is_none_and_one_that_is_not_there(line):
    (line.project.root / CALLS / "none.wav").write_bytes(b"RIFF, or not")
    text = "steps:\n- speak: none.wav\n- speak: nowhere.wav\n- speak: loudly\n"
    _, problems = read_scenario(text, str(beside(line)), line.project)
    assert [str(each).partition(": ")[2].partition(",")[0] for each in problems] == [
        "none.wav: not a WAV file: it begins with b'RIFF",
        "nowhere.wav: there is no such file",
        "'loudly' is no .wav file and no duration",
    ]


# ---- repeat


def test_loops_are_done_so_many_times_and_each_time_is_told(line):
    inner = "{times: 2, steps: [press: 8, wait: 200ms]}"
    text = f"steps:\n- repeat: {{times: 3, steps: [wait: 1s, repeat: {inner}]}}\n- press: 9\n- ended: yes\n"
    report = play(line, text)
    assert report.ok and report.digits == "888888" + "9"
    steps = [verdict.what for verdict in report.verdicts]
    assert steps[:5] == [
        "wait 1 s (1 of 3)",
        "press 8 (1 of 3) (1 of 2)",
        "wait 0.2 s (1 of 3) (1 of 2)",
        "press 8 (1 of 3) (2 of 2)",
        "wait 0.2 s (1 of 3) (2 of 2)",
    ]
    assert [verdict.line for verdict in report.verdicts[:15]] == [2] * 15
    pressed = [event.at for event in of(report, DigitHeard)]
    assert [round(b - a, 3) for a, b in pairwise(pressed[:6])] == [0.3, 1.3, 0.3, 1.3, 0.3]


def test_a_loop_that_fails_is_not_gone_on_with(line):
    text = "steps:\n- repeat: {times: 3, steps: [press: 8, {hear: Nobody says this, within: 1s}]}\n- press: 9\n"
    report = play(line, text)
    assert [verdict.ok for verdict in report.verdicts] == [True, False, None, None, None, None, None]
    assert report.digits == "8"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            "[repeat: {times: 2, steps: [hang_up: yes]}]",
            "the step 'hang_up' ends the call, so that nothing is done again",
        ),
        ("[repeat: {times: 2, steps: [repeat: {times: 1, steps: [ended: 1s]}]}]", "the step 'ended' ends the call"),
        ("[repeat: {times: 1, steps: [ended: 1s]}, press: 1]", "the call is over after the step 'ended'"),
        ("[interrupt: {after: 1s, hang_up: yes}, press: 1]", "the call is over after the step 'interrupt'"),
        ("[repeat: {times: 1000, steps: [repeat: {times: 1000, steps: [wait: 1s]}]}]", "it has 1,000,000 steps"),
    ],
)
def test_loops_that_can_never_be(line, steps, said):
    found, problems = read_scenario(f"steps: {steps}\n", "x.yaml", line.project)
    assert found == [] and len(problems) == 1 and said in problems[0].what


def test_what_a_loop_counts_for():
    assert count((Wait(1), Repeat(3, (Wait(1), Repeat(2, (Wait(1), Wait(1))))))) == 1 + 3 * (1 + 2 * 2)


# ---- interrupting what was sent and not heard


@pytest.mark.parametrize("gateway", ["twilio", "asterisk/ulaw", "audiosocket"])
def test_a_key_between_the_sending_of_words_and_their_hearing(line, gateway):
    text = "network: {out: 150ms, back: 50ms}\nsteps: [interrupt: {sent: hello, press: 9}, phrase: bye, ended: yes]\n"
    report = play(line, text, gateway)
    assert report.failures == ()
    pressed = float(report.verdicts[0].detail.removeprefix("at ").partition(" s")[0])
    first = report.made.phone.heard.start
    assert first is None or pressed < first + 0.01
    (key,), (barged,) = of(report, DigitHeard), of(report, BargedIn)
    told = pressed + 0.05 + (0.1 if gateway == "asterisk/ulaw" else 0)  # which tells a key when it is let go
    assert key.at == pytest.approx(told, abs=0.006) and barged.heard == ""
    assert "Hello" not in report.verdicts[1].detail


def test_without_a_way_words_are_heard_as_soon_as_they_are_sent(line):
    report = play(line, "steps: [hear: Hello, interrupt: {sent: hello, press: 9, within: 1s}]\n")
    (failure,) = report.failures
    assert failure.detail.startswith("the moment did not come")


# ---- hanging up


@pytest.mark.parametrize("gateway", ["twilio", "asterisk/ulaw", "audiosocket"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("steps: [hear: Hello, {hang_up: yes, at: 2s}]\n", 2.0),
        ("hang_up: 2s\nsteps: [hear: Hello, wait: 10s, press: 9]\n", 2.0),
        ("steps: [wait: 1s, {hang_up: yes, after: 500ms}]\n", 1.5),
        ("steps: [wait: 1s, hang_up: yes]\n", 1.0),
        ("steps: [interrupt: {after: 700ms, hang_up: yes}]\n", None),
    ],
)
def test_a_caller_hangs_up_at_an_instant(line, gateway, text, left):
    report = play(line, f"network: {{out: 20ms, back: 30ms}}\n{text}", gateway)
    assert report.failures == ()
    (ended,) = of(report, CallEnded)
    if left is None:
        left = float(report.verdicts[0].detail.removeprefix("at ").removesuffix(" s"))
    assert ended.at == pytest.approx(left + 0.03, abs=0.006)
    assert report.digits == ""


def test_an_instant_that_is_over_is_told(line):
    (failure,) = play(line, "steps: [wait: 2s, {hang_up: yes, at: 1s}]\n").failures
    assert failure.detail == "1 s of the call were over: it was 2.00 s"


@pytest.mark.parametrize("gateway", ["twilio", "asterisk/ulaw", "audiosocket"])
def test_a_caller_who_has_left_is_not_taken_for_the_other_side(line, gateway):
    report = play(line, "hang_up: 1s\nsteps: [hear: Hello, {ended: 5s}]\n", gateway)
    assert report.ok
    assert [(verdict.ok, verdict.detail) for verdict in report.verdicts[1:2]] == [(None, "the caller had hung up")]


# ---- transfers

ANSWERED, BUSY, NO_ANSWER, FAILED = TransferOutcome


@pytest.mark.parametrize("gateway", ["twilio", "asterisk/ulaw"])
@pytest.mark.parametrize(
    ("comes", "ends", "state", "words"),
    [
        ("{outcome: answered_and_ended, after: 40s}", ANSWERED, "back", "You are back"),
        ("{outcome: busy, after: 7s}", BUSY, "busy", "The desk is busy"),
        ("{outcome: no_answer, after: 30s}", NO_ANSWER, "nobody", "Nobody answers"),
        ("{outcome: failed}", FAILED, "failed", "That did not work"),
        ("{refused: no such line, after: 0.1s}", "refused", "failed", "That did not work"),
    ],
)
def test_what_comes_of_a_transfer(line, gateway, comes, ends, state, words):
    text = f"transfers: [{comes}]\nsteps: [press: 3, phrase: connecting, {{hear: {words}, within: 60s}}, ended: yes]\n"
    report = play(line, text + f"expect: {{states: [number, {state}, end]}}\n", gateway)
    assert report.failures == ()
    (began,), (ended,) = of(report, TransferStarted), of(report, TransferEnded)
    assert (began.to, ended.outcome) == ("+15550123", ends)
    after = float(comes.partition("after: ")[2].partition("s")[0] or 0)
    assert ended.at - began.at == pytest.approx(after)


def test_a_kind_of_place_that_a_gateway_cannot_reach_is_refused_at_once(line):
    text = "transfers: [{outcome: busy}]\nsteps: [press: 2, phrase: connecting, phrase: failed, ended: yes]\n"
    report = play(line, text, "twilio")
    assert report.ok and of(report, TransferStarted) == []


def test_a_transfer_without_an_outcome_is_told_where_it_matters(line):
    report = play(line, "steps: [press: 3, phrase: connecting, {phrase: busy, within: 40s}]\n")
    assert [failure.what for failure in report.failures] == [
        "hear the phrase busy within 40 s",
        "the transfer comes to something",
    ]
    text = (
        "transfers: [{outcome: busy, after: 30s}]\nsteps: [press: 3, phrase: connecting, {hang_up: yes, after: 5s}]\n"
    )
    left = play(line, text)
    assert left.ok and [event.outcome for event in of(left, TransferEnded)] == ["hung_up"]


def test_a_gateway_that_transfers_no_call_is_told(line):
    text = "gateway: audiosocket\ntransfers: [{outcome: busy}]\nsteps: [wait: 1s]\n"
    (problem,) = read_scenario(text, "x.yaml", line.project)[1]
    assert str(problem) == "x.yaml:2:1: audiosocket transfers no call, remove it, or use another gateway"


# ---- the way


@pytest.mark.parametrize("loss", [0, 0.1, 0.5])
def test_so_much_of_what_the_caller_says_is_lost(line, loss):
    text = f"network: {{loss: {loss}}}\nlookups: {{shop.keep: {{value: yes}}}}\n"
    text += "steps: [press: 1, phrase: speak, speak: 12s, phrase: kept, press: 9, ended: yes]\n"
    reports = [play(line, text, seed=seed) for seed in (1, 1, 2)]
    assert all(report.ok for report in reports)
    # Half a second of silence is kept behind the last sound, for which none came either.
    lost = [(event.missing - 0.5) / (event.seconds - 0.5) for report in reports for event in of(report, RecordingEnded)]
    assert lost[0] == lost[1] == pytest.approx(loss, abs=0.06)
    assert (lost[2] == lost[0]) == (loss == 0)


def test_all_of_it_is_lost(line):
    text = "network: {loss: 1}\nsteps: [press: 1, phrase: speak, speak: 4s, ended: 20s]\n"
    report = play(line, text + "expect: {never: keep}\n")
    assert report.ok and [event.why for event in of(report, RecordingEnded)] == ["nothing"]


@pytest.mark.parametrize(("queue", "fits"), [("300ms", False), ("2s", True)])
def test_a_queue_that_is_too_short_is_told_though_words_seem_to_be_heard(line, queue, fits):
    text = f"network: {{queue: {queue}}}\nsteps: [phrase: hello, phrase: menu, press: 9, ended: yes]\n"
    report = play(line, text + "expect: {dead_air: off}\n")
    assert report.ok is fits
    assert bool(report.made.phone.dropped) is not fits
    if not fits:
        (failure,) = report.failures
        assert failure.what == "twilio drops no sound" and failure.detail.startswith("its queue was full at 0.00 s")


def test_audiosocket_has_so_little_on_its_way_that_a_short_queue_holds_it(line):
    text = "gateway: audiosocket\nnetwork: {queue: 100ms}\nsteps: [phrase: hello, phrase: menu, press: 9, ended: yes]\n"
    assert play(line, text).ok


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_slow_way_moves_everything_and_breaks_nothing(line, gateway):
    text = "network: {out: 400ms, back: 400ms}\nsteps: [phrase: hello, press: 9, phrase: bye, ended: yes]\n"
    slow, fast = play(line, text, gateway), play(line, text.partition("\n")[2], gateway)
    assert slow.failures == fast.failures == ()
    assert slow.states == fast.states == ("top", "end")
    assert slow.verdicts[0].at - fast.verdicts[0].at == pytest.approx(0.8, abs=0.05)


def test_python_may_use_every_step_too(line):
    assert line.run(Scenario("loop", (Repeat(2, (Wait(0.5),)),))).made.seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('hear: "..."', "there is no word in '...'"),
        ('interrupt: {at: "?!", press: 1}', "there is no word in '?!'"),
        ("speak: 999999s", "nobody speaks for 999999 s, write at most 600s"),
        ("speak: 0s", "nobody speaks for 0 s"),
    ],
)
def test_what_nobody_can_hear_or_say_is_told(line, step, said):
    _, problems = read_scenario(f"steps:\n  - {step}\n", "x.yaml", line.project)
    assert [(problem.line, said in str(problem)) for problem in problems] == [(2, True)]
