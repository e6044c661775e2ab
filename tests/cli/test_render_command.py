"""`ivr render` and `ivr gc` as commands: what they print, in which channel, with which status."""

import io
import json
import re
import sys

import numpy as np
import pytest
from pregen.reading import Speaker, reads_back

from ivr.cli import render as render_command
from ivr.cli.main import main
from ivr.cli.render_bar import LINE_EVERY, Lines, bar, clock, left, paid
from ivr.errors import MissingExtra, SpeechRefused
from ivr.media.wave import write_wav
from ivr.pregen.progress import Progress
from ivr.project.settings.prices import Price
from ivr.testing.voices import babble

PRICES = "project: Little\nprices: {espeak-ng: {price: 0.03, per: 1000}}"
SPANISH = "locale: es-US\nphrases:\n  hello: Hola.\n"
CHARACTERS = sum(map(len, ("Hello.", "You have,", "left.", "One moment.", "Sorry.")))


@pytest.fixture(autouse=True)
def caches(tmp_path_factory, monkeypatch):
    """What builds remember of files stays among the files of these tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "caches"))


@pytest.fixture
def spoken(voice, monkeypatch):
    monkeypatch.setattr(render_command, "open_voice", lambda **options: voice)
    return voice


def told(capsys, *words, status=0):
    assert main([*map(str, words)]) == status
    return capsys.readouterr()


def test_a_dry_run_tells_what_would_be_made_from_what_and_for_how_much(little, spoken, capsys):
    little.replace("prompts/ivr.yaml", "project: Little", PRICES)
    before = little.audio()
    out, err = told(capsys, "render", little.root, "--dry-run")
    assert "missing   hello: 6 characters by en-us: “Hello.”" in out.splitlines()
    assert out.splitlines()[-1].startswith(
        f"5 would be rendered by espeak-ng/1.52 ({CHARACTERS} characters, 0.0011 USD)"
    )
    assert err == ""
    assert little.audio() == before
    assert not spoken.asked


def test_the_last_line_tells_characters_and_money(little, spoken, capsys):
    little.replace("prompts/ivr.yaml", "project: Little", PRICES)
    out, _ = told(capsys, "render", little.root)
    assert out.splitlines()[-1] == f"5 rendered ({CHARACTERS} characters, 0.0011 USD), 0 unchanged, 0 failed"
    out, _ = told(capsys, "render", little.root)
    assert out.splitlines()[-1] == "0 rendered (0 characters), 6 unchanged, 0 failed"


def test_what_there_is_is_told_in_order(little, spoken, capsys):
    for locale in ("es-US", "xq-ZZ", "de-DE"):
        little.write(f"prompts/phrases/{locale}.yaml", f"locale: {locale}\nphrases:\n  hello: Hola.\n")
    _, err = told(capsys, "render", little.root, "--locale", "ja-JP", status=2)
    assert "there is de-DE, en-US, es-US, xq-ZZ" in err


def test_settings_that_are_wrong_make_no_clip_fail(little, spoken, capsys):
    little.replace("prompts/ivr.yaml", "project: Little", "project: Little\nprices: {espeak: {price: 0.03}}")
    out, err = told(capsys, "render", little.root, "--dry-run")
    assert out.endswith(", 0 unchanged, 0 cannot be made\n")
    assert "ivr.yaml:2:" in err
    out, _ = told(capsys, "render", little.root, status=1)
    assert out.endswith(", 0 unchanged, 0 failed\n")


def test_a_price_that_nobody_said_is_not_nought(little, voice, capsys, monkeypatch):
    voice.name = "http:voice.example.com"
    little.replace("prompts/ivr.yaml", "project: Little", "voice: {provider: http, url: 'https://voice.example.com'}")
    monkeypatch.setattr(render_command, "open_voice", lambda **options: voice)
    out, _ = told(capsys, "render", little.root, "--dry-run")
    assert "price unknown: add prices: {http:voice.example.com: …} to prompts/ivr.yaml" in out
    out, _ = told(capsys, "render", little.root, "--json")
    assert json.loads(out)["cost"] is None


def test_the_report_as_json_is_whole(little, spoken, capsys):
    spoken.fails = {"Sorry.": [SpeechRefused(400, "rude")]}
    out, err = told(capsys, "render", little.root, "--json", status=1)
    report = json.loads(out)
    assert err == ""
    assert (report["ok"], report["provider"]) == (False, "espeak-ng/1.52")
    assert report["rendered"] == ["hello", "sum", "sum.2", "wait"]
    assert report["characters"] == CHARACTERS - len("Sorry.")
    assert report["requests"] == 5
    assert report["cost"] == {"amount": "0", "shown": "0.00", "currency": "USD"}
    assert report["failed"]["sorry"]["line"] == 6
    assert "change the words" in report["failed"]["sorry"]["remedy"]
    planned = {one["clip"]: one for one in report["planned"]}
    assert planned["hello"] == {
        "clip": "hello",
        "phrase": "hello",
        "locale": "en-US",
        "text": "Hello.",
        "file": "hello.wav",
        "state": "missing",
        "voice": "en-us",
        "recording": "",
        "twin": "",
        "characters": 6,
    }


def test_a_locale_and_a_voice_are_chosen(little, spoken, capsys):
    little.write("prompts/phrases/es-US.yaml", SPANISH)
    little.replace("prompts/ivr.yaml", "project: Little", "voice: {name: en-us, locales: {es-US: {name: es-419}}}")
    out, _ = told(capsys, "render", little.root, "--locale", "es-US")
    assert out.splitlines()[0] == "rendered  es-US/hello"
    assert spoken.asked.total() == 1
    told(capsys, "render", little.root, "--voice", "en-us", "--only", "s*")
    assert set(spoken.asked) == {"Hola.", "Sorry.", "You have,", "left."}
    _, err = told(capsys, "render", little.root, "--voice", "en-uk", status=2)
    assert "did you mean 'en-us'?" in err
    _, err = told(capsys, "render", little.root, "--locale", "fr-FR", status=2)
    assert "no clip is of locale 'fr-FR'" in err


@pytest.mark.parametrize("words", [["--concurrency", "0"], ["--concurrency", "65"], ["--check", "--dry-run"]])
def test_wrong_words_are_refused(little, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["render", str(little.root), *words])
    assert ended.value.code == 2
    assert "ivr render: error: " in capsys.readouterr().err


def test_so_many_are_asked_at_once(little, spoken, capsys):
    told(capsys, "render", little.root, "--concurrency", "1")
    assert spoken.most == 1
    for name in ("hello", "sorry", "wait"):
        (little.root / f"audio/{name}.wav").unlink()
    little.replace("prompts/ivr.yaml", "project: Little", "voice: {at_once: 2}")
    told(capsys, "render", little.root)
    assert spoken.most == 2


def test_check_tells_orphans_and_what_nobody_says(little, spoken, capsys):
    told(capsys, "render", little.root)
    told(capsys, "render", little.root, "--check")
    little.replace("prompts/dialogs/main.yaml", "[hello, sum]", "[hello]")
    out, _ = told(capsys, "render", little.root, "--check", status=1)
    assert re.search(r"^unsaid    \S+en-US\.yaml:4:3: nobody says 'sum'", out, re.M)
    assert out.splitlines()[-1] == "6 clips right, 0 to render (0 characters), 1 unsaid"
    little.replace("prompts/phrases/en-US.yaml", "  sum: You have {amount:money} left.\n", "")
    out, _ = told(capsys, "render", little.root, "--check", status=1)
    assert f"orphaned  {little.root}/audio/sum.wav (no phrase uses it; `ivr gc {little.root}` removes it)" in out
    assert out.splitlines()[-1] == "4 clips right, 0 to render (0 characters), 2 orphaned"
    told(capsys, "render", little.root)
    told(capsys, "gc", little.root)
    told(capsys, "render", little.root, "--check")


def test_an_orphan_that_gc_leaves_is_told_so(little, spoken, capsys):
    told(capsys, "render", little.root)
    little.replace("prompts/phrases/en-US.yaml", "  sum: You have {amount:money} left.\n", "")
    clip = little.root / "audio/sum.wav"
    clip.write_bytes(clip.read_bytes()[:-2] + b"\1\1")
    out, _ = told(capsys, "render", little.root)
    leaves = f"`ivr gc {little.root}` leaves it: it is not as a build made it"
    assert f"orphaned  {clip} (no phrase uses it; {leaves})" in out
    assert json.loads(told(capsys, "render", little.root, "--json").out)["left"] == {
        "sum.wav": "it is not as a build made it"
    }
    told(capsys, "gc", little.root)
    assert "orphaned" not in told(capsys, "render", little.root).out


def test_many_orphans_share_a_line(little, spoken, capsys):
    few = "".join(f"  word_{number:02}: Number {number}.\n" for number in range(12))
    little.replace("prompts/phrases/en-US.yaml", "  wait:", f"{few}  wait:")
    told(capsys, "render", little.root)
    little.replace("prompts/phrases/en-US.yaml", few, "")
    out, _ = told(capsys, "render", little.root)
    (line,) = [line for line in out.splitlines() if line.startswith("orphaned")]
    gc = f"`ivr gc {little.root}` removes them"
    names = ", ".join(f"word_{number:02}.wav" for number in range(10))
    assert line == f"orphaned  12 clips below {little.root}/audio (no phrase uses them; {gc}): {names} …"


def test_orphaned_fragments_share_a_line_as_those_that_are_missing_do(little, monkeypatch, capsys):
    monkeypatch.setattr(render_command, "open_voice", lambda **options: Speaker())
    reads_back(little)
    told(capsys, "render", little.root)
    little.replace("prompts/ivr.yaml", "mode: fragments", "mode: stream")
    for digit in ("one", "two", "three"):
        clip = little.root / f"audio/fragments/en-US/{digit}.wav"
        clip.write_bytes(clip.read_bytes()[:-2] + b"\1\1")
    out, _ = told(capsys, "render", little.root, "--check", status=1)
    going, staying = sorted(line for line in out.splitlines() if line.startswith("orphaned"))[::-1]
    gc = f"`ivr gc {little.root}`"
    assert going.startswith(
        f"orphaned  7 fragments of en-US below {little.root}/audio (no phrase uses them; {gc} removes them): "
    )
    names = ", ".join(f"fragments/en-US/{digit}.wav" for digit in ("one", "three", "two"))
    assert staying == (
        f"orphaned  3 fragments of en-US below {little.root}/audio (no phrase uses them; {gc} leaves them: they are"
        f" not as a build made them): {names}"
    )


def test_texts_that_are_too_long_share_two_lines(little, spoken, capsys):
    long = "".join(f"  long_{number}: {'a ' * (5001 + number)}b\n" for number in range(12))
    little.replace("prompts/phrases/en-US.yaml", "  wait:", f"{long}  wait:")
    out, err = told(capsys, "render", little.root, status=1)
    first, more = err.splitlines()
    assert first.startswith(f"{little.root}/prompts/phrases/en-US.yaml:5:11: the text has 10,003 characters")
    assert more == "  and 11 more of this kind, in lines 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 …"
    assert out.splitlines()[-1].endswith("12 failed")
    problems = json.loads(told(capsys, "render", little.root, "--json", status=1).out)["problems"]
    assert [problem["line"] for problem in problems] == list(range(5, 17))


def test_mistakes_of_other_names_stand_by_themselves(little, spoken, capsys):
    little.replace("prompts/phrases/en-US.yaml", "  wait:", "  a1: {sond: x.wav}\n  a2: {sonud: x.wav}\n  wait:")
    _, err = told(capsys, "render", little.root, status=1)
    assert len([line for line in err.splitlines() if "unknown key" in line]) == 2


def test_fragments_that_could_not_be_cut_for_one_reason_share_two_lines(little, spoken, capsys, monkeypatch):
    voice = Speaker(mute=True)
    voice.odd = {f"Now, {word} - then.": f"Now {word} - then." for word in ("six", "seven", "two")}
    monkeypatch.setattr(render_command, "open_voice", lambda **options: voice)
    reads_back(little)
    for _ in range(2):
        _, err = told(capsys, "render", little.root, status=1)
        first, more = err.splitlines()
        assert 'fragments/en-US/seven\' could not be cut out of "Now, seven - then." (' in first
        assert more == "  and 2 more for the same reason: fragments/en-US/six, fragments/en-US/two"


def test_what_could_not_be_cut_is_tried_again_on_request(little, spoken, capsys, monkeypatch):
    voice = Speaker(mute=True)
    voice.odd["Now, six - then."] = "Now six - then."
    monkeypatch.setattr(render_command, "open_voice", lambda **options: voice)
    reads_back(little)
    told(capsys, "render", little.root, status=1)
    asked = voice.asked.copy()
    _, err = told(capsys, "render", little.root, status=1)
    assert f"or have it tried once more: `ivr render {little.root} --again`" in err
    assert voice.asked == asked
    voice.odd.clear()
    out, _ = told(capsys, "render", little.root, "--again")
    assert "rendered  fragments/en-US/six" in out


def test_check_says_so_where_dialogs_are_broken(little, spoken, capsys):
    told(capsys, "render", little.root)
    little.write("prompts/dialogs/main.yaml", "dialog: [\n")
    out, _ = told(capsys, "render", little.root, "--check", status=1)
    assert re.search(
        r"^which phrases nobody says is not known: \S+main\.yaml has mistakes: `ivr check` tells", out, re.M
    )
    out, _ = told(capsys, "render", little.root, "--check", "--json", status=1)
    assert json.loads(out)["unsure"]


def test_a_voice_that_is_not_there_is_told_before_anything_is_said_by_it(little, voice, monkeypatch, capsys):
    async def probe(request):
        if request.voice == "nobody":
            raise SpeechRefused(404, "espeak-ng has no voice 'nobody'")

    voice.probe = probe
    monkeypatch.setattr(render_command, "open_voice", lambda **options: voice)
    little.write("prompts/phrases/es-US.yaml", SPANISH + "  bye: Adiós.\n")
    little.replace("prompts/ivr.yaml", "project: Little", "voice: {locales: {es-US: {name: nobody}}}")
    out, err = told(capsys, "render", little.root, status=1)
    assert re.search(
        r"es-US\.yaml:4:8: 'es-US/bye' was not rendered \(.*no voice 'nobody'\), mend voice\.locales\.es-US", err
    )
    assert "and 1 more for the same reason: es-US/hello" in err
    assert "5 rendered" in out
    assert not {"Hola.", "Adiós."} & set(voice.asked)


def test_gc_tells_what_it_removed_and_how_many_bytes(little, spoken, capsys):
    told(capsys, "render", little.root)
    little.replace("prompts/phrases/en-US.yaml", "  sum: You have {amount:money} left.\n", "")
    sizes = {name: (little.root / f"audio/{name}").stat().st_size for name in ("sum.2.wav", "sum.wav")}
    out, err = told(capsys, "gc", little.root, "--dry-run")
    assert out.splitlines()[-1] == f"2 would be removed, {sum(sizes.values()):,} bytes"
    out, err = told(capsys, "gc", little.root)
    lines = [f"{little.root}/audio/{name} (orphaned, {size:,} bytes)" for name, size in sizes.items()]
    assert out.splitlines() == [*lines, f"2 removed, {sum(sizes.values()):,} bytes"]
    assert err == ""
    out, _ = told(capsys, "gc", little.root, "--json")
    assert json.loads(out)["removed"] == []


def test_gc_refuses_where_phrases_could_not_be_read(little, spoken, capsys):
    told(capsys, "render", little.root)
    little.replace("prompts/phrases/en-US.yaml", "money", "euros")
    before = little.audio()
    out, err = told(capsys, "gc", little.root, status=2)
    assert out == ""
    assert "not all phrases could be read, so it is not known what is needed" in err
    assert re.search(r"en-US\.yaml:4:\d+: ", err)
    assert little.audio() == before


def test_gc_of_no_project_makes_nothing(tmp_path, capsys):
    _, err = told(capsys, "gc", tmp_path, status=2)
    assert "ivr init" in err
    _, err = told(capsys, "render", tmp_path, status=2)
    assert "ivr init" in err
    assert list(tmp_path.iterdir()) == []


def take(text):
    """A recording of it, with quiet around."""
    quiet = np.zeros(11025, dtype=np.float32)
    return write_wav([np.concatenate([quiet, babble(text), quiet])], 22050)


def test_a_recording_takes_the_voices_place_and_is_accepted_with_other_words(little, spoken, capsys):
    little.write("audio/recordings/hello.wav", take("Hello."))
    out, _ = told(capsys, "render", little.root, "--dry-run")
    assert "missing   hello: from audio/recordings/hello.wav" in out.splitlines()
    out, _ = told(capsys, "render", little.root)
    assert "recorded  hello" in out.splitlines()
    assert ", 1 made from recordings, " in out
    assert spoken.asked["Hello."] == 0
    little.replace("prompts/phrases/en-US.yaml", "Hello.", "Good day.")
    _, err = told(capsys, "render", little.root, status=1)
    assert re.search(
        r"en-US\.yaml:3:10: the words of 'hello' have changed since \S+ was recorded .*--accept hello", err
    )
    told(capsys, "render", little.root, "--accept", "hello")
    told(capsys, "render", little.root, "--check")
    assert spoken.asked["Good day."] == 0
    _, err = told(capsys, "render", little.root, "--accept", "helo", status=2)
    assert "there are recordings of hello" in err


def test_recordings_are_made_where_no_voice_can_be_opened(little, voice, monkeypatch, capsys):
    def absent(**options):
        raise MissingExtra("voice", "the embedded voice")

    monkeypatch.setattr(render_command, "open_voice", absent)
    little.write("audio/recordings/hello.wav", take("Hello."))
    little.write("audio/recordings/nobody.wav", take("Who?"))
    out, err = told(capsys, "render", little.root, status=1)
    assert "recorded  hello" in out.splitlines()
    assert "'sorry' was not rendered (there is no voice), see voice" in err
    assert "nobody.wav:1:1: warning: " in err
    assert out.splitlines()[-1] == "0 rendered (0 characters), 1 made from recordings, 0 unchanged, 4 failed"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_who_watches_sees_clips_characters_money_and_what_is_waited_for(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setattr("sys.stderr", Terminal())
    with bar(Price(price="0.03", per="1000")) as tell:
        tell(Progress(30, 100, "greeting", False, 2700, 9000))
    assert re.search(r"rendering .* 30/100 2,700/9,000 characters, 0\.08/0\.27 USD \d:\d\d left greeting", _seen())
    monkeypatch.setattr("sys.stderr", Terminal())
    with bar(None) as tell:
        tell(Progress(30, 100, "greeting", False, 2700, 9000).waiting(90.0, 2700))
    assert re.search(r"price unknown too many requests, waiting 1:(30|29)", _seen())


def _seen():
    """What is on the terminal, without its codes."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sys.stderr.getvalue())


