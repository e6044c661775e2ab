"""Values for exploring that could not be had in any call are refused, and never left out without a word."""

import shutil

import pytest
from directory import Directory

from ivr.errors import ConfigError
from ivr.project.load import load
from ivr.simulator.explore_given import check_given

DIALOG = """\
dialog: main
start: pin
states:
  pin: {say: hello, collect: {as: pin, digits: 4, goto: code}}
  code: {say: hello, collect: {as: code, digits: 2-3, goto: left}}
  left: {lookup: {run: shop.left, as: amount}, say: [hello, sum], hang_up: yes}
"""


@pytest.fixture(scope="module")
def project(rendered, tmp_path_factory):
    root = tmp_path_factory.mktemp("given") / "little"
    shutil.copytree(rendered, root)
    Directory(root).write("prompts/dialogs/main.yaml", DIALOG)
    return load(root, {})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"pin": ["0423", 1234]},
        {"code": ["12", "123"]},
        {"shop.left": [5, "x", None, {"error": "closed"}, {"status": 404}, {"a": 1}]},
    ],
)
def test_what_can_be_is_taken(project, given):
    check_given(project, given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pin": []}, "'pin' has nothing to be tried"),
        ({"shop.left": []}, "'shop.left' has nothing to be tried"),
        ({"pin": ["123"]}, "'123' has 3 digits and 4 are asked for"),
        ({"pin": ["1234", 83]}, "'83' has 2 digits and 4 are asked for; write it as a text if it begins with 0"),
        ({"code": ["1234"]}, "4 digits and 2 to 3 are asked for"),
        ({"pin": ["12#4"]}, "other keys than 0 to 9"),
        ({"pin": [""]}, "other keys than 0 to 9"),
        ({"pin": [True]}, "True cannot be typed"),
        ({"pin": [{"error": "x"}]}, "cannot be typed"),
        ({"pin": [1.5]}, "1.5 cannot be typed"),
        ({"shop.left": [{"status": "gone"}]}, "status 'gone' is none"),
        ({"shop.left": [{"status": 1000}]}, "status 1000 is none"),
        ({"shop.left": [{"error": 5}]}, "error 5 is no text"),
        ({"shop.lfet": [5]}, "did you mean 'shop.left'"),
        ({"amount": [5]}, "no variable of that name is typed"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(project, given, said):
    with pytest.raises(ConfigError) as refused:
        check_given(project, given)
    assert said in str(refused.value)
