"""docs/dialog.md, row by row: what covers the waits of one state (W)."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import toy
from manners import tables
from toy import drive, make_plan

from ivr.call.effects import CancelLookup, Play
from ivr.catalog.phrase import Catalogue, Literal, Phrase
from ivr.dialog.cover import Cover
from ivr.errors import LookupFailed
from ivr.gateways.events import StreamStarted
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import CallStarted, CoverChosen, DialogFailed, LookupEnded, PromptSkipped, StateEntered
from ivr.trace.sound import SegmentStarted, Strategy

MUSIC = "music"
WORDS = {"looking": "I am looking.", "working": "Still working."}
COVER = "{filler: looking, hold: music, still: working, every: 2s, patience: 9s, fallback: poor}"
IN_PYTHON = Cover("looking", "music", "working", 2.0, "poor", None, 9.0)
SCORE = "lookup: {run: bank.score, as: score, timeout: 60s}"
COVERS = (Strategy.FILLER, Strategy.HOLD, Strategy.STILL, Strategy.FALLBACK)


def own(plan):
    """The toy's plan with phrases that only states cover with."""
    phrases = {
        **{name: Phrase(name, "en-US", text, (Literal(name, text),)) for name, text in WORDS.items()},
        MUSIC: Phrase(MUSIC, "en-US", "", (Literal(MUSIC, ""),), "music.wav"),
    }
    made = {name: toy.make_words(text, name) for name, text in WORDS.items()}
    made[MUSIC] = replace(toy.make_tone(3.1, MUSIC), payload=toy.make_words("La la la la la la. " * 3).payload)
    old = plan.catalogue
    catalogue = Catalogue(old.locale, {**old.phrases, **phrases}, old.prompts)
    return replace(plan, catalogue=catalogue, clips={**plan.clips, **made})


def call(*dialogs: str, python=None, score=6.0, value=7, covers=toy.TABLE, **options):
    """Drive a call of these states, or dialogs; the lookup of the score takes ``score`` seconds."""
    library = _library(*dialogs, python=python)
    start = "main" if "main" in library else "py.talk"
    plan = own(make_plan(lambda line: library.answer(start, line), covers))
    lookups = {"bank.score": Answer(value, score), "bank.balance": Answer(3, 0.1), **options.pop("lookups", {})}
    run = drive(plan, lookups=lookups, **options)
    assert run.of(DialogFailed) == []
    return run


def _library(*dialogs: str, python=None):
    files = [text if text.startswith("dialog:") else f"dialog: main\nstart: a\nstates:\n{text}" for text in dialogs]
    return tables(*files, functions={"py.talk": python} if python else {})


def covered(run) -> list[str]:
    """What covered: its words, and of a hold loop the name of its clip, by the sound that was sent."""
    return [_name(run.sent, event) for event in run.of(SegmentStarted) if event.strategy in COVERS]


def _name(sent: bytes, event) -> str:
    if event.strategy is not Strategy.HOLD:
        return event.text
    there = sent[event.position : event.position + 800]
    clips = {"hold": toy.clips()[toy.HOLD].payload, MUSIC: own(make_plan()).clips[MUSIC].payload}
    (name,) = [name for name, sound in clips.items() if bytes(sound[: len(there)]) == there]
    return name


def begun(run, *strategies: Strategy) -> list[float]:
    return [event.sounds_at for event in run.of(SegmentStarted) if event.strategy in strategies]


def entered(run, state: str) -> float:
    return next(event.at for event in run.of(StateEntered) if event.state == state)


THERE = "  b: {say: bye, hang_up: yes}\n"
BRANCH = "branch: [{if: score > 5, goto: b}, {goto: b}]"
PLAIN = f"  a: {{{SCORE}, {BRANCH}}}\n{THERE}"
OWN = f"  a: {{{SCORE}, cover: {COVER}, {BRANCH}}}\n{THERE}"


def test_W1_a_state_is_covered_by_its_own():
    run = call(OWN)
    assert covered(run)[:4] == ["I am looking.", "music", "Still working.", "music"]
    assert set(covered(run)) == {"I am looking.", "music", "Still working."}
    assert covered(call(PLAIN)) == ["One moment.", "hold"]
    assert run.dead_air() == []


