import json
import re
import subprocess
import sys

import pytest

from ivr.cli.main import main
from ivr.runtime.door.passes import Pass, digest
from ivr.runtime.door.passfile import PassFile
from ivr.runtime.door.refusal import Refusal

DAY = 86400.0


@pytest.fixture
def clock(monkeypatch):
    now = [1_800_000_000.0]
    monkeypatch.setattr("ivr.cli.token.time.time", lambda: now[0])
    return now


@pytest.fixture
def tell(little, clock, capsys):
    """Runs ``ivr token …`` for a project; its status, standard output and standard error."""

    def told(*words, root=little.root):
        status = main(["token", *words, *([str(root)] if root else [])])
        return status, *capsys.readouterr()

    return told


def test_a_token_is_shown_once_and_works(tell, little, clock):
    status, out, err = tell("new", "office-pbx")
    assert status == 0
    assert re.fullmatch(r"ivr_[0-9a-f]{40}\n", out)
    token = out.strip()
    assert "wss://HOST/GATEWAY/TOKEN" in err and "one of twilio" in err and token not in err
    assert f"ivr token revoke office-pbx {little.root}" in err
    file = little.root / "ivr.tokens"
    assert token not in file.read_text() and digest(token) in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert isinstance(PassFile(file).current().check(token, "twilio", clock[0]), Pass)
    for words in (("list",), ("list", "--json"), ("revoke", "office-pbx")):
        status, out, err = tell(*words)
        assert status == 0
        assert "office-pbx" in out + err or words[0] == "list"
        assert token not in out + err and digest(token) not in out + err


def test_its_limits_are_kept(tell, little, clock):
    _, out, err = tell("new", "trial", "--expires", "90d", "--gateway", "twilio")
    token = out.strip()
    assert "wss://HOST/twilio/TOKEN, with" in err and "GATEWAY" not in err
    assert "until 2027-04-15T08:00:00Z" in err
    passes = PassFile(little.root / "ivr.tokens").current()
    assert isinstance(passes.check(token, "twilio", clock[0] + 89 * DAY), Pass)
    assert passes.check(token, "twilio", clock[0] + 90 * DAY) is Refusal.EXPIRED
    assert passes.check(token, "telnyx", clock[0]) is Refusal.OTHER_GATEWAY


def test_one_for_audiosocket_announces_calls(tell):
    _, _, err = tell("new", "pbx", "--gateway", "audiosocket")
    assert "https://HOST/audiosocket/TOKEN, with" in err and "wss" not in err


def test_the_list_tells_names_and_states(tell, clock):
    assert tell("list")[1].startswith("no tokens; make one with `ivr token new NAME ")
    assert json.loads(tell("list", "--json")[1]) == []
    tell("new", "a")
    tell("new", "b", "--expires", "12h", "--gateway", "twilio")
    tell("new", "c")
    clock[0] += DAY
    tell("revoke", "c")
    status, out, err = tell("list")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "name  state    gateway  made                  expires               revoked",
        "a     good     -        2027-01-15T08:00:00Z  -                     -",
        "b     expired  twilio   2027-01-15T08:00:00Z  2027-01-15T20:00:00Z  -",
        "c     revoked  -        2027-01-15T08:00:00Z  -                     2027-01-16T08:00:00Z",
    ]
    assert json.loads(tell("list", "--json")[1])[1] == {
        "name": "b",
        "state": "expired",
        "gateway": "twilio",
        "made": "2027-01-15T08:00:00Z",
        "expires": "2027-01-15T20:00:00Z",
        "revoked": None,
    }


def test_revoking_twice_keeps_the_first_time(tell, little, clock):
    tell("new", "a")
    assert tell("revoke", "a") == (0, "a is revoked; calls in progress go on\n", "")
    clock[0] += DAY
    assert tell("revoke", "a") == (0, "a was revoked before, 2027-01-15T08:00:00Z\n", "")
    assert PassFile(little.root / "ivr.tokens").current().named("a").revoked == clock[0] - DAY


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "a"), "a token 'a' was made already: choose another name"),
        (("new", "gone"), "and revoked; its name stays its own: choose another name"),
        (("new", "a/b"), "'a/b' is no name"),
        (("revoke", "b"), "no token is called 'b'"),
    ],
)
def test_wrong_names_are_one_line_and_status_2(tell, words, said):
    tell("new", "a")
    tell("new", "gone")
    tell("revoke", "gone")
    status, out, err = tell(*words)
    assert (status, out) == (2, "")
    assert said in err and err.count("\n") == 1


@pytest.mark.parametrize("text", ["90", "d", "90m", "-1d", "0d", "1.5d", "3651d", "٩d", "999999w", ""])
def test_a_wrong_lifetime_is_told(tell, text, capsys):
    with pytest.raises(SystemExit) as ended:
        tell("new", "a", f"--expires={text}")
    assert ended.value.code == 2
    assert re.search("90d|3650d", capsys.readouterr().err)


@pytest.mark.parametrize("words", [(), ("nonsense",), ("new",), ("revoke",), ("new", "a", "--gateway", "telnyx")])
def test_wrong_words_are_refused(tell, words, capsys):
    with pytest.raises(SystemExit) as ended:
        tell(*words, root=None)
    assert ended.value.code == 2
    assert "usage: ivr token" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("new", "a"), ("list",), ("revoke", "a")])
def test_a_directory_that_is_no_project_is_told(tell, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for root, said in (
        (tmp_path / "none", f"{tmp_path}/none holds no project"),
        (None, "the current directory holds no"),
    ):
        status, out, err = tell(*words, root=root)
        assert (status, out) == (2, "")
        assert said in err
    assert not (tmp_path / "ivr.tokens").exists()


def test_words_come_in_any_order(little, clock, capsys):
    root = str(little.root)
    for name, words in {
        "a": ["new", "a", root, "--expires", "1d"],
        "b": ["new", "--expires", "1d", "b", root],
        "c": ["new", "c", "--expires", "1d", root],
        "-": ["list", root, "--json"],
        "_": ["list", "--json", root],
    }.items():
        assert main(["token", *words]) == 0, name
    assert [each.name for each in PassFile(little.root / "ivr.tokens").current().all] == ["a", "b", "c"]


def test_the_current_directory_is_meant(tell, little, monkeypatch):
    monkeypatch.chdir(little.root)
    status, _, err = tell("new", "a", root=None)
    assert status == 0
    assert "`ivr token revoke a`" in err
    assert (little.root / "ivr.tokens").exists()


def test_a_damaged_file_is_told_and_left(tell, little):
    little.write("ivr.tokens", "{")
    for words in (("new", "a"), ("list",), ("revoke", "a")):
        status, out, err = tell(*words)
        assert (status, out) == (2, "")
        assert "ivr.tokens:1:2: the tokens are damaged" in err
    assert (little.root / "ivr.tokens").read_text() == "{"


@pytest.mark.parametrize("words", [["new"], ["list"], ["revoke"]])
def test_each_explains_itself_with_an_example(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["token", *words, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: ivr token {words[0]}") and f"ivr token {words[0]} " in said.partition("example")[2]


def test_a_shell_gets_the_token_alone(little):
    ran = subprocess.run(
        [sys.executable, "-m", "ivr.cli.main", "token", "new", "a", str(little.root)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"ivr_[0-9a-f]{40}\n", ran.stdout)
