import warnings
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

from ivr.catalog.durations import Seconds, between
from ivr.catalog.source import MAX_NODES, MAX_TEXT, check, read


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    port: Annotated[int, Field(ge=1, le=9)]
    wait: Annotated[Seconds, between(1, 60)] = 1.0


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    greetings: str = ""
    inner: Inner | None = None
    each: dict[str, Inner] = {}
    names: list[str] = []


def told(text: str) -> list[str]:
    return [str(problem) for problem in read(text, "f.yaml").problems]


def checked(text: str) -> list[str]:
    source = read(text, "f.yaml")
    assert source.problems == ()
    model, problems = check(Settings, source)
    assert (model is None) == bool(problems)
    return [str(problem) for problem in problems]


def test_scalars_are_what_was_written() -> None:
    text = "yes: no\n1: 007\n1.10: 1.10\n0x10: 1e3\ndate: 2024-01-01\non: !!str ~\n~: x\nquoted: '~'\n"
    assert read(text, "f").data == {
        "yes": "no",
        "1": "007",
        "1.10": "1.10",
        "0x10": "1e3",
        "date": "2024-01-01",
        "on": "~",
        "~": "x",
        "quoted": "~",
    }


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null", "a: # nothing"])
def test_empty_values(text: str) -> None:
    assert read(text, "f").data == {"a": None}


@pytest.mark.parametrize("text", ["a: ''", 'a: ""', "a: |\n"])
def test_empty_texts_are_texts(text: str) -> None:
    assert read(text, "f").data == {"a": ""}


def test_positions() -> None:
    source = read("a:\n  b: [x, yy]\n  c: 'it''s'\n  d: 'quoted'\n  e: >\n    folded\n", "f")
    assert source.position(("a", "b")) == (2, 6)
    assert source.position(("a", "b"), key=True) == (2, 3)
    assert source.position(("a", "b", 1)) == (2, 10)
    assert source.position(("a", "b", 7)) == (2, 6)
    assert source.position(("a", "nothing", "below")) == (2, 3)
    assert source.position(("a", "nothing"), key=True) == (1, 1)
    assert source.position(()) == (1, 1)
    assert source.position(("a", "b", 1), offset=1) == (2, 11)
    assert source.position(("a", "d"), offset=2) == (4, 9)
    assert source.position(("a", "c"), offset=2) == (3, 6)
    assert source.position(("a", "e"), offset=2) == (5, 6)


def test_aliases() -> None:
    source = read("a: &x {b: 1}\nc: *x\n", "f")
    assert source.data == {"a": {"b": "1"}, "c": {"b": "1"}}
    assert source.position(("c",), key=True) == (2, 1)
    assert source.position(("c", "b")) == (1, 11)


def test_an_anchor_may_be_used_again() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read("a: &x 1\nb: &x 2\nc: *x\n", "f").data == {"a": "1", "b": "2", "c": "2"}


def test_a_billion_laughs() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    [problem] = told(text)
    assert f"aliases make more than {MAX_NODES:,} values" in problem


@pytest.mark.parametrize(
    "text",
    ["a: &x [*x]", "a: &x [*x, *x, *x]", "a: &x {b: *x}", "a: " + "[" * 40 + "]" * 40, "[\n" * 2000, "{\n" * 2000],
)
def test_depth(text: str) -> None:
    [problem] = told(text)
    assert "nested" in problem


