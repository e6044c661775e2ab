"""docs/dialog.md, row by row: languages (G), opening hours (O), variables (V) and lookups over HTTP (H)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import toy
from manners import tables
from toy import drive, make_plan

from ivr.call.call import Call
from ivr.call.effects import Lookup, Synthesize
from ivr.call.plan import Language, VoiceChoice
from ivr.catalog.locales import merged
from ivr.catalog.phrase import Catalogue, Literal
from ivr.catalog.phrases_file import read_phrases
from ivr.dialog.calendar import Almanac, Calendar, Span
from ivr.dialog.languages import LocaleRule, begins_in
from ivr.dialog.web import Env, HttpRequest
from ivr.errors import LookupFailed
from ivr.gateways.events import DigitReceived
from ivr.gateways.twilio import TwilioCodec
from ivr.phrases.dynamic import DynamicClips
from ivr.playout.covers import Covers
from ivr.project.audio.clips import qualified
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import DialogFailed, LocaleChosen, LookupEnded, PromptSkipped, SynthesisStarted
from ivr.trace.jsonl import line as traced
from ivr.trace.sound import SegmentStarted, Strategy

SPANISH = """\
locale: es-US
phrases:
  greeting: Gracias por llamar.
  news: "Las noticias: {headline:text}"
  one_moment: Un momento.
  sorry: Lo siento.
"""
API = "https://api.example.com/accounts/{account}"


def spanish() -> Catalogue:
    catalogue, wrong = read_phrases(SPANISH, "es-US.yaml")
    assert catalogue is not None and not wrong
    return qualified(catalogue, "en-US")


def both(plan):
    """The toy's plan with Spanish beside its English."""
    english, other = plan.catalogue, spanish()
    parts = [part for phrase in other.phrases.values() for part in phrase.parts]
    made = {part.clip: toy.make_words(part.text, part.clip) for part in parts if isinstance(part, Literal)}
    clips = {**plan.clips, **made}
    covers = Covers(clips["es-US/one_moment"], "Un momento.", clips[toy.HOLD], clips["es-US/sorry"], "Lo siento.")
    language = Language(merged("es-US", {"en-US": english, "es-US": other}, "en-US"), covers)
    voice = VoiceChoice("scripted", "y", "es-US", 0.9, -20.0, 3.0, 1)
    return replace(plan, clips=clips, languages={"es-US": language}, voices={"es-US": voice})


def call(*files: str, almanac: Almanac | None = None, parameters=None, rules=(), python=None, dynamic=None, **options):
    """Drive a call of these dialogs, the first of which answers."""
    library = tables(*files, functions={"py.talk": python} if python else {}, almanac=almanac or Almanac())
    answers = "py.talk" if python else "main"
    plan = both(make_plan(lambda line: library.answer(answers, line), functions=["bank.get"], dynamic=dynamic))
    plan = replace(plan, begins_in=lambda line: begins_in(rules, line, ["en-US", "es-US"], "en-US"))
    return drive(plan, **options)


def words(run) -> list[str]:
    return [event.text for event in run.of(SegmentStarted) if event.strategy is not Strategy.SILENCE]


def syntheses(run) -> list:
    return [effect.request for _, effect in run.done if isinstance(effect, Synthesize)]


def asked(run) -> list[HttpRequest]:
    return [effect.function for _, effect in run.done if isinstance(effect, Lookup)]


def dialog(*states: str, variables: str = "{}") -> str:
    """One state a line, the first of which begins."""
    lines = "".join(f"  {state}\n" for state in states)
    return f"dialog: main\nstart: {states[0].partition(':')[0]}\nvariables: {variables}\nstates:\n{lines}"


HELLO = "dialog: main\nstart: a\nstates:\n  a: {say: greeting, hang_up: yes}\n"
NEWS = """\
dialog: main
start: a
states:
  a: {set: {headline: "'Sol'"}, locale: es-US, say: news, goto: b}
  b: {set: {headline: "'Sun'"}, locale: en-US, say: news, hang_up: yes}
"""


