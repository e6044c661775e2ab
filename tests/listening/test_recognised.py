"""What callers would understand, by a recogniser's ear: prompts, and amounts that were spliced onto them in calls."""

import asyncio
import sys
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec

import numpy as np
import pytest

from bench.recognition import (
    FAR,
    RATE,
    Balance,
    Spoken,
    Turn,
    amounts,
    call,
    calls,
    near_misses,
    prompts,
    provider,
    speak,
)
from ivr.call.plan import CallPlan
from ivr.errors import MissingExtra
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode
from ivr.media.samples import Samples, silence
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.starter import starter_root
from ivr.testing.recogniser import GARBAGE, Recogniser, words_of
from ivr.testing.voices import ScriptedVoice

SAMPLE, SEED = 12, 2026
ENOUGH = 9

listening = pytest.mark.skipif(
    find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed; it has no wheel for Python 3.14"
)
speaking = pytest.mark.skipif(find_spec("espeakng_loader") is None, reason="the extra 'voice' is not installed")


@dataclass(frozen=True)
class Calls:
    balance: Balance
    plan: CallPlan
    drawn: list[Decimal]
    said: Spoken
    turns: dict[Decimal, Turn]


@pytest.fixture(scope="module")
def project() -> Project:
    return load(starter_root(), {})


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser({"nothing": "nothing"})


@pytest.fixture(scope="module")
def made(project) -> Calls:
    """A call for each of some amounts, and other amounts to confuse them with."""
    balance, plan = Balance.of(project), calls(project)
    drawn = amounts(SAMPLE + FAR, SEED)
    said = asyncio.run(speak(project, [balance.live(amount) for amount in drawn[:SAMPLE]]))
    turns = {amount: call(plan, amount, *provider(said, str(amount))) for amount in drawn[:SAMPLE]}
    return Calls(balance, plan, drawn, said, turns)


@listening
def test_every_rendered_prompt_is_found_among_all(project, recogniser):
    sounds, texts = prompts(project)
    recogniser.expect(texts)
    heard = {name: recogniser.hear(sound, RATE) for name, sound in sounds.items()}
    assert len(heard) >= 13
    assert heard == {name: name for name in texts}


@listening
def test_no_prompt_is_found_backwards(project, recogniser):
    sounds, texts = prompts(project)
    recogniser.expect(texts)
    some = list(texts)[::2]
    assert {name: recogniser.hear(sounds[name][::-1].copy(), RATE) for name in some} == dict.fromkeys(some)


@listening
def test_a_prompt_that_is_none_of_the_alternatives_is_not_taken_for_one(project, recogniser):
    sounds, texts = prompts(project)
    for name in ("greeting", "balance", "no_match", "hours"):
        recogniser.expect({other: text for other, text in texts.items() if other != name})
        assert recogniser.hear(sounds[name], RATE) is None, name


@speaking
def test_the_turn_that_is_judged_begins_with_the_clip_as_it_was_rendered(project, made):
    clip = mulaw_decode(project.store.clip(made.balance.literal.clip, MULAW_8K).payload)
    for amount, turn in made.turns.items():
        assert turn.join == len(clip)
        assert np.array_equal(turn.samples[: turn.join], clip)
        assert len(turn.samples) - turn.join > 0.5 * RATE, amount


@listening
@speaking
def test_spliced_amounts_are_found_among_near_ones(made, recogniser):
    heard = {}
    for amount, turn in made.turns.items():
        sentences = made.balance.sentences([amount, *near_misses(amount)])
        assert len(sentences) > 20
        recogniser.expect(sentences)
        heard[str(amount)] = recogniser.hear(turn.samples, RATE)
    assert sum(name == amount for amount, name in heard.items()) >= ENOUGH, heard


@listening
@speaking
def test_spliced_amounts_are_not_found_backwards(made, recogniser):
    for amount, turn in list(made.turns.items())[::3]:
        recogniser.expect(made.balance.sentences([amount, *near_misses(amount)]))
        assert recogniser.hear(turn.samples[::-1].copy(), RATE) is None, amount


