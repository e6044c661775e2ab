"""The schemas of the files: current, right for what authors write, and wrong for what they should not."""

import json
from datetime import date
from pathlib import Path

import pytest
from corpus import BASE, CORPUS, case
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from ivr.cli.main import main
from ivr.project.schema.published import KINDS, PUBLISHED, published, schema_text
from ivr.project.schema.words import WORDS
from ivr.project.settings.hours import read_hours
from ivr.project.starter import copy_starter, starter_root

HOURS = "prompts/hours.yaml"
FOLDERS = {"prompts": "settings", "phrases": "phrases", "dialogs": "dialog", "profiles": "profile", "calls": "scenario"}
VALIDATORS = {kind: Draft202012Validator(json.loads(published(kind))) for kind in PUBLISHED}


def as_json(value):
    """As an editor has it: names are texts, the values what YAML 1.2 makes of them."""
    match value:
        case dict():
            return {
                str(key).lower() if isinstance(key, bool) else str(key): as_json(each) for key, each in value.items()
            }
        case list():
            return [as_json(each) for each in value]
        case date():  # YAML 1.2, which editors read, has none
            return value.isoformat()
    return value


def wrong(kind, text):
    return [error.message for error in VALIDATORS[kind].iter_errors(as_json(YAML(typ="safe", pure=True).load(text)))]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_published_is_current(kind, capsys):
    root = Path(__file__).parents[3] / "docs/schema"
    assert (root / f"{kind}.json").read_text() == schema_text(kind), (
        f"run: python -c \"from ivr.project.schema.published import *; print(schema_text('{kind}'), end='')\""
    )
    assert main(["schema", kind]) == 0
    assert capsys.readouterr().out == schema_text(kind)
    Draft202012Validator.check_schema(VALIDATORS[kind].schema)


def test_the_starter_is_right():
    for file in (starter_root() / "prompts").rglob("*.yaml"):
        if file.parent.name in FOLDERS:
            assert wrong(FOLDERS[file.parent.name], file.read_text()) == [], file


@pytest.mark.parametrize("kind", ["dialog", "phrases", "hours"])
def test_an_editor_shows_a_sentence_at_every_key(kind):
    made = VALIDATORS[kind].schema
    shapes = {kind: made, **made.get("$defs", {})}
    keys = [(name, key, shown) for name, shape in shapes.items() for key, shown in shape.get("properties", {}).items()]
    assert len(keys) >= 5
    assert [(name, key) for name, key, shown in keys if not shown.get("description", "").endswith(".")] == []


def test_no_sentence_is_left_over():
    made = [{kind: VALIDATORS[kind].schema, **VALIDATORS[kind].schema.get("$defs", {})} for kind in KINDS]
    there = {(name, key) for shapes in made for name, shape in shapes.items() for key in shape.get("properties", {})}
    assert {(name, key) for name, words in WORDS.items() for key in words} <= there


def good():
    for name, text in BASE.items():
        yield pytest.param(name, text, id=name)
    for path in CORPUS:
        given = case(path)
        if not {"syntax", "value", "file", "python"} & {line.split()[2].rstrip(":") for line in given.expected}:
            for file, text in given.files.items():
                yield pytest.param(file, text, id=f"{path.stem} {file}")


@pytest.mark.parametrize(("file", "text"), [each for each in good() if each.values[0].endswith(".yaml")])
def test_what_the_reader_takes_is_right(file, text):
    assert wrong(FOLDERS[Path(file).parent.name], text) == []


@pytest.mark.parametrize(
    "line",
    [
        "week: {Mon - wed: [9:00-12:00, 13:00 to 17:30], saturday: closed, sun: 22:00–2:00}",
        'holidays: {christmas: "12-25", thanksgiving: ["2026-11-26", "2027-11-25"], break: 12-28 to 01-02}',
        'special: {"2026-12-24": 9:00-12:00, 2026-08-03 to 2026-08-14: closed}',
    ],
)
def test_hours_that_the_reader_takes_are_right(line):
    text = f"calendars:\n  desk:\n    timezone: Europe/Berlin\n    {line}\n"
    text += "" if line.startswith("week") else "    week: {mon: 9:00-12:00}\n"
    assert read_hours(text, HOURS)[1] == []
    assert wrong("hours", text) == []


@pytest.mark.parametrize(
    "line",
    [
        "week: {monn: 9:00-12:00}",
        "week: {mon: morning}",
        "week: {}",
        "holidays: {christmas: soon}",
        "special: {tomorrow: closed}",
        "weeks: {mon: closed}",
    ],
)
def test_hours_that_it_refuses_are_wrong(line):
    text = f"calendars:\n  desk:\n    timezone: Europe/Berlin\n    {line}\n"
    text += "" if line.startswith("week: ") else "    week: {mon: 9:00-12:00}\n"
    assert read_hours(text, HOURS)[1] != []
    assert wrong("hours", text) != []


