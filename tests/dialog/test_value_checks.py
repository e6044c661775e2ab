import pytest

from ivr.catalog.phrases_file import read_phrases
from ivr.dialog.checks import check_against
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.value_checks import check_values

PHRASES = """\
locale: en-US
phrases:
  balance: You have {amount:money}.
  spelled: You have {amount:text}.
  last: It ends in {account:digits}.
  due: It is due {due:time}, code {account:code}.
"""
VARIABLES = (
    "{amount: {type: money, private: yes}, tries: {type: number, start: 0}, account: digits, ok: yes_no, l: list, "
    "due: date}"
)


def found(states: str, variables: str = VARIABLES, *others: str, given=()) -> list[str]:
    catalogue, _ = read_phrases(PHRASES, "en.yaml")
    assert catalogue is not None
    dialogs = {}
    for file in (f"dialog: d\nstart: a\nvariables: {variables}\nstates:\n{states}", *others):
        dialog, problems = read_dialog(file, "d.yaml")
        assert dialog is not None, problems
        dialogs[dialog.table.name] = dialog
    return [str(problem) for problem in check_values(dialogs, ["support"], {"en-US": catalogue}, {"d": given})]


def branch(condition: str) -> str:
    return f'  a: {{branch: [{{if: "{condition}", goto: a}}, {{goto: a}}]}}\n'


@pytest.mark.parametrize(
    "states",
    [
        "  a: {set: {tries: tries + 1, ok: amount < 0, amount: amount - 5.0}, say: [balance, last], goto: a}\n",
        "  a: {collect: {as: account, digits: 4, goto: a}}\n",
        "  a: {collect: {as: tries, digits: 4, goto: a}}\n",
        branch("amount < 0"),
        branch("l.size() > 0"),
        branch("l[0] == 5"),
        branch("call.parameters.x == 'x'"),
        branch("hours.support.open && now.hour < 12"),
        branch("hours.support.next == null || hours.support.next.days > 1"),
        branch("tries / 0 == 1"),
        branch("account == '5' && !ok"),
    ],
)
def test_what_is_right(states):
    assert found(states) == []


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ("  a: {set: {x: '1'}, goto: a}\n", "5:13: the dialog declares no variable 'x', declare it"),
        ("  a: {set: {amont: '1'}, goto: a}\n", "declares no variable 'amont', did you mean 'amount'?"),
        ("  a: {lookup: {run: b.c, as: y}, goto: a}\n", "5:30: the dialog declares no variable 'y'"),
        ("  a: {collect: {as: z, digits: 4, goto: a}}\n", "5:21: the dialog declares no variable 'z'"),
        ("  a: {dialog: {run: d, as: z, goto: a}}\n", "5:28: the dialog declares no variable 'z'"),
        (
            "  a: {collect: {as: ok, digits: 4, goto: a}}\n",
            "5:21: keys cannot be 'yes_no', which 'ok' is declared to be",
        ),
        (
            "  a: {say: spelled, goto: a}\n",
            "'spelled' says 'amount' as text, and it is declared to be money, say it as money",
        ),
        (
            "  a: {say: due, goto: a}\n",
            "'due' says 'due' as time, and it is declared to be date, say it as date, day, text",
        ),
        (
            "  a: {set: {amount: amount - 5}, goto: a}\n",
            "5:21: the types do not fit ('amount' is money), write 5.0 for 5",
        ),
        ("  a: {set: {tries: account + 'x'}, goto: a}\n", "5:20: this never gives 'number', which 'tries' is declared"),
        ("  a: {set: {ok: tries}, goto: a}\n", "5:17: this never gives 'yes_no'"),
        (branch("account > 5"), "5:21: the types do not fit ('account' is digits)"),
        (branch("account == 5"), "'account' is declared to be digits and never equals 5, write '5'"),
        (branch("tries == '5'"), "'tries' is declared to be number and never equals '5', write 5"),
        (branch("amount == 'x'"), "'amount' is declared to be money and never equals 'x', compare it with a number"),
        (branch("ok == 'yes'"), "'ok' is declared to be yes_no and never equals 'yes', write ok or !ok"),
        (branch("tries"), "5:21: this is neither true nor false"),
        (branch("hours.suport.open"), "5:28: no calendar 'suport' in prompts/hours.yaml, did you mean 'support'?"),
        (
            "  a: {dialog: {run: d, with: {nobody: '1'}, goto: a}}\n",
            "5:31: the dialog 'd' declares no variable 'nobody'",
        ),
    ],
)
def test_what_is_known_to_go_wrong(states, said):
    assert any(said in problem for problem in found(states)), found(states)
    assert len(found(states)) == 1


ASKED = "  a: {collect: {as: n, digits: 1-3, goto: b}}\n"
NUMBER = "{tries: {type: number, start: 0}}"
HALVES = "{tries: {type: number, start: 0.5}}"
HALF = "  b: {set: {tries: tries + 0.5}, goto: a}\n"


def then(condition: str) -> str:
    return f'  b: {{branch: [{{if: "{condition}", goto: a}}, {{goto: a}}]}}\n'


