"""``ivr simulate --calls N``: what is printed and written, and the exit status."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ivr.cli.main import main
from ivr.project.starter import copy_starter


@pytest.fixture
def project(tmp_path) -> Path:
    copy_starter(tmp_path / "bank")
    return tmp_path / "bank"


def simulate(project, *options):
    return main(["simulate", str(project), "--calls", "12", *options])


def thresholds(project, *lines):
    settings = project / "prompts/ivr.yaml"
    text = settings.read_text().partition("thresholds:\n")[0]
    settings.write_text(text + "thresholds:\n" + "".join(f"  - {line}\n" for line in lines))


def test_tables_for_people_are_the_same_for_any_jobs(project, capsys):
    profile = project / "prompts/profiles/usual.yaml"
    profile.write_text(profile.read_text().replace("calls: 20", "calls: 4"))
    said = []
    for jobs in ("1", "2"):
        assert simulate(project, "--jobs", jobs, "--seed", "5") == 0
        found = capsys.readouterr()
        said.append(found.out)
        assert "times real time" in found.err
    assert said[0] == said[1]
    assert "12 calls" in said[0]
    assert "prompt balance" in said[0]
    assert "0 calls with dead air over 200 ms, 0 broken" in said[0]
    assert "kept: dead_air.max == 0: it is 0 ms" in said[0]


def test_json_differs_by_its_speed_alone(project, capsys):
    found = []
    for _ in range(2):
        assert simulate(project, "--json") == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer.pop("times_real_time") > 1
        found.append(answer)
    assert found[0] == found[1]
    values = found[0]["run"].pop("profile_values")
    assert values["voice.first_audio"].startswith("LogNormal") and "lookups.bank.balance" in values
    assert found[0]["run"] == {
        "project": "Harbour Bank",
        "calls": 12,
        "seed": 0,
        "profile": "",
        "gateway": "",
        "mix": ["chance=1"],
        "covers": True,
    }
    assert found[0]["thresholds"][0]["holds"] is True


def test_a_threshold_that_is_not_kept_fails_the_build_and_stands_in_junit(project, tmp_path, capsys):
    thresholds(project, "ttfa.p95 <= 300ms", "characters.max == 0")
    assert simulate(project, "--junit", str(tmp_path / "ivr.xml")) == 1
    assert "NOT KEPT: characters.max == 0: it is" in capsys.readouterr().out
    suite = ElementTree.parse(tmp_path / "ivr.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")


def test_what_moved_against_a_baseline_is_told_with_its_reason(project, tmp_path, capsys):
    stored = str(tmp_path / "baseline.json")
    assert simulate(project, "--write-baseline", stored) == 0
    assert simulate(project, "--baseline", stored) == 0
    assert "worse" not in capsys.readouterr().out
    settings = project / "prompts/profiles/usual.yaml"
    settings.write_text(settings.read_text().replace("{lognormal: 700ms, p95: 2500ms}", "6s"))
    assert simulate(project, "--baseline", stored) == 1
    said = capsys.readouterr().out
    assert "worse: balance: late p95 +" in said
    assert "the lookup bank.balance takes" in said or "it is voiced by" in said
    assert "preamble" not in said
    assert "the baseline was made with another lookups.bank.balance of the profile: what moved may come" in said


def test_another_projects_baseline_is_refused_before_any_call_is_made(project, tmp_path, capsys):
    stored = str(tmp_path / "baseline.json")
    assert simulate(project, "--write-baseline", stored) == 0
    settings = project / "prompts/ivr.yaml"
    settings.write_text(settings.read_text().replace("project: ", "project: Other "))
    capsys.readouterr()
    assert simulate(project, "--baseline", stored) == 2
    found = capsys.readouterr()
    assert found.out == "" and "the baseline is of the project" in found.err


def test_one_call_again_with_its_trace(project, tmp_path, capsys):
    assert simulate(project, "--only", "7", "--trace", str(tmp_path / "call.jsonl")) == 0
    assert capsys.readouterr().out.startswith("1 call, ")
    lines = [json.loads(line) for line in (tmp_path / "call.jsonl").read_text().splitlines()]
    assert lines[0]["call"] == "call-7"
    assert lines[-1]["event"] == "CallEnded"


def test_without_covers_silence_is_heard_and_named_with_the_command_that_makes_it_again(project, capsys):
    profile = project / "prompts/profiles/usual.yaml"
    profile.write_text(profile.read_text().replace("{lognormal: 700ms, p95: 2500ms}", "6s"))
    thresholds(project, "dead_air.max == 0")
    assert simulate(project) == 0
    capsys.readouterr()
    assert simulate(project, "--no-covers") == 1
    said = capsys.readouterr().out
    assert "s of dead air at" in said
    assert f"one of them again: ivr simulate {project} --calls 12 --no-covers --only N" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--trace", "x"], "--trace needs --only"),
        (["--only", "3", "--baseline", "x"], "--baseline is about all calls: leave out --only 3"),
        (["--only", "3", "--write-baseline", "x"], "--write-baseline is about all calls: leave out --only 3"),
        (["--only", "3", "--junit", "no/such/directory/x.xml"], "name another --junit"),
        (["--only", "13"], "this run has calls 1 to 12"),
        (["--profile", "usaul"], "did you mean 'usual'"),
        (["--mix", "nobody=1"], "there is no scenario 'nobody'"),
        (["--baseline", "none.json"], "there is no such file"),
        (["--junit", "no/such/directory/x.xml"], "name another --junit"),
    ],
)
def test_what_cannot_be_done_is_told(project, capsys, options, said):
    assert simulate(project, *options) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--jobs", "0"], ["--seed", "-1"], ["--mix", "a=b"], ["--calls", "many"]])
def test_arguments_that_are_none_are_refused(project, capsys, options):
    with pytest.raises(SystemExit):
        simulate(project, *options)
    assert "write" in capsys.readouterr().err


def test_words_taken_from_the_preamble_are_found_as_the_reason(project, tmp_path, capsys):
    stored = str(tmp_path / "baseline.json")
    assert simulate(project, "--calls", "60", "--write-baseline", stored) == 0
    phrases = project / "prompts/phrases/en-US.yaml"
    phrases.write_text(phrases.read_text().replace("Thank you. The current balance of your account is", "You have"))
    assert main(["render", str(project)]) == 0
    capsys.readouterr()
    assert simulate(project, "--calls", "60", "--baseline", stored) == 1
    worse = [line for line in capsys.readouterr().out.splitlines() if line.startswith("worse: balance: late p95 +")]
    assert len(worse) == 1
    assert ", because its preamble lost 2." in worse[0]


def test_one_call_again_stands_in_junit_by_itself(project, tmp_path, capsys):
    profile = project / "prompts/profiles/usual.yaml"
    profile.write_text(profile.read_text().replace("{lognormal: 700ms, p95: 2500ms}", "6s"))
    simulate(project, "--no-covers", "--json")
    quiet = json.loads(capsys.readouterr().out)["report"]["dead_air"]["found"][0]["call"]
    for options, status in (((), 0), (("--no-covers",), 1)):
        file = tmp_path / "one.xml"
        assert simulate(project, "--only", str(quiet), "--junit", str(file), *options) == status
        (case,) = ElementTree.parse(file).iter("testcase")
        assert case.get("name") == f"call {quiet}" and (case.find("failure") is not None) == bool(status)


def test_a_prompt_that_no_call_says_any_more_is_noted_against_a_baseline(project, tmp_path, capsys):
    file = tmp_path / "b.json"
    assert simulate(project, "--write-baseline", str(file)) == 0
    stored = json.loads(file.read_text())
    stored["report"]["prompts"]["farewell_of_old"] = stored["report"]["prompts"]["balance"]
    file.write_text(json.dumps(stored))
    capsys.readouterr()
    assert simulate(project, "--baseline", str(file)) == 0
    assert "note: the baseline has figures of prompts that no call said now: farewell_of_old" in capsys.readouterr().out
