"""What is told of clips that are not there or not right: what really helps, and once for what has one remedy."""

import pytest

from ivr.errors import ProjectError

XQ = "locale: xq-ZZ\nphrases:\n  hello: Xu.\n  bye: Xo.\n"


@pytest.fixture
def mute(little, voice):
    """Right but for the words of a locale that nobody can say."""
    little.render(voice)
    little.write("prompts/phrases/xq-ZZ.yaml", XQ)
    return little


def clips(project):
    with pytest.raises(ProjectError) as error:
        project.load(clips=True)
    return [problem for problem in error.value.problems if problem.code == "clip"]


def test_a_build_is_no_help_where_nobody_can_say_it(mute):
    (told,) = clips(mute)
    assert told.file == f"{mute.root}/audio/xq-ZZ/hello.wav"
    assert told.what == (
        "the clips of phrases 'hello', 'bye' are missing, and the embedded voice does not speak the language of xq-ZZ"
    )
    assert told.remedy == (
        "name who is to say them below voice.locales, or record them to audio/recordings/xq-ZZ/hello.wav and so on"
    )


def test_it_is_where_a_person_said_it(mute):
    mute.write("audio/recordings/xq-ZZ/hello.wav", b"")
    bye, hello = sorted(clips(mute))
    assert bye.what.startswith("the clip of phrase 'bye' is missing, and the embedded voice")
    assert bye.remedy.endswith("or record it to audio/recordings/xq-ZZ/bye.wav")
    assert hello.remedy == (
        f"run `ivr render {mute.root}`, which makes it from its recording or tells what is wrong with that"
    )


def test_it_is_where_somebody_is_named(mute):
    mute.replace("prompts/ivr.yaml", "project: Little", "project: Little\nvoice: {locales: {xq-ZZ: {name: de}}}")
    assert [problem.remedy for problem in clips(mute)] == [f"run `ivr render {mute.root}`"] * 2