@pytest.mark.parametrize(
    ("states", "variables"),
    [
        ("  a: {set: {x: nobody.knows}, goto: a}\n", "{}"),
        (ASKED + then("int(n) >= 1"), "{}"),
        (ASKED + then("n == '2' && n.size() < 3"), "{}"),
        (ASKED + then("n != '' || n > 5"), "{}"),
        (ASKED + "  b: {lookup: {run: x.y, as: n}, goto: c}\n  c: {branch: [{if: n > 5, goto: a}, {goto: a}]}\n", "{}"),
        (ASKED + "  b: {set: {n: '5'}, goto: c}\n  c: {branch: [{if: n > 5, goto: a}, {goto: a}]}\n", "{}"),
        (ASKED + "  b: {branch: [{if: 'l.exists(n, n == 2)', goto: a}, {goto: a}]}\n", "{}"),
        (ASKED + then("'n == 2' != n"), "{}"),
        (ASKED + then("n == '2' ? true : false"), "{}"),
        ("  a: {set: {tries: tries + 1}, goto: a}\n", NUMBER),
        ("  a: {set: {tries: double(tries) + 0.5}, goto: a}\n", NUMBER),
        ("  a: {set: {tries: tries / 2.0}, goto: a}\n", HALVES),
        ("  a: {set: {tries: 'tries > 10 ? 5.5 : tries'}, goto: b}\n" + HALF, NUMBER),
        ("  a: {lookup: {run: x.y, as: tries}, goto: b}\n" + HALF, NUMBER),
        ("  a: {set: {tries: 'l[0]'}, goto: b}\n" + HALF, "{tries: {type: number, start: 0}, l: list}"),
        ("  a: {set: {tries: text}, goto: b}\n" + HALF, "{tries: {type: number, start: 0}, text: text}"),
        ("  a: {set: {label: \"ok ? 'many' : 5\"}, goto: a}\n", "{label: text, ok: yes_no}"),
        ("  a: {set: {label: \"tries > 99 ? 'many' : tries\"}, goto: a}\n", "{label: text, tries: number}"),
        ("  a: {branch: [{if: hours.support.next.days > 1, goto: a}, {goto: a}]}\n", "{}"),
        ("  a: {transfer: {to: desk}}\n", "{desk: text}"),
        ("  a: {transfer: {to: tries}}\n", NUMBER),
        ("  a: {transfer: {to: \"'20' + '1'\"}}\n", "{}"),
    ],
)
def test_what_may_be_right(states, variables):
    assert found(states, variables) == []


@pytest.mark.parametrize(
    ("states", "variables", "said"),
    [
        (
            "  a: {set: {tries: tries + 1.5}, goto: a}\n",
            NUMBER,
            "5:20: the types do not fit ('tries' is a whole number), write double(tries) beside 1.5: + - * / want two",
        ),
        (
            "  a: {set: {tries: tries + 1}, goto: a}\n",
            HALVES,
            "('tries' is a number with decimals), write 1.0 for 1 beside what has decimals: + - * / want two",
        ),
        (
            "  a: {collect: {as: n, digits: 1-3, valid: n >= 1, goto: a}}\n",
            "{}",
            "5:44: the types do not fit ('n' is a text), write int(n), or declare it: 'variables: {n: number}'",
        ),
        (
            "  a: {set: {n: '1'}, goto: b}\n  b: {collect: {as: n, digits: 1-3, valid: n >= 1, goto: a}}\n",
            "{}",
            "6:44: the types do not fit ('n' is a text), write int(n)",
        ),
        (ASKED + then("n == 2"), "{}", "6:21: 'n' is a text and never equals 2, write '2'"),
        (ASKED + then("2 != n"), "{}", "6:21: 'n' is a text and never equals 2, write '2'"),
        (ASKED + then("n"), "{}", "6:21: this is neither true nor false"),
        ("  a: {set: {x: \"'a' + 1\"}, goto: a}\n", "{}", "5:16: the types do not fit (no variable is used)"),
        ("  a: {set: {x: hours.sales.open}, goto: a}\n", "{}", "5:22: no calendar 'sales' in prompts/hours.yaml"),
        ("  a: {set: {t: string(ok)}, goto: a}\n", "{t: text, ok: yes_no}", "the types do not fit ('ok' is yes_no)"),
        ("  a: {transfer: {to: 'true'}}\n", "{}", "5:22: nobody can be called at what this gives, write +15551234"),
        ("  a: {transfer: {to: \"'desk'\"}}\n", "{}", "nobody can be called at what this gives"),
        ("  a: {transfer: {to: ok}}\n", "{ok: yes_no}", "nobody can be called at what this gives"),
    ],
)
def test_what_every_call_breaks_at(states, variables, said):
    (problem,) = found(states, variables)
    assert said in problem


def test_what_others_hand_over_may_be_anything():
    states = "  a: {set: {tries: tries + 1.5}, goto: a}\n"
    assert len(found(states, NUMBER)) == 1
    assert found(states, NUMBER, given=["tries"]) == found(states, NUMBER, given=None) == []
    assert found(ASKED + then("n > 2"), "{}", given=["n"]) == found(ASKED + then("n > 2"), "{}", given=None) == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ("{a: monney}", "3:16: 'a' is 'monney', write one of 'text', 'digits'"),
        ("{a: {type: number, start: x}}", "3:16: the start value 'x' does not fit: it is to be a number"),
        ("{a: {type: yes_no, start: maybe}}", "the start value 'maybe' does not fit"),
        ("{a: {type: text, privat: yes}}", "unknown key 'privat', did you mean 'private'?"),
        ("{now: text}", "the name 'now' is taken"),
        ("{a: {private: yes}}", "'type' is missing"),
    ],
)
def test_declarations_that_are_wrong(variables, said):
    dialog, problems = read_dialog(
        f"dialog: d\nstart: a\nvariables: {variables}\nstates: {{a: {{hang_up: yes}}}}\n", "d.yaml"
    )
    assert dialog is None and any(said in str(problem) for problem in problems), [str(each) for each in problems]


def test_a_declared_variable_counts_as_provided():
    catalogue, _ = read_phrases(PHRASES, "en.yaml")
    dialog, _ = read_dialog(
        "dialog: d\nstart: a\nvariables: {amount: money}\nstates: {a: {say: balance, hang_up: yes}}\n", "d.yaml"
    )
    assert catalogue is not None and dialog is not None
    assert check_against(dialog, catalogue, []) == []