def test_the_hours_of_the_example_are_right():
    text = (Path(__file__).parents[3] / "examples/clinic/prompts/hours.yaml").read_text()
    assert read_hours(text, HOURS)[1] == []
    assert wrong("hours", text) == []


STATE = "dialog: d\nstart: a\nstates:\n  a: "


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dialog", STATE + "{say: hello}"),
        ("dialog", STATE + "{goto: b, hang_up: yes}"),
        ("dialog", STATE + "{gotoo: b}"),
        ("dialog", STATE + "{menu: {options: {x: b}}}"),
        ("dialog", STATE + "{menu: {options: {1: b}, first_digit: 5}}"),
        ("dialog", STATE + "{menu: {options: {1: b}, first_digit: 5 hours}}"),
        ("dialog", STATE + "{menu: {options: {1: b}, no_input: {count: 21}}}"),
        ("dialog", STATE + "{collect: {as: n, digits: many, goto: b}}"),
        ("dialog", STATE + "{lookup: {run: balance, as: n}, goto: b}"),
        ("dialog", STATE + "{commands: {E: back}, menu: {options: {1: b}}}"),
        ("dialog", STATE + "{commands: {0: forward}, menu: {options: {1: b}}}"),
        ("dialog", STATE + "{hang_up: maybe}"),
        ("dialog", STATE + "{cover: {loop: a}, hang_up: yes}"),
        ("dialog", STATE + "{cover: {every: 5}, hang_up: yes}"),
        ("dialog", STATE + "{cover: {hold: Music}, hang_up: yes}"),
        ("dialog", STATE + "{hang_up: yes, ignore: endless}"),
        ("dialog", STATE + "{hang_up: yes}\nsates: {}"),
        ("dialog", STATE.replace("dialog: d", "dialog: D") + "{hang_up: yes}"),
        ("phrases", "locale: en_US\nphrases: {hello: Hello.}"),
        ("phrases", "locale: en-US"),
        ("phrases", "locale: en-US\nphrases: {}"),
        ("phrases", "locale: en-US\nphrases: {Hello: Hello.}"),
        ("phrases", "locale: en-US\nphrases: {hello: {amount:money}}"),
        ("phrases", "locale: en-US\nphrases: {hello: Hello.}\nprompts: {x: {say: hello, barge: no}}"),
        ("settings", "loudness: loud"),
        ("settings", "voice: {speed: 9.0}"),
        ("settings", "cover: {patience: 30}"),
        ("settings", "on: {no_input: {goto: top}}"),
        ("settings", "serve: {listener: other}"),
    ],
)
def test_what_is_obviously_wrong_is_found_while_it_is_written(kind, text):
    assert wrong(kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dialog", STATE + "{collect: {as: n, digits: 8, end: 5, goto: b}}"),
        ("dialog", STATE + "{set: {n: 1, yes_no: true}, confirm: {yes: b, no: a, keys: {yes: 1, no: '#'}}}"),
        ("dialog", STATE + "{return: yes}"),
        ("dialog", STATE + "{cover: {filler: no, hold: music, every: 5s}, return: yes}"),
        ("dialog", STATE + "{return: {value: n + 1}}"),
        (
            "dialog",
            STATE + "{say: [a, b], menu: {options: {1: b, 12: c}, no_input: sorry, no_match: [sorry, {goto: b}]}}",
        ),
        ("phrases", "locale: en-US\nprompts: {a: year}"),
        (
            "phrases",
            "locale: en-US\nphrases: {year: 2000, hold: {sound: hold.wav}}\nprompts: {a: year, b: [year, hold]}",
        ),
        ("settings", "voice: {provider: http, url: [https://a, https://b], hedge: off}\nignore: unreached"),
        ("settings", "on: {no_input: [sorry, {hang_up: yes}]}\ncommands: {0: {dialog: agent}, '*': back}"),
    ],
)
def test_short_forms_are_right(kind, text):
    assert wrong(kind, text) == []


def test_a_new_project_names_its_schemas(tmp_path):
    copy_starter(tmp_path / "new")
    described = [file for file in (tmp_path / "new/prompts").rglob("*.yaml") if file.parent.name in FOLDERS]
    assert len(described) > len(FOLDERS) - 1
    for file in described:
        first = file.read_text().splitlines()[0]
        named = (file.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
        assert named.read_text() == published(FOLDERS[file.parent.name])
    assert main(["check", str(tmp_path / "new"), "--strict"]) == 0
