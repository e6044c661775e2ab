"""A small project to spoil, and a voice that renders it; for the tests of several rooms."""

import shutil
from pathlib import Path

import pytest
from corpus import BASE
from directory import Directory, Voice

from ivr.media.tones import tone
from ivr.media.wave import write_wav

TOGETHER = "test_real_speaker.py"
"""Its tests share one call that takes long to make, and want no other sound beside them: one worker has them all."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """As ``--dist load``, but for ``TOGETHER``; ``xdist_group`` does nothing under pytest 9.2 and xdist 3.8."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return TOGETHER if TOGETHER in nodeid else nodeid

    return Scheduling(config, log)


SETTINGS = """\
project: Little
cover: {filler: wait, hold: music, fallback: sorry}
"""
PHRASES = """\
locale: en-US
phrases:
  hello: Hello.
  sum: You have {amount:money} left.
  wait: One moment.
  sorry: Sorry.
  music: {sound: music.wav}
"""
DIALOG = """\
dialog: main
start: top
states:
  top:
    lookup: {run: shop.left, as: amount}
    say: [hello, sum]
    hang_up: yes
"""
CODE = "def left():\n    return 5\n"


@pytest.fixture
def little(tmp_path) -> Directory:
    directory = Directory(tmp_path / "little")
    directory.write("prompts/ivr.yaml", SETTINGS)
    directory.write("prompts/phrases/en-US.yaml", PHRASES)
    directory.write("prompts/dialogs/main.yaml", DIALOG)
    directory.write("prompts/shop.py", CODE)
    directory.write("audio/music.wav", write_wav([tone(440, 0.5, 8000, -20)], 8000))
    return directory


@pytest.fixture
def voice() -> Voice:
    return Voice()


@pytest.fixture(scope="session")
def rendered(tmp_path_factory) -> Path:
    """The project under the corpus, with its clips."""
    directory = Directory(tmp_path_factory.mktemp("corpus") / "little")
    for file, text in BASE.items():
        directory.write(file, text)
    directory.write("audio/music.wav", write_wav([tone(440, 0.5, 8000, -20)], 8000))
    directory.render(Voice())
    return directory.root


@pytest.fixture
def checkable(rendered, tmp_path) -> Directory:
    """A copy of it to spoil."""
    shutil.copytree(rendered, tmp_path / "little")
    return Directory(tmp_path / "little")
