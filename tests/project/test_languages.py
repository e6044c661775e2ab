"""A project that speaks two languages: read, rendered, planned and called."""

from __future__ import annotations

import pytest
from toy import drive

from ivr.call.effects import Synthesize
from ivr.call.plan import plan_calls
from ivr.dialog.cover import USUAL, Cover
from ivr.errors import Severity
from ivr.gateways.twilio import TWILIO
from ivr.project.settings.settings import Settings
from ivr.project.settings.voice import LocaleSpeaker
from ivr.trace.events import DialogFailed
from ivr.trace.sound import SegmentStarted

SETTINGS = """\
project: Little
cover: {filler: wait, hold: music, fallback: sorry}
voice:
  name: english
  locales: {es-US: {name: spanish, speed: 0.9}}
timezone: America/New_York
choose_locale:
  - {if: 'call.called == "+2"', locale: es-MX}
  - {parameter: language}
"""
SPANISH = """\
locale: es-US
phrases:
  hello: Hola.
  left: "Quedan {words:text}."
"""
DIALOG = """\
dialog: main
start: top
states:
  top: {locale: es-MX, set: {words: "'dos'"}, say: [hello, left], goto: bye}
  bye: {branch: [{if: hours.desk.open, goto: yes_there}, {goto: none_there}]}
  yes_there: {locale: en-US, say: hello, hang_up: yes}
  none_there: {say: closing, hang_up: yes}
"""
HOURS = "calendars: {desk: {timezone: America/New_York, week: {mon-sun: 18:00-20:00}}}\n"


@pytest.fixture
def bilingual(little):
    little.write("prompts/ivr.yaml", SETTINGS)
    more = '  left: "Left are {words:text}."\n  closing: We are closed.\n  sum:'
    little.replace("prompts/phrases/en-US.yaml", "  sum:", more)
    little.write("prompts/phrases/es-US.yaml", SPANISH)
    little.write("prompts/dialogs/main.yaml", DIALOG)
    little.write("prompts/hours.yaml", HOURS)
    return little


def test_what_a_locale_lacks_is_a_warning(bilingual):
    (warning,) = bilingual.load().warnings
    assert warning.file.endswith("es-US.yaml")
    # The hold sound is no words.
    assert warning.what == "es-US has no closing, sum, wait, sorry: they are said in en-US"


def test_each_locale_is_rendered_by_its_voice_and_levelled_by_it(bilingual, voice):
    bilingual.render(voice)
    project = bilingual.load(clips=True)
    voices = {name: entry.voice for name, entry in project.lock.clips.items() if entry.origin == "rendered"}
    assert voices["hello"] == "english" and voices["es-US/hello"] == "spanish"
    assert set(project.lock.voices) == {f"{voice.name}:english", f"{voice.name}:spanish"}
    plan = plan_calls(project, TWILIO, provider=voice.name)
    spanish = plan.voice_of("es-US")
    assert (spanish.name, spanish.speed, spanish.gain) == ("spanish", 0.9, project.lock.voices[f"{voice.name}:spanish"])
    assert plan.voice_of("en-US").name == "english" and plan.language("es").locale == "es-US"
    # Another pace makes the clips of that locale stale, and of no other.
    bilingual.replace("prompts/ivr.yaml", "speed: 0.9", "speed: 1.1")
    report = bilingual.render(voice)
    assert set(report.rendered) == {"es-US/hello", "es-US/left"}


def test_a_call_in_two_languages(bilingual, voice):
    bilingual.render(voice)
    run = drive(plan_calls(bilingual.load(clips=True), TWILIO, provider="scripted"))
    assert run.of(DialogFailed) == []
    assert [event.text for event in run.of(SegmentStarted) if event.text] == ["Hola.", "Quedan,", "dos.", "Hello."]
    (request,) = [effect.request for _, effect in run.done if isinstance(effect, Synthesize)]
    assert (request.voice, request.locale) == ("spanish", "es-US")
    assert run.dead_air() == []


