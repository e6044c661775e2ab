"""What ``ivr plan`` tells of values that are read back, as its user runs it."""

import json
from decimal import Decimal

import pytest
from directory import Directory
from planned import SETTINGS, project
from pregen.reading import RUNNING, Speaker

from ivr.cli.main import main
from ivr.phrases.fragments import is_fragment
from ivr.project.starter import copy_starter

DIALOG = """\
dialog: main
start: a
states:
  a: {lookup: {run: bank.balance, as: amount}, say: sum, goto: b}
  b: {say: menu, collect: {as: typed, digits: 2-4, end: "#", goto: c}}
  c: {say: code, hang_up: yes}
"""
SOON = "voice: {first_audio: {lognormal: 300ms, p95: 900ms}}\nlookups: {bank.balance: {delay: 100ms, returns: [5]}}\n"
PRICED = SETTINGS + "prices: {espeak-ng: {price: 10, per: 1000, currency: EUR}}\n"
MONEY, DIGITS = (122, 2_694), (20, 330)
"""Fragments and characters: docs/fragments.md."""


def told(capsys, *words):
    assert main(["plan", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def shown(capsys, *words):
    assert main(["plan", *map(str, words)]) == 0
    return {" ".join(text.split()) for text in capsys.readouterr().out.splitlines()}


def mode(directory, name, more=""):
    """Another mode of a project that has none yet."""
    text = (directory.root / "prompts/ivr.yaml").read_text()
    directory.write("prompts/ivr.yaml", f"{text}readback: {{mode: {name}{more}}}\n")


def counts(found):
    return {each["kind"]: (each["fragments"], each["whole"]["characters"]) for each in found["read_back"]["kinds"]}


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch):
    monkeypatch.delenv("IVR_READBACK_MODE", raising=False)


def test_a_project_that_streams_sees_what_fragments_would_cost(tmp_path, capsys):
    project(tmp_path, DIALOG, PRICED)
    found = told(capsys, tmp_path)
    assert found["read_back"]["mode"] == "stream"
    assert counts(found) == {"money": MONEY, "digits": DIGITS}
    (money, digits) = found["read_back"]["kinds"]
    assert (money["currency"], money["phrases"], money["locale"]) == ("USD", ["sum", "bare"], "en-US")
    assert (digits["missing"], digits["in_memory"], digits["render"]["money"]) == (20, 0, "3.30")
    (both,) = found["read_back"]["locales"]
    assert both["fragments"] < MONEY[0] + DIGITS[0]  # numbers below ten are those of both
    assert found["bill"]["render"]["characters"] < both["render"]["characters"]  # not rendered in this mode
    said = shown(capsys, tmp_path)
    assert any(each.startswith("money:USD ") and each.endswith(" 122 0 122 0 2,694 2,694 26.94 EUR") for each in said)
    assert "Fragments that values would need (now they are said live: readback.mode is stream)" in said
    live, once = found["read_back"]["live_characters_per_call"], both["render"]["characters"]
    (note,) = [line for line in said if line.startswith("note: with fragments, ")]
    assert f"{once:,} characters, rendered once, take the place of {live:.1f} live ones a call" in note
    assert f"paid for after {-(-once // live):,.0f} calls" in note


def test_the_bill_of_the_mode_is_what_was_foreseen(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    before = told(capsys, tmp_path)
    mode(directory, "fragments")
    found = told(capsys, tmp_path)
    once = before["read_back"]["locales"][0]["render"]["characters"]
    assert found["bill"]["render"]["characters"] == before["bill"]["render"]["characters"] + once
    assert Decimal(found["bill"]["render"]["money"]) == Decimal(found["bill"]["render"]["characters"]) / 100
    assert (found["bill"]["live_characters_per_call"], before["read_back"]["live_characters_per_call"]) == (
        0,
        before["bill"]["live_characters_per_call"],
    )
    assert found["turns"][0]["strategy"] == "clip then fragments"
    assert found["turns"][0]["values"][0]["from_fragments"] > 0.9
    assert any(
        "fragments are not there: the plan is that of a project in which they" in line
        for line in shown(capsys, tmp_path)
    )
    directory.replace("prompts/ivr.yaml", "mode: fragments", "mode: auto")
    directory.write("prompts/profiles/usual.yaml", SOON)
    found = told(capsys, tmp_path)
    assert found["bill"]["live_characters_per_call"] > 0
    assert (found["turns"][0]["strategy"], found["turns"][0]["fits"]) == (
        "clip then auto",
        "Pre-gen phrases + stream dynamic parts",
    )
    assert 0 < found["turns"][0]["values"][0]["from_fragments"] < 1


def test_what_was_rendered_is_in_memory_and_what_changed_is_not(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    directory.write("audio/hold.wav", b"")
    mode(directory, "fragments")
    made = [name for name in directory.render(Speaker()).rendered if is_fragment(name)]
    (both,) = told(capsys, tmp_path)["read_back"]["locales"]
    assert (both["in_memory"], both["missing"], both["stale"]) == (len(made), 0, 0)
    (tmp_path / f"audio/{made[0]}.wav").unlink()
    (both,) = told(capsys, tmp_path)["read_back"]["locales"]
    assert (both["in_memory"], both["missing"], both["stale"]) == (len(made) - 1, 1, 0)
    directory.replace("prompts/ivr.yaml", "mode: fragments", "mode: stream")
    assert told(capsys, tmp_path)["read_back"]["locales"] == [both]
    directory.replace("prompts/ivr.yaml", "cover:", "voice: {speed: 1.2}\ncover:")
    (both,) = told(capsys, tmp_path)["read_back"]["locales"]
    assert (both["in_memory"], both["missing"], both["stale"]) == (0, 1, len(made) - 1)


OTHERS = {
    "es-US": "locale: es-US\nphrases:\n  sum: Tiene {amount:money}.\n  news: Dice {news:text}.\n",
    "it-IT": "locale: it-IT\nphrases:\n  sum: Ha {amount:text}.\n",
}


def test_each_locale_has_its_own_and_what_has_none_is_told(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    for locale, text in OTHERS.items():
        directory.write(f"prompts/phrases/{locale}.yaml", text)
    found = told(capsys, tmp_path)["read_back"]
    kinds = {(each["locale"], each["kind"], each["fragments"]) for each in found["kinds"]}
    assert kinds == {("en-US", "money", 122), ("en-US", "digits", 20), ("es-US", "money", 125)}
    assert [(each["locale"], each["phrase"], each["slot"], each["since"]) for each in found["live_in_every_mode"]] == [
        ("es-US", "news", "{news:text}", "kind"),
        ("it-IT", "sum", "{amount:text}", "kind"),
    ]
    said = shown(capsys, tmp_path)
    told_so = (
        "note: said live in every mode, since no fragments can say them: {news:text} of news, {amount:text} of sum"
    )
    assert told_so in said
    assert any(line.endswith("IVR_READBACK_MODE=auto ivr plan tells the rest") for line in said)  # not of texts
    mode(directory, "auto", ", stream: [code]")
    found = told(capsys, tmp_path)["read_back"]
    assert {each["kind"] for each in found["kinds"]} == {"money"}
    assert ("code", "readback.stream") in {(each["phrase"], each["since"]) for each in found["live_in_every_mode"]}
    assert "note: said live in every mode, as readback.stream says: {typed:digits} of code" in shown(capsys, tmp_path)


def test_only_some_phrases_need_what_they_say_themselves(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    assert counts(told(capsys, tmp_path, "--only", "code")) == {"digits": DIGITS}
    directory.write("prompts/phrases/en-US.yaml", (tmp_path / "prompts/phrases/en-US.yaml").read_text().replace(
        "  bare:", '  early: "{amount:money} is what you have."\n  bare:'))  # fmt: skip
    (early,) = told(capsys, tmp_path, "--only", "early")["read_back"]["kinds"]
    assert early["fragments"] < MONEY[0]  # none that ends a sentence
    nothing = told(capsys, tmp_path, "--only", "hello")
    assert (nothing["read_back"]["kinds"], nothing["bill"]["live_characters_per_call"]) == ([], 0)
    assert not any("ragments" in line for line in shown(capsys, tmp_path, "--only", "hello"))


def test_what_cannot_be_made_is_told_before_the_mode_is_chosen(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    directory.replace("prompts/ivr.yaml", "cover:", "voice: {most: 20}\ncover:")
    (both,) = told(capsys, tmp_path)["read_back"]["locales"]
    assert both["render"]["characters"] < both["whole"]["characters"]
    said = shown(capsys, tmp_path)
    assert any(line.startswith("note: a fragment cannot be made: ") and "20 characters" in line for line in said)


def test_a_value_that_nothing_may_say_is_told_before_any_plan(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    directory.write("prompts/phrases/it-IT.yaml", OTHERS["it-IT"])
    mode(directory, "fragments")
    assert main(["plan", str(tmp_path)]) == 2
    assert "fragments cannot say it, and nothing else may" in capsys.readouterr().err


def test_the_starter_in_auto_for_people(tmp_path, capsys, monkeypatch):
    copy_starter(tmp_path / "bank")
    monkeypatch.setenv("IVR_READBACK_MODE", "auto")
    said = shown(capsys, tmp_path / "bank")
    assert any(line.startswith("state slot chars") and line.endswith("covered fragments") for line in said)
    assert "Fragments of values, for those that are not live in time" in said
    assert "balance clip then auto 50 37 0.33" in said
    directory = Directory(tmp_path / "bank")
    directory.replace("prompts/phrases/en-US.yaml", "{amount:money}", "some money")
    assert not any("ragments" in line for line in shown(capsys, tmp_path / "bank"))


def test_a_fragment_that_was_damaged_is_stale_and_one_that_cannot_be_made_is_told_apart(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    directory.write("audio/hold.wav", b"")
    mode(directory, "fragments")
    speaker = Speaker(mute=True)
    speaker.odd["Now, six - then."] = "Now six - then."
    made = [name for name in directory.render(speaker).rendered if is_fragment(name)]
    (note,) = [line for line in shown(capsys, tmp_path) if "fragment is not there" in line]
    assert note.endswith(" in which it is (the bill says why none of them can be made)")
    directory.write(f"audio/{made[0]}.wav", b"x")
    directory.write(f"audio/{made[1]}.wav", b"ID3\x04" * 100)
    (both,) = told(capsys, tmp_path)["read_back"]["locales"]
    assert (both["in_memory"], both["missing"], both["stale"]) == (len(made) - 2, 1, 2)
    (note,) = [line for line in shown(capsys, tmp_path) if "fragments are not there" in line]
    assert note.startswith("note: 3 fragments are not there: the plan is that of a project in which they are ")
    assert note.endswith("(run ivr render for all but 2, of which the bill says why they cannot be made)")


def test_where_no_fragment_can_be_cut_none_is_said_to_be_there(tmp_path, capsys):
    directory = project(tmp_path, DIALOG, PRICED)
    directory.write("audio/hold.wav", b"")
    mode(directory, "fragments")
    speaker = Speaker(mute=True)
    speaker.manner = RUNNING
    directory.render(speaker)
    directory.replace("prompts/ivr.yaml", "mode: fragments", "mode: stream")
    (note,) = [line for line in shown(capsys, tmp_path) if line.startswith("note: with fragments")]
    assert "of which cannot be made, take the place of" in note and "all there" not in note
