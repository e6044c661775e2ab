from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.dialog.calendar import Calendar, Span, hours, moment
from ivr.dialog.cel_core import cel
from ivr.dialog.conditions import FUNCTIONS, compile_condition, evaluate, fault, names
from ivr.dialog.expression_faults import CONVERSIONS, FACTS, METHODS
from ivr.dialog.line import Line
from ivr.dialog.table import Condition
from ivr.errors import ConditionError
from ivr.media.private import Private

WHERE = "main.yaml:7:13"


def value(source: str, **variables: Any) -> Any:
    return evaluate(Condition(source, WHERE), variables)


def refused(source: str, **variables: Any) -> str:
    with pytest.raises(ConditionError) as caught:
        value(source, **variables)
    return str(caught.value)


@pytest.mark.parametrize("amount", [-5, -5.0, -0.01, Decimal("-0.01"), Private(Decimal(-1))])
@pytest.mark.parametrize("source", ["amount < 0", "amount < 0.0", "amount <= -0.01", "!(amount >= 0)"])
def test_numbers_compare_across_types(source: str, amount: Any) -> None:
    assert value(source, amount=amount) is True


@pytest.mark.parametrize(
    ("source", "variables", "expected"),
    [
        ("tries + 1", {"tries": 1}, 2),
        ("price * 2.0", {"price": Decimal("1.5")}, 3.0),
        ("a == 0.0", {"a": 0}, True),
        ("name == 'Ada' || known", {"name": "Ada"}, True),
        ("call.caller", {"call": Private({"caller": "+1555"})}, "+1555"),
        ("call.caller.startsWith('+1')", {"call": {"caller": Private("+1555")}}, True),
        ("'b' in names && size(names) == 2", {"names": ("a", "b")}, True),
        ("names.exists(n, n == 'a')", {"names": ["a"]}, True),
        ("has(call.language) ? call.language : 'en'", {"call": {}}, "en"),
        ("nothing == null", {"nothing": None}, True),
        ("{'a': [1, true]}", {}, {"a": [1, True]}),
        ("double(tries) + 0.5", {"tries": 1}, 1.5),
    ],
)
def test_values(source: str, variables: dict[str, Any], expected: Any) -> None:
    assert fault(source) is None
    found = value(source, **variables)
    assert found == expected
    assert type(found) is type(expected)


def test_what_is_not_read_may_be_anything() -> None:
    assert value("a == 1", a=1, running=object()) is True


@pytest.mark.parametrize(
    ("source", "variables", "said"),
    [
        ("tries + 1", {}, "'tries' has no value, set it or look it up before"),
        ("tries + 1", {"tries": "x"}, "the types do not fit ('tries' is a text), convert with int(), double() or"),
        ("amount < 0.0", {"amount": None}, "the types do not fit ('amount' is nothing)"),
        ("ok && true", {"ok": 1}, "the types do not fit ('ok' is a whole number)"),
        ("call.language", {"call": {}}, "a mapping has no such key ('call' is a mapping), test it with has() before"),
        ("names[3]", {"names": []}, "a list has no such entry ('names' is a list), test size() before"),
        ("1 / n", {"n": 0}, "division by zero"),
        ("n + 1", {"n": 2**63 - 1}, "larger than 64 bits"),
        ("n", {"n": 2**63}, "n is larger than 64 bits, use a text"),
        ("int(code)", {"code": "4711x"}, "a function refused its arguments ('code' is a text)"),
        ("code.matches('(')", {"code": "x"}, "a function refused its arguments"),
        ("when", {"when": object()}, "when has the type object, use a number, text, list, mapping, true or false"),
        ("when", {"when": b"x"}, "when has the type bytes"),
        ("a.b", {"a": {"b": {1j}}}, "a has the type set"),
        ("a", {"a": {(1, 2): 1}}, "a has a key that is no text"),
        ("duration('5s')", {}, "its result has the type timedelta"),
    ],
)
def test_failures(source: str, variables: dict[str, Any], said: str) -> None:
    message = refused(source, **variables)
    assert message.startswith(f"{WHERE}: '{source}'")
    assert said in message