def test_W1_at_its_own_times():
    run = call(OWN, score=8.0)
    working = begun(run, Strategy.STILL)
    length = own(make_plan()).clips["working"].samples / 8000
    assert len(working) == 2
    for before, after in itertools.pairwise(working):
        # the phrase, then so long without a word, then at most one message and one fade
        assert length + 2.0 <= after - before <= length + 2.3
    late = call(OWN.replace("patience: 9s", "patience: 9s, grace: 1s"), score=8.0)
    assert begun(late, Strategy.FILLER)[0] - begun(run, Strategy.FILLER)[0] == pytest.approx(0.85, abs=0.03)


def test_W1_what_is_left_out_is_as_in_the_project():
    run = call(OWN.replace(COVER, "{hold: music}"), score=8.0)
    assert covered(run) == ["One moment.", "music"]


def test_W1_no_is_none():
    run = call(OWN.replace(COVER, "{filler: no}"))
    assert covered(run) == ["hold"]
    assert begun(run, Strategy.HOLD)[0] < 0.3
    assert covered(call(OWN.replace(COVER, "{filler: no, hold: no}"))) == []


def test_W1_words_of_its_ladders_are_its_words():
    menu = "menu: {options: {1: b}, first_digit: 1s, no_input: {say: rich, limit: 1, goto: b}}"
    states = f"  a: {{{SCORE}, cover: {COVER}, say: greeting, {menu}}}\n{THERE}"
    assert covered(call(states))[:2] == ["I am looking.", "music"]
    assert covered(call(states.replace(f"cover: {COVER}, ", "")))[:2] == ["One moment.", "hold"]


def test_W1_its_fallback_stands_in_for_the_value():
    states = f"  a: {{{SCORE.replace('60s', '3s')}, cover: {COVER}, say: rich, goto: b}}\n  b: {{hang_up: yes}}\n"
    run = call(states)
    assert covered(run)[-1] == "You are poor."
    usual = call(states.replace(f"cover: {COVER}, ", ""))
    assert covered(usual)[-1] == "I am sorry."
    # and where the words of the value are late
    late = call(
        states.replace(COVER, "{patience: 4s, fallback: poor}"), score=0.1, voice=ScriptedVoice(first_audio=30.0)
    )
    assert covered(late) == ["One moment.", "hold", "You are poor."]
    assert begun(late, Strategy.FALLBACK)[0] == pytest.approx(4.3, abs=0.4)


def test_W2_a_state_without_one_has_the_projects():
    run = call(
        f"  a: {{{SCORE}, cover: {COVER}, branch: [{{if: score > 5, goto: b}}, {{goto: b}}]}}\n"
        f"  b: {{say: greeting, {SCORE}, goto: c}}\n  c: {{{BRANCH.replace('goto: b', 'goto: d')}}}\n"
        "  d: {hang_up: yes}\n"
    )
    assert covered(run)[:2] == ["I am looking.", "music"] and covered(run)[-1] == "hold"
    assert "music" not in covered(run)[covered(run).index("hold") :]
    assert [event.cover for event in run.of(CoverChosen)] == [str(IN_PYTHON), ""]
    assert [event.at for event in run.of(CoverChosen)] == [entered(run, "a"), entered(run, "b")]


def test_W2_calls_without_any_are_as_they_were():
    run = call(PLAIN)
    assert run.of(CoverChosen) == []
    twice = call(PLAIN.replace("  b:", f"  x: {{cover: {COVER}, goto: b}}\n  b:"))
    assert (run.sent, list(map(str, run.trace))) == (twice.sent, list(map(str, twice.trace)))


@pytest.mark.parametrize(
    "waits",
    [
        f"  c: {{COVER{BRANCH}}}\n",
        "  c: {COVERsay: rich, goto: b}\n",
        "  c: {COVERset: {more: score + 1}, goto: b}\n",
        "  c: {COVERlookup: {run: bank.balance, as: amount, with: {x: score}}, goto: b}\n",
    ],
)
@pytest.mark.parametrize(("starter", "waiter"), [(COVER, ""), ("", COVER)])
def test_W3_a_wait_is_covered_by_the_state_that_waits(starter, waiter, waits):
    """Whoever started the lookup; awaited in an expression, or within words."""
    first, then = (f"cover: {text}, " if text else "" for text in (starter, waiter))
    run = call(f"  a: {{{SCORE}, {first}goto: c}}\n" + waits.replace("COVER", then) + THERE)
    assert covered(run)[:2] == (["I am looking.", "music"] if waiter else ["One moment.", "hold"])


