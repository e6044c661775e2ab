"""What Python names is held against the project: the parcel line, whole and with one name after the other spoiled."""

import shutil
from pathlib import Path

import pytest

from ivr.errors import ProjectError, Severity
from ivr.project.code.mentioned import mentioned
from ivr.project.load import load

PARCEL = Path(__file__).parents[3] / "examples/parcel"
CODE = "prompts/parcel.py"
NAMED = mentioned(PARCEL / "prompts", ["parcel.answer"]).named[str(PARCEL / CODE)]


@pytest.fixture
def parcel(tmp_path):
    root = tmp_path / "parcel"
    shutil.copytree(PARCEL, root)
    return root


def spoil(root, named):
    file = root / CODE
    lines = file.read_text().splitlines(keepends=True)
    line, at = lines[named.line - 1], named.column - 1
    assert line[at + 1 :].startswith(named.name)
    lines[named.line - 1] = line[: at + 1] + "nobody" + line[at + 1 + len(named.name) :]
    file.write_text("".join(lines))


def problems(root):
    try:
        load(root, {}, clips=False)
    except ProjectError as error:
        return tuple(problem for problem in error.problems if problem.severity is Severity.ERROR)
    return ()


def test_what_is_right_gets_no_word(parcel):
    assert problems(parcel) == ()
    assert len([each for each in NAMED if each.kind == "prompt"]) >= 15


@pytest.mark.parametrize("named", [each for each in NAMED if each.kind == "prompt"], ids=lambda each: each.name)
def test_a_name_that_is_spoiled_is_told_where_it_stands(parcel, named):
    spoil(parcel, named)
    (problem,) = problems(parcel)
    assert (Path(problem.file).name, problem.line, problem.column) == ("parcel.py", named.line, named.column)
    assert (problem.code, "'nobody'" in problem.what) == ("no-phrase", True)


PHRASES = "locale: {}\nphrases:\n  hello: Hello.\n  wait: One moment.\n  music: {{sound: music.wav}}\n  sorry: Sorry.\n"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('call.say("only_there")', ""),
        ('call.say("nowhere")', "no-phrase"),
        ('call.say("later")', ""),
        ('call.say("later", 2)', ""),
        ('call.choose("later", "12")', "no-value"),
        ('call.choose("later", "12", amount=5)', ""),
    ],
)
def test_what_may_be_meant(little, said, code):
    """A phrase that another locale has; a slot that a later attempt alone wants."""
    little.write("prompts/phrases/en-US.yaml", PHRASES.format("en-US") + "  sum: You have {amount:money}.\n" + LATER)
    little.write("prompts/phrases/es-US.yaml", PHRASES.format("es-US") + "  only_there: Sí.\n")
    little.write(
        "prompts/lib.py", f"from ivr.dialog.line import Line\n\n\nasync def f(call: Line):\n    await {said}\n"
    )
    assert [each.code for each in problems(little.root)] == ([code] if code else [])


LATER = "prompts:\n  later: {say: [[hello], [sum]]}\n"


@pytest.mark.parametrize(("name", "told"), [('"other"', False), ("which", False), ('"unheard_of"', True)])
def test_dialogs_that_code_runs_may_be_handed_anything(little, name, told):
    little.write("prompts/lib.py", f"async def f(call, which):\n    await call.dialog({name}, tries=0.5)\n")
    states = "  a: {set: {tries: tries + 0.5}, say: hello, return: yes}\n"
    declared = "variables: {tries: {type: number, start: 0}}\n"
    little.write("prompts/dialogs/other.yaml", f"dialog: other\nstart: a\n{declared}states:\n{states}")
    assert any("the types do not fit" in each.what for each in problems(little.root)) is told