@listening
@speaking
def test_swapped_amounts_are_not_found(made, recogniser):
    """Each claimed amount is the next one's; what was really said is not among the alternatives."""
    said = list(made.turns)
    for amount, claimed in zip(said, [*said[1:], said[0]], strict=True):
        recogniser.expect(made.balance.sentences([claimed, *made.drawn[SAMPLE:]]))
        assert recogniser.hear(made.turns[amount].samples, RATE) != str(claimed), (amount, claimed)


@listening
@speaking
def test_the_amount_is_synthesised_in_its_call(project, made, recogniser):
    """The same call twice, but for what the bank answers: other words are asked for, sound, and are heard."""
    first, second = Decimal("1234.56"), Decimal("61.08")
    said = asyncio.run(speak(project, [made.balance.live(amount) for amount in (first, second)]))
    asked: list[str] = []

    def spoken(text: str):
        asked.append(text)
        return said[text]

    voice = ScriptedVoice(speak=spoken)
    turns = {amount: call(made.plan, amount, voice, 0.6) for amount in (first, second)}
    assert asked == [made.balance.live(first), made.balance.live(second)]
    one, other = (turn.samples for turn in turns.values())
    join = turns[first].join
    assert join == turns[second].join and np.array_equal(one[:join], other[:join])
    both = min(len(one), len(other))
    assert np.mean(np.square(one[join:both] - other[join:both])) > np.mean(np.square(one[join:both]))
    recogniser.expect(made.balance.sentences([first, second, *near_misses(first), *near_misses(second)]))
    assert {amount: recogniser.hear(turn.samples, RATE) for amount, turn in turns.items()} == {
        first: "1234.56",
        second: "61.08",
    }


def _scored(recogniser: Recogniser, sound: Samples) -> tuple[str | None, float]:
    return recogniser.hear(sound, RATE), recogniser._decoder.hyp().score


@listening
def test_what_was_heard_before_changes_nothing(project):
    sounds, texts = prompts(project)
    fresh, used = Recogniser(texts), Recogniser(texts)
    for name in ("overdrawn", "no_input"):
        used.hear(sounds[name][::-1].copy(), RATE)
    assert _scored(used, sounds["greeting"]) == _scored(fresh, sounds["greeting"])


@listening
def test_silence_and_noise_are_none_of_the_alternatives(recogniser):
    recogniser.expect({"yes": "yes", "no": "no"})
    assert recogniser.hear(silence(RATE), RATE) is None
    noise = np.random.default_rng(1).standard_normal(2 * RATE, dtype=np.float32)
    assert recogniser.hear(noise * np.float32(0.05), RATE) is None


@listening
def test_words_without_a_pronunciation_are_named(recogniser):
    with pytest.raises(ValueError, match="no pronunciation of xyzzy, plugh"):
        recogniser.expect({"a": "Xyzzy, plugh!", "b": "hello"})
    taught = Recogniser({"a": "xyzzy", "b": "hello"}, pronunciations={"xyzzy": "Z IH Z IY"})
    assert taught.hear(silence(RATE), RATE) is None


@listening
@pytest.mark.parametrize(
    ("alternatives", "why"),
    [({"a": "Hello.", "b": "hello"}, "'b' and 'a' have the same words"), ({"a": "12?"}, "'a' has no words")],
)
def test_alternatives_that_cannot_be_told_apart_are_refused(recogniser, alternatives, why):
    with pytest.raises(ValueError, match=why):
        recogniser.expect(alternatives)


def test_without_pocketsphinx_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(MissingExtra, match=r"ivr-runtime\[listen\]"):
        Recogniser({"a": "hello"})


def test_near_misses_are_other_amounts_with_other_words(project):
    balance = Balance.of(project)
    for amount in amounts(100, 3):
        near = near_misses(amount)
        assert len(near) >= 20 and amount not in near
        assert len({words_of(balance.whole(other)) for other in (amount, *near)}) == len(near) + 1


def test_near_misses_hold_what_people_confuse():
    assert Decimal("56.34") in near_misses(Decimal("34.56"))
    assert {Decimal("30.40"), Decimal("13.14"), Decimal("40.13")} <= set(near_misses(Decimal("13.40")))


def test_garbage_is_about_a_hundred_words_of_no_number_and_no_prompt_alone(project):
    assert 90 <= len(set(GARBAGE)) == len(GARBAGE) <= 120
    _, texts = prompts(project)
    assert not any(set(words_of(text)) <= set(GARBAGE) for text in texts.values())
