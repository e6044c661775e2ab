"""What is wrong with a setting that comes from the environment is told of its variable, whatever finds it."""

from __future__ import annotations

import pytest

from ivr.errors import ProjectError
from ivr.project.load import load
from ivr.project.settings.settings import read_settings, variables
from ivr.project.starter import copy_starter

WRONG_HERE = {
    "IVR_LOCALE": "es-US",
    "IVR_START": "nobody",
    "IVR_READBACK_STREAM": "nope",
    "IVR_COVER_FILLER": "nope",
    "IVR_COVER_HOLD": "nope",
    "IVR_COVER_STILL": "nope",
    "IVR_COVER_FALLBACK": "nope",
    "IVR_VOICE_PROVIDER": "http",
    "IVR_VOICE_MODEL": "large",
    "IVR_VOICE_STYLE": "calm",
    "IVR_PLAYOUT_LEAD": "40ms",
    "IVR_PLAYOUT_MESSAGE": "900ms",
}
"""Each could be right by itself, and is wrong beside the others or the project."""


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    root = tmp_path_factory.mktemp("blamed") / "p"
    copy_starter(root)
    return root


@pytest.mark.parametrize("name", sorted(WRONG_HERE))
def test_what_does_not_fit_the_project_names_its_variable(starter, name):
    with pytest.raises(ProjectError) as raised:
        load(starter, {name: WRONG_HERE[name]}, clips=False)
    assert {problem.file for problem in raised.value.problems} == {name}


@pytest.mark.parametrize("name", sorted(variables()))
def test_a_value_that_holds_is_its_variables_and_its_neighbours_are_the_files(name):
    values = {"IVR_CLIP_RATE": "voice", "IVR_VOICE_PROVIDER": "embedded"}
    path = variables()[name]
    for value in (
        values.get(name),
        "yes",
        "1",
        "1s",
        "0.5",
        "-20",
        "UTC",
        "embedded",
        "mask",
        "auto",
        "USD",
        "pcm",
        "listed",
        "en-US",
        "https://example.com",
        "ulaw",
        "127.0.0.1",
        "websockets",
        "8000",
        "1.0",
        "10.0.0.0/24",
    ):
        environ = {} if value is None else {name: value}
        _, source, _ = read_settings("project: X\ncover: {grace: 100ms}\n", "ivr.yaml", environ)
        if path in source.elsewhere:
            break
    assert source.problem(path, "", "").file == name
    assert source.problem((*path, 0), "", "").file == name
    other = ("cover", "grace") if path != ("cover", "grace") else ("project",)
    assert source.problem(other, "", "").file == "ivr.yaml"


def test_a_problem_of_the_file_is_still_the_files(starter):
    with pytest.raises(ProjectError) as raised:
        load(starter, {"IVR_READBACK_STREAM": "nope", "IVR_COVER_GRACE": "100ms", "IVR_START": "main"}, clips=False)
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == ("IVR_READBACK_STREAM", 1)
