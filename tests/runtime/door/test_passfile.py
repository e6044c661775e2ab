import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ivr.errors import ConfigError, Problem, ProjectError
from ivr.runtime.door import passfile
from ivr.runtime.door.passes import Pass, Passes, dump
from ivr.runtime.door.passfile import PassFile

NOW = 1_800_000_000.0


def made(name):
    return Pass(name, name.encode().hex().zfill(64), NOW)


@pytest.fixture
def file(tmp_path):
    return PassFile(tmp_path / "ivr.tokens")


def names(passes):
    return [each.name for each in passes.all]


def test_no_file_is_no_pass(file):
    assert file.current() == Passes()
    assert not file.path.exists()


def test_what_one_writes_another_reads_at_once(file):
    reader = PassFile(file.path)
    assert reader.current() == Passes()
    for name in ("a", "b", "c"):
        written = file.change(lambda passes, name=name: passes.with_new(made(name)))
        assert reader.current() == written
    file.change(lambda passes: passes.with_revoked("b", NOW))
    assert reader.current().named("b").revoked == NOW


def test_it_is_read_again_only_when_it_changed(file, monkeypatch):
    file.change(lambda passes: passes.with_new(made("a")))
    first = file.current()
    monkeypatch.setattr(passfile, "read_text", lambda path: pytest.fail("it was read"))
    assert file.current() is first


def test_the_file_is_ours_alone_and_nothing_stays_beside_it(file):
    old = os.umask(0)
    try:
        (file.path.parent / ".ivr.tokens.part").write_text("of a writer that died")
        file.change(lambda passes: passes.with_new(made("a")))
    finally:
        os.umask(old)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(file.path.parent) == ["ivr.tokens"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_what_root_changes_its_owner_goes_on_reading(file):
    os.chown(file.path.parent, 1234, 1235)
    file.change(lambda passes: passes.with_new(made("a")))
    assert (file.path.stat().st_uid, file.path.stat().st_gid) == (1234, 1235)
    os.chown(file.path, 1236, 1237)
    file.change(lambda passes: passes.with_new(made("b")))
    assert (file.path.stat().st_uid, file.path.stat().st_gid) == (1236, 1237)


def test_a_damaged_file_is_never_written_over(file):
    file.path.write_text("{")
    with pytest.raises(ProjectError, match=r"ivr\.tokens:1:2"):
        file.change(lambda passes: passes.with_new(made("a")))
    assert file.path.read_text() == "{"
    with pytest.raises(ProjectError):
        file.current()
    assert os.listdir(file.path.parent) == ["ivr.tokens"]


def test_damage_leaves_the_last_good_one_and_is_told_once(file, caplog):
    file.change(lambda passes: passes.with_new(made("a")))
    good = file.current()
    file.path.write_text("{")
    with caplog.at_level(logging.WARNING):
        assert [file.current(), file.current()] == [good, good]
    assert len(caplog.records) == 1
    assert "stay as they were" in caplog.text
    file.path.write_text(dump(Passes((made("b"),))))
    assert names(file.current()) == ["b"]


def test_a_read_that_failed_is_tried_again_though_the_file_is_the_same(file, monkeypatch, caplog):
    file.change(lambda passes: passes.with_new(made("a")))
    assert file.current().named("a").revoked is None
    file.change(lambda passes: passes.with_revoked("a", NOW))
    clock = [1000.0]
    with monkeypatch.context() as failing, caplog.at_level(logging.WARNING):
        failing.setattr(passfile, "read_text", lambda path: Problem(str(path), 1, 1, "it cannot be read", "mend it"))
        failing.setattr(passfile.time, "monotonic", lambda: clock[0])
        for seconds, warned in ((0.0, 1), (59.0, 1), (60.0, 2)):
            clock[0] = 1000.0 + seconds
            assert file.current().named("a").revoked is None
            assert len(caplog.records) == warned
    assert file.current().named("a").revoked == NOW


def test_a_file_with_its_old_time_and_size_is_read_again(file):
    file.path.write_text(dump(Passes((made("a"),))))
    before = file.path.stat()
    assert names(file.current()) == ["a"]
    time.sleep(0.02)  # the clock of the file system may tick a hundred times a second only
    file.path.write_text(dump(Passes((made("b"),))))
    os.utime(file.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names(file.current()) == ["b"]


def test_a_file_that_went_away_takes_its_passes_along(file):
    file.change(lambda passes: passes.with_new(made("a")))
    assert names(file.current()) == ["a"]
    file.path.unlink()
    assert file.current() == Passes()
    file.change(lambda passes: passes.with_new(made("b")))
    assert names(file.current()) == ["b"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "secrets").mkdir()
    link = tmp_path / "ivr.tokens"
    link.symlink_to(tmp_path / "secrets" / "tokens")
    file = PassFile(link)
    with pytest.raises(ProjectError):
        file.current()  # a link to nothing is a mistake, and not the absence of passes
    (tmp_path / "secrets/tokens").write_text(dump(Passes()))
    file.change(lambda passes: passes.with_new(made("a")))
    assert link.is_symlink()
    assert names(file.current()) == ["a"]


def test_what_is_no_file_is_told(tmp_path):
    (tmp_path / "ivr.tokens").mkdir()
    for call in (PassFile(tmp_path / "ivr.tokens").current, lambda: PassFile(tmp_path / "ivr.tokens").change(Passes)):
        with pytest.raises(ProjectError, match="directory"):
            call()
    with pytest.raises(ConfigError, match="cannot be written"):
        PassFile(tmp_path / "nowhere" / "ivr.tokens").change(lambda passes: passes)
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="cannot be read"):
        PassFile(tmp_path / "file" / "ivr.tokens").current()


def test_a_disk_that_is_full_leaves_the_old_file(file, monkeypatch):
    file.change(lambda passes: passes.with_new(made("a")))
    before = file.path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        file.change(lambda passes: passes.with_new(made("b")))
    assert file.path.read_bytes() == before
    assert os.listdir(file.path.parent) == ["ivr.tokens"]


def test_an_edit_that_fails_changes_nothing(file):
    file.change(lambda passes: passes.with_new(made("a")))
    with pytest.raises(ConfigError):
        file.change(lambda passes: passes.with_new(made("a")))
    assert names(PassFile(file.path).current()) == ["a"]


def test_two_writers_lose_nothing(file):
    """Threads with a file each exclude one another as processes do: the lock belongs to whoever opened it."""
    begin = threading.Barrier(2)

    def write(prefix):
        mine = PassFile(file.path)
        begin.wait(10)
        for n in range(20):
            mine.change(lambda passes, n=n: passes.with_new(made(f"{prefix}{n}")))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, "ab"))
    assert sorted(names(file.current())) == sorted(f"{prefix}{n}" for prefix in "ab" for n in range(20))
