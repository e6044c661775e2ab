"""What `ivr simulate` makes of its arguments: scenarios, exploring, or very many calls, and nothing passed over."""

from xml.etree import ElementTree as Xml

import pytest

from ivr.cli.main import main
from ivr.project.starter import starter_root

STARTER = str(starter_root())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["balance", "--calls", "3"], "the name balance is for scenarios, and this is very many calls"),
        (["--explore", "--calls", "3"], "--explore is for exploring, and this is very many calls: leave either out"),
        (["balance", "--explore"], "the name balance is for scenarios, and this is exploring: leave it out"),
        (["--explore", "--profile", "slow"], "--profile is for very many calls and scenarios, and this is exploring"),
        (["--no-covers"], "--no-covers is for very many calls, and this is scenarios"),
        (["--explore", "--seed", "3"], "--seed is for very many calls and scenarios, and this is exploring"),
        (["--calls", "3", "--listen"], "--listen is for scenarios and exploring, and this is very many calls"),
        (["--calls", "3", "--most", "9"], "--most is for exploring, and this is very many calls: add --explore"),
    ],
)
def test_what_another_kind_of_run_takes_is_refused(options, said, capsys):
    assert main(["simulate", STARTER, *options]) == 2
    assert said in capsys.readouterr().err


def test_a_name_may_stand_behind_an_option(capsys):
    assert main(["simulate", STARTER, "--gateway", "asterisk/alaw", "balance"]) == 0
    assert "balance: ok (asterisk/alaw" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["check", STARTER, "balance"])
    assert "unrecognized arguments: balance" in capsys.readouterr().err


def test_scenarios_as_test_cases_for_a_build_server(tmp_path, capsys):
    file = tmp_path / "junit.xml"
    assert main(["simulate", STARTER, "--junit", str(file)]) == 0
    suite = Xml.parse(file).getroot()[0]
    assert suite.get("tests") == "1" and suite[0].get("name") == "balance" and not len(suite[0])
    calls = tmp_path / "prompts/calls"
    assert main(["init", str(tmp_path / "project")]) == 0
    calls = tmp_path / "project/prompts/calls"
    (calls / "wrong.yaml").write_text("scenario: wrong\nsteps:\n  - hear: nobody says this\n    within: 2s\n")
    capsys.readouterr()
    assert main(["simulate", str(tmp_path / "project"), "--junit", str(file)]) == 1
    suite = Xml.parse(file).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    (failure,) = suite.findall("testcase/failure")
    assert "prompts/calls/wrong.yaml:3" in (failure.text or "")
    assert main(["simulate", STARTER, "--junit", str(tmp_path / "no/where.xml")]) == 2
