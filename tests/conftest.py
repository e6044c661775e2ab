"""A small project to spoil, and a voice that renders it; for the tests of several rooms."""

import asyncio
import shutil
from collections import Counter
from pathlib import Path

import pytest
from corpus import BASE

from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.speech.synthesizer import SpeechChunk
from ivr.testing.voices import babble

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


class Voice:
    """Says every text as tones that depend on it, unless told to fail; counts what it was asked for."""

    def __init__(self, name: str = "espeak-ng/1.52") -> None:
        self.name = name
        self.asked: Counter[str] = Counter()
        self.fails: dict[str, list[Exception]] = {}
        self.level = 1.0
        self.running = self.most = 0

    async def synthesize(self, request):
        self.asked[request.text] += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0)
            if self.fails.get(request.text):
                raise self.fails[request.text].pop(0)
            samples = babble(request.text) * self.level
            half = len(samples) // 2
            for part in (samples[:half], samples[half:]):
                yield SpeechChunk(part, 22050)
        finally:
            self.running -= 1

    async def warm(self):
        pass

    async def aclose(self):
        pass


class Directory:
    """A project's directory to spoil."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, file: str, text: str | bytes) -> Path:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def replace(self, file: str, old: str, new: str) -> None:
        text = (self.root / file).read_text()
        assert old in text
        self.write(file, text.replace(old, new))

    def load(self, environ=None, *, clips=False):
        return load(self.root, environ or {}, clips=clips)

    def render(self, voice, **options):
        return asyncio.run(render(self.load(), voice, **options))

    def audio(self):
        return {path.name: path.read_bytes() for path in (self.root / "audio").iterdir()}


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
