"""``ivr serve`` as somebody new to it calls it: each mistake is one line that says what to do."""

import shutil
import socket
import subprocess
import sys

import pytest
from runtime_bank import environ

from ivr.cli.main import main


@pytest.fixture
def serve(bank_root, tmp_path, monkeypatch, capsys):
    """Run the command on a copy of the bank, which must fail; its last line."""
    root = tmp_path / "bank"
    shutil.copytree(bank_root, root)
    for name, value in environ().items():
        monkeypatch.setenv(name, value)

    def run(*arguments, port=0, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert main(["serve", str(root), "--port", str(port), *map(str, arguments)]) == 2
        said = capsys.readouterr()
        assert said.out == "" and "Traceback" not in said.err
        (line,) = [line for line in said.err.splitlines() if line.startswith("ivr: ")]
        return line

    run.root = root
    return run


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("url", ["voice.example.com", "http://x", "https://me:hunter2@x", "https://x?y=1", "https://["])
def test_a_public_url_that_is_none(serve, url):
    line = serve("--public-url", url)
    assert line == "ivr: --public-url: write it as https://host[:port][/path], without a user or a query"


def test_a_public_url_without_anything_to_prove_who_calls(serve):
    line = serve("--public-url", "https://v.example")
    assert "the public URL https://v.example: " in line and "set IVR_TWILIO_AUTH_TOKEN; " in line
    line = serve("--host", "0.0.0.0", "--workers", 2)
    assert "--host 0.0.0.0: " in line and "--public-url" in line and "`ivr token new NAME`" in line


def test_files_of_tls_that_are_not_there(serve, tmp_path):
    (tmp_path / "cert.pem").write_text("x")
    line = serve("--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    assert line.startswith(f"ivr: {tmp_path / 'key.pem'}: there is no such file")
    assert "go together" in serve("--tls-cert", tmp_path / "cert.pem")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_in_use(serve, taken, workers):
    line = serve("--workers", workers, port=taken)
    assert line.startswith(f"ivr: cannot listen on 127.0.0.1:{taken}: ") and line.endswith("choose another --port")


def test_a_port_for_metrics_that_is_in_use(serve, taken):
    line = serve("--metrics-port", taken)
    assert f"127.0.0.1:{taken} for metrics" in line and line.endswith("choose another --metrics-port")


def test_a_port_for_metrics_that_is_in_use_is_told_before_any_worker_starts(serve, taken):
    # A process of its own: the metrics of workers must be prepared before anything imports them.
    command = (sys.executable, "-m", "ivr.cli.main", "serve", str(serve.root), "--port", "0", "--workers", "2")
    done = subprocess.run((*command, "--metrics-port", str(taken)), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith("choose another --metrics-port")


def test_settings_of_the_environment_that_are_none(serve):
    assert "IVR_SERVE_CALLS:1:1: 'calls' is 'abc', write a whole number" in serve(IVR_SERVE_CALLS="abc")
    assert "IVR_SERVE_PROXIES:1:1: 'x' is no address" in serve(IVR_SERVE_CALLS="1", IVR_SERVE_PROXIES="127.0.0.1, x")


def test_a_ticket_key_that_is_short(serve):
    assert "IVR_TICKET_KEY has 5 characters" in serve(IVR_TICKET_KEY="short")


def test_a_shared_port_with_a_webhook_needs_a_key_that_is_shared_too(serve, taken, caplog):
    told = {"IVR_TWILIO_AUTH_TOKEN": "auth", "IVR_SERVE_PUBLIC_URL": "https://v.example"}
    serve("--share-port", port=taken, **told, IVR_TICKET_KEY="")
    assert "--share-port without IVR_TICKET_KEY" in caplog.text
    caplog.clear()
    serve("--share-port", port=taken, IVR_TICKET_KEY="k" * 32)
    assert "IVR_TICKET_KEY" not in caplog.text


@pytest.mark.parametrize("workers", [1, 2])
def test_tokens_that_cannot_be_read(serve, workers):
    (serve.root / "ivr.tokens").write_text("{")
    assert "ivr.tokens:1:2: the tokens are damaged" in serve("--workers", workers)
    (serve.root / "ivr.tokens").unlink()
    (serve.root / "ivr.tokens").mkdir()
    assert "ivr.tokens:1:1: this is a directory" in serve("--workers", workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_for_audiosocket_that_is_in_use(serve, taken, workers):
    line = serve("--audiosocket-port", taken, "--workers", workers)
    assert line.startswith(f"ivr: cannot listen on 127.0.0.1:{taken}: ")
    assert line.endswith("choose another --audiosocket-port")


@pytest.mark.parametrize("workers", [1, 2])
def test_audiosocket_beyond_loopback_that_nobody_could_use(serve, workers):
    line = serve("--host", "0.0.0.0", "--audiosocket-port", 0, "--workers", workers)
    assert "serve.audiosocket_peers" in line and "`ivr token new NAME --gateway audiosocket`" in line


def test_settings_of_audiosocket_that_are_none(serve):
    peers, rate = "IVR_SERVE_AUDIOSOCKET_PEERS", "IVR_SERVE_AUDIOSOCKET_RATE"
    assert f"{peers}:1:1: '10.0.0.7/24' is no network" in serve(**{peers: "10.0.0.0/24,10.0.0.7/24"})
    assert f"{rate}:1:1: " in serve(**{peers: "10.0.0.0/24", rate: "11025"})


def test_a_shared_port_for_announced_calls_needs_a_shared_key_too(serve, taken, caplog):
    told = {"IVR_SERVE_AUDIOSOCKET_PORT": "0", "IVR_TICKET_KEY": ""}
    serve("--share-port", "--host", "0.0.0.0", port=taken, **told)
    assert "--share-port without IVR_TICKET_KEY" in caplog.text


@pytest.mark.parametrize(("option", "value"), [("--workers", "0"), ("--workers", "2000"), ("--calls", "abc")])
def test_numbers_that_cannot_be(option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", option, value])
    assert ended.value.code == 2
    assert f"argument {option}: '{value}' is no number from 1 to " in capsys.readouterr().err
