"""The starter with its real voice: what ships is what a build makes."""

import asyncio
import importlib.util

import pytest

from ivr.pregen.render import render
from ivr.project.sources import read_sources
from ivr.project.starter import copy_starter, starter_root
from ivr.speech.voices import open_voice

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="the embedded voice is not installed"
)


def build(root):
    async def once():
        voice = open_voice("embedded")
        try:
            return await render(read_sources(root, {}), voice)
        finally:
            await voice.aclose()

    return asyncio.run(once())


def audio(root):
    return {path.name: path.read_bytes() for path in (root / "audio").iterdir() if not path.name.startswith(".")}


def test_there_is_nothing_to_do_in_what_ships(tmp_path):
    copy_starter(tmp_path)
    report = build(tmp_path)
    assert (report.ok, report.rendered, report.entered, len(report.ready)) == (True, (), (), 14)
    assert audio(tmp_path) == audio(starter_root())


def test_deleted_clips_come_back_with_the_same_bytes(tmp_path):
    copy_starter(tmp_path)
    for name in ("greeting.wav", "balance.wav", "sorry.wav"):
        (tmp_path / "audio" / name).unlink()
    assert build(tmp_path).rendered == ("balance", "greeting", "sorry")
    assert audio(tmp_path) == audio(starter_root())
