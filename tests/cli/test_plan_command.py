"""``ivr plan`` as its user runs it."""

import json
from decimal import Decimal

import numpy as np
import pytest
from directory import Directory, Voice
from planned import SETTINGS, project

from ivr.cli.main import main
from ivr.media.resample import resample
from ivr.media.wave import write_wav
from ivr.project.starter import copy_starter, starter_root
from ivr.testing.voices import babble
from ivr.trace.events import PromptSaid, SynthesisStarted
from ivr.trace.jsonl import header, line

HOSTED = """\
project: Tried
voice: {provider: http, url: 'https://api.speekoapp.com'}
cover: {filler: w, hold: w, fallback: w}
"""
PRICES = "prices:\n  http:api.speekoapp.com: {price: 0.03, per: 1000}\n"
ONE = "dialog: main\nstart: a\nstates:\n  a: {say: hello, hang_up: yes}\n"


def plan(capsys, *words):
    status = main(["plan", *map(str, words)])
    return status, capsys.readouterr()


def told(capsys, *words):
    status, said = plan(capsys, *words, "--json")
    assert (status, said.err) == (0, "")
    return json.loads(said.out)


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch):
    for name in ("IVR_VOICE_PROVIDER", "IVR_VOICE_URL", "IVR_VOICE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def library(root, texts=500, characters=9000, parts=5):
    """So many texts of so many characters, each in so many parts; half of them in British."""
    size = characters // parts
    directory = Directory(root)
    directory.write("prompts/ivr.yaml", HOSTED + PRICES)
    directory.write("audio/w.wav", (starter_root() / "audio/hold.wav").read_bytes())
    directory.write("prompts/dialogs/main.yaml", ONE.replace("hello", "t0"))
    for locale, some in (("en-US", range(0, texts, 2)), ("en-GB", range(1, texts, 2))):
        names = [f"t{text}_{number}" for text in some for number in range(parts)]
        lines = [f"  {name}: {name:a<{size - 1}}." for name in names]
        said = [f"  t{text}: {{say: [{', '.join(f't{text}_{n}' for n in range(parts))}]}}" for text in some]
        text = ["locale: " + locale, "phrases:", "  w: {sound: w.wav}", *lines, "prompts:", *said]
        directory.write(f"prompts/phrases/{locale}.yaml", "\n".join(text) + "\n")
    return directory


def test_five_hundred_texts_of_nine_thousand_characters_cost_135(tmp_path, capsys):
    bill = told(capsys, library(tmp_path).root)["bill"]
    assert bill["render"] == {"clips": 2500, "characters": 4_500_000, "money": "135.00"}
    assert bill["price"] == {"price": "0.03", "per": 1000, "currency": "USD"}
    assert bill["afterwards"] == {"characters": 0, "money": "0.00"}
    said = plan(capsys, tmp_path)[1].out
    assert "Bill, by http:api.speekoapp.com, 0.03 USD per 1,000 characters" in said
    assert "to render now: 2,500 clips, 4,500,000 characters, 135.00 USD" in said
    assert "and 2,442 more, which are heard less" in said


def test_so_do_they_where_each_is_one_phrase(tmp_path, capsys):
    directory = library(tmp_path, parts=1)
    assert told(capsys, directory.root)["bill"]["render"] == {"clips": 500, "characters": 4_500_000, "money": "135.00"}


def test_what_is_rendered_is_paid_for_once(tmp_path, capsys):
    directory = library(tmp_path, texts=3, characters=500)
    directory.render(Voice("http:api.speekoapp.com"))
    assert told(capsys, tmp_path)["bill"]["render"] == {"clips": 0, "characters": 0, "money": "0.00"}
    directory.replace("prompts/phrases/en-GB.yaml", "  t1_0: t1_0aaa", "  t1_0: t1_0bb")
    render = told(capsys, tmp_path)["bill"]["render"]
    assert (render["clips"], render["characters"], Decimal(render["money"])) == (1, 99, Decimal("0.00297"))
    assert told(capsys, tmp_path, "--only", "t2_*")["bill"]["render"]["clips"] == 0


def test_the_bill_is_what_a_build_would_ask_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("IVR_VOICE_API_KEY", "test-key")
    directory = library(tmp_path, texts=3, characters=500)
    directory.render(Voice("http:api.speekoapp.com"))
    words = f"{'t2_0':a<99}."
    directory.replace(
        "prompts/phrases/en-US.yaml", "  w:", f"  again: {words}\n  new: New words.\n  long: {'b' * 200}.\n  w:"
    )
    directory.replace("prompts/ivr.yaml", "provider: http", "provider: http, most: 150")
    bill = told(capsys, tmp_path)["bill"]
    assert (bill["render"]["clips"], bill["render"]["characters"], bill["copied"]) == (1, len("New words."), 1)
    assert [blocked.partition("prompts/phrases/")[2] for blocked in bill["blocked"]] == [
        "en-US.yaml:5:9: 'long' has more than the 150 characters that the voice takes in one request, "
        "split the phrase, which has 201, or raise voice.most in prompts/ivr.yaml"
    ]
    assert main(["render", str(tmp_path), "--dry-run", "--json"]) == 0
    foreseen = json.loads(capsys.readouterr().out)
    assert foreseen["characters"] == bill["render"]["characters"]
    assert sum(bool(one["twin"]) for one in foreseen["planned"]) == bill["copied"]
    assert len(foreseen["failed"]) == len(bill["blocked"])
    said = plan(capsys, tmp_path)[1].out
    assert "to be copied from clips of the same words: 1 clips" in said
    assert "cannot be rendered: " in said


def test_what_people_recorded_costs_nothing(tmp_path, capsys):
    directory = project(tmp_path, ONE)
    before = told(capsys, tmp_path)["bill"]
    quiet = np.zeros(8820, np.float32)
    words = resample(babble("Welcome to the bank.") * 0.3, 22050, 44100)
    directory.write("audio/recordings/hello.wav", write_wav([np.concatenate((quiet, words, quiet))], 44100))
    bill = told(capsys, tmp_path)["bill"]
    assert bill["from_recordings"] == before["from_recordings"] + 1 == 1
    assert before["render"]["characters"] - bill["render"]["characters"] == len("Welcome to the bank.")
    assert "to be made from recordings: 1 clips" in plan(capsys, tmp_path)[1].out


def test_a_price_that_nobody_said_is_not_nothing(tmp_path, capsys):
    directory = library(tmp_path, texts=2)
    directory.write("prompts/ivr.yaml", HOSTED)
    bill = told(capsys, tmp_path)["bill"]
    assert (bill["price"], bill["render"]["money"], bill["render"]["characters"]) == (None, None, 18_000)
    said = plan(capsys, tmp_path)[1].out
    assert "Bill, by http:api.speekoapp.com, whose price is not known" in said
    assert "to render now: 10 clips, 18,000 characters\n" in said
    assert "is not known, and is not nothing: add `http:api.speekoapp.com: {price: …, per: …}` below `prices:`" in said


def test_the_starters_plan_for_people(tmp_path, capsys):
    copy_starter(tmp_path / "bank")
    status, said = plan(capsys, tmp_path / "bank", "--calls", 100_000)
    assert (status, said.err) == (0, "")
    lines = {" ".join(text.split()) for text in said.out.splitlines()}
    assert "Harbour Bank, by latencies of the profile usual" in lines
    assert "welcome clip pre-gen 0 0 0 1.00" in lines
    assert "main clip pre-gen goes on 1.00" in lines
    assert "balance clip then stream 50 37 0.33" in lines
    assert any(text.startswith("in 100,000 calls: 1,211,947 characters, 0.00 USD (12.1 live") for text in lines)
    assert any(text.startswith("note: balance: 0.3 s more of fixed words") for text in lines)
    assert "and 7 more, of ladders or other locales, all from memory (--all shows them)" in lines
    assert "no_match 2" in plan(capsys, tmp_path / "bank", "--all")[1].out


def test_live_words_are_billed_by_call(tmp_path, capsys):
    dialog = ONE.replace("say: hello", "lookup: {run: bank.balance, as: amount}, say: sum")
    prices = "prices: {espeak-ng: {price: 10, per: 1000, currency: EUR}}\n"
    directory = project(tmp_path, dialog, SETTINGS + prices)
    directory.write("prompts/profiles/usual.yaml", "lookups: {bank.balance: {returns: [5]}}")
    bill = told(capsys, tmp_path, "--calls", 200)["bill"]
    words = len("five dollars.")
    assert bill["live_characters_per_call"] == words
    assert bill["afterwards"]["characters"] == 200 * words
    assert Decimal(bill["afterwards"]["money"]) == Decimal(200 * words) / 100
    assert "26.00 EUR (13.0 live characters a call" in plan(capsys, tmp_path, "--calls", 200)[1].out
    assert told(capsys, tmp_path, "--only", "hello")["bill"]["live_characters_per_call"] == 0


@pytest.fixture
def recorded(tmp_path):
    """Two calls that asked for 30 characters together, of which nobody's are private."""
    (tmp_path / "traces").mkdir()
    for number, text in enumerate(("x" * 10, "y" * 20)):
        events = [PromptSaid("u1", "sum", 1, (), 0.0), SynthesisStarted("u1.1", text, False, 1, 0.1)]
        (tmp_path / f"traces/{number}.jsonl").write_bytes(header(f"c{number}") + b"".join(map(line, events)))
    return tmp_path / "traces"


def test_traces_are_counted_in_place_of_what_is_likely(tmp_path, recorded, capsys):
    directory = project(tmp_path / "p", ONE)
    found = told(capsys, directory.root, "--traces", recorded)
    assert found["bill"]["live_characters_per_call"] == 15
    assert (found["bill"]["measured_calls"], found["bill"]["afterwards"]["characters"]) == (2, 15_000)
    assert {each["phrase"]: each["per_call"] for each in found["phrases"]}["sum"] == 1.0
    said = plan(capsys, directory.root, "--traces", recorded / "0.jsonl")[1].out
    assert (
        "in 1,000 calls: 10,000 characters, 0.00 USD (10.0 live characters a call, counted in 1 recorded calls)" in said
    )


def test_traces_that_cannot_be_read_are_told_and_the_others_counted(tmp_path, recorded, capsys):
    directory = project(tmp_path / "p", ONE)
    (recorded / "2.jsonl").write_text("no trace\n")
    status, said = plan(capsys, directory.root, "--traces", recorded, "--json")
    assert (status, json.loads(said.out)["bill"]["measured_calls"]) == (1, 2)
    assert "2.jsonl" in said.err
    assert len(json.loads(said.out)["unread"]) == 1
    for wrong in (recorded / "2.jsonl", tmp_path / "none.jsonl", tmp_path / "p"):
        status, said = plan(capsys, directory.root, "--traces", wrong)
        assert status == 2
        assert "jsonl" in said.err
        assert "Traceback" not in said.err


def test_dialogs_in_python_are_said_to_be_unknown(tmp_path, capsys):
    directory = project(tmp_path, ONE, SETTINGS + "start: talk.answer\n")
    directory.write(
        "prompts/talk.py", "async def answer(call):\n    await call.say('hello')\n    await call.dialog('main')\n"
    )
    found = told(capsys, tmp_path)
    assert found["dialogs_in_python"] == ["talk.answer"]
    assert [(each["prompt"], each["line"]) for each in found["python"]] == [("hello", 2)]
    assert (found["bill"]["live_characters_per_call"], found["bill"]["afterwards"]) == (None, None)
    assert [each["per_call"] for each in found["turns"]] == [None]
    said = plan(capsys, tmp_path)[1].out
    assert "In Python: talk.answer. When they say what, and how often, is not known" in said
    assert "talk.py:2 hello (clip)" in said
    assert "in 1,000 calls: not known; `--traces` counts" in said


def test_python_that_a_table_runs_comes_on_top(tmp_path, capsys):
    dialog = ONE.replace("say: hello, hang_up: yes", "say: menu, dialog: {run: talk.more, goto: b}")
    dialog += "  b: {say: bye, hang_up: yes}\n"
    directory = project(tmp_path, dialog)
    directory.write("prompts/talk.py", "async def more(call):\n    await call.say('hello')\n")
    found = told(capsys, tmp_path)
    assert {each["phrase"]: each["per_call"] for each in found["phrases"]} | {"bye": 1, "hello": None} == {
        each["phrase"]: each["per_call"] for each in found["phrases"]
    }
    assert "what Python says comes on top" in plan(capsys, tmp_path)[1].out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--profile", "usuall"], "no latency profile 'usuall'"),
        (["--only", "gone_*"], "no phrase matches 'gone_*'"),
        (["--traces", "nowhere"], "nowhere cannot be read"),
    ],
)
def test_what_is_asked_wrongly_is_told(tmp_path, capsys, words, said):
    status, found = plan(capsys, project(tmp_path, ONE).root, *words)
    assert status == 2
    assert said in found.err


@pytest.mark.parametrize("words", [["--calls", "0"], ["--calls", "many"], ["--json", "--all"]])
def test_wrong_words_are_refused(tmp_path, capsys, words):
    with pytest.raises(SystemExit, match="2"):
        main(["plan", str(tmp_path), *words])
    assert "ivr plan --help" in capsys.readouterr().err


def test_a_project_that_is_none_or_wrong_is_told(tmp_path, capsys):
    assert "holds no project" in plan(capsys, tmp_path)[1].err
    directory = project(tmp_path, ONE)
    (tmp_path / "prompts/dialogs/main.yaml").unlink()
    status, said = plan(capsys, tmp_path)
    assert (status, "there is no dialog 'main'" in said.err or "'main'" in said.err) == (2, True)
    directory.write("prompts/dialogs/main.yaml", ONE.replace("hello", "helo"))
    assert "main.yaml:4" in plan(capsys, tmp_path)[1].err
    directory.write("prompts/profiles/bad.yaml", "voice: {price: x}")
    directory.write("prompts/dialogs/main.yaml", ONE)
    assert "bad.yaml:1" in plan(capsys, tmp_path, "--profile", "bad")[1].err
