"""``ivr simulate --voice`` and ``--listen``: words from the store, what is said of them, and the exit status."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec

import pytest

from ivr.cli.main import main
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.listening import Ear
from ivr.simulator.scenario.file import read_scenario
from ivr.simulator.scenario.run import Stage
from ivr.simulator.scenario.understood import understood
from ivr.simulator.store import SpeechStore, StoredSpeaker
from ivr.speech.synthesizer import SpeechRequest
from ivr.testing.voices import ScriptedVoice

speaking = pytest.mark.skipif(find_spec("espeakng_loader") is None, reason="the extra 'voice' is not installed")
listening = pytest.mark.skipif(
    find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed; it has no wheel for this Python"
)
elsewhere = pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="XDG is of other systems")
BALANCE = """
lookups: {bank.balance: {value: 20}}
steps:
  - phrase: greeting
  - press: 1
  - phrase: anything_else
"""


@pytest.fixture(autouse=True)
def caches(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches"


@pytest.fixture(scope="module")
def project():
    return load(starter_root(), os.environ)


def simulate(*options):
    return main(["simulate", str(starter_root()), *options])


def told(report):
    return [verdict for verdict in report.verdicts if verdict.what.startswith("listening: ")]


@speaking
@elsewhere
def test_live_words_come_from_the_store_and_are_kept_there(caches, capsys):
    assert simulate("balance", "--voice", "--json") == 0
    kept = {file: file.read_bytes() for file in caches.glob("ivr-runtime/speech/*/*.speech")}
    assert kept
    first = capsys.readouterr().out
    assert simulate("balance", "--voice", "--json") == 0
    assert capsys.readouterr().out == first
    assert kept == {file: file.read_bytes() for file in caches.glob("ivr-runtime/speech/*/*.speech")}


@speaking
@listening
@elsewhere
def test_what_was_understood_is_among_the_verdicts(capsys):
    status = simulate("balance", "--listen", "--json")
    (call,) = json.loads(capsys.readouterr().out)["calls"]
    heard = [each for each in call["checked"] if each["what"].startswith("listening: ")]
    assert heard[-1]["what"] == "listening: understood" and "utterances" in heard[-1]["detail"]
    assert status == (0 if call["ok"] else 1)
    assert call["ok"] is not any(each["ok"] is False for each in call["checked"])


@listening
def test_tones_in_place_of_live_words_fail_a_scenario(project):
    (scenario,), problems = read_scenario(BALANCE, "calls/x.yaml", project)
    assert problems == []
    report = Stage(project).run(scenario)
    assert report.ok
    heard = understood(report, Ear())
    (failure,) = (each for each in heard.failures if "balance of your account" in each.what)
    assert "was heard as" in failure.detail and failure.at > 0
    assert "twenty" not in failure.what
    assert told(heard)[-1].ok is None


@listening
def test_what_cannot_be_judged_is_no_failure(project):
    (scenario,), _ = read_scenario("steps:\n  - phrase: greeting\n  - silent: 1\n", "calls/x.yaml", project)
    report = Stage(project).run(scenario)
    heard = understood(report, Ear(locale="de-DE"))
    assert heard.ok and told(heard)
    assert all(verdict.ok is None for verdict in told(heard))
    assert "knows English alone" in told(heard)[0].detail
    assert told(heard)[-1].detail.startswith("0 of 0 utterances")


@speaking
@listening
@elsewhere
def test_exploring_listens_to_what_each_branch_adds(capsys):
    simulate("--explore", "--most", "3", "--listen", "--json")
    branches = json.loads(capsys.readouterr().out)["branches"]
    judged = [branch["listened"]["judged"] for branch in branches]
    assert judged[:2] == [2, 2], "the greeting and the menu; what is said to silence, and the menu again"
    assert judged[2] == 0, "the call is left at the lookup, before the words behind it were heard"
    wrong = [any("not understood" in each for each in branch["wrong"]) for branch in branches]
    assert wrong == [any(not each["why"] for each in branch["listened"]["findings"]) for branch in branches]


def test_very_many_calls_are_not_spoken(capsys):
    assert simulate("--calls", "5", "--listen") == 2
    assert "--listen is for scenarios and exploring" in capsys.readouterr().err


@speaking
@elsewhere
def test_a_store_that_cannot_be_written_is_named(caches, capsys):
    caches.write_text("a file where the directory should be")
    assert simulate("balance", "--voice") == 2
    assert "XDG_CACHE_HOME" in capsys.readouterr().err


@speaking
@elsewhere
def test_a_missing_recogniser_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    assert simulate("balance", "--listen") == 2
    assert "ivr-runtime[listen]" in capsys.readouterr().err


def test_a_missing_voice_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr("ivr.speech.espeak.pool.importlib.util.find_spec", lambda name: None)
    assert simulate("balance", "--voice") == 2
    assert "ivr-runtime[voice]" in capsys.readouterr().err


@speaking
@elsewhere
def test_names_of_a_hosted_voice_mean_nothing_to_the_stores(caches):
    speaker = StoredSpeaker(SpeechStore(caches), foreign=True)
    *parts, (_, end) = speaker.voice(ScriptedVoice())(SpeechRequest("hello", "alloy", "en-US"), 1)
    assert parts and end is None


@listening
def test_a_pronunciation_makes_a_word_known():
    ear = Ear({"zxq": "W EH L K AH M"})
    assert not ear._recogniser.lacks("zxq") and ear._recogniser.lacks("zxqv")


@pytest.mark.parametrize("wrong", ["iban", "iban=", "two words=AY", "iban=AY XX", "=AY"])
def test_a_pronunciation_that_is_none_is_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        simulate("--listen", "--pronounce", wrong)
    assert "WORD=PHONES" in capsys.readouterr().err
