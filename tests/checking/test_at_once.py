"""One mistake hides no other and makes no other: spoil a part of a file, and the rest is judged as it was."""

import json

import pytest
from corpus import BASE, CORPUS, case

from ivr.catalog.source import read
from ivr.cli.main import main

SPOILT = "a b("
"""No state, no expression, no name, no number and no duration."""
EACH = 9
"""Of so many places in a file one is spoilt; another run of the tests could take the others."""
SUPERSEDED = {"silence", "never-returns", "runs-itself"}
"""Told of a trap where nothing stronger can be said, which is so once a way out of it could be anything."""


def answered(root, capsys):
    capsys.readouterr()
    main(["check", str(root), "--json"])
    problems = json.loads(capsys.readouterr().out)["problems"]
    return {(problem["file"], problem["line"], problem["code"]) for problem in problems if problem["code"] != "clip"}


def judged(file):
    """Scenarios are read by themselves, when the project is right."""
    return file.endswith(".yaml") and "/calls/" not in file


def spoilings(text, file):
    """The text with one value or key of it spoilt, and the line where that is."""
    source = read(text, file)
    for path, place in list(source.places.items())[1:]:
        value, lines = source.at(path), text.split("\n")
        line, column = place.key
        if isinstance(path[-1], str) and lines[line - 1][column - 1 :].startswith(path[-1]):
            yield spoilt(lines, line, column - 1 + len(path[-1]), "", "Xq"), line
        line, column = place.value
        at = column - 1 + (place.inside or 0)
        if isinstance(value, str) and place.inside is not None and lines[line - 1][at:].startswith(value):
            yield spoilt(lines, line, at, value, SPOILT if place.inside else f"'{SPOILT}'"), line


def spoilt(lines, line, at, old, new):
    changed = list(lines)
    changed[line - 1] = lines[line - 1][:at] + new + lines[line - 1][at + len(old) :]
    return "\n".join(changed)


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=lambda number: CORPUS[number].stem)
def test_a_mistake_makes_no_other(number, checkable, capsys):
    files = case(CORPUS[number]).files
    for file, text in files.items():
        checkable.write(file, text)
    before = answered(checkable.root, capsys)
    for file, text in {**BASE, **files}.items():
        for spoiling, line in list(spoilings(text, file))[number % EACH :: EACH] if judged(file) else ():
            checkable.write(file, spoiling)
            told = answered(checkable.root, capsys) - before
            here = {each for each in told if each[:2] == (str(checkable.root / file), line)}
            if any(code == "value" for _, _, code in here):
                follow_up = {each for each in told - here if each[2] not in SUPERSEDED}
                assert not follow_up, spoiling
            checkable.write(file, text)


def test_a_missing_parenthesis_hides_nothing(checkable, capsys):
    """Which was how it was noticed: one problem where mending it showed the others."""
    right = next(path for path in CORPUS if path.stem == "90-all-at-once")
    text = case(right).files["prompts/dialogs/main.yaml"]
    checkable.write("prompts/dialogs/main.yaml", text.replace("(count > 1", "count > 1"))
    without = answered(checkable.root, capsys)
    checkable.write("prompts/dialogs/main.yaml", text)
    broken = answered(checkable.root, capsys)
    assert broken > without and len(broken - without) == 1
