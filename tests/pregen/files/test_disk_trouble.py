"""Disks that refuse: each phrase that is not built is named with its place, and nothing is asked for it in vain."""

import asyncio
import errno
import os
import re

import numpy as np
import pytest
from hosted import RATE, hosted, hum, provider, runs

from ivr.errors import ProjectError
from ivr.pregen import making
from ivr.pregen.files import saving
from ivr.pregen.provider import beforehand
from ivr.pregen.provider.despair import FEW
from ivr.pregen.provider.gate import Pace
from ivr.pregen.render import Manner, render

SPANISH = "locale: es-US\nphrases:\n  hello: Hola.\n"


def refusing(number):
    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number), "audio/somewhere")

    return refuse


def test_a_file_where_a_locale_is_to_be_stops_that_locale_alone(little, voice):
    little.write("prompts/phrases/es-US.yaml", SPANISH)
    little.write("audio/es-US", b"mine")
    report = little.render(voice)
    assert report.rendered == ("hello", "sorry", "sum", "sum.2", "wait")
    problem = report.failed["es-US/hello"]
    assert re.search(r"es-US\.yaml:3:10: nothing can be written in .*audio/es-US \(.*\), move away what", str(problem))
    assert voice.asked["Hola."] == 0
    assert little.audio()["es-US"] == b"mine"


@pytest.mark.parametrize("make", [lambda path: path.write_bytes(b"mine"), lambda path: path.symlink_to("nowhere")])
def test_where_audio_is_no_directory_nothing_is_touched(little, voice, make):
    (little.root / "audio/music.wav").unlink()
    (little.root / "audio").rmdir()
    make(little.root / "audio")
    with pytest.raises(ProjectError, match=r"audio:1:1: this is a .*, move it away"):
        little.render(voice)
    assert not voice.asked


def test_of_a_disk_that_may_only_be_read_each_phrase_is_told_and_nothing_is_asked(little, voice, monkeypatch):
    monkeypatch.setattr(beforehand.Path, "touch", refusing(errno.EROFS))
    monkeypatch.setattr(saving, "replace_file", refusing(errno.EROFS))
    report = little.render(voice)
    assert not voice.asked
    assert sorted(report.failed) == ["hello", "sorry", "sum", "sum.2", "wait"]
    assert {problem.remedy for problem in report.failed.values()} == {"make the disk writable and render again"}
    assert len({problem.line for problem in report.failed.values()}) == 4
    assert list(little.audio()) == ["music.wav"]


def test_what_is_ready_is_no_failure_where_nothing_can_be_written(little, voice, monkeypatch):
    little.render(voice)
    monkeypatch.setattr(beforehand.Path, "touch", refusing(errno.EROFS))
    monkeypatch.setattr(saving, "replace_file", refusing(errno.EROFS))
    assert little.render(voice).ok


def test_once_the_disk_is_full_nothing_more_is_asked(little, voice, monkeypatch):
    monkeypatch.setattr(making, "replace_file", refusing(errno.ENOSPC))
    report = asyncio.run(render(little.sources(), voice, manner=Manner(at_once=1, pace=Pace(first=0.001))))
    assert voice.asked.total() == 1
    assert len(report.not_asked) == 4
    assert report.failed["hello"].what == "'hello' was not rendered (No space left on device: audio/somewhere)"
    assert "was not asked for (No space left" in report.failed["wait"].what
    assert report.failed["hello"].remedy == "make room on the disk and render again"


def test_a_disk_that_fails_again_and_again_is_given_up(little, voice, monkeypatch):
    monkeypatch.setattr(making, "replace_file", refusing(errno.EIO))
    asyncio.run(render(little.sources(), voice, manner=Manner(at_once=1)))
    assert voice.asked.total() == FEW


async def test_a_file_that_may_not_grow_so_large_stops_no_other(tmp_path):
    """Really: files of this process are limited."""

    def speak(text):
        sound, rate = hum(text)
        return (np.tile(sound, 20), rate) if text == "Long." else (sound, rate)

    phrases = {"a": "A.", "long": "Long.", "z": "Z."}
    async with provider(speak=speak) as service, runs() as build:
        project = hosted(tmp_path / "it", service.url, phrases)
        assert await build.once(project.root, how=("limit", RATE)) == 1
        said = (tmp_path / "it.err").read_text()
        why = r"'long' was not rendered \(File too large: \S+/audio/long\.wav\), let files be larger"
        assert re.match(rf"\S+en-US\.yaml:4:9: {why}", said)
        assert sorted(project.audio()) == ["a.wav", "ivr.lock", "z.wav"]
        assert await build.once(project.root) == 0
        *first, last = (request.json["text"] for request in service.requests)
        assert (sorted(first), last) == (["A.", "Long.", "Z."], "Long.")  # the first three are asked for at once


async def test_clips_of_a_lock_that_could_not_be_written_are_taken_up(tmp_path):
    phrases = {f"line_{number}": f"Line {number}." for number in range(30)}
    async with provider() as service, runs() as build:
        smooth = hosted(tmp_path / "smooth", service.url, phrases)
        assert await build.once(smooth.root) == 0
        project = hosted(tmp_path / "it", service.url, phrases)
        assert await build.once(project.root, how=("limit", 5000)) == 1
        said = (tmp_path / "it.err").read_text()
        assert re.search(r"audio/ivr\.lock:1:1: the lock cannot be written \(File too large\), let files", said)
        assert sum(name.endswith(".wav") for name in project.audio()) == 30
        assert await build.once(project.root) == 0
        assert len(service.requests) == 60
        assert project.audio() == smooth.audio()
