"""The little bank with a dialog that records, or whose words are interrupted by speech."""

from __future__ import annotations

from dataclasses import replace

from ivr.catalog.bargein import POLICIES, BargeIn
from ivr.dialog.dialog_file import read_dialog
from ivr.project.project import Project

RECORDS = """\
dialog: main
start: main
states:
  main: {say: greeting, record: {as: message, silence: 1s, goto: kept}}
  kept: {lookup: {run: bank.balance, as: done, with: {caller: message}, failed: goodbye}, goto: goodbye}
  goodbye: {say: farewell, hang_up: yes}
"""
LONG = """\
dialog: main
start: main
states:
  main: {say: [menu, menu, menu], menu: {options: {9: goodbye}, first_digit: 2s, no_input: {limit: 0, goto: goodbye}}}
  goodbye: {say: farewell, hang_up: yes}
"""


def with_dialog(project: Project, text: str, by: str = "yes") -> Project:
    """The project with that dialog as its only one, its menu's words interruptible by that."""
    dialog, problems = read_dialog(text, "main.yaml")
    assert problems == [] and dialog is not None
    catalogues = {}
    for locale, catalogue in project.catalogues.items():
        prompt = replace(catalogue.prompt("menu"), bargein=BargeIn(POLICIES[by]))
        catalogues[locale] = replace(catalogue, prompts={**catalogue.prompts, "menu": prompt})
    return replace(project, tables={"main": dialog.table}, catalogues=catalogues)
