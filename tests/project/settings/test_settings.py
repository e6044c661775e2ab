import pytest

from ivr.listening.gate import Sensitivity
from ivr.project.settings.settings import Settings, read_settings, variables


def settings(text="project: X\n", environ=None):
    found, _, problems = read_settings(text, "ivr.yaml", environ or {})
    assert problems == []
    return found


def problems(text="project: X\n", environ=None):
    found = read_settings(text, "ivr.yaml", environ or {})[2]
    return [(problem.file, problem.line, problem.column, f"{problem.what}, {problem.remedy}") for problem in found]


def test_whatever_is_left_out_has_its_default():
    assert settings() == Settings(project="X")
    assert Settings().cover.patience == 30
    assert Settings().voice.provider == "embedded"


def test_values_of_the_file_hold():
    found = settings("loudness: -18\nvoice: {speed: 1.2}\ncover: {enabled: no, grace: 250 ms}\n")
    assert (found.loudness, found.voice.speed, found.cover.enabled, found.cover.grace) == (-18, 1.2, False, 0.25)


def test_the_environment_overrides_one_value_and_leaves_its_neighbours():
    environ = {"IVR_COVER_PATIENCE": "10s", "IVR_LOUDNESS": "-18", "IVR_VOICE_SPEED": "", "HOME": "/root"}
    found = settings("cover: {grace: 100 ms, patience: 5s}\n", environ)
    assert (found.cover.grace, found.cover.patience, found.loudness, found.voice.speed) == (0.1, 10, -18, 1)


@pytest.mark.parametrize("name", sorted(variables()))
def test_a_wrong_value_names_its_variable(name):
    found = problems(environ={name: "\x00" if name == "IVR_PROJECT" else "1 2 3 wrong"})
    if name in ("IVR_PROJECT", "IVR_VOICE_NAME"):
        assert found == []  # any text is a name
    elif name in ("IVR_VOICE_MODEL", "IVR_VOICE_STYLE"):
        assert found[0][3].startswith(f"the embedded voice has no {name[10:].lower()}")
    else:
        assert [file for file, *_ in found] == [name]


def test_a_variable_that_is_no_setting_is_refused():
    assert problems(environ={"IVR_COVER_PATIANCE": "10s", "IVR_SOMETHING_ELSE": "1"}) == [
        ("IVR_COVER_PATIANCE", 1, 1, "the environment sets what is no setting, did you mean 'IVR_COVER_PATIENCE'?")
    ]


def test_all_mistakes_of_file_and_environment_come_at_once():
    found = problems("voice: {sped: 2, rate: 7}\ncover: {patience: 10}\n", {"IVR_LOUDNESS": "loud"})
    assert sorted((file, line, column, what.split(",")[0]) for file, line, column, what in found) == [
        ("IVR_LOUDNESS", 1, 1, "'loudness' is 'loud'"),
        ("ivr.yaml", 1, 9, "unknown key 'sped'"),
        ("ivr.yaml", 1, 24, "'rate' is '7'"),
        ("ivr.yaml", 2, 19, "'10' has no unit"),
    ]


@pytest.mark.parametrize("name", ["IVR_LOCALE", "IVR_PROJECT", "IVR_VOICE_URL", "IVR_VOICE_SPEED"])
def test_bytes_in_the_environment_that_are_no_text_are_a_problem(name):
    ((file, _, _, what),) = problems(environ={name: "a\udcff"})
    assert (file, what) == (name, "the value in the environment is not UTF-8, set it as UTF-8")


def test_the_key_comes_from_the_environment_and_is_shown_to_nobody():
    found = settings(environ={"IVR_VOICE_API_KEY": "s3cret"})
    assert found.voice.api_key.get_secret_value() == "s3cret"
    assert found.voice.options()["api_key"] == "s3cret"
    for shown in (repr(found), str(found), repr(found.voice), found.model_dump_json(), repr(found.voice.api_key)):
        assert "s3cret" not in shown


@pytest.mark.parametrize("text", ["voice: {api_key: s3cret}\n", "api_key: s3cret\n", "voice: {API-KEY: s3cret}\n"])
def test_a_key_in_the_file_is_a_problem_that_does_not_repeat_it(text):
    ((file, line, _, what),) = problems(text)
    assert (file, line) == ("ivr.yaml", 1)
    assert "IVR_VOICE_API_KEY" in what
    assert "s3cret" not in what


def test_a_password_in_the_url_is_not_repeated():
    ((_, line, _, what),) = problems("voice:\n  url: https://me:s3cret@example.com\n")
    assert line == 2
    assert "s3cret" not in what


@pytest.mark.parametrize("url", ["example.com", "ftp://example.com", "https://", "https://a?key=b", "http://[", "1"])
def test_a_url_that_is_none_is_refused(url):
    assert len(problems(f"voice: {{url: '{url}'}}\n")) == 1


def test_what_contradicts_itself_is_refused():
    assert "IVR_VOICE_URL" in problems("voice: {provider: http}\n")[0][3]
    assert problems("voice: {provider: http}\n", {"IVR_VOICE_URL": "https://example.com"}) == []
    assert "playout.lead" in problems("playout: {lead: 100 ms, message: 200 ms}\n")[0][3]
    assert problems("playout: {lead: 100 ms, message: 200 ms}\n", {"IVR_PLAYOUT_LEAD": "300 ms"}) == []


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        settings().loudness = -10.0


def test_what_counts_as_speech():
    found = settings("listening: {begin: 80 ms, floor: -45}\n", {"IVR_LISTENING_END": "1s"})
    assert found.listening.sensitivity() == Sensitivity(0.08, 1.0, -45.0, Sensitivity().floor_over_words)
    assert problems("listening: {floor: 3}\n") == [("ivr.yaml", 1, 20, "'floor' is '3', give at most -10.0")]


def test_the_rate_of_clips_is_a_number_or_the_voices_own():
    assert settings("project: X\n").clip_rate == 8000
    assert settings("clip_rate: voice\n").clip_rate is None
    assert settings("clip_rate: 24000\n").clip_rate == 24000
    for wrong in ("7999", "48001", "fast", "8e3", "٨٠٠٠"):
        assert problems(f"clip_rate: {wrong}\n")[0][1:3] == (1, 12)
