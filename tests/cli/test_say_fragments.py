"""``ivr say --fragments``: what a project reads back, and what it says where it cannot."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from pregen.reading import Speaker, reads_back

from ivr.cli import say as say_command
from ivr.cli.main import main
from ivr.cli.say_fragments import values_in
from ivr.errors import ConfigError
from ivr.media.format import MULAW_8K
from ivr.media.pcm import decode, encode
from ivr.media.wave import read_wav, write_wav
from ivr.phrases.fragments import fragment_name
from ivr.phrases.lock import Lock, LockEntry, dump, parse
from ivr.testing.spliced import sounds


def enter(directory, kinds, locale="en-US", leave_out=()):
    """Fragments into a project's lock and below audio/, as a build leaves them."""
    lock = directory.root / "audio" / "ivr.lock"
    held = parse(lock.read_text(), "ivr.lock") if lock.exists() else Lock()
    entries = dict(held.clips)
    for name, (samples, rate) in sounds(locale, kinds).items():
        if name in leave_out:
            continue
        data = write_wav([samples], rate)
        directory.write(f"audio/{name}.wav", data)
        text = name.rpartition("/")[2].removesuffix(".final").replace("_", " ")
        digest = hashlib.sha256(data).hexdigest()
        entries[name] = LockEntry(
            clip=name, phrase="sum", locale=locale, text=text, origin="rendered", file=f"{name}.wav", provider="v/1",
            voice="v", seconds=len(samples) / rate, rate=rate, loudness=-20.0, level=-20.0, peak=-3.0, key="k",
            sha256=digest,
        )  # fmt: skip
    directory.write("audio/ivr.lock", dump(replace(held, clips=entries)))


@pytest.fixture
def quiet(monkeypatch):
    """Nobody is asked to speak, and nothing is played."""

    def forbidden(**options):
        raise AssertionError("a voice was opened")

    monkeypatch.setattr(say_command, "open_voice", forbidden)
    played = []
    monkeypatch.setattr(say_command, "play", lambda samples, rate: played.append((len(samples), rate)))
    return played


def say(little, *words):
    return main(["say", "--fragments", "--project", str(little.root), *words])


def test_an_amount_is_put_together_and_written(little, quiet, tmp_path, capsys):
    enter(little, ["money"])
    out = tmp_path / "amount.wav"
    assert say(little, "{1234.56:money}", "--out", str(out)) == 0
    told = capsys.readouterr().out
    assert "one · thousand · two hundred · thirty four · dollars · and · fifty six · cents" in told
    assert "from 8 fragments" in told
    samples, rate = read_wav(out.read_bytes())
    made = sounds("en-US", ["money"])
    texts = ["one", "thousand", "two hundred", "thirty four", "dollars", "and", "fifty six"]
    names = [*(fragment_name("en-US", text, False) for text in texts), fragment_name("en-US", "cents", True)]
    length = sum(len(made[name][0]) for name in names)
    assert (len(samples), rate) == (MULAW_8K.whole_frames(length), 8000)
    first = made[names[0]][0]
    assert np.abs(samples[: len(first)] - decode(encode(first, MULAW_8K), MULAW_8K)).max() < 1e-4
    assert quiet == []


def test_json_has_every_unit_and_the_times(little, quiet, capsys):
    enter(little, ["money", "digits"])
    assert say(little, "{1:money}, {07:digits}.", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(unit["text"], unit["final"], unit["pause"]) for unit in told["units"]] == [
        ("one", False, 0.0),
        ("dollar", False, 0.12),
        ("zero", False, 0.0),
        ("seven", True, 0.0),
    ]
    assert 0 < told["assembled"] < 1 and told["seconds"] > 0.5
    assert len(quiet) == 1


def test_what_is_missing_is_named_with_the_command(little, quiet, capsys):
    enter(little, ["money"], leave_out=[fragment_name("en-US", "thousand", False)])
    assert say(little, "{1234.56:money}") == 2
    told = capsys.readouterr().err
    assert "not rendered: 'fragments/en-US/thousand';" in told
    assert (
        f"ivr render {little.root}" in told
        and "write 'mode: auto' below readback in prompts/ivr.yaml, then run" in told
    )