# --- languages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], "Thank you for calling."),
        ([{"locale": "es-US"}], "Gracias por llamar."),
        ([{"if": "call.caller == '+1555'", "locale": "es-MX"}], "Gracias por llamar."),
        ([{"if": "call.parameters.lang == 'x'", "locale": "es-US"}], "Thank you for calling."),
        ([{"parameter": "lang"}, {"locale": "es-US"}], "Gracias por llamar."),
        ([{"locale": "fr-FR"}, {"parameter": "from"}], "Thank you for calling."),
    ],
)
def test_G1_a_call_begins_in_the_locale_that_a_rule_finds(rules, said):
    run = call(HELLO, rules=[LocaleRule.model_validate(rule) for rule in rules])
    assert words(run) == [said]
    assert bool(run.of(LocaleChosen)) is (said != "Thank you for calling.")


def test_G2_a_state_changes_the_locale_before_it_speaks():
    run = call(dialog("a: {say: greeting, goto: b}", "b: {locale: es-US, say: greeting, hang_up: yes}"))
    assert words(run) == ["Thank you for calling.", "Gracias por llamar."]
    assert run.dead_air() == []


def test_G2_expressions_know_the_locale():
    run = call(
        dialog(
            "a: {locale: es-US, branch: [{if: \"call.locale == 'es-US'\", goto: b}, {goto: c}]}",
            "b: {say: greeting, hang_up: yes}",
            "c: {say: sorry, hang_up: yes}",
        )
    )
    assert words(run) == ["Gracias por llamar."]


def test_G3_what_is_queued_stays_in_its_locale_and_voice():
    """Both prompts are enqueued at once; each has its own voice, and its own cover where the voice is late."""
    run = call(NEWS, voice=ScriptedVoice(first_audio=6.0))
    assert [(r.voice, r.locale, r.speed) for r in syntheses(run)] == [("y", "es-US", 0.9), ("x", "en-US", 1.0)]
    said = words(run)
    assert said[0] == "Las noticias:" and said[1] == "Un momento." and "The news," in said
    assert run.dead_air() == []


def test_G4_what_a_typed_key_held_back_is_said_in_the_locale_it_was_meant_in():
    run = call(
        "dialog: main\nstart: m\nstates:\n  m: {say: main, menu: {options: {1: a}}}\n"
        "  a: {say: greeting, goto: b}\n  b: {locale: es-US, say: greeting, hang_up: yes}\n",
        keys=[(0.5, "1"), (0.55, "5"), (0.6, "6")],
    )
    assert [text for text in words(run) if "lla" in text or "call" in text] == [
        "Thank you for calling.",
        "Gracias por llamar.",
    ]
    assert run.of(PromptSkipped) == []


def test_G5_a_phrase_that_the_locale_lacks_is_said_in_the_projects_own():
    run = call("dialog: main\nstart: a\nstates:\n  a: {locale: es-US, say: [greeting, bye], hang_up: yes}\n")
    assert words(run) == ["Gracias por llamar.", "Good bye."]


def test_G6_live_words_have_the_voice_of_their_phrase():
    file = """\
dialog: main
start: a
states:
  a: {set: {headline: "'Sol'", amount: "2.0"}, locale: es-US, say: [news, balance], hang_up: yes}
"""
    assert [(r.voice, r.text) for r in syntheses(call(file))] == [("y", "Sol"), ("x", "two dollars")]


def test_G6_what_one_voice_said_is_not_kept_for_the_other():
    kept = DynamicClips()
    same = NEWS.replace("'Sun'", "'Sol'")
    assert len(syntheses(call(same, dynamic=kept))) == 2
    assert syntheses(call(same, dynamic=kept)) == []