@pytest.mark.parametrize(
    "source",
    [
        "call.parameters.anything.at_all == 1",
        "call.caller.startsWith('+1') && size(call.called) > 3 && 'call.nope' != 'matches(x)'",
        "has(call.nope) ? call.nope : 'en'",
        "l.exists(call, call.nope == 1)",
        "x.call.nope",
        "hours.any.next.days > 1 && hours.any.now.hour < 5",
        r"t.matches('^[0-9]+\\.$') && t.matches(r'\d') && t.matches(other)",
        "timestamp(now.at).getHours() == int(t)",
    ],
)
def test_what_no_call_need_break_at(source: str) -> None:
    assert fault(source) is None


def test_facts_have_the_fields_that_expressions_may_name() -> None:
    assert FACTS["call"].keys() == Line().facts.keys()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    calendar = Calendar(UTC, ((Span(0, 60),),) * 7)
    found = hours(calendar, now)
    (fields,) = FACTS["hours"].values()
    assert fields is not None and fields.keys() == found.keys() and FACTS["now"].keys() == moment(now).keys()
    for name, inner in fields.items():
        assert (set() if inner is None else inner.keys()) == (found[name].keys() if inner else set())


def test_functions_stand_where_the_library_has_them() -> None:
    values = {"t": "5", "l": ["5"], "when": "2026-01-01T00:00:00Z"}
    for name in METHODS - {"matches"}:
        whose = "timestamp(when)" if name.startswith("get") else "t"
        argument = "" if name.startswith("get") else "'5'"
        assert value(f"{whose}.{name}({argument})", **values) is not None
        assert "refused" in refused(f"{name}({whose}{argument and ', '}{argument})", **values)
    for name in CONVERSIONS:
        given = {"timestamp": "when", "duration": "'5s'"}.get(name, "t")
        assert cel.compile(f"{name}({given})").execute(values) is not None
        assert "refused" in refused(f"{given}.{name}()", **values)
    assert METHODS | CONVERSIONS | {"size"} == FUNCTIONS


def test_failures_show_no_value() -> None:
    for source in ("secret + 1", "int(secret)", "{'a': 1}[secret]", "timestamp(secret)", "'x'.matches('(' + secret)"):
        assert "4711" not in refused(source, secret=Private("4711y"))


def test_a_value_within_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "nested more than 16 deep" in refused("a", a=endless)


@pytest.mark.parametrize(
    ("source", "column", "said"),
    [
        ("amount <", 9, "the expression ends too early, complete it"),
        ("", 1, "the expression is empty, write a condition such as amount < 0.0"),
        ("a and b", 3, "'and' does not belong here, write && for 'and'"),
        ("a = 1", 3, "compare with =="),
        ("not a", 5, "write ! for 'not'"),
        ("amount < lower(x)", 10, "there is no function 'lower'"),
        ("x.startswith('a')", 3, "there is no function 'startswith', did you mean 'startsWith'?"),
        ("__import__('os').system('ls')", 1, "there is no function '__import__', "),
        ("lambda: 1", 7, "':' does not belong here"),
        ("(a > 1", 7, "a ')' is missing, add it"),
        ("[1, (2]", 7, "a ')' is missing before ']', add it"),
        ("a == 'b", 6, "a text is not closed, add the closing '"),
        ("'\\q'", 1, "an escape in this text is wrong"),
        ("a ? b", 6, "the expression ends too early, complete it"),
        ("a[", 3, "the expression ends too early, complete it"),
        ("has(1)", 5, "has() takes the field of a mapping, write has(order.total)"),
        ("a.all(1, 2)", 7, "the first argument here must be a name"),
        ("if > 1", 1, "'if' is a word of CEL's own, choose another name"),
        ("a &&\n(b", 1, "a ')' is missing (line 2, column 3 of the expression), add it"),
        ("(" * 100 + "1" + ")" * 100, 97, "the expression is nested too deep, write it flatter"),
        ("9223372036854775808", 1, "this number is too large, write it with .0, or as a text"),
        ("a" * 1001, 1, "the expression has 1001 characters, keep to 1000"),
        ("call.nope == 'x'", 6, "'call' has no 'nope', it has caller, called, parameters, locale"),
        ("call.calle == 'x'", 6, "'call' has no 'calle', did you mean 'caller'?"),
        ("call.caller.x", 13, "'call.caller' is a plain value and has no 'x'"),
        ("now . houer < 5", 7, "'now' has no 'houer', did you mean 'hour'?"),
        ("hours.desk.opens", 12, "'hours.desk' has no 'opens', did you mean 'open'?"),
        ("hours.desk.closes.day == hours.desk.now.days", 41, "'hours.desk.now' has no 'days', did you mean 'day'?"),
        ("matches(t, 'a')", 1, "'matches' stands before its value, write it behind its value: x.matches(…)"),
        ("t.int() > 5", 3, "'int' stands behind its value, write it before its value: int(x)"),
        ("t.matches('(')", 11, "'(' is no pattern (unclosed group), mend it"),
    ],
)
def test_mistakes(source: str, column: int, said: str) -> None:
    problem = compile_condition(source, "main.yaml", 7, 13)
    assert problem is not None
    assert (problem.file, problem.line, problem.column) == ("main.yaml", 7, 12 + column)
    assert said in f"{problem.what}, {problem.remedy}"