def test_an_ending_that_no_phrase_needs_is_avoided_by_a_comma(little, quiet, capsys):
    little.replace("prompts/ivr.yaml", "project: Little", "project: Little\nreadback: {mode: auto}")
    enter(little, ["money"], leave_out=[fragment_name("en-US", "dollars", True)])
    assert say(little, "{5:money}") == 2
    told = capsys.readouterr().err
    assert "'fragments/en-US/dollars.final'; no phrase of en-US ends with such a value: write a comma behind" in told
    assert "ivr render" not in told
    assert say(little, "{5:money},") == 0


def test_values_that_no_phrase_has_are_not_made_by_rendering_alone(little, quiet, capsys):
    enter(little, ["money"])
    for text in ("{3:ordinal}", "{5:money:EUR}"):
        assert say(little, text) == 2
        told = capsys.readouterr().err
        assert "no phrase of en-US has such values to be read back: add one below prompts/phrases, then" in told
        assert "write 'mode: auto' below readback in prompts/ivr.yaml, then run" in told and "ivr render" in told


def test_a_locale_of_another_language_is_not_said_in_the_projects_own(little, quiet, capsys):
    enter(little, ["money"])
    assert say(little, "{5:money},", "--locale", "es-US") == 2
    told = capsys.readouterr().err
    assert "no words in 'es-US': it reads values back in en-US; use one of these" in told
    assert say(little, "{5:money},", "--locale", "en-GB") == 0


def test_a_project_that_was_never_rendered_says_so(little, quiet, capsys):
    assert say(little, "{1:ordinal}") == 2
    assert "ivr render" in capsys.readouterr().err


def test_a_fragment_that_was_changed_is_not_played(little, quiet, capsys):
    enter(little, ["money"])
    little.write("audio/fragments/en-US/one.wav", b"RIFF")
    assert say(little, "{1:money}") == 2
    told = capsys.readouterr().err
    assert "not as ivr.lock names them: 'fragments/en-US/one'; " in told and "ivr render" in told
    assert say(little, "{2:money}") == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("You have {12:money}", "other words than values"),
        ("{}", "not a value and its kind"),
        ("{12}", "not a value and its kind"),
        ("{:money}", "not a value and its kind"),
        ("{12:mony}", "did you mean 'money'"),
        ("{5:money:XYZ}", "unknown currency 'XYZ': use one of USD, EUR"),
        ("{5:number:EUR}", "'number' has nothing behind it: write {5:number}; money alone has a currency"),
        ("{5:number:XYZ}", "'number' has nothing behind it: write {5:number}; money alone has a currency"),
        ("{5:money:}", "unknown currency ''"),
        ("{5:EUR}", "not a value and its kind"),
        ("{5:numbr:EUR}", "did you mean 'number'"),
        ("{14:30:time:EUR}", "'time' has nothing behind it: write {14:30:time}"),
        ("{a lot:money}", "expected an amount of money"),
        ("{hello:text}", "a text has no units"),
        ("{1e20:number}", "expected a number"),
        ("{12:money", "other words than values"),
        (" ", "nothing to say"),
    ],
)
def test_wrong_input_is_told(little, quiet, capsys, text, why):
    assert say(little, text) == 2
    told = capsys.readouterr().err
    assert why in told and "Traceback" not in told


def test_values_keep_their_colons_and_endings():
    found = values_in("{14:30:time}, {2026-03-01:date}.")
    assert [(value, slot.kind, slot.ending) for slot, value in found] == [
        ("14:30", "time", ","),
        ("2026-03-01", "date", "."),
    ]
    [(slot, value)] = values_in("{12.50:money:EUR}")
    assert (value, slot.kind, slot.currency) == ("12.50", "money", "EUR")
    with pytest.raises(ConfigError):
        values_in("")


def test_what_a_build_could_not_cut_is_no_matter_of_rendering_again(little, quiet, capsys):
    reads_back(little)
    voice = Speaker(mute=True)
    voice.odd["Now, six - then."] = "Now six - then."
    little.render(voice)
    assert say(little, "{66:digits},") == 2
    told = capsys.readouterr().err
    assert told.startswith(
        "ivr: not rendered: 'fragments/en-US/six'; since a build could not cut 'fragments/en-US/six': give it another"
    )
    assert "let the voice say such values" in told and f"`ivr render {little.root}`" not in told
    assert say(little, "{45:digits},") == 0
