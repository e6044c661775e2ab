import os

import pytest

from ivr.errors import Problem
from ivr.project.disk.files import listed, read_bytes, read_text


def test_a_text_is_read(tmp_path):
    (tmp_path / "a").write_bytes("Grüße\r\n".encode())
    assert read_text(tmp_path / "a") == "Grüße\r\n"


def test_bytes_that_are_not_utf_8_are_placed(tmp_path):
    (tmp_path / "a").write_bytes(b"abc\nde\xff\n")
    problem = read_text(tmp_path / "a")
    assert isinstance(problem, Problem)
    assert (problem.line, problem.column) == (2, 3)
    assert "0xff" in problem.what


def loop(path):
    path.symlink_to(path)


def dangling(path):
    path.symlink_to(path.with_name("nowhere"))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: None, "no such file"),
        (loop, "symbolic links"),
        (dangling, "no such file"),
        (lambda path: path.mkdir(), "directory"),
        (os.mkfifo, "no regular file"),
    ],
    ids=["missing", "loop", "dangling", "directory", "pipe"],
)
def test_what_cannot_be_read_is_a_problem(tmp_path, make, what):
    make(tmp_path / "a")
    problem = read_text(tmp_path / "a")
    assert isinstance(problem, Problem)
    assert what in problem.what.lower()
    assert problem.file == str(tmp_path / "a")


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with open(tmp_path / "a", "wb") as file:
        file.truncate(1 << 40)
    problem = read_bytes(tmp_path / "a", 1000)
    assert isinstance(problem, Problem)
    assert "1,000" in problem.what


def test_files_are_listed_by_name_and_misnamed_ones_are_told(tmp_path):
    for name in ("b.yaml", "a.yaml", ".hidden.yaml", "c.yml", "notes.txt"):
        (tmp_path / name).touch()
    files, problems = listed(tmp_path, ".yaml")
    assert [file.name for file in files] == ["a.yaml", "b.yaml"]
    assert [problem.file for problem in problems] == [str(tmp_path / "c.yml")]
    assert listed(tmp_path / "nowhere", ".yaml")[1] != []
