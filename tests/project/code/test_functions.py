import sys

from ivr.project.code.functions import import_functions


def write(directory, **files):
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / f"{name}.py").write_text(text)
    return directory


def test_public_functions_are_named_by_their_module(tmp_path):
    text = "from os.path import join\nimport functools\nclass C: pass\ndef _own(): pass\n"
    text += "def plain(): return 1\nasync def waits(): return 2\n@functools.lru_cache\ndef kept(): return 3\n"
    functions, problems = import_functions(write(tmp_path, bank=text))
    assert problems == []
    assert sorted(functions) == ["bank.kept", "bank.plain", "bank.waits"]
    assert functions["bank.plain"]() == 1
    assert functions["bank.waits"].__module__ == "bank"


def test_two_projects_may_have_a_module_of_one_name(tmp_path):
    one, _ = import_functions(write(tmp_path / "one", bank="def who(): return 1"))
    two, _ = import_functions(write(tmp_path / "two", bank="def who(): return 2"))
    assert (one["bank.who"](), two["bank.who"]()) == (1, 2)
    assert "bank" not in sys.modules


def test_modules_of_one_project_may_import_each_other(tmp_path):
    bank = "from . import rates\ndef rate(): return rates.RATE"
    functions, problems = import_functions(write(tmp_path, bank=bank, rates="RATE = 7"))
    assert problems == []
    assert functions["bank.rate"]() == 7


def test_a_reload_sees_the_new_text_and_leaves_the_old_functions(tmp_path):
    old, _ = import_functions(write(tmp_path, bank="X = 1\ndef who(): return X"))
    new, _ = import_functions(write(tmp_path, bank="X = 2\ndef who(): return X"))
    assert (old["bank.who"](), new["bank.who"]()) == (1, 2)
    assert not (tmp_path / "__pycache__").exists()


def test_types_can_be_made_in_a_module(tmp_path):
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    text += "@dataclass\nclass C:\n    x: int\ndef make(): return C(1).x"
    functions, problems = import_functions(write(tmp_path, bank=text))
    assert problems == []
    assert functions["bank.make"]() == 1


def problem(tmp_path, text, name="bank"):
    functions, problems = import_functions(write(tmp_path, **{name: text}))
    assert functions == {}
    (found,) = problems
    assert found.file == str(tmp_path / f"{name}.py")
    return found


def test_a_syntax_error_has_its_place(tmp_path):
    found = problem(tmp_path, "x = 1\ndef f(:\n")
    assert (found.line, found.column) == (2, 7)
    assert "not Python" in found.what


def test_an_error_while_importing_has_the_line_that_led_to_it(tmp_path):
    text = "import json\ndef _f():\n    json.loads('{')\nx = 1\n_f()\n"
    found = problem(tmp_path, text)
    assert found.line == 3
    assert "JSONDecodeError" in found.what
    assert "ModuleNotFoundError: No module named 'no_such_thing'" in problem(tmp_path, "import no_such_thing\n").what


def test_a_script_without_guard_does_not_end_us(tmp_path):
    assert "ends the program" in problem(tmp_path, "raise SystemExit(3)\n").what


def test_a_file_whose_name_is_no_module_is_told(tmp_path):
    assert "'my-bank'" in problem(tmp_path, "", "my-bank").what


def test_links_that_lead_nowhere_are_told(tmp_path):
    (tmp_path / "bank.py").symlink_to("bank.py")
    functions, (found,) = import_functions(tmp_path)
    assert functions == {}
    assert found.file == str(tmp_path / "bank.py")


def test_a_directory_without_code_has_no_functions(tmp_path):
    assert import_functions(tmp_path) == ({}, [])
