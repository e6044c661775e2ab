"""``transfer:`` in a dialog's file: what it becomes, what is wrong with it, where it leads."""

import pytest

from ivr.catalog.party import Allowed, Kind, Party, TransferOutcome
from ivr.catalog.phrase import Catalogue
from ivr.dialog.checks import check_against
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import Condition, Transfer
from ivr.dialog.transfer_checks import refused_transfers
from ivr.dialog.ways import By, reached, ways

FILE = """\
dialog: main
start: a
states:
  a: {transfer: %s}
  b: {hang_up: yes}
  c: {hang_up: yes}
"""


def read(transfer):
    found, problems = read_dialog(FILE % transfer, "main.yaml")
    assert problems == [], problems
    return found


def problems(transfer):
    return [str(problem) for problem in read_dialog(FILE % transfer, "main.yaml")[1]]


def exit_of(transfer):
    return read(transfer).table.states["a"].exit


def test_whom_it_calls_and_where_it_goes():
    found = exit_of("{to: +15551234, timeout: 20s, busy: b, no_answer: c, failed: b, goto: c}")
    assert found == Transfer(Party("+15551234", Kind.NUMBER), 20.0, "b", "c", "b", "c")
    assert exit_of("{to: 'sip:a@B.example'}").to == Party("sip:a@b.example", Kind.SIP)
    assert exit_of("{to: 200}") == Transfer(Party("200", Kind.EXTENSION), 30.0)


def test_an_expression_says_whom():
    to = exit_of('{to: \'vip ? "+15551234" : "200"\'}').to
    assert isinstance(to, Condition) and to.where == "main.yaml:4:22"


@pytest.mark.parametrize(
    ("transfer", "said"),
    [
        ("{to: +1555 1234}", "nobody can be called at '+1555 1234', write +15551234, sip:user@host or an extension"),
        ("{to: 'sip:a@b;x=y'}", "nobody can be called at"),
        ("{to: 'a +'}", "the expression ends too early"),
        ("{timeout: 5s}", "'to'"),
        ("{to: 200, busy: nowhere}", "no state 'nowhere'"),
        ("{to: 200, timeout: 1s}", "5 s"),
        ("{to: 200, menu: b}", "menu"),
    ],
)
def test_mistakes(transfer, said):
    (problem,) = problems(transfer)
    assert said in problem


def test_a_state_has_one_way_out():
    _, found = read_dialog(FILE.replace("{transfer: %s}", "{transfer: {to: 200}, goto: b}"), "main.yaml")
    (problem,) = found
    assert "has both" in str(problem) and "transfer" in str(problem)


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        ("", (None, None, None, None)),
        (", failed: b", (None, "b", "b", "b")),
        (", failed: b, busy: c", (None, "c", "b", "b")),
        (", goto: c, no_answer: b", ("c", None, "b", None)),
    ],
)
def test_what_is_left_out_falls_back(branches, expected):
    found = read(f"{{to: 200{branches}}}")
    transfer = found.table.states["a"].exit
    assert tuple(transfer.after(outcome) for outcome in TransferOutcome) == expected
    led = {way.label: way.target.state for way in ways(found.table.states["a"], found.table, Repertoire())}
    assert led == {outcome.value: state for outcome, state in zip(TransferOutcome, expected, strict=True)}
    assert {way.by for way in ways(found.table.states["a"], found.table, Repertoire())} == {By.TRANSFER}
    assert set(reached(found.table, Repertoire())) == {"a", *(state for state in expected if state)}


def test_a_constant_that_is_not_allowed_is_told_at_its_place():
    found = read("{to: +19005551234}")
    (problem,) = refused_transfers(found, Allowed.of(["+1*", "!+1900*"]))
    assert str(problem).startswith("main.yaml:4:22: '+19005551234' is none of those that the project may call, add it")
    assert list(refused_transfers(found, Allowed.of(["+1*"]))) == []


def test_a_project_that_allows_nobody_cannot_transfer_at_all():
    (problem,) = refused_transfers(read("{to: 'number'}"), Allowed())
    assert "transfers to nobody" in str(problem)


def test_variables_of_the_expression_must_have_a_value():
    (problem,) = check_against(read("{to: agnt}"), Catalogue("en-US", {}), [])
    assert str(problem).startswith("main.yaml:4:22: 'agnt' has no value")