def test_G7_waits_and_failures_are_covered_in_the_calls_locale():
    file = """\
dialog: main
start: a
states:
  a: {locale: es-US, lookup: {run: bank.get, as: x, private: no}, branch: [{if: x == 1, goto: b}, {goto: b}]}
  b: {say: nothing_of_that_name, hang_up: yes}
"""
    run = call(file, lookups={"bank.get": Answer(1, 4.0)})
    assert words(run)[0] == "Un momento." and words(run)[-1] == "Lo siento."
    assert len(run.of(DialogFailed)) == 1


def test_G8_python_speaks_another_locale():
    async def talk(line):
        await line.say("greeting")
        await line.speak("es-US")
        await line.say("greeting")
        assert line.locale == "es-US"
        await line.speak("no locale")

    run = call(HELLO, python=talk)
    assert words(run) == ["Thank you for calling.", "Gracias por llamar.", "Lo siento."]
    assert run.of(DialogFailed)[0].error == "DialogBroken"


def test_G8_another_stream_of_the_call_goes_on_in_its_locale():
    async def talk(line):
        await line.speak("es-US")
        await line.ask()
        await line.say("greeting")

    start = '{"event":"start","streamSid":"%s","start":{"streamSid":"%s","callSid":"CA1","customParameters":{}}}'
    first, second = TwilioCodec(), TwilioCodec()
    call = Call("c", both(make_plan(talk)), first, datetime(2026, 1, 1, tzinfo=UTC))
    for event in first.receive(start % ("MZ1", "MZ1")):
        call.receive(event, 0.0)
    call.move_to(second)
    for event in second.receive(start % ("MZ2", "MZ2")):
        call.receive(event, 1.0)
    call.receive(DigitReceived("1"), 1.5)
    assert [event.text for event in call.trace() if isinstance(event, SegmentStarted)] == ["Gracias por llamar."]


def test_G2_a_state_behind_the_end_of_the_call_may_name_a_locale():
    file = dialog("a: {say: main, menu: {options: {1: a}}}", "gone: {locale: es-US, lookup: LOOKUP, hang_up: yes}")
    file = file.replace("LOOKUP", "{run: bank.get, as: x}").replace("states:", "on: {hang_up: {goto: gone}}\nstates:")
    run = call(file, hang_up_at=1.0)
    assert [effect.name for _, effect in run.done if isinstance(effect, Lookup)] == ["bank.get"]


# --- opening hours --------------------------------------------------------------------------------------------------

DAILY = Calendar(ZoneInfo("America/New_York"), ((Span(9 * 60, 17 * 60),),) * 7)
"""The simulation begins at midnight of 1 January 2026, UTC: seven in the evening of New Year's Eve in New York."""
ALMANAC = Almanac(ZoneInfo("Asia/Kolkata"), {"support": DAILY})


def holds(expression: str) -> bool:
    file = dialog(
        f'a: {{branch: [{{if: "{expression}", goto: b}}, {{goto: c}}]}}',
        "b: {say: greeting, hang_up: yes}",
        "c: {say: bye, hang_up: yes}",
    )
    run = call(file, almanac=ALMANAC)
    assert run.of(DialogFailed) == []
    return words(run) == ["Thank you for calling."]


def test_O1_now_is_the_calls_own_time_in_the_projects_zone():
    assert holds("now.date == '2026-01-01' && now.time == '05:30' && now.hour == 5 && now.weekday == 'thursday'")
    assert holds("now.year == 2026 && now.month == 1 && now.day == 1 && now.minute == 30")


def test_O2_hours_tell_whether_somebody_is_there():
    assert not holds("hours.support.open")
    assert holds("hours.support.now.date == '2025-12-31' && hours.support.now.hour == 19")


def test_O3_hours_tell_what_comes():
    assert holds("hours.support.next.date == '2026-01-01' && hours.support.next.days == 1")
    assert holds("hours.support.next.at == '2026-01-01T09:00:00-05:00' && hours.support.closes == null")
    assert holds("hours.support.holiday == ''")


def test_O3_no_holiday_is_said_as_nothing():
    file = dialog("a: {set: {headline: hours.support.holiday}, say: [news, bye], hang_up: yes}")
    run = call(file, almanac=ALMANAC)
    assert run.of(DialogFailed) == []
    assert words(run) == ["The news,", "Good bye."]


