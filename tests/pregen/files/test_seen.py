import os

import pytest

from ivr.pregen.files.disk import Disk
from ivr.pregen.files.seen import MOST, Seen, facts_of, usual_place

OLD = 1_000_000_000  # seconds: long before the test


@pytest.fixture
def audio(tmp_path):
    audio = tmp_path / "audio"
    audio.mkdir()
    for name in ("a.wav", "b.wav"):
        (audio / name).write_bytes(name.encode())
    return audio


def settle(place, years=30):
    """As if the cache had been written long after the files."""
    facts = os.stat(place)
    os.utime(place, ns=(facts.st_atime_ns, facts.st_mtime_ns + years * 365 * 86400 * 10**9))


def counted(monkeypatch):
    read = []
    plain = Disk.read
    monkeypatch.setattr(Disk, "read", lambda self, file: read.append(file) or plain(self, file))
    return read


def looked(audio, place):
    disk = Disk(audio, Seen(place))
    disk.look(["a.wav", "b.wav"])
    disk.remember()
    return {file: disk.sha256(file) for file in ("a.wav", "b.wav")}


def test_what_nobody_touched_is_not_read_again(audio, tmp_path, monkeypatch):
    place = tmp_path / "caches/seen.json"
    first = looked(audio, place)
    settle(place)
    read = counted(monkeypatch)
    assert looked(audio, place) == first
    assert read == []


def test_what_changed_is_read_even_if_its_date_and_size_are_the_same(audio, tmp_path, monkeypatch):
    place = tmp_path / "seen.json"
    before = looked(audio, place)
    settle(place)
    dates = os.stat(audio / "a.wav")
    (audio / "a.wav").write_bytes(b"A.wav")
    os.utime(audio / "a.wav", ns=(dates.st_atime_ns, dates.st_mtime_ns))
    read = counted(monkeypatch)
    after = looked(audio, place)
    assert read == ["a.wav"]
    assert after["a.wav"] != before["a.wav"]
    assert after["b.wav"] == before["b.wav"]


def test_what_was_written_as_the_cache_was_is_read_again(audio, tmp_path, monkeypatch):
    place = tmp_path / "seen.json"
    looked(audio, place)
    read = counted(monkeypatch)
    looked(audio, place)
    assert sorted(read) == ["a.wav", "b.wav"]


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(audio, tmp_path, monkeypatch):
    place = tmp_path / "seen.json"
    plain = Disk.read

    def replaced(self, file):
        data = plain(self, file)
        (audio / file).write_bytes(b"other")
        return data

    monkeypatch.setattr(Disk, "read", replaced)
    looked(audio, place)
    settle(place)
    monkeypatch.setattr(Disk, "read", plain)
    read = counted(monkeypatch)
    looked(audio, place)
    assert sorted(read) == ["a.wav", "b.wav"]


def test_what_was_not_looked_at_is_still_known_and_what_is_gone_is_not(audio, tmp_path, monkeypatch):
    place = tmp_path / "seen.json"
    looked(audio, place)
    settle(place)
    chosen = Disk(audio, Seen(place))
    chosen.look(["a.wav"])
    (audio / "c.wav").write_bytes(b"c.wav")
    chosen.look(["c.wav"])
    chosen.remember()
    settle(place)
    read = counted(monkeypatch)
    looked(audio, place)
    assert read == []
    (audio / "b.wav").unlink()
    chosen = Disk(audio, Seen(place))
    chosen.look(["a.wav"])
    chosen.remember()
    assert b"b.wav" not in place.read_bytes()
    assert b"c.wav" in place.read_bytes()


def test_what_may_have_changed_as_it_was_remembered_is_not_taken_on(audio, tmp_path, monkeypatch):
    place = tmp_path / "seen.json"
    looked(audio, place)
    chosen = Disk(audio, Seen(place))
    chosen.look(["a.wav"])
    chosen.remember()
    settle(place)
    read = counted(monkeypatch)
    looked(audio, place)
    assert read == ["b.wav"]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"version": 1}', b'{"version": 1, "files": {"a": [1]}}']
)
def test_a_damaged_cache_is_none(audio, tmp_path, content):
    place = tmp_path / "seen.json"
    place.write_bytes(content)
    settle(place)
    assert looked(audio, place) == looked(audio, None)


def test_a_cache_that_cannot_be_written_is_none(audio, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert looked(audio, tmp_path / "file" / "seen.json") == looked(audio, None)


def test_each_project_has_its_own_and_few_are_kept(audio, tmp_path):
    environ = {"XDG_CACHE_HOME": str(tmp_path / "caches")}
    assert usual_place(audio, environ) != usual_place(tmp_path / "other", environ)
    places = [tmp_path / "caches" / f"{number}.json" for number in range(MOST + 3)]
    for number, place in enumerate(places):
        looked(audio, place)
        os.utime(place, (OLD + number, OLD + number))
    looked(audio, tmp_path / "caches" / "last.json")
    kept = {path.name for path in (tmp_path / "caches").iterdir()}
    assert len(kept) == MOST
    assert "last.json" in kept
    assert "0.json" not in kept


def test_facts_are_of_the_file(audio):
    assert facts_of(str(audio / "a.wav"))[0] == 5
    with pytest.raises(OSError, match=r"c\.wav"):
        facts_of(str(audio / "c.wav"))
