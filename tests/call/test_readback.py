"""How a value is voiced, by the project's mode: what is asked of the voice, what is heard, and what traces tell."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tone_voice import fragments, listen, plan, speak
from toy import drive, strategies

from ivr.call.readback import Mode
from ivr.catalog.sayas import say_as
from ivr.errors import SpeechRefused
from ivr.media.private import Private
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import (
    DialogFailed,
    FirstAudio,
    FragmentsReady,
    LookupEnded,
    StaleDropped,
    SynthesisEnded,
    SynthesisStarted,
    TurnStarted,
)
from ivr.trace.jsonl import line
from ivr.trace.sound import FragmentsTaken, SegmentEnded, SegmentStarted, Strategy

AMOUNT = Decimal("1234.56")
WORDS = say_as("amount", "money", AMOUNT).split()
NEVER = ScriptedVoice(stalls_after=0.0, speak=speak)


def balance(value=AMOUNT, mode=Mode.FRAGMENTS, *, voice=NEVER, after=0.3, keys=(), made=None, **changes):
    return drive(
        plan(mode, made=made, **changes),
        keys=[(1.5, "1"), *keys, (20.0, "9")],
        voice=voice,
        lookups={"bank.balance": Answer(value, after)},
        until=14.0,
    )


def words(run):
    return [tone.word for tone in listen(run.heard, run.driver.now) if not tone.word.startswith("<")]


def test_a_project_that_asks_for_nothing_streams():
    run = balance(mode=Mode.STREAM, voice=ScriptedVoice(speak=speak))
    assert "stream" in strategies(run) and run.of(FragmentsReady) == []


def test_fragments_ask_nobody_and_sound_at_once():
    run = balance(after=2.0, filler=False)
    assert run.syntheses() == ([], [])
    assert words(run) == WORDS
    known = run.of(LookupEnded)[0].at
    begun = next(event for event in run.of(SegmentStarted) if event.strategy is Strategy.FRAGMENTS)
    assert begun.at - known <= 0.2  # what was sent of the hold, and its fade, sound first


def test_the_first_frame_of_a_value_is_due_when_it_is_known():
    async def dialog(line):
        await line.ask(first=1.0)
        await line.say("alone", amount=AMOUNT)

    made = plan(Mode.FRAGMENTS)
    phrase = made.catalogue.phrases["balance"]
    alone = replace(phrase, id="alone", parts=phrase.parts[1:])
    catalogue = replace(made.catalogue, phrases={**made.catalogue.phrases, "alone": alone})
    run = drive(replace(made, dialog=dialog, catalogue=catalogue))
    first = run.of(FirstAudio)[-1]
    assert first.strategy == "fragments" and first.ttfa < 0.001  # its first sample is a zero
    assert run.of(TurnStarted)[-1].at == first.at


def test_an_amount_that_fragments_cannot_say_is_the_fallback_and_never_the_voices():
    run = balance(made=fragments(leave_out=["thousand"]), voice=ScriptedVoice(speak=speak))
    assert run.syntheses() == ([], [])
    assert "fallback" in strategies(run) and run.of(DialogFailed) == []
    assert run.dead_air() == []
    assert [event.samples for event in run.of(FragmentsReady)] == [0]


def test_in_auto_it_is_streamed_whole():
    run = balance(mode=Mode.AUTO, made=fragments(leave_out=["thousand"]), voice=ScriptedVoice(1.5, speak=speak))
    assert strategies(run)[3:6] == ["filler", "hold", "stream"]
    assert words(run) == WORDS
    assert run.dead_air() == []


@pytest.mark.parametrize("value", [10**15, "a lot", None, float("nan")])
@pytest.mark.parametrize("mode", Mode)
def test_a_value_that_has_no_words_fails_as_ever(mode, value):
    run = balance(value, mode, voice=ScriptedVoice(speak=speak))
    assert run.syntheses() == ([], [])
    assert "fallback" in strategies(run) or run.of(DialogFailed)
    assert run.dead_air() == []


def test_a_text_is_not_asked_of_the_voice_where_nothing_may_be():
    run = drive(plan(Mode.FRAGMENTS), keys=[(1.5, "3"), (12.0, "9")], voice=ScriptedVoice())
    assert run.syntheses() == ([], [])
    assert "fallback" in strategies(run)


def test_unless_its_phrase_is_told_to_stream():
    made = plan(Mode.FRAGMENTS)
    made = replace(made, read_back=replace(made.read_back, streamed=frozenset(["news"])))
    run = drive(made, keys=[(1.5, "3"), (12.0, "9")], voice=ScriptedVoice())
    assert len(run.syntheses()[0]) == 1 and "stream" in strategies(run)


def test_a_phrase_that_is_told_to_stream_takes_no_fragments_in_auto_either():
    made = plan(Mode.AUTO)
    made = replace(made, read_back=replace(made.read_back, streamed=frozenset(["balance"])))
    run = drive(made, keys=[(1.5, "1"), (12.0, "9")], voice=ScriptedVoice(2.0, speak=speak))
    assert "fragments" not in strategies(run) and "stream" in strategies(run)


@pytest.mark.parametrize(
    "voice",
    [
        ScriptedVoice(0.05, dies_after=0.0, speak=speak),
        ScriptedVoice(0.05, empty=True, speak=speak),
        lambda request, attempt: iter([(0.05, SpeechRefused(503, "busy", 0.1))]),
    ],
    ids=["breaks", "empty", "refuses"],
)
def test_a_voice_that_fails_before_its_first_sound_is_not_asked_again(voice):
    run = balance(mode=Mode.AUTO, voice=voice, after=0.01)
    assert len(run.syntheses()[0]) == 1
    assert words(run) == WORDS
    assert "fallback" not in strategies(run) and "filler" not in strategies(run)
    assert run.dead_air() == []
    assert [event.why for event in run.of(FragmentsTaken)] == ["it failed"]


def test_what_breaks_off_in_the_middle_goes_todays_way():
    voice = ScriptedVoice(0.05, 1.2, dies_after=0.9, heals=2, speak=speak)
    run = balance(mode=Mode.AUTO, after=0.01, voice=voice)
    assert len(run.syntheses()[0]) == 2
    assert "fragments" not in strategies(run)
    assert run.of(FragmentsTaken) == []


def test_what_is_too_late_is_cancelled_at_once_and_dropped():
    run = balance(mode=Mode.AUTO, voice=ScriptedVoice(1.0, speak=speak))
    begun, cancelled = run.syntheses()
    assert cancelled == begun
    taken = run.of(FragmentsTaken)[0]
    assert [(event.outcome, event.at) for event in run.of(SynthesisEnded)] == [("cancelled", taken.at)]
    assert words(run) == WORDS


def test_audio_that_a_provider_sends_all_the_same_is_not_heard():
    def setup(driver):
        driver._live = _Deaf()

    class _Deaf(set):
        def discard(self, key):
            pass

    voice = ScriptedVoice(1.0, speak=speak)
    run = drive(plan(Mode.AUTO), keys=[(1.5, "1"), (20.0, "9")], voice=voice, setup=setup, until=14.0)
    assert len(run.of(StaleDropped)) > 1
    assert len(words(run)) == len(say_as("amount", "money", 12.5).split())


def test_a_barge_in_cuts_fragments_and_tells_no_words():
    run = balance(keys=[(3.2, "9")])
    cut = next(event for event in run.trace if type(event).__name__ == "BargedIn" and event.private)
    said = cut.heard.removeprefix("You have, ")
    assert said and " ".join(WORDS).startswith(said) and len(said) < len(" ".join(WORDS))
    assert run.dead_air() == []


@pytest.mark.parametrize("mode", [Mode.FRAGMENTS, Mode.AUTO])
def test_no_trace_and_no_cache_knows_the_amount(mode):
    run = balance(mode=mode, keys=[(3.2, "9")])
    lines = b"".join(line(event) for event in run.trace).decode()
    for word in ("1234", "thirty", "thousand", "dollars", "fifty"):
        assert word not in lines
    assert run.driver.plan.dynamic.size == 0
    assert {event.private for event in run.of(SegmentStarted) if event.strategy is Strategy.FRAGMENTS} == {True}


def test_words_that_belong_to_nobody_are_kept_only_where_the_voice_said_them():
    async def dialog(line):
        await line.say("balance", amount=AMOUNT)
        await line.say("bye")

    made = replace(plan(Mode.AUTO), dialog=dialog)
    first = drive(made, voice=NEVER)
    assert "fragments" in strategies(first) and made.dynamic.size == 0
    second = drive(made, voice=ScriptedVoice(0.05, speak=speak))
    assert "stream" in strategies(second) and made.dynamic.size > 0
    assert "cached" in strategies(drive(made, voice=NEVER))


def test_what_was_put_together_is_told_by_its_length_alone():
    run = balance()
    ready, ended = run.of(FragmentsReady)[0], next(e for e in run.of(SegmentEnded) if e.strategy is Strategy.FRAGMENTS)
    assert (ready.segment, ready.samples) == (ended.segment, ended.samples)


def test_the_currency_is_the_projects():
    made = plan(Mode.STREAM)
    made = replace(made, read_back=replace(made.read_back, currency="EUR"))
    run = drive(made, keys=[(1.5, "1"), (9.0, "9")], voice=ScriptedVoice())
    assert "euros" in run.of(SynthesisStarted)[0].text


OTHER = Decimal("78.90")
OTHERS = say_as("other", "money", OTHER).split()


def both(made):
    """With a phrase of that name, of two amounts."""
    phrase = made.catalogue.phrases["balance"]
    again = replace(made.catalogue.phrases["else"].parts[0], clip="else")
    found = replace(phrase, id="both", parts=(*phrase.parts, again, replace(phrase.parts[1], name="other")))
    return replace(made, catalogue=replace(made.catalogue, phrases={**made.catalogue.phrases, "both": found}))


def two_values(voice, other=OTHER, *, lookup=None):
    """``balance`` with a second amount behind its own; ``lookup``: after so many seconds that one is known."""

    async def dialog(line):
        amount = await line.run("bank.balance") if lookup is not None else other
        await line.say("both", amount=AMOUNT, other=amount)

    lookups = {} if lookup is None else {"bank.balance": Answer(other, lookup)}
    return drive(replace(both(plan(Mode.AUTO)), dialog=dialog), voice=voice, lookups=lookups, until=40.0)


def of_each(first, second):
    """A voice that answers the first value and the second so."""
    return lambda request, attempt: (first if request.text.split()[0] == WORDS[0] else second)(request, attempt)


SOON = ScriptedVoice(0.05, speak=speak)


@pytest.mark.parametrize("voices", [(NEVER, SOON), (SOON, NEVER), (NEVER, NEVER), (SOON, SOON)])
@pytest.mark.parametrize("lookup", [None, 0.2, 4.0])
def test_one_sentence_has_one_way_of_saying_its_values(voices, lookup):
    run = two_values(of_each(*voices), lookup=lookup)
    heard = [tone for tone in listen(run.heard, run.driver.now) if not tone.word.startswith("<")]
    assert [tone.word for tone in heard] == [*WORDS, *OTHERS]
    assert run.dead_air() == []
    # What is not known when it is decided might need fragments, so that these say all.
    assert {tone.spliced for tone in heard} == {voices != (SOON, SOON) or lookup == 4.0}
    assert len(run.of(SynthesisEnded)) == len(run.of(SynthesisStarted))  # nothing is made that nobody hears


REMEMBERED = Decimal("78.90")
"""Of nobody, so that what the voice said of it is kept."""


@pytest.mark.parametrize("remembered", [0, 1, 2])
@pytest.mark.parametrize("voice", [NEVER, SOON])
def test_what_the_voice_said_before_is_the_voice_and_not_beside_fragments(voice, remembered):
    def values(run_plan, spoken, *amounts):
        async def dialog(line):
            await line.say("both", amount=amounts[0], other=amounts[1])

        return drive(replace(run_plan, dialog=dialog), voice=spoken, until=40.0)

    made = both(plan(Mode.AUTO))
    first, second = (AMOUNT if remembered == 2 else Decimal("11.50")), REMEMBERED
    if remembered:
        values(made, SOON, AMOUNT, REMEMBERED)
    private = second if remembered else Private(second)
    for pair in ((first, private), (private, first)):
        run = values(made, voice, *pair)
        heard = [tone for tone in listen(run.heard, run.driver.now) if not tone.word.startswith("<")]
        said = [say_as("x", "money", value.value if isinstance(value, Private) else value).split() for value in pair]
        assert [tone.word for tone in heard] == [*said[0], *said[1]]
        assert {tone.spliced for tone in heard} == {voice is NEVER and remembered < 2}
        assert run.dead_air() == []


def test_a_value_that_comes_to_be_known_behind_fragments_is_not_asked_of_the_voice():
    run = two_values(of_each(NEVER, SOON), lookup=4.0)
    assert len(run.syntheses()[0]) == 1
    assert words(run) == [*WORDS, *OTHERS]


async def behind(line):
    """The lookup is over before its value is said."""
    found = await line.run("bank.balance")
    await line.ask(first=2.0)
    await line.say("balance", amount=found)
    await line.say("bye")


async def kept(line):
    """The dialog has the value itself."""
    await line.say("balance", amount=await line.lookup("bank.balance"))
    await line.say("bye")


async def awaited(line):
    await line.say("balance", amount=await line.run("bank.balance"))
    await line.say("bye")


@pytest.mark.parametrize("value", [Decimal(10**15), "a lot", None, float("nan"), []])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("dialog", [behind, kept, awaited])
def test_a_bad_value_of_a_lookup_is_the_fallback_whenever_it_came(mode, dialog, value):
    run = drive(replace(plan(mode), dialog=dialog), voice=SOON, lookups={"bank.balance": Answer(value, 0.5)})
    assert run.of(DialogFailed) == [] and run.syntheses() == ([], [])
    heard = [tone.word for tone in listen(run.heard, run.driver.now) if tone.word in ("<balance>", "<sorry>", "<bye>")]
    assert heard == ["<balance>", "<sorry>", "<bye>"]
    assert run.dead_air() == []