def test_O4_python_asks_the_same_calendar():
    found = {}

    async def talk(line):
        found["open"] = await line.open("support")
        found["next"] = await line.next_opening("support")
        await line.open("nobody")

    run = call(HELLO, python=talk, almanac=ALMANAC)
    assert found == {"open": False, "next": datetime(2026, 1, 1, 14, tzinfo=UTC)}
    assert run.of(DialogFailed)[0].error == "DialogBroken"


# --- variables ------------------------------------------------------------------------------------------------------

DONE = "done: {say: bye, hang_up: yes}"


def typed(variables: str, *states: str) -> str:
    return dialog(*states, DONE, variables=variables)


def test_V1_a_variable_begins_with_its_start_value():
    run = call(typed("{amount: {type: money, start: 3.50}}", "a: {say: balance, goto: done}"))
    assert "three dollars and fifty cents" in words(run)


def test_V2_a_value_of_another_type_breaks_the_dialog_and_is_not_shown():
    state = "a: {set: {it: \"{'k': 'secret'}\", amount: it.k}, goto: done}"
    (failed,) = call(typed("{amount: money, it: mapping}", state)).of(DialogFailed)
    assert failed.error == "DialogBroken" and "dialog1.yaml:5:" in failed.detail
    assert "'amount': it is to be an amount of money, and is another text" in failed.detail
    assert "secret" not in failed.detail


@pytest.mark.parametrize(("value", "said"), [(12, "You have,"), ("many", "No news today."), (None, "No news today.")])
def test_V3_a_lookup_that_returns_another_type_has_failed(value, said):
    file = typed(
        "{amount: money}",
        "a: {lookup: {run: bank.get, as: amount, failed: none}, say: balance, goto: done}",
        "none: {say: no_news, goto: done}",
    )
    run = call(file, lookups={"bank.get": Answer(value, 0.1)})
    assert said in words(run) and run.of(DialogFailed) == []


def test_V4_keys_that_are_not_of_the_type_are_no_match():
    state = "a: {say: main, collect: {as: account, digits: 3, goto: done, no_match: {say: not_known, limit: 1}}}"
    run = call(typed("{account: digits}", state), keys=[(2.5, "1"), (2.6, "*"), (2.7, "3")])
    assert "That is no choice." in words(run)


def test_V5_what_is_declared_private_is_private_whatever_is_put_in():
    variables = "{headline: {type: text, private: yes}}"
    run = call(typed(variables, "a: {set: {headline: \"'Smith'\"}, say: news, goto: done}"))
    assert run.of(SynthesisStarted)[0].private
    state = "a: {lookup: {run: bank.get, as: headline, private: no}, say: news, goto: done}"
    looked_up = call(typed(variables, state), lookups={"bank.get": Answer("Miller", 0.1)})
    assert looked_up.of(LookupEnded)[0].private
    lines = [traced(event) for event in [*run.trace, *looked_up.trace]]
    assert not any(b"Miller" in text or b"Smith" in text for text in lines)


def test_V6_what_is_handed_over_and_what_comes_back_have_their_types():
    caller = typed(
        "{amount: money}",
        "a: {dialog: {run: other, with: {part: WITH}, as: amount, goto: b}}",
        "b: {say: balance, goto: done}",
    )
    other = "dialog: other\nstart: a\nvariables: {part: number}\nstates:\n  a: {return: {value: part + 1}}\n"
    assert "three dollars" in words(call(caller.replace("WITH", "2"), other))
    (failed,) = call(caller.replace("WITH", "\"'two'\""), other).of(DialogFailed)
    assert "dialog 'other': 'part': it is to be a number" in failed.detail
    (failed,) = call(caller.replace("WITH", "2"), other.replace("part + 1", "\"'none'\"")).of(DialogFailed)
    assert "dialog 'main': 'amount'" in failed.detail


