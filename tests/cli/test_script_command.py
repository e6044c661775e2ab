import csv
import io
import json

import numpy as np
import pytest

from ivr.cli.main import main
from ivr.media.wave import write_wav
from ivr.testing.voices import babble


@pytest.fixture
def root(little):
    return little.root


def test_without_a_form_it_prints_csv(root, capsys):
    assert main(["script", str(root)]) == 0
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows and all(row["file"].startswith("audio/recordings/") and row["text"] for row in rows)
    assert err == "" and "\r" not in out


def test_files(root, tmp_path, capsys):
    words = ["script", str(root), "--csv", str(tmp_path / "a.csv"), "--html", str(tmp_path / "a.html")]
    assert main(words) == 0
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfnumber,")
    assert b"\r\n" in (tmp_path / "a.csv").read_bytes()
    assert "recording list</h1>" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "written to" in capsys.readouterr().out


def test_json(root, little, capsys):
    assert main(["script", str(root), "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    quiet = np.zeros(8000, dtype=np.float32)
    sound = np.concatenate([quiet, babble(lines[0]["text"], 16000), quiet])
    little.write(f"audio/recordings/{lines[0]['clip']}.wav", write_wav([sound], 16000))
    little.write(f"audio/recordings/{lines[1]['clip']}.wav", b"x")
    little.write("audio/recordings/nonsense.wav", b"x")
    assert main(["script", str(root), "--json", "--missing"]) == 0
    out, err = capsys.readouterr()
    assert [line["clip"] for line in json.loads(out)["lines"]] == [line["clip"] for line in lines[1:]]
    assert f"{lines[1]['clip']}.wav:1:1: the recording of '{lines[1]['clip']}' cannot be read" in err
    assert "nonsense.wav:1:1: warning: no phrase has a clip 'nonsense'" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "zzz*"], "no phrase matches 'zzz*'"),
        (["--locale", "en-UK"], "did you mean 'en-US'"),
        (["--csv", "/nowhere/at/all.csv"], "cannot be written"),
        (["--html", "/nowhere/at/all.html"], "name another --html"),
    ],
)
def test_wrong_words(root, capsys, words, said):
    assert main(["script", str(root), *words]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_a_project_whose_dialogs_have_mistakes_is_listed_all_the_same(root, little, capsys):
    assert main(["script", str(root), "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)["lines"]
    little.write("prompts/dialogs/main.yaml", "dialog: main\nstart: nowhere\nstates: {}\n")
    assert main(["script", str(root), "--json"]) == 1
    out, err = capsys.readouterr()
    lines = json.loads(out)["lines"]
    assert {line["clip"] for line in lines} == {line["clip"] for line in whole}
    assert "main.yaml:" in err and "in which order callers hear what is said is not known" in err


def test_a_project_without_words_is_told(root, little, capsys):
    little.write("prompts/phrases/en-US.yaml", "nothing")
    assert main(["script", str(root)]) == 2
    assert "en-US.yaml:" in capsys.readouterr().err