def test_size() -> None:
    assert told("a: " + "x" * MAX_TEXT) == ["f.yaml:1:1: the file has over 8,000,000 characters, shorten it"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty, write 'key: value' lines at its top"),
        ("# only a remark\n", "1:1: the file is empty, write 'key: value' lines at its top"),
        ("- a\n", "1:1: the file is not a mapping, write 'key: value' lines at its top"),
        ("\n\n hello", "3:2: the file is not a mapping, write 'key: value' lines at its top"),
        ("a: 1\nb: 2\n\na: 3\n", "4:1: key 'a' is there twice, remove it or the one in line 1"),
        ("x: {a: 1, a: 2}", "1:11: key 'a' is there twice, remove it or the one in line 1"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "1:4: the tag '!!python/object/apply:os.system' means nothing here",
        ),
        (
            "a: !mine 1",
            "1:4: the tag '!mine' means nothing here, remove it, or put a text that begins with '!' in quotes",
        ),
        (
            "!!set {a: ~}",
            "1:1: the tag '!!set' means nothing here, remove it, or put a text that begins with '!' in quotes",
        ),
        (
            "a: !!binary aGk=",
            "1:4: the tag '!!binary' means nothing here, remove it, or put a text that begins with '!' in quotes",
        ),
        (
            "!!python/name:os.system a: 1",
            "1:1: the tag '!!python/name:os.system' means nothing here",
        ),
        ("a: {b: 1}\nc:\n  <<: x", "3:3: '<<' does not merge in YAML 1.2"),
        ("? [a]\n: b", "1:3: a key is a list or mapping, use a plain word as the key"),
        ("greeting: Hello: world", "1:16: a ':' stands where none may, put the whole text in quotes, or mend"),
        ("greeting: {name} is here", "1:18: this does not belong to what stands before it"),
        ("a:\n\tb: 1", "2:1: a tab stands where none may, indent with spaces"),
        ("b: 1\na: 'x\\ud800'\nc: \"\\ud800\"", "3:5: the escape '\\ud800' is half of a character, write"),
        (r'a: "x\\ud800 \uDFFF \ud800"', r"1:14: the escape '\uDFFF' is half of a character, write the character"),
        (r'"\ud83d\ude00": x', r"1:2: the escape '\ud83d' is half of a character, write the character itself, or"),
        (r'a: [&x "\U0000d800", *x, *x]', r"1:9: the escape '\U0000d800' is half of a character"),
        ('b: 1\nc: "\\UFFFFFFFF"', "2:5: the escape '\\UFFFFFFFF' is no character, mend or remove"),
        (r'a: "\U00110000"', r"1:5: the escape '\U00110000' is no character, mend or remove the escape"),
        ("a: @x", "1:4: a text cannot begin with this character, put the whole text in quotes"),
        ("a:\n  *: x", "2:3: an alias names no anchor, put a text that begins with '*' in quotes"),
        ("a: *star", "1:4: an alias names no anchor, put a text that begins with '*' in quotes"),
        ("a: 'x\nb: 1\n", "1:4: a quoted text is not closed, add the closing quote"),
        ('a: "x\nb: 1\n', "1:4: a quoted text is not closed, add the closing quote"),
        ('a: "\\q"', "1:6: there is no such escape, use single quotes, or write the backslash twice"),
        ("a: {b: 1\nc: 2", "1:4: a '{' is not closed, add '}', or put the whole text in quotes"),
        ("a: [b, c\n", "1:4: a '[' is not closed, add ']', or put the whole text in quotes"),
        ("a:\n  b: 1\n c: 2", "3:2: this does not belong to what stands before it, indent alike"),
        ("a: 1\nb\nc: 2", "2:1: a key has no ':', write 'key: value'"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins here, keep one document, without '---'"),
        ("ab: 1\nc: x\x00y", "2:5: the character U+0000 is not allowed, remove it"),
        ("a: \ud800", "1:4: the character U+D800 is not allowed, remove it"),
        ('a: "\\U11111111"', r"1:5: the escape '\U11111111' is no character, mend or remove the escape"),
    ],
)
def test_problems_of_the_text(text: str, problem: str) -> None:
    found = told(text)
    assert len(found) == 1
    assert problem in found[0]


def test_the_first_of_two_keys_counts_and_others_are_read() -> None:
    source = read("a: 1\na: 2\nb: 3\n", "f")
    assert source.data == {"a": "1", "b": "3"}