def test_W4_what_is_queued_keeps_its_covers():
    states = (
        f"  a: {{{SCORE}, cover: {COVER}, say: rich, goto: c}}\n"
        "  c: {lookup: {run: bank.balance, as: amount}, say: balance, goto: d}\n  d: {hang_up: yes}\n"
    )
    run = call(states, score=3.0, voice=ScriptedVoice(first_audio=1.0), lookups={"bank.balance": Answer(3, 8.0)})
    kinds = covered(run)
    assert kinds[0] == "I am looking." and "hold" in kinds
    # each of the two in its own time: the score's words first
    assert kinds.index("music") < kinds.index("hold")
    assert "music" not in kinds[kinds.index("hold") :]


def test_W5_the_filler_is_said_once_before_words_whoever_has_it():
    run = call(
        f"  a: {{{SCORE}, cover: {COVER}, {BRANCH.replace('goto: b', 'goto: c')}}}\n"
        f"  c: {{lookup: {{run: bank.news, as: news}}, branch: [{{if: news == '', goto: b}}, {{goto: b}}]}}\n{THERE}",
        score=1.8,
        lookups={"bank.news": Answer("x", 3.0)},
    )
    assert covered(run) == ["I am looking.", "music", "hold"]


OTHER = f"""\
dialog: other
start: a
states:
  a: {{{SCORE}, branch: [{{if: score > 5, goto: b}}, {{goto: b}}]}}
  b: {{return: yes}}
"""


def test_W6_another_dialog_has_its_own():
    run = call(f"  a: {{cover: {COVER}, dialog: {{run: other, goto: b}}}}\n{THERE}", OTHER)
    assert covered(run) == ["One moment.", "hold"]

    async def talk(line):
        await line.lookup("bank.score", timeout=60.0)

    run = call(f"  a: {{cover: {COVER}, dialog: {{run: py.talk, goto: b}}}}\n{THERE}", python=talk)
    assert covered(run) == ["One moment.", "hold"]


def test_W6_and_gives_back_what_was():
    own_other = OTHER.replace(SCORE, f"{SCORE}, cover: {{hold: music, filler: no}}")

    async def talk(line):
        await line.cover(IN_PYTHON)
        await line.dialog("other")
        await line.lookup("bank.score", timeout=60.0)

    run = call(own_other, python=talk, score=2.5)
    assert [event.cover for event in run.of(CoverChosen)] == [
        str(IN_PYTHON),
        "",
        "filler no, hold music",
        "",
        str(IN_PYTHON),
    ]
    assert covered(run)[:3] == ["music", "I am looking.", "music"]


def test_W6_a_dialog_that_is_gone_over_to_begins_with_the_projects():
    over = (
        f"  a: {{say: greeting, cover: {COVER}, menu: {{options: {{1: a}}, no_input: {{limit: 1, dialog: other}}}}}}\n"
    )
    run = call(over, OTHER.replace("return: yes", "say: bye, hang_up: yes"))
    assert covered(run)[-2:] == ["One moment.", "hold"]
    assert [event.cover for event in run.of(CoverChosen)] == [str(IN_PYTHON), ""]


def test_W7_words_that_a_key_held_back_have_the_covers_of_their_state():
    """A key is ahead, so that the words are held back; no question follows, and they are said after all."""
    states = (
        f"  a: {{{SCORE}, say: legal, goto: b}}\n"
        f"  b: {{cover: {COVER}, say: rich, goto: c}}\n"
        "  c: {lookup: {run: bank.balance, as: amount}, branch: [{if: amount > 1, goto: d}, {goto: d}]}\n"
        "  d: {hang_up: yes}\n"
    )
    run = call(states, keys=[(0.2, "1")], lookups={"bank.balance": Answer(3, 0.5)})
    assert run.of(PromptSkipped) == []
    assert covered(run)[:2] == ["I am looking.", "music"]


def test_W8_the_wait_goes_on_on_another_stream():
    """The far side begins a new stream in the middle of the wait."""

    def setup(driver):
        driver.at(3.0, lambda now: driver.call.receive(StreamStarted("MZ2", "CA1"), now))

    run = call(OWN, score=8.0, setup=setup, until=7.0)
    again = [event for event in run.of(SegmentStarted, CallStarted) if event.at >= 3.0][1:]
    sent = b"".join(e.span.payload for _, e in run.done if isinstance(e, Play) and e.origin.generation == 2)
    assert [_name(sent, event) for event in again] == ["I am looking.", "music", "Still working.", "music"]


def test_W9_covers_that_are_switched_off_are_off():
    assert covered(call(OWN, covers=None)) == []


