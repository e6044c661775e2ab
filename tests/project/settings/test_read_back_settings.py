"""``readback:`` of the settings: what it takes, and what it is told of the phrases."""

import pytest
from pregen.reading import Speaker, reads_back
from test_settings import problems, settings

from ivr.call.plan import plan_calls
from ivr.catalog.saying.amounts import CURRENCIES
from ivr.errors import ProjectError, Severity
from ivr.gateways.twilio import TWILIO
from ivr.project.settings.readback import ReadBackSettings


def test_a_project_that_asks_for_nothing_streams():
    assert settings().readback == ReadBackSettings(mode="stream", currency="USD", stream=())


def test_what_is_written_holds_and_the_environment_stands_over_it():
    text = "readback: {mode: auto, currency: EUR, stream: [news, weather]}\n"
    found = settings(text, {"IVR_READBACK_MODE": "fragments", "IVR_READBACK_STREAM": "news, traffic"})
    assert found.readback == ReadBackSettings(mode="fragments", currency="EUR", stream=("news", "traffic"))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_that_has_words_may_be_asked_for(currency):
    assert settings(f"readback: {{currency: {currency}}}\n").readback.currency == currency


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("{mode: always}", 18, "'mode' is 'always', write one of 'stream', 'fragments' or 'auto'"),
        ("{mod: auto}", 12, "unknown key 'mod', did you mean 'mode'?"),
        ("{currency: usd}", 22, "'currency' is 'usd', write one of 'USD', 'EUR', 'GBP', 'MXN', 'CHF' or 'CAD'"),
        ("fragments", 11, "'readback' is 'fragments', write 'key: value' lines below it"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text, column, told):
    assert problems(f"readback: {text}\n") == [("ivr.yaml", 1, column, told)]


def test_one_phrase_need_not_be_a_list():
    assert settings("readback: {stream: news}\n").readback.stream == ("news",)


def test_which_values_nothing_but_fragments_may_say():
    only = ReadBackSettings(mode="fragments", stream=("news",))
    assert only.only_fragments("balance", "money", "en-US")
    assert not only.only_fragments("news", "money", "en-US")
    assert not only.only_fragments("balance", "text", "en-US")
    assert not only.only_fragments("balance", "money", "it-IT")
    assert not ReadBackSettings(mode="auto").only_fragments("balance", "money", "en-US")


TEXTS = """\
locale: en-US
phrases:
  hello: Hello.
  news: "{headline:text}."
  wait: One moment.
  sorry: Sorry.
  music: {sound: music.wav}
"""


def loaded(little, read_back):
    little.write("prompts/phrases/en-US.yaml", TEXTS)
    little.write("prompts/dialogs/main.yaml", "dialog: main\nstart: top\nstates:\n  top: {say: hello, hang_up: yes}\n")
    little.replace("prompts/ivr.yaml", "project: Little\n", f"project: Little\nreadback: {read_back}\n")
    return little.load()


def test_a_text_stops_a_server_where_nothing_may_say_it(little):
    with pytest.raises(ProjectError) as stopped:
        loaded(little, "{mode: fragments}")
    [problem] = stopped.value.problems
    assert (problem.code, problem.line) == ("no-fragments", 4)
    assert "readback.stream" in problem.remedy


@pytest.mark.parametrize("read_back", ["{mode: fragments, stream: [news]}", "{mode: auto}", "{mode: stream}"])
def test_and_not_where_the_voice_may(little, read_back):
    assert loaded(little, read_back).settings.readback.mode in read_back


def test_a_mode_that_cannot_be_read_judges_no_phrase(little):
    with pytest.raises(ProjectError) as stopped:
        loaded(little, "{mode: fragmnts, stream: [nobody]}")
    assert {problem.code for problem in stopped.value.problems} == {"value"}


def lacking(little, mode):
    """The little project, built, without one of its fragments, and with another one of other words."""
    reads_back(little)
    little.replace("prompts/ivr.yaml", "mode: fragments", f"mode: {mode}")
    assert little.render(Speaker()).ok
    (little.root / "audio/fragments/en-US/eight.wav").unlink()
    (little.root / "audio/fragments/en-US/nine.wav").write_bytes(b"other")
    return little


def test_in_auto_fragments_that_are_not_right_are_warned_of_and_left_out(little):
    project = lacking(little, "auto").load(clips=True)
    assert [(each.code, each.severity) for each in project.warnings] == [("clip", Severity.WARNING)] * 2
    assert all("a fragment is" in each.what and "the voice says" in each.what for each in project.warnings)
    plan = plan_calls(project, TWILIO, provider="toy")
    fragments = plan.read_back.fragments
    assert fragments is not None and fragments.names
    assert not {"fragments/en-US/eight", "fragments/en-US/nine"} & set(fragments.names)


def test_in_fragments_they_stop_a_server(little):
    with pytest.raises(ProjectError) as stopped:
        lacking(little, "fragments").load(clips=True)
    assert {each.severity for each in stopped.value.problems if each.code == "clip"} == {Severity.ERROR}


def test_other_clips_that_are_missing_stop_a_server_in_auto_too(little):
    lacking(little, "auto")
    (little.root / "audio/music.wav").unlink()
    with pytest.raises(ProjectError) as stopped:
        little.load(clips=True)
    assert "music" in str(stopped.value)
