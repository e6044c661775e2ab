import pytest

from ivr.dialog.checks import conditions_of
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.ways import By, ways
from ivr.dialog.web import Env
from ivr.dialog.web_step import lookups_over_http

FILE = """\
dialog: d
start: a
states:
  a:
    lookup:
      put: "https://api.example.com/accounts/{account}/{call.caller}"
      headers: {X-Api-Key: "{env:BANK_KEY}", X-Branch: "7"}
      query: {since: now.date}
      body: {amount: amount, list: [account, {deep: "1"}]}
      as: found
      json: "$.a['b'][0]"
      timeout: 3s
      retries: 2
      on: {404: b, 5xx: c}
      failed: c
      private: no
    goto: b
  b: {hang_up: yes}
  c: {hang_up: yes}
"""


def test_a_file_becomes_a_step():
    dialog, problems = read_dialog(FILE, "d.yaml")
    assert dialog is not None, problems
    state = dialog.table.states["a"]
    step = state.lookup
    assert step is not None and step.http is not None
    assert step.run == "PUT https://api.example.com/accounts/{account}/{call.caller}"
    assert (step.timeout, step.private, step.on) == (3.0, False, {"404": "b", "5xx": "c"})
    assert step.http.headers == {"X-Api-Key": Env("BANK_KEY"), "X-Branch": "7"}
    assert step.http.slots.keys() == {"account", "call.caller"} and step.http.retries == 2
    expressions = {condition.source: path for path, condition in conditions_of(state)}
    assert expressions["now.date"] == ("states", "a", "lookup", "query", "since")
    assert expressions["1"] == ("states", "a", "lookup", "body", "list", 1, "deep")
    assert lookups_over_http({"d": dialog.table}) == {step.run}
    led = {way.label: way.target.state for way in ways(state, dialog.table, Repertoire()) if way.by is By.LOOKUP_FAILED}
    assert led == {"404": "b", "5xx": "c", "1": "c"}


def problems_of(lookup: str) -> list[str]:
    file = f"dialog: d\nstart: a\nstates:\n  a:\n    lookup: {lookup}\n    goto: a\n"
    return [str(problem) for problem in read_dialog(file, "d.yaml")[1]]


@pytest.mark.parametrize(
    ("lookup", "said"),
    [
        ("{get: 'https://{host}/a', as: x}", "5:19: the url is not http(s)://host[:port]/path"),
        ("{get: 'https://h/{a +}', as: x}", "the expression ends too early"),
        ("{get: 'https://h/', post: 'https://h/', as: x}", "the lookup has both get and post"),
        ("{get: 'https://h/', body: {a: '1'}, as: x}", "a get has no body"),
        ("{get: 'https://h/'}", "'as' is missing"),
        ("{as: x}", "'run' is missing"),
        ("{get: 'https://h/', as: x, run: a.b}", "'run' does not go with what stands beside it, remove it"),
        ("{get: 'https://h/', as: x, with: {a: '1'}}", "'with' does not go with what stands beside it"),
        ("{get: 'https://h/', as: x, headers: {Authorization: Bearer abc}}", "a secret stands in the file"),
        ("{get: 'https://h/', as: x, headers: {X: '{env:IVR_VOICE_API_KEY}'}}", "is not sent to anybody"),
        ("{get: 'https://h/', as: x, headers: {X: '{account}'}}", "has braces, a header takes {env:NAME}"),
        ("{get: 'https://h/', as: x, headers: {X: '{env:A}{env:B}'}}", "has two secrets"),
        ("{get: 'https://h/', as: x, headers: {Host: other}}", "the header 'Host' is set by the runtime"),
        ("{get: 'https://h/', as: x, headers: {'X Y': other}}", "is no name of a header"),
        ("{get: 'http://h/', as: x, headers: {X: '{env:A}'}}", "a secret would be sent in the clear"),
        ("{get: 'https://h/', as: x, json: balance}", "'balance' is no place in JSON"),
        ("{get: 'https://h/', as: x, on: {40: a}}", "'40' is no status of an answer"),
        ("{get: 'https://h/', as: x, on: {404: z}}", "no state 'z'"),
        ("{get: 'https://h/', as: x, retries: 9}", "'retries' is '9', give at most 5"),
        ("{get: 'https://h/', as: x, query: {a: 'b ='}}", "CEL"),
        ("{post: 'https://h/', as: x, body: {a: {b: 'c ='}}}", "5:58: '=' means nothing in CEL, compare with =="),
        ("{post: 'https://h/', as: x, body: {a: {b: }}}", "5:52: a value in the body is empty"),
        ("{gett: 'https://h/', as: x}", "unknown key 'gett'"),
    ],
)
def test_mistakes_are_told(lookup, said):
    told = problems_of(lookup)
    assert any(said in problem for problem in told), told
    assert all(problem.startswith("d.yaml:5:") for problem in told)


def test_a_secret_may_go_to_this_machine_in_the_clear():
    assert problems_of("{get: 'http://127.0.0.1:8000/a', as: x, headers: {X: 'Key {env:A}'}}") == []
