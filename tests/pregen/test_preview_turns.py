"""What is said in one turn, out of tables."""

from __future__ import annotations

import pytest
from previewed import DIALOG, ENGLISH, SPANISH

from ivr.catalog.locales import merged
from ivr.catalog.phrases_file import read_phrases
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.repertoire import Repertoire
from ivr.pregen.preview.card import Turn
from ivr.pregen.preview.turns import dialogs, turns


def catalogues():
    found = [read_phrases(text, "x.yaml") for text in (ENGLISH, SPANISH)]
    assert not any(problems for _, problems in found)
    return {catalogue.locale: catalogue for catalogue, _ in found if catalogue is not None}


def made(text: str = DIALOG, locale: str = "en-US", first: str = "main") -> list[Turn]:
    dialog, problems = read_dialog(text, "main.yaml")
    assert dialog is not None, problems
    other, _ = read_dialog("dialog: a\nstart: s\nstates: {s: {say: hello, return: yes}}\n", "a.yaml")
    assert other is not None
    tables = {"a": other.table, "main": dialog.table}
    return list(turns(Repertoire(tables), merged(locale, catalogues(), "en-US"), locale, first))


def words(turn: Turn) -> dict[str, list[str]]:
    return {take.label: [name for name, _ in take.phrases] for take in turn.takes}


def by_label(turn: Turn) -> dict[str, list[str]]:
    return {label: said for labels, said in words(turn).items() for label in labels.split(", ")}


def test_each_state_by_attempt_and_the_dialog_that_answers_first():
    found = made()
    assert [(turn.dialog, turn.name) for turn in found] == [
        ("main", "top"),
        ("main", "left"),
        ("main", "end"),
        ("a", "s"),
        ("", "unsaid"),
    ]
    assert words(found[0])["first"] == ["hello", "menu"]
    assert words(found[1]) == {"first": ["sum", "name_only"]}


def test_words_after_an_error_come_before_the_questions_own_next_attempt():
    labels = by_label(made()[0])
    assert labels["first"] == ["hello", "menu"]
    assert labels["no input 1"] == labels["no input 2"] == ["deaf", "menu_again"]
    assert labels["no match 1"] == ["menu_again"]


@pytest.mark.parametrize("ladder", ["[{say: deaf, reprompt: no}, {goto: end}]", "{say: deaf, goto: end}"])
def test_a_rung_without_a_reprompt_or_one_that_leaves_says_its_own_words_alone(ladder):
    assert by_label(made(DIALOG.replace("{say: deaf, limit: 2, goto: end}", ladder))[0])["no input 1"] == ["deaf"]


def test_a_locale_says_what_it_borrows_too():
    found = {turn.name: turn for turn in made(locale="es-US")}
    (first, *_) = found["top"].takes
    clips = [part.clip for _, parts in first.phrases for part in parts]
    assert clips == ["hello", "menu"] and found["top"].locale == "es-US"
    assert "left" in found


def test_a_prompt_that_no_table_says_stands_by_its_attempts():
    text = DIALOG.replace("say: main\n", "say: hello\n")
    found = {turn.name: turn for turn in made(text) if not turn.dialog}
    assert words(found["main"]) == {"attempt 1": ["hello", "menu"], "attempt 2": ["menu_again"]}
    assert set(found) == {"main", "unsaid"}


def test_phrases_of_ladders_and_covers_are_of_their_dialog():
    dialog, _ = read_dialog(DIALOG.replace("  end: {", "  end: {cover: {filler: sorry}, "), "main.yaml")
    assert dialog is not None
    found = dialogs(Repertoire({"main": dialog.table}), frozenset({"wait"}), catalogues()["en-US"])
    assert found["main"] >= {"deaf", "sorry", "menu_again"} and "wait" not in found["main"]
    assert found["covers"] == {"wait"} and "any dialog" not in found
