"""The table of docs/saying.md says what the words are."""

from pathlib import Path

import pytest

from ivr.catalog.readback import inventory
from ivr.catalog.sayas import KINDS, say_as

PAGE = (Path(__file__).parents[3] / "docs" / "saying.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip(" `") for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")
]
WORDS = [row for row in ROWS if len(row) == 7 and row[2]]
SIZES = [row for row in ROWS if len(row) == 7 and row[1].isdigit() and row[0] in KINDS]


def test_the_table_has_every_kind() -> None:
    assert {row[0] for row in WORDS if row not in SIZES} == KINDS - {"text"}
    assert len(SIZES) >= len(KINDS) - 2


@pytest.mark.parametrize("row", [row for row in WORDS if row not in SIZES], ids=lambda row: row[0])
def test_its_examples(row: list[str]) -> None:
    kind, _, value, *words = row
    assert [say_as("s", kind, value, locale) for locale in ("en-US", "es-US", "de-DE", "fr-FR")] == words


@pytest.mark.parametrize("row", SIZES, ids=lambda row: row[0])
def test_its_sizes(row: list[str]) -> None:
    locales = ("en-US", "en-GB", "es-ES", "es-US", "de-DE", "fr-FR")
    assert [str(len(inventory(row[0], locale))) for locale in locales] == row[1:]