async def in_python(line):
    score = await line.run("bank.score", timeout=60.0)
    await line.cover(IN_PYTHON)
    await line.say("greeting")
    if await score > 5:
        await line.cover()
        await line.say("rich", score=score)
        await line.say("bye")
        await line.hang_up()


IN_YAML = f"""\
  a: {{{SCORE}, goto: b}}
  b: {{cover: {COVER}, say: greeting, branch: [{{if: score > 5, goto: c}}, {{goto: c}}]}}
  c: {{say: [rich, bye], hang_up: yes}}
"""


@pytest.mark.parametrize("score", [0.1, 6.0])
@pytest.mark.parametrize("options", [{}, {"keys": [(3.0, "1")]}, {"voice": ScriptedVoice(first_audio=2.0)}])
def test_W10_python_is_the_same(score, options):
    yaml, python = call(IN_YAML, score=score, **options), call(python=in_python, score=score, **options)
    assert yaml.sent == python.sent
    done = [[(at, type(effect).__name__) for at, effect in run.done] for run in (yaml, python)]
    assert done[0] == done[1]
    shown = [[str(e) for e in run.trace if not isinstance(e, StateEntered)] for run in (yaml, python)]
    assert shown[0] == shown[1]
    assert bool({"I am looking."} & set(covered(yaml))) is (score > 1)


@pytest.mark.parametrize(
    ("cover", "error", "detail"),
    [
        (Cover(hold="musik"), "PhraseNotFound", "no phrase 'musik' for locale 'en-US': add it under prompts/phrases/"),
        (
            Cover(hold="rich"),
            "SlotError",
            "slot 'score': phrase 'rich' cannot be a cover: covers never wait for a value",
        ),
    ],
)
def test_W10_a_phrase_that_cannot_cover_breaks_the_dialog(cover, error, detail):
    async def talk(line):
        await line.cover(cover)
        await line.say("greeting")

    run = drive(own(make_plan(talk)))
    (failed,) = run.of(DialogFailed)
    assert (failed.error, failed.detail) == (error, detail)
    assert run.of(CoverChosen) == [] and run.ended == "the dialog failed"


def test_W11_a_wait_that_outlasts_patience_has_failed():
    run = call(
        f"  a: {{{SCORE[:-1]}, failed: c}}, cover: {COVER.replace('9s', '4s')}, goto: b}}\n"
        f"  c: {{say: still_there, hang_up: yes}}\n{THERE}",
        score=12.0,
    )
    (ended,) = run.of(LookupEnded)
    assert (ended.outcome, ended.detail) == ("timed out", "it took longer than the caller's patience")
    # the covers begin behind the grace, and the loop ends in one message and a fade
    assert ended.at == pytest.approx(0.15 + 4.0, abs=0.3)
    assert run.of(StateEntered)[-1].why == "lookup_failed 1" and run.dead_air() == []
    assert sum(isinstance(effect, CancelLookup) for _, effect in run.done) == 1


@pytest.mark.parametrize(("states", "words"), [(OWN.replace("9s", "4s"), "You are poor."), (PLAIN, "I am sorry.")])
def test_W11_where_nobody_answers_that_the_fallback_is_said_and_the_call_ends(states, words):
    library = _library(states)
    slow = {"bank.score": Answer(7, 50.0)}
    run = drive(own(make_plan(lambda line: library.answer("main", line))), lookups=slow)
    assert [event.error for event in run.of(DialogFailed)] == ["LookupFailed"]
    assert [event.text for event in run.of(SegmentStarted)][-1] == words
    assert run.ended == "the dialog failed" and run.dead_air() == []


def test_W11_a_key_begins_no_new_patience():
    states = f"  a: {{{SCORE[:-1]}, failed: b}}, cover: {COVER.replace('9s', '4s')}, goto: b}}\n{THERE}"
    plain, keyed = call(states, score=12.0), call(states, score=12.0, keys=[(2.0, "1"), (3.0, "2")])
    assert entered(plain, "b") == entered(keyed, "b")


def test_W11_a_dialog_in_python_may_go_on():
    async def talk(line):
        await line.cover(Cover(patience=3.0))
        try:
            await line.lookup("bank.score", timeout=60.0)
        except LookupFailed:
            await line.say("bye")

    run = call(python=talk, score=30.0)
    assert covered(run) == ["One moment.", "hold"] and run.dead_air() == []
    assert run.said() == ["bye"]
