"""What ``ivr check``, ``ivr serve`` and ``ivr talk`` say of transfers."""

import importlib.util
import json
import shutil
from dataclasses import replace

import pytest

from ivr.cli.main import main
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.runtime.calls import GATEWAYS
from ivr.runtime.unmovable import unmovable

spoken = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="the extra 'voice' is not installed"
)
DIALOG = """\
dialog: main
start: agent
states:
  agent: {say: one_moment, transfer: {to: %s, timeout: 20s, busy: busy, failed: sorry, goto: bye}}
  busy: {say: unavailable, hang_up: yes}
  sorry: {say: sorry, hang_up: yes}
  bye: {say: goodbye, hang_up: yes}
"""


@pytest.fixture
def root(tmp_path):
    """The starter, whose callers are transferred at once."""
    made = tmp_path / "desk"
    shutil.copytree(starter_root(), made, ignore=shutil.ignore_patterns("__pycache__", "calls"))
    write(made)
    return made


def write(root, to="+15550123", allow="['+1*', 2??]"):
    (root / "prompts/dialogs/main.yaml").write_text(DIALOG % to)
    settings = (starter_root() / "prompts/ivr.yaml").read_text()
    (root / "prompts/ivr.yaml").write_text(f"{settings}\ntransfer:\n  allow: {allow}\n".replace("# transfer:", "#"))


def check(root, capsys, *options):
    status = main(["check", str(root), *options])
    return status, capsys.readouterr().out


def test_check_tells_a_gateway_that_cannot(root, capsys, monkeypatch):
    monkeypatch.delenv("IVR_TWILIO_AUTH_TOKEN", raising=False)
    status, said = check(root, capsys)
    assert status == 0 and "transfers by /twilio: without its webhook (IVR_TWILIO_AUTH_TOKEN" in said
    assert "asterisk" not in said
    monkeypatch.setenv("IVR_TWILIO_AUTH_TOKEN", "token")
    monkeypatch.setenv("IVR_SERVE_PUBLIC_URL", "https://voice.example.com")
    assert "transfers by" not in check(root, capsys)[1]
    write(root, to="200")
    assert "transfers by /twilio: it cannot call '200' of state 'main/agent'" in check(root, capsys)[1]
    assert len(json.loads(check(root, capsys, "--json")[1])["notes"]) == 1


def test_a_gateway_without_transfers_says_so(root):
    dumb = replace(GATEWAYS["asterisk"], capabilities=replace(GATEWAYS["asterisk"].capabilities, transfers=frozenset()))
    project = load(root, {})
    assert list(unmovable(project, webhook=True, gateways={"dumb": dumb})) == [("dumb", "it cannot transfer calls")]
    assert list(unmovable(load(starter_root(), {}), webhook=False, gateways={"dumb": dumb})) == []


def test_check_refuses_whom_the_project_may_not_call(root, capsys):
    write(root, to="+19005550123", allow="['+1*', '!+1900*']")
    status, said = check(root, capsys)
    assert status == 1 and "main.yaml:4:" in said and "'+19005550123' is none of those" in said
    write(root, allow="[]")
    assert "this project transfers to nobody" in check(root, capsys)[1]
    write(root, allow="[alice]")
    assert "'alice' is no pattern" in check(root, capsys)[1]


def test_the_environment_may_allow_with_commas(root):
    settings = load(root, {"IVR_TRANSFER_ALLOW": "+1*, sip:*@pbx.example.com"}).settings
    assert settings.transfer.allow == ("+1*", "sip:*@pbx.example.com")


@spoken
@pytest.mark.parametrize(("outcome", "words"), [("busy", "not available"), ("answered_and_ended", "Thank you")])
def test_talk_says_what_would_have_happened(root, tmp_path, capsys, outcome, words):
    command = ["talk", str(root), "--wav", str(tmp_path / "call.wav"), "--transfer", outcome]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["transfers"] == [{"to": "+15550123", "kind": "number", "outcome": outcome}]
    assert words in told["turns"][-1]["heard"] and told["turns"][-1]["trigger"] == "return"
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "to +15550123, which may ring for 20 s" in said and "nobody is called from here" in said
    assert f"ended: {outcome}" in said
