from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from previewed import spoilt

from ivr.cli.main import main


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return spoilt(tmp_path_factory.mktemp("shop") / "it").root


@pytest.fixture
def project(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "it")
    return tmp_path / "it"


def names(page: Path) -> list[str]:
    return re.findall(r'class="clip" id="c\d+" data-kinds="[^"]*" data-id="([^"]*)"', page.read_text())


def test_it_writes_one_page_and_nothing_else(project, tmp_path, monkeypatch, capsys):
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["preview", str(project)]) == 0
    told = capsys.readouterr()
    assert re.fullmatch(
        r"13 clips \(4 to be mended\) written to preview.html, \d\.\d MB, \d\.\d MB of it sound\n", told.out
    )
    assert told.err == ""
    assert [path.name for path in Path().iterdir()] == ["preview.html"]
    assert len(names(Path("preview.html"))) == 14
    assert before == {path: path.read_bytes() for path in before}


def test_only_and_locale(project, tmp_path):
    out = tmp_path / "p.html"
    assert main(["preview", str(project), "-o", str(out), "--only", "menu*", "--only", "bye"]) == 0
    assert names(out) == ["menu", "menu_again", "bye", "es-US/menu"]
    assert main(["preview", str(project), "-o", str(out), "--locale", "es-US"]) == 0
    assert names(out) == ["es-US/hello", "es-US/menu", "es-US/bye"]


def test_the_room_for_sound_is_kept_to(project, tmp_path, capsys):
    out = tmp_path / "p.html"
    assert main(["preview", str(project), "-o", str(out), "--audio-limit", "0"]) == 0
    assert "0.0 MB of it sound" in capsys.readouterr().out
    assert "<template id=" not in out.read_text() and 'data-src="./it/audio/hello.wav"' in out.read_text()


def test_json_tells_the_same_and_writes_nothing(project, tmp_path, monkeypatch, capsys):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["preview", str(project), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["states"] == {"ready": 9, "stale": 1, "live": 1, "missing": 1, "corrupt": 1, "orphaned": 1}
    clips = {clip["clip"]: clip for clip in told["clips"]}
    assert [(clip["phrase"], clip["clip"]) for clip in told["clips"] if clip["state"] == "live"] == [
        ("name_only", None)
    ]
    assert clips["menu_again"]["why"] == "it says “Press one.”" and clips["deaf"]["seconds"] is None
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--only", "xyz*"], "no phrase matches 'xyz*'"),
        (["--locale", "fr-FR"], "no phrases for locale 'fr-FR': name one of en-US, es-US"),
        (["--locale", "es-US", "--only", "sum"], "no phrase of locale 'es-US' matches sum"),
        (["-o", "page.txt"], "-o page.txt: name an .html"),
        (["-o", "nowhere/page.html"], "nowhere/page.html cannot be written (No such file or directory)"),
        (["-o", "it/audio.html"], "it/audio.html cannot be written (Is a directory)"),
        (["--json", "--open"], "--json writes no page"),
        (["--json", "-o", "x.html"], "--json writes no page"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_written(project, tmp_path, monkeypatch, capsys, words, says):
    monkeypatch.chdir(tmp_path)
    (project / "audio.html").mkdir()
    assert main(["preview", "it", *words]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("ivr: ") and says in told.err and told.out == ""
    assert [path for path in tmp_path.rglob("*.html") if path.is_file()] == []


def test_where_there_is_no_project_or_its_lock_is_damaged(project, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["preview", "nowhere"]) == 2
    assert "nowhere holds no project" in capsys.readouterr().err
    (project / "audio/ivr.lock").write_text("{")
    assert main(["preview", "it"]) == 2
    assert "the lock is damaged" in capsys.readouterr().err
    assert list(tmp_path.glob("*.html")) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "gone"),
    [
        ("prompts/phrases/en-US.yaml", "bye: Goodbye.", "bye: '{x'", {"bye"}),
        ("prompts/dialogs/main.yaml", "say: bye", "say: nothing_such", set()),
    ],
)
def test_what_is_right_of_a_project_with_mistakes_is_shown(project, tmp_path, capsys, file, old, new, gone):
    all_of_it, out = tmp_path / "all.html", tmp_path / "p.html"
    assert main(["preview", str(project), "-o", str(all_of_it)]) == 0
    (project / file).write_text((project / file).read_text().replace(old, new))
    capsys.readouterr()
    assert main(["preview", str(project), "-o", str(out)]) == 1
    told = capsys.readouterr()
    assert file in told.err and told.err.startswith("ivr: the project has mistakes") and "written to" in told.out
    # Of an orphan it is not known that nobody needs it, where not all words could be read.
    assert set(names(all_of_it)) - set(names(out)) - {"es-US/bye"} == gone
    assert '<ul class="notes"' in out.read_text() and "ivr check" in out.read_text()
    assert main(["preview", str(project), "--json"]) == 1
    assert "mistakes" in json.loads(capsys.readouterr().out)["notes"][0]


@pytest.mark.parametrize("limit", ["-1", "much", "1.5"])
def test_a_room_that_is_no_number_is_refused(project, limit, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["preview", str(project), f"--audio-limit={limit}"])
    assert stopped.value.code == 2 and "write a whole number" in capsys.readouterr().err


def test_open_shows_the_page_in_the_browser(project, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/asked\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "ivr.cli.main", "preview", str(project), "-o", "p.html", "--open"]
    paths = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    environ = {**os.environ, "PYTHONPATH": paths, "BROWSER": f"{browser} %s"}
    subprocess.run(command, env=environ, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "asked").read_text() == (tmp_path / "p.html").as_uri()
    environ["BROWSER"], environ["PATH"] = "/bin/false %s", "/nowhere"
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "there is no browser to show it: open p.html yourself" in done.stderr
