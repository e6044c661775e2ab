"""`ivr check` ends with what is there, and with what is not."""

import json
from argparse import Namespace

import pytest

from ivr.cli.check import run
from ivr.project.starter import copy_starter


@pytest.mark.parametrize("mode", ["auto", "stream"])
def test_missing_fragments_are_no_clips_that_are_present(tmp_path, capsys, mode):
    root = tmp_path / "p"
    copy_starter(root)
    settings = root / "prompts" / "ivr.yaml"
    settings.write_text(settings.read_text().replace("mode: stream  ", f"mode: {mode}  "))
    asked = {"directory": str(root), "strict": False}
    assert run(Namespace(**asked, json=True)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert run(Namespace(**asked, json=False)) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    needed = answer["fragments_needed"]
    assert answer["fragments"] == 0 and (needed > 0) is (mode == "auto")
    missing = f"all clips present but those of fragments, of which 0 of {needed} are there"
    assert (missing in last) is (mode == "auto")
