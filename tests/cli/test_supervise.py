"""What the process that starts the workers tells them."""

import sys

import pytest

from ivr.cli.supervise import _command


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["serve", "bank", "--port", "0"], ["serve", "bank", "--port", "0", "--port", "8081"]),
        (["serve", "--port", "0", "--", "-bank"], ["serve", "--port", "0", "--port", "8081", "--", "-bank"]),
    ],
)
def test_a_worker_is_told_the_port_as_the_last_option(monkeypatch, words, told):
    monkeypatch.setattr(sys, "argv", ["ivr", *words])
    assert _command(8081, None)[3:] == told


def test_a_worker_is_told_the_port_of_audiosocket_too(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ivr", "serve", "--audiosocket-port", "0"])
    assert _command(8081, 9092)[-4:] == ["--port", "8081", "--audiosocket-port", "9092"]
