"""How tests run, and for the tests of several rooms: a small project to spoil, and a voice that renders it."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from corpus import BASE
from directory import Directory, Voice
from hypothesis import settings

from ivr.media.tones import tone
from ivr.media.wave import write_wav

# A deadline would be milliseconds of a machine that has other things to do.
settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("build", settings.get_profile("here"), derandomize=True)
settings.load_profile("build" if os.environ.get("CI") else "here")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """For ``-n auto``."""
    from lanes import workers

    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else workers()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config):
    from lanes import Lanes

    return Lanes(config) if config.getvalue("dist") == "load" else None


@pytest.fixture(scope="session", autouse=True)
def _temporary(tmp_path_factory):
    """What browsers, sound servers and killed processes leave behind goes with pytest's own directories."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("t")))
        patch.setattr(tempfile, "tempdir", None)
        yield


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