def test_V7_money_is_exact_and_compares_with_whole_numbers():
    file = typed(
        "{amount: money}",
        "a: {lookup: {run: bank.get, as: amount}, branch: [{if: amount < 1, goto: b}, {goto: done}]}",
        "b: {say: balance, goto: done}",
    )
    run = call(file, lookups={"bank.get": Answer("0.10", 0.1)})
    assert [request.text for request in syntheses(run)] == ["ten cents"]


# --- lookups over HTTP ----------------------------------------------------------------------------------------------

NAME = f"GET {API}"


def over_http(extra: str = "", account: str = "'0451/..'") -> str:
    return f"""\
dialog: main
start: a
states:
  a:
    set: {{account: "{account}"}}
    lookup: {{get: "{API}", as: amount, json: $.balance{extra}}}
    say: balance
    goto: done
  missing: {{say: no_news, hang_up: yes}}
  broken: {{say: poor, hang_up: yes}}
  done: {{say: bye, hang_up: yes}}
"""


def test_H1_a_simulation_answers_by_method_and_url():
    file = over_http(', query: {since: "2"}, headers: {X-Key: "{env:BANK_KEY}"}')
    run = call(file, lookups={NAME: Answer(Decimal("2.00"), 0.1)})
    assert "two dollars" in words(run)
    (request,) = asked(run)
    assert (request.slots, request.query) == ({"account": "0451/.."}, {"since": 2})
    assert request.headers == {"X-Key": Env("BANK_KEY")} and request.path == "$.balance"


def test_H1_a_function_may_answer_by_the_request():
    run = call(over_http(), lookups={NAME: lambda request: Answer(len(request.slots["account"]), 0.1)})
    assert "seven dollars" in words(run)


@pytest.mark.parametrize("account", ["''", "'..'", "[1]"])
def test_H2_a_slot_that_would_lead_elsewhere_is_a_failed_lookup(account):
    run = call(over_http(", failed: missing", account=account), lookups={NAME: Answer(1, 0.1)})
    assert words(run)[-1] == "No news today." and asked(run) == []


@pytest.mark.parametrize(("status", "said"), [(404, "No news today."), (403, "You are poor."), (503, "You are poor.")])
def test_H3_a_status_has_its_branch_and_is_waited_for(status, said):
    on = ", on: {404: missing, 4xx: broken, 5xx: broken}"
    run = call(over_http(on), lookups={NAME: Answer(status=status, delay=2.0)})
    assert words(run)[-1] == said
    assert run.of(DialogFailed) == []


@pytest.mark.parametrize("answer", [Answer(status=500, delay=0.1), Answer(error="broken"), Answer(1, delay=20.0)])
def test_H4_failed_answers_what_has_no_branch(answer):
    run = call(over_http(", on: {404: missing}, failed: broken"), lookups={NAME: answer})
    assert words(run)[-1] == "You are poor."


def test_H5_without_an_answer_the_fallback_stands_in_for_the_value():
    run = call(over_http(", on: {404: missing}"), lookups={NAME: Answer(status=500, delay=0.1)})
    assert words(run) == ["You have,", "I am sorry.", "Good bye."]


def test_H6_nothing_of_the_caller_is_in_the_trace():
    run = call(over_http(account="'778899'"), lookups={NAME: Answer(status=500, delay=0.1)})
    assert not any(b"778899" in traced(event) for event in run.trace)


def test_H7_python_asks_over_http():
    found = {}

    async def talk(line):
        found["value"] = await (await line.fetch(HttpRequest("GET", API, {"account": line.caller})))
        for method, account in (("POST", ""), ("PUT", "1")):
            try:
                await (await line.fetch(HttpRequest(method, API, {"account": account})))
            except LookupFailed as error:
                found[method] = error.why, error.status

    call(HELLO, python=talk, lookups={NAME: Answer(5, 0.1), f"PUT {API}": Answer(status=409)})
    empty = "the slot 'account' of the url is empty"
    assert found == {"value": 5, "POST": (empty, None), "PUT": ("it answered 409", 409)}
