"""Every file of the corpus gives what stands behind it, through the real command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import CORPUS, case

from ivr.cli.main import main
from ivr.dialog.inspection.codes import ERRORS, WARNINGS


def told(root, capsys, *words):
    status = main(["check", str(root), "--json", *words])
    answer = json.loads(capsys.readouterr().out)
    return status, answer


def shown(problem, root):
    where = f"{problem['line']}:{problem['column']}"
    said = f"{where} {problem['severity']} {problem['code']}: {problem['what']}, {problem['remedy']}"
    return said.replace(str(root), "DIR")


def put(path, directory):
    given = case(path)
    for file, text in given.files.items():
        directory.write(file, text)
    return given


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_is_wrong_is_told_where_it_stands(path, checkable, capsys):
    given = put(path, checkable)
    status, answer = told(checkable.root, capsys)
    assert [shown(problem, checkable.root) for problem in answer["problems"]] == given.expected
    errors = [line for line in given.expected if line.split()[1] == "error"]
    assert status == (1 if errors else 0)
    assert (answer["errors"], answer["warnings"]) == (len(errors), len(given.expected) - len(errors))
    assert told(checkable.root, capsys, "--strict")[0] == (1 if given.expected else 0)


def test_the_corpus_has_every_kind():
    codes = {line.split()[2].rstrip(":") for path in CORPUS for line in case(path).expected}
    assert {*ERRORS, *WARNINGS} - codes == {"environment"}, (
        "the environment has no file: tests/project/test_settings.py"
    )
    assert len(CORPUS) >= 50


def test_the_page_tells_of_every_kind():
    page = (Path(__file__).parents[2] / "docs/check.md").read_text()
    for code, what in {**ERRORS, **WARNINGS}.items():
        assert f"| `{code}` | {what} |" in page


def test_lines_are_for_people_and_codes_stand_beside_warnings(checkable, capsys):
    put(next(path for path in CORPUS if path.stem.endswith("piles-up")), checkable)
    assert main(["check", str(checkable.root)]) == 0
    said = capsys.readouterr().out
    main_file = checkable.root / "prompts/dialogs/main.yaml"
    assert f"{main_file}:6:25: warning: the dialog 'main' runs itself, go there" in said
    assert "[runs-itself]" in said and "all clips present, 2 warnings" in said


def test_it_is_the_same_in_a_process_of_its_own(checkable):
    put(next(path for path in CORPUS if path.stem.endswith("dead-end")), checkable)
    command = [sys.executable, "-m", "ivr.cli.main", "check", str(checkable.root)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 1 and ":6:3: nothing that a caller does ends the call here" in found.stdout
    assert not found.stderr


@pytest.mark.parametrize("has_some", [False, True])
def test_a_project_without_scenarios_does_not_pay_for_them(checkable, has_some):
    if has_some:
        checkable.write("prompts/calls/first.yaml", "steps: [phrase: hello]\n")
    room = "print('ivr.simulator.scenario.file' in sys.modules, 'ivr.simulator.driver' in sys.modules)"
    code = f"import sys; from ivr.cli.main import main; main(['check', sys.argv[1]]); {room}"
    found = subprocess.run([sys.executable, "-c", code, checkable.root], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[1] == f"{has_some} {has_some}"


def test_the_base_is_right(checkable, capsys):
    assert told(checkable.root, capsys, "--strict")[1]["problems"] == []
