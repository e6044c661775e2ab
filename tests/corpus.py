"""A small project that is right, and the corpus: files to put into it, with what `ivr check` must say of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CORPUS = sorted((Path(__file__).parent / "checking" / "corpus").glob("*.txt"))
BASE = {
    "prompts/ivr.yaml": "project: Little\ncover: {filler: wait, hold: music, fallback: sorry}\n",
    "prompts/phrases/en-US.yaml": """\
locale: en-US
phrases:
  hello: Hello.
  sum: You have {amount:money} left.
  bye: Goodbye.
  wait: One moment.
  sorry: Sorry.
  music: {sound: music.wav}
prompts:
  law: {say: [hello, wait], bargein: no}
""",
    "prompts/dialogs/main.yaml": """\
dialog: main
start: top
states:
  top: {say: hello, goto: end}
  end: {say: bye, hang_up: yes}
""",
    "prompts/shop.py": "def left():\n    return 5\n",
}


@dataclass(frozen=True)
class Case:
    """One file of the corpus: sections that begin with ``#--- PATH``, and behind them ``#! `` lines to expect.

    Each section keeps the line numbers that it has in the file.
    """

    files: dict[str, str]
    expected: list[str]


def case(path: Path) -> Case:
    files: dict[str, str] = {}
    expected: list[str] = []
    name = ""
    for number, line in enumerate(path.read_text().splitlines(keepends=True), 1):
        if line.startswith("#--- "):
            name = line.removeprefix("#--- ").strip()
            files[name] = "\n" * number
        elif line.startswith("#! "):
            expected.append(line.removeprefix("#! ").strip())
        else:
            files[name] += line
    return Case(files, expected)
