import pytest

from ivr.catalog.phrases_file import read_phrases
from ivr.dialog.checks import check_against
from ivr.dialog.dialog_file import read_dialog

PHRASES = """\
locale: en-US
phrases:
  greeting: Hello.
  balance: Your balance is {amount:money}.
  again: Again, {name}, {amount:money}.
  sorry: Sorry.
prompts:
  account: [greeting, balance]
  tapered: [[greeting], [again]]
"""
FUNCTIONS = ["bank.balance", "bank.hours"]


def checked(states: str, functions: list[str] = FUNCTIONS) -> list[str]:
    catalogue, wrong = read_phrases(PHRASES, "en.yaml")
    dialog, problems = read_dialog(f"dialog: d\nstart: a\nstates:\n{states}", "main.yaml")
    assert (wrong, problems) == ([], [])
    assert catalogue is not None and dialog is not None
    return [str(problem) for problem in check_against(dialog, catalogue, functions)]


LOOKUP = "lookup: {run: bank.balance, as: amount, with: {caller: call.caller}}"


def test_a_dialog_that_fits() -> None:
    greet = f"  a: {{say: greeting, {LOOKUP}, goto: b}}\n"
    tell = "  b: {say: [account, tapered], set: {name: '1'}, goto: a}\n"
    assert checked(greet + tell) == []


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (
            "  a: {say: greting, goto: a}\n",
            ["4:12: no prompt or phrase 'greting' for locale 'en-US', did you mean 'greeting'?"],
        ),
        (
            "  a: {say: [greeting, xyzzy], goto: a}\n",
            ["4:23: no prompt or phrase 'xyzzy' for locale 'en-US', add it under prompts/phrases/"],
        ),
        (
            "  a: {say: [balance], goto: a}\n",
            ["4:13: slot 'amount' of prompt 'balance' has no value, look it up or set it in state 'a' or before"],
        ),
        (
            "  a: {say: account, set: {amont: '1'}, goto: a}\n",
            ["4:12: slot 'amount' of prompt 'account' has no value, did you mean 'amont'?"],
        ),
        (
            f"  a: {{say: tapered, {LOOKUP}, goto: a}}\n",
            ["4:12: slot 'name' of prompt 'tapered' has no value, look it up or set it in state 'a' or before"],
        ),
        (
            "  a: {menu: {options: {1: a}, no_input: {say: sory}, no_match: {say: balance}}}\n",
            [
                "4:47: no prompt or phrase 'sory' for locale 'en-US', did you mean 'sorry'?",
                "4:70: slot 'amount' of prompt 'balance' has no value, look it up or set it in state 'a' or before",
            ],
        ),
        (
            "  a: {lookup: {run: bank.balnce, as: amount}, goto: a}\n",
            ["4:21: no function 'bank.balnce' in prompts/*.py, did you mean 'bank.balance'?"],
        ),
        (
            "  a: {lookup: {run: zoo.open, as: amount}, goto: a}\n",
            ["4:21: no function 'zoo.open' in prompts/*.py, the functions are bank.balance, bank.hours"],
        ),
        (
            "  a:\n    branch:\n      - if: 1 < amout\n        goto: a\n      - goto: b\n"
            "  b: {lookup: {run: bank.hours, as: amount, with: {x: 'then'}}, set: {t: 't + 1'}, goto: a}\n",
            [
                "6:17: 'amout' has no value, did you mean 'amount'?",
                "9:55: 'then' has no value, set it or look it up before",
            ],
        ),
    ],
)
def test_what_nobody_provides(states: str, expected: list[str]) -> None:
    assert checked(states) == [f"main.yaml:{each}" for each in expected]


def test_a_project_without_functions() -> None:
    assert checked(f"  a: {{{LOOKUP}, goto: a}}\n", []) == [
        "main.yaml:4:21: no function 'bank.balance' in prompts/*.py, write it"
    ]