def test_each_locale_has_the_covers_of_its_own_words(bilingual, voice):
    more = "phrases:\n  wait: Un momento.\n  other: Un segundo."
    bilingual.replace("prompts/phrases/es-US.yaml", "phrases:", more)
    bilingual.replace("prompts/phrases/en-US.yaml", "phrases:", "phrases:\n  other: One second.")
    bilingual.render(voice)
    plan = plan_calls(bilingual.load(clips=True), TWILIO, provider="scripted")
    spanish, english = plan.language("es-US"), plan.language("en-US")
    for cover, name in ((USUAL, "wait"), (Cover(filler="other"), "other")):
        here, there = plan.covers_of(spanish, cover), plan.covers_of(english, cover)
        assert here.filler is plan.clips[f"es-US/{name}"] and there.filler is plan.clips[name]
        assert here.filler_text == spanish.catalogue.phrases[name].text != there.filler_text
        assert here.fallback is there.fallback and here.hold is there.hold


def test_a_state_may_have_its_own_hold_loop_which_has_no_language(bilingual):
    bilingual.replace("prompts/phrases/en-US.yaml", "phrases:", "phrases:\n  waltz: {sound: music.wav}")
    bilingual.replace("prompts/dialogs/main.yaml", "top: {", "top: {cover: {hold: waltz}, ")
    (warning,) = bilingual.load().warnings
    assert warning.what == "es-US has no closing, sum, wait, sorry: they are said in en-US"


def test_a_secret_that_is_not_set_is_a_warning(bilingual):
    lookup = 'lookup: {get: "https://h/", as: words, headers: {X-Key: "{env:BANK_KEY}"}}'
    bilingual.replace("prompts/dialogs/main.yaml", "set: {words: \"'dos'\"}", lookup)
    warning, *_ = bilingual.load().warnings
    assert (warning.code, warning.severity) == ("no-secret", Severity.WARNING)
    assert (warning.line, warning.what) == (4, "the environment has no BANK_KEY: the lookup will fail")
    assert len(bilingual.load({"BANK_KEY": "x"}).warnings) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("prompts/ivr.yaml", "locale: es-MX", "locale: fr-FR", "no phrases for locale 'fr-FR', nor for its language"),
        (
            "prompts/dialogs/main.yaml",
            "locale: es-MX",
            "locale: fr",
            "no phrases for locale 'fr', nor",
        ),
        ("prompts/dialogs/main.yaml", "locale: es-MX", "locale: 1x", "'1x' is no locale"),
        ("prompts/ivr.yaml", 'call.called == "+2"', "now.hour > 2", "'now' has no value before the call begins"),
        ("prompts/ivr.yaml", "locale: es-MX}", "locale: es-MX, parameter: x}", "this names no locale"),
        ("prompts/ivr.yaml", "America/New_York", "New_York", "'New_York' is no time zone"),
        ("prompts/ivr.yaml", "name: spanish, ", "", "'name' is missing"),
        ("prompts/ivr.yaml", "es-US: {", "Spanish: {", "'Spanish' is no locale"),
        ("prompts/dialogs/main.yaml", "hours.desk", "hours.dsk", "no calendar 'dsk' in prompts/hours.yaml"),
        ("prompts/hours.yaml", "18:00", "19:61", "has a time that no day has"),
        ("prompts/phrases/es-US.yaml", "words:text", "other:text", "slot 'other' of prompt 'left' has no value"),
    ],
)
def test_mistakes_are_told_at_their_place(bilingual, file, old, new, said):
    bilingual.replace(file, old, new)
    with pytest.raises(Exception) as error:
        bilingual.load()
    assert any(said in each.what for each in error.value.problems), str(error.value)


def test_voices_by_the_rule_of_locales():
    made = Settings.model_validate({"voice": {"name": "own", "locales": {"es": {"name": "a"}, "en-GB": {"name": "b"}}}})
    names = [made.speaker(tag).name for tag in ("en-US", "en-GB", "en-AU", "es-US", "es", "fr-FR")]
    assert names == ["own", "b", "own", "a", "a", "own"]
    assert made.speaker("es") == LocaleSpeaker(name="a", speed=1.0)
