import pytest

from ivr.runtime.files import raise_file_limit

resource = pytest.importorskip("resource", reason="this system limits no open files")


@pytest.mark.parametrize("error", [ValueError("not allowed to raise maximum limit"), PermissionError(1, "no")])
def test_a_system_that_refuses_more_files_leaves_those_there_are(monkeypatch, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert raise_file_limit() == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