def test_a_byte_order_mark_is_no_column() -> None:
    assert told("\ufeffa: 1\na: 2")[0].startswith("f.yaml:2:1:")
    assert read("\ufeffa: 1", "f").position(("a",), key=True) == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grretings: x", ["1:1: unknown key 'grretings', did you mean 'greetings'?"]),
        ("zzz: x", ["1:1: unknown key 'zzz', allowed here: greetings, inner, each, names"]),
        ("greetings: [a]", ["1:12: 'greetings' is a list, write a text"]),
        ("greetings: {a: b}", ["1:12: 'greetings' is a mapping, write a text"]),
        ("greetings:\nnames: []", ["1:1: 'greetings' is empty, give it a value, or remove it"]),
        ("names: x", ["1:8: 'names' is 'x', write a list: [a, b]"]),
        ("names: [a, {b: c}]", ["1:12: entry 2 of 'names' is a mapping, write a text"]),
        ("names:\n  - a\n  -\n", ["1:1: entry 2 of 'names' is empty, give it a value, or remove it"]),
        ("inner: x", ["1:8: 'inner' is 'x', write 'key: value' lines below it"]),
        ("inner: {}", ["1:1: 'port' is missing, add 'port: …'"]),
        ("inner: {x: 1}", ["1:1: 'port' is missing, add 'port: …'", "1:9: unknown key 'x', allowed here: port, wait"]),
        ("inner: {port: 12}", ["1:15: 'port' is '12', give at most 9"]),
        ("inner: {port: 0}", ["1:15: 'port' is '0', give at least 1"]),
        ("inner: {port: six}", ["1:15: 'port' is 'six', write a whole number"]),
        ("inner: {port: 6.5}", ["1:15: 'port' is '6.5', write a whole number"]),
        ("inner: {port: 6, wait: 5}", ["1:24: '5' has no unit, write '5s' for seconds or '5ms' for milliseconds"]),
        ("inner: {port: 6, wait: 5m}", ["1:24: 300 s is out of range, give 1 s to 60 s"]),
        ("each:\n  x:\n    prt: 1\n", ["3:5: unknown key 'prt', did you mean 'port'?"]),
    ],
)
def test_check(text: str, expected: list[str]) -> None:
    found = checked(text)
    assert len(found) == len(expected)
    for problem in expected:
        assert any(problem in each for each in found), found


def test_check_below_a_path() -> None:
    source = read("a:\n  b:\n    port: 12\n", "f.yaml")
    assert [str(p) for p in check(Inner, source, ("a", "b"))[1]] == ["f.yaml:3:11: 'port' is '12', give at most 9"]
    assert [str(p) for p in check(Inner, source, ("a",))[1]] == [
        "f.yaml:1:1: 'port' is missing, add 'port: …'",
        "f.yaml:2:3: unknown key 'b', allowed here: port, wait",
    ]


def test_check_gives_the_model() -> None:
    model, problems = check(Settings, read("inner: {port: 3, wait: 2 s}\nnames: [yes, 1.10]", "f"))
    assert problems == []
    assert model is not None and model.inner is not None
    assert (model.inner.port, model.inner.wait, model.names) == (3, 2.0, ["yes", "1.10"])


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufeff"))


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, max_size=3), max_size=5))
def test_what_another_writer_writes_is_read(data: dict[str, str | list[str]]) -> None:
    out = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_style = '"'  # type: ignore[assignment]
    yaml.dump(data, out)
    source = read(out.getvalue(), "f")
    assert source.problems == ()
    assert source.data == data


@given(st.lists(st.sampled_from("yes no on off 1 007 1.10 0x1f 1_000 12:30 .inf true null2 =".split()), unique=True))
def test_plain_keys_are_texts(keys: list[str]) -> None:
    source = read("top: 1\n" + "".join(f"{key}: {key}\n" for key in keys), "f")
    assert source.data == {"top": "1"} | {key: key for key in keys}
    assert [source.position((key,), key=True) for key in keys] == [(n + 2, 1) for n in range(len(keys))]
    assert [source.position((key,)) for key in keys] == [(n + 2, len(key) + 3) for n, key in enumerate(keys)]


@given(st.text(max_size=60) | st.text("ab:-[]{}&*!|>'\"%@`#, \n\t?<\\u0", max_size=60))
def test_no_text_raises(text: str) -> None:
    source = read(text, "f")
    assert source.places or source.problems
    check(Settings, source)
