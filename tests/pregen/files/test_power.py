"""What the disk was asked to keep when the power fails: the lock names nothing that it may not have."""

import errno
import os

import pytest

from ivr.phrases.lock import parse


class Kept:
    """Files and directories, by their inodes, for which the disk was waited; a name is put in its place in between."""

    def __init__(self) -> None:
        self.inodes: set[int] = set()
        self.locks: list[tuple[str, frozenset[int]]] = []
        """Each lock as it was put in its place, with what had been waited for until then."""
        self.refuses = 0

    def fsync(self, handle):
        if self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        os.fdatasync(handle)
        self.inodes.add(os.fstat(handle).st_ino)

    def replace(self, part, path, *, real=os.replace):
        if path.name == "ivr.lock":
            self.locks.append((part.read_text(), frozenset(self.inodes)))
            assert self.refuses or os.stat(part).st_ino in self.inodes
        real(part, path)


@pytest.fixture
def kept(monkeypatch):
    kept = Kept()
    monkeypatch.setattr("os.fsync", kept.fsync)
    monkeypatch.setattr("os.replace", kept.replace)
    monkeypatch.setattr("ivr.pregen.files.saving.SAVE_EVERY", 0.0)
    return kept


def named(project, text):
    """The inodes of all clips that a lock names, and of their directories."""
    files = [
        project.root / "audio" / entry.file for entry in parse(text, "lock").clips.values() if entry.origin != "own"
    ]
    return {os.stat(path).st_ino for file in files for path in (file, file.parent)}


def test_what_the_lock_names_is_kept_before_it_is(little, voice, kept):
    little.write("prompts/phrases/es-US.yaml", "locale: es-US\nphrases:\n  hello: Hola.\n  twice: Hello.\n")
    assert little.render(voice).ok
    assert len(kept.locks) > 1
    text, inodes = kept.locks[-1]
    assert len(named(little, text)) == 7 + 2
    assert named(little, text) <= inodes


def test_copies_are_kept_before_the_lock_names_them(little, voice, kept):
    little.render(voice)
    little.replace("prompts/phrases/en-US.yaml", "  hello: Hello.\n", "  hello: One moment.\n  howdy: Hello.\n")
    little.replace("prompts/phrases/en-US.yaml", "  wait: One moment.\n", "  wait: Sorry.\n")
    kept.inodes.clear()
    report = little.render(voice)
    assert report.copied == ("hello", "howdy", "wait")
    text, inodes = kept.locks[-1]
    copies = {os.stat(little.root / f"audio/{name}.wav").st_ino for name in report.copied}
    assert copies <= inodes & named(little, text)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_disk_that_cannot_be_told_is_no_trouble(little, voice, kept, number):
    kept.refuses = number
    assert little.render(voice).ok


def test_a_disk_that_breaks_is_told(little, voice, kept):
    kept.refuses = errno.EIO
    report = little.render(voice)
    assert report.rendered == ()
    assert all("Input/output error" in problem.what for problem in report.failed.values())