def test_a_log_has_a_line_now_and_then(little):
    now, lines = [0.0], []
    tell = Lines(Price(price="0.03", per="1000"), lines.append, lambda: now[0])
    for done in range(1, 101):
        now[0] += 1.0
        tell(Progress(done, 100, "it", False, 90 * done, 9000))
    assert len(lines) == 100 // LINE_EVERY
    assert lines[0] == "rendering: 30 of 100 clips, 2,700/9,000 characters, 0.08/0.27 USD, 1:10 left"
    tell(Progress(50, 100, "it", False, 90, 9000).waiting(42.0, 90))
    assert lines[-1] == "rendering: too many requests for the provider, waiting 0:42"


def test_what_is_told_of_time_and_money():
    assert [clock(seconds) for seconds in (-1, 7.4, 600, 3723)] == ["0:00", "0:07", "10:00", "1:02:03"]
    assert left(0, 10, 5.0) == "-:--"
    assert paid(Progress(1, 2, "it", False), None) == ""
    assert paid(Progress(1, 2, "it", False, 5, 10), None) == "5/10 characters, price unknown"


def test_fragments_that_are_missing_share_a_line(little, spoken, capsys):
    little.replace("prompts/ivr.yaml", "project: Little", "project: Little\nreadback: {mode: fragments}")
    little.replace("prompts/phrases/en-US.yaml", "{amount:money}", "{amount:digits}")
    lines = told(capsys, "render", little.root, "--check", status=1)[0].splitlines()
    fragments = [line for line in lines if "fragments/" in line]
    assert fragments == [
        "missing   10 fragments of en-US: "
        + ", ".join(f"fragments/en-US/{digit}" for digit in "eight five four nine one seven six three two zero".split())
    ]
    assert "missing   hello" in lines
    report = json.loads(told(capsys, "render", little.root, "--check", "--json", status=1)[0])
    assert len([name for name in report["missing"] if name.startswith("fragments/")]) == 10
