import asyncio
import json
import re
import subprocess
import sys

import pytest

from ivr.cli import render as render_command
from ivr.cli import say as say_command
from ivr.cli.main import COMMANDS, main, parser
from ivr.errors import MissingExtra, SpeechRefused


@pytest.fixture
def spoken(voice, monkeypatch):
    monkeypatch.setattr(render_command, "open_voice", lambda **options: voice)
    return voice


def test_help_names_every_command_and_imports_none(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(re.search(rf"^    {name} ", said, re.MULTILINE) for name, *_ in COMMANDS)
    loaded = (
        "import sys, ivr.cli.main as m; m.parser(['--help']); print(sorted(n for n in sys.modules if n[:4] == 'ivr.'))"
    )
    names = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert names.strip() == "['ivr.cli', 'ivr.cli.collector', 'ivr.cli.main', 'ivr.errors']"


@pytest.mark.parametrize("name", [name for name, *_ in COMMANDS])
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: ivr {name}")


@pytest.mark.parametrize("words", [[], ["nonsense"], ["render", "--nonsense"], ["init"]])
def test_wrong_words_are_refused_with_the_usage(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: ivr" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["serve", "--bogus"], "ivr serve"),
        (["check", "one", "two"], "ivr check"),
        (["demo", "--fault", "burn"], "ivr demo"),
        (["--bogus", "check"], "ivr"),
        (["nonsense"], "ivr"),
    ],
)
def test_the_usage_is_that_of_the_command_which_was_called_wrongly(words, command, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert re.match(rf"usage: {command} (\[-h\]|COMMAND)", said)
    assert f"\n{command}: error: " in said
    assert said.endswith(f"(see `{command} --help`)\n")


def test_the_command_may_stand_behind_options():
    assert parser(["check", "--json"]).parse_args(["check", "--json"]).json is True


def test_an_error_of_ours_is_one_line_and_status_2(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ivr: ") and err.count("\n") == 1
    assert "ivr init" in err


def test_interrupting_is_status_130(little, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(render_command, "read_sources", interrupted)
    assert main(["render", str(little.root)]) == 130


def test_check_tells_every_problem(little, capsys):
    little.replace("prompts/dialogs/main.yaml", "shop.left", "shop.rigth")
    little.replace("prompts/phrases/en-US.yaml", "money", "euros")
    assert main(["check", str(little.root)]) == 1
    said = capsys.readouterr().out
    assert f"{little.root}/prompts/dialogs/main.yaml:5:" in said
    assert f"{little.root}/prompts/phrases/en-US.yaml:4:" in said
    assert main(["check", str(little.root), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert {problem["line"] for problem in answer["problems"]} >= {4, 5}


def test_a_project_that_is_right_is_counted(little, spoken, capsys):
    assert main(["render", str(little.root)]) == 0
    capsys.readouterr()
    assert main(["check", str(little.root)]) == 0
    assert "5 phrases, 1 states, all clips present" in capsys.readouterr().out
    assert main(["check", str(little.root), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["phrases"], answer["clips"]) == (True, 5, 6)


def test_warnings_are_told_and_are_no_failure(little, spoken, capsys):
    little.write("prompts/phrases/en-GB.yaml", "locale: en-GB\nphrases: {hello: Good day.}\n")
    assert main(["render", str(little.root)]) == 0
    capsys.readouterr()
    assert main(["check", str(little.root)]) == 0
    told = capsys.readouterr().out
    assert "en-GB.yaml:1:9: warning: en-GB has no sum, wait, sorry: they are said in en-US, add" in told
    assert main(["check", str(little.root), "--json"]) == 0
    (warning,) = json.loads(capsys.readouterr().out)["problems"]
    assert warning["severity"] == "warning" and warning["what"].startswith("en-GB has no sum")


def test_say_speaks_with_the_voice_of_a_locale(little, voice, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(say_command, "open_voice", lambda **options: voice)
    settings = "voice: {name: english, locales: {es: {name: spanish, speed: 0.8}}}\ncover: {enabled: no}\n"
    little.write("prompts/ivr.yaml", settings)
    asked = []
    synthesize = voice.synthesize

    def noted(request):
        asked.append((request.voice, request.locale, request.speed))
        return synthesize(request)

    voice.synthesize = noted
    out = str(tmp_path / "said.wav")
    for locale in ("es-US", "fr-FR"):
        assert main(["say", "Hola.", "--project", str(little.root), "--locale", locale, "--out", out]) == 0
    assert asked == [("spanish", "es", 0.8), ("english", "en-US", 1.0)]
    with pytest.raises(SystemExit):
        main(["say", "Hola.", "--locale", "Spanish!"])
    assert "is no locale" in capsys.readouterr().err


def test_render_says_what_it_did(little, spoken, capsys):
    assert main(["render", str(little.root), "--check"]) == 1
    assert "missing   hello" in capsys.readouterr().out
    assert main(["render", str(little.root), "--json", "--only", "hello"]) == 0
    assert json.loads(capsys.readouterr().out)["rendered"] == ["hello"]
    assert main(["render", str(little.root)]) == 0
    assert "4 rendered" in capsys.readouterr().out
    assert main(["render", str(little.root), "--check"]) == 0
    assert "0 to render" in capsys.readouterr().out


def test_render_fails_where_a_phrase_failed(little, spoken, capsys):
    spoken.level = 0.0
    assert main(["render", str(little.root)]) == 1
    out, err = capsys.readouterr()
    assert "en-US.yaml:3:10: 'hello' was not rendered (the voice sent nothing but silence)" in err
    assert "and 4 more for the same reason: sorry, sum, sum.2, wait" in err
    assert "0 rendered" in out


def test_what_fails_for_all_clips_alike_is_told_once(little, voice, monkeypatch, capsys):
    why = "espeak-ng has no voice 'nobody'"
    voice.fails = {text: [SpeechRefused(404, why)] for text in ("Hello.", "You have", "left.", "One moment.", "Sorry.")}
    monkeypatch.setattr(render_command, "open_voice", lambda **options: voice)
    assert main(["render", str(little.root)]) == 1
    err = capsys.readouterr().err
    assert err.count(why) == 1
    assert re.search(r"'hello' was not rendered \(the speech provider answered 404", err)


def test_render_of_a_project_whose_dialogs_are_broken_renders(little, spoken, capsys):
    little.replace("prompts/dialogs/main.yaml", "shop.left", "shop.rigth")
    assert main(["render", str(little.root)]) == 0


def test_render_of_a_project_whose_voice_is_not_known_is_status_2(little, spoken, capsys):
    little.write("prompts/ivr.yaml", "voice: {speed: fast}\n")
    assert main(["render", str(little.root)]) == 2
    assert "ivr.yaml:1:16:" in capsys.readouterr().err


def test_render_builds_all_but_what_is_wrong(little, spoken, capsys):
    little.replace("prompts/phrases/en-US.yaml", "  hello:", "  hello: Twice.\n  hello:")
    assert main(["render", str(little.root)]) == 1
    out, err = capsys.readouterr()
    assert "4 rendered" in out
    assert "en-US.yaml:4:3:" in err


def test_a_voice_that_is_not_there_is_needed_only_for_rendering(little, spoken, monkeypatch, capsys):
    def absent(**options):
        raise MissingExtra("voice", "the embedded voice")

    main(["render", str(little.root)])
    monkeypatch.setattr(render_command, "open_voice", absent)
    assert main(["render", str(little.root)]) == 0
    (little.root / "audio/hello.wav").unlink()
    assert main(["render", str(little.root), "--check"]) == 1
    assert main(["render", str(little.root)]) == 2
    assert "ivr-runtime[voice]" in capsys.readouterr().err


def test_init_makes_a_project_that_checks(tmp_path, capsys):
    target = tmp_path / "my project"
    assert main(["init", str(target)]) == 0
    said = capsys.readouterr().out
    assert "ivr render" in said and str(target / "prompts" / "ivr.yaml") in said
    assert main(["check", str(target)]) == 0
    assert main(["init", str(target)]) == 2
    assert main(["init", str(target), "--force"]) == 0


def test_the_settings_come_from_the_environment_too(little, monkeypatch, capsys):
    monkeypatch.setenv("IVR_COVER_PATIENCE", "forever")
    assert main(["check", str(little.root)]) == 1
    assert "IVR_COVER_PATIENCE" in capsys.readouterr().out


def test_the_command_runs_as_a_process(tmp_path):
    command = [sys.executable, "-m", "ivr.cli.main"]
    made = subprocess.run([*command, "init", str(tmp_path / "a")], capture_output=True, text=True, check=True)
    assert made.stderr == ""
    checked = subprocess.run([*command, "check"], cwd=tmp_path / "a", capture_output=True, text=True, check=True)
    assert checked.stdout.startswith("14 phrases, 8 states, all clips present")
    (tmp_path / "a/prompts/ivr.yaml").write_text("voice: {speed: fast}\n")
    broken = subprocess.run([*command, "check"], cwd=tmp_path / "a", capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert broken.stdout.startswith("prompts/ivr.yaml:1:16: ")
    assert broken.stderr == ""


def test_render_runs_in_the_loop_of_the_other_commands(little, spoken, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(render_command, "run_loop", lambda main: ran.append(main) or asyncio.run(main))
    assert main(["render", str(little.root)]) == 0
    assert len(ran) == 1


def test_the_command_that_a_damaged_lock_names_mends_it(little, spoken, capsys):
    assert main(["render", str(little.root)]) == 0
    lock = little.root / "audio/ivr.lock"
    lock.write_text(lock.read_text()[:100])
    for name in ("check", "render", "serve"):
        assert main([name, str(little.root)]) in (1, 2)
        said = "".join(capsys.readouterr())
        assert f"remove {lock} and run `ivr render {little.root}`" in said
    lock.unlink()
    assert main(["render", str(little.root)]) == 0
    assert "0 rendered" in capsys.readouterr().out
    assert main(["check", str(little.root)]) == 0
