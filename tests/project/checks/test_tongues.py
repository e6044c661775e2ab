"""Who says the words of a locale, and what is told where that is a voice of another language."""

import numpy as np
import pytest

from ivr.errors import Severity
from ivr.media.wave import write_wav
from ivr.project.audio.speakers import mute
from ivr.project.checks.tongues import tongues
from ivr.project.settings.settings import read_settings
from ivr.speech.espeak.languages import LANGUAGES, language
from ivr.testing.voices import babble


def told(little, voice="", catalogue="hello: Guten Tag.", locale="de-DE"):
    little.write(f"prompts/phrases/{locale}.yaml", f"phrases:\n  {catalogue}\nlocale: {locale}\n")
    if voice:
        little.replace("prompts/ivr.yaml", "project: Little", f"project: Little\nvoice: {voice}")
    sources = little.sources()
    found = tongues(sources.settings, sources.words, set(sources.words))
    return [(problem.line, problem.code, problem.severity) for problem in found]


OTHER = [(3, "other-voice", Severity.WARNING)]
NOBODY = [(3, "no-voice", Severity.ERROR)]
HOSTED = "provider: http, url: 'https://voice.example.com'"


@pytest.mark.parametrize(
    ("locale", "voice", "expected"),
    [
        ("de-DE", "", OTHER),
        ("de-DE", "{name: en-us+f3}", OTHER),
        ("de-DE", "{locales: {de-DE: {name: de}}}", []),
        ("de-AT", "{locales: {de: {name: de}}}", []),
        ("de-DE", "{locales: {es-US: {name: es}}}", OTHER),
        ("en-GB", "", []),
        ("xq-ZZ", "", NOBODY),
        ("xq-ZZ", "{locales: {xq-ZZ: {name: de}}}", []),
        ("de-DE", f"{{{HOSTED}}}", OTHER),
        ("xq-ZZ", f"{{{HOSTED}}}", OTHER),
        ("xq-ZZ", f"{{{HOSTED}, locales: {{xq-ZZ: {{name: x}}}}}}", []),
    ],
)
def test_who_is_named_for_a_locale_speaks_its_language(little, locale, voice, expected):
    assert told(little, voice, locale=locale) == expected


def test_a_warning_that_is_meant_can_be_left_out(little):
    little.replace("prompts/ivr.yaml", "project: Little", "project: Little\nignore: other-voice")
    assert told(little) == []


def test_the_own_locale_is_asked_for_too():
    settings, _, _ = read_settings("locale: xq-ZZ", "ivr.yaml", {})
    assert mute(settings, "xq-ZZ")
    settings, _, _ = read_settings("locale: zh-TW\nvoice: {name: cmn}", "ivr.yaml", {})
    assert not mute(settings, "zh-TW")


@pytest.mark.parametrize(
    ("tag", "first"), [("en-US", "en"), ("en-us+f3", "en"), ("gmw/en-GB", "en"), ("zh-TW", "cmn"), ("no", "nb")]
)
def test_the_language_of_a_tag(tag, first):
    assert language(tag) == first


def test_the_list_is_that_of_the_voice():
    loader = pytest.importorskip("espeakng_loader")
    from pathlib import Path

    files = [path for path in Path(loader.get_data_path(), "lang").rglob("*") if path.is_file()]
    lines = [line.split() for path in files for line in path.read_text().splitlines()]
    assert LANGUAGES == {words[1].partition("-")[0] for words in lines if words[:1] == ["language"]}


def test_nothing_is_told_of_a_locale_that_a_person_speaks(little, voice):
    told(little, locale="xq-ZZ")
    quiet = np.zeros(11025, dtype=np.float32)
    sound = np.concatenate([quiet, babble("Guten Tag."), quiet])
    little.write("audio/recordings/xq-ZZ/hello.wav", write_wav([sound], 22050))
    report = little.render(voice)
    assert report.ok and report.recorded == ("xq-ZZ/hello",)
    assert [problem.code for problem in little.load(clips=True).warnings] == ["untranslated"]


def test_a_language_without_a_voice_is_not_rendered_by_another(little, voice):
    told(little, locale="xq-ZZ")
    for check in (True, False):
        report = little.render(voice, check=check)
        assert not report.ok
        assert {name: problem.code for name, problem in report.failed.items()} == {"xq-ZZ/hello": "no-voice"}
        assert report.problems == ()  # it is told once
    assert "Guten Tag." not in voice.asked
    assert len(report.rendered) == 5


def test_a_voice_of_another_language_is_told_by_a_build_and_by_what_loads_it(little, voice):
    told(little)
    report = little.render(voice)
    assert report.ok and "de-DE/hello" in report.rendered
    assert [problem.code for problem in report.problems] == ["other-voice"]
    assert little.render(voice, check=True).problems == report.problems
    assert "other-voice" in {problem.code for problem in little.load(clips=True).warnings}