def test_a_correct_expression_has_no_mistake() -> None:
    assert compile_condition("amount < 0.0", "main.yaml", 7, 13) is None


SIGNS = ["a", "b.c", "1", "2.5", "'x", "'x'", '"y"', " ", *"()[]{}:?!<,.-+*/%@#\\$&|\n"]
SIGNS += [
    "&&",
    "||",
    "==",
    "=",
    " in ",
    "has(",
    "size(",
    ".all(x,",
    " and ",
    " if ",
    "null",
    "9" * 20,
    "r'",
    "é",
    "😀",
]


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_the_functions_exist(function: str) -> None:
    arguments = {"timestamp": "'2024-01-01T00:00:00Z'", "duration": "'5s'"}.get(function, "1")
    calls = [
        f"{function}({arguments})",
        f"{function}('1')",
        f"'1'.{function}('1')",
        f"timestamp('2024-01-01T00:00:00Z').{function}()",
    ]
    assert any(_runs(f"string({call}) != ''") or _runs(f"[{call}] != []") for call in calls)


def _runs(source: str) -> bool:
    try:
        return bool(value(source))
    except ConditionError:
        return False


def test_names() -> None:
    assert names("a.b + c[d] == 1 && [1].all(x, x > e)") == {"a", "c", "d", "e"}
    assert names("'a' == 'b'") == set()


NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)


@given(NUMBERS, NUMBERS)
def test_comparison_is_that_of_numbers(a: float, b: float) -> None:
    assert value("a < b", a=a, b=b) == (a < b)
    assert value("a == b", a=a, b=b) == (a == b)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_values_go_through_unchanged(given_value: Any) -> None:
    assert value("v", v=given_value) == given_value


PIECES = st.lists(
    st.sampled_from(
        "a b call.caller + - * / % < <= == != && || ! ? : ( ) [ ] { } . , in 1 2.5 'x' true size( has(".split()
    ),
    max_size=12,
).map(" ".join)


@given(st.text(max_size=40) | PIECES)
def test_any_text_compiles_or_is_a_mistake(source: str) -> None:
    if fault(source) is None:
        try:
            value(source, a=1, b="x")
        except ConditionError as error:
            assert str(error).startswith(WHERE)


@example("has(.")
@given(st.lists(st.sampled_from(SIGNS), max_size=9).map("".join) | st.text(max_size=12))
def test_what_is_wrong_is_said_in_plain_words(source: str) -> None:
    """Nothing of the parser's own: not its classes, nor the names of its tokens."""
    problem = compile_condition(source, "main.yaml", 1, 1)
    if problem is not None:
        said = problem.what.replace(source, "") if len(source) > 2 else ""
        assert not {*"ERROR EOF Context ParseError IDENTIFIER recognition input expecting Failed".split()} & {
            *said.split()
        }
        assert 1 <= problem.column <= len(source) + 1 and problem.remedy
