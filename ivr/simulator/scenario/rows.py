"""A scenario's table: one call for each row, whose cells stand for the names of their columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.source import Path as Place
from ivr.catalog.source import Source
from ivr.errors import Problem
from ivr.project.disk.files import read_text
from ivr.simulator.scenario.shapes import VARIABLE

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """Of a table."""

    cells: dict[str, str] = field(default_factory=dict)
    """By the name of their column."""
    where: str = ""
    """For people, such as ``line 3 of a.csv``; nothing where there is no table."""


def read_rows(source: Source) -> tuple[list[Row], list[Problem]]:
    """The rows that a scenario is played with: an empty one where it has no table."""
    name = source.at(("rows",))
    if not isinstance(name, str):
        return [Row()], []
    file = Path(source.file).parent / name
    text = read_text(file)
    if isinstance(text, Problem):
        return [], [source.problem(("rows",), f"{name}: {text.what}", text.remedy, code=text.code)]
    try:
        lines = list(_lines(text))
    except csv.Error as error:
        return [], [Problem(str(file), 1, 1, f"this is no table ({error})", "save it as CSV with commas")]
    if len(lines) < 2:
        return [], [Problem(str(file), 1, 1, "there are no rows", "give it a line of names and one for each call")]
    if len(lines) > MOST_ROWS + 1:
        return [], [Problem(str(file), 1, 1, f"there are more than {MOST_ROWS:,} rows", "split it")]
    (_, names), *cells = lines
    problems = [*_columns(str(file), names), *_lengths(str(file), len(names), cells)]
    return [Row(dict(zip(names, row, strict=False)), f"line {line} of {name}") for line, row in cells], problems


def _columns(file: str, names: list[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if not VARIABLE.fullmatch(f"${name}") or name == "$" or name in names[:index]:
            what, remedy = f"'{name}' is no name for a column", "use letters, digits and '_', each name once"
            yield Problem(file, 1, 1, what, remedy)


def _lengths(file: str, columns: int, rows: list[tuple[int, list[str]]]) -> Iterator[Problem]:
    for line, row in rows:
        if len(row) != columns:
            yield Problem(file, line, 1, f"the row has {len(row)} cells, of {columns}", "give each column one")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    for row in reader:
        if row:
            yield reader.line_num, [cell.strip() for cell in row]


class Filled:
    """A scenario's file with one row filled in."""

    def __init__(self, source: Source, row: Row) -> None:
        self._row = row
        self._template = source
        self._places: set[tuple[int, int]] = set()
        """Where cells stand."""
        self._unknown: list[Problem] = []
        self.source = replace(source, data=self._fill(source.data, ()))

    def told(self, problems: list[Problem]) -> Iterator[Problem]:
        """``problems`` of the filled file, and names of no column; with the row where it may be the cell's fault."""
        unknown = {(each.line, each.column) for each in self._unknown}
        yield from self._unknown
        for each in problems:
            if (each.line, each.column) in self._places and self._row.where:
                yield replace(each, what=f"{each.what} ({self._row.where})")
            elif (each.line, each.column) not in unknown:  # what is not filled in is wrong anyhow
                yield each

    def _fill(self, value: Any, path: Place) -> Any:
        match value:
            case dict():
                return {key: self._fill(each, (*path, key)) for key, each in value.items()}
            case list():
                return [self._fill(each, (*path, index)) for index, each in enumerate(value)]
            case str() if "$" in value and path[:1] != ("rows",):
                return self._text(value, path)
        return value

    def _text(self, value: str, path: Place) -> str:
        cells: Mapping[str, str] = self._row.cells
        missing = [name for name in VARIABLE.findall(value) if name != "$" and name not in cells]
        for name in missing:
            remedy = meant(name, cells, f"the columns are {listing(cells) or 'missing: add rows: a.csv'}")
            what = f"there is no column '{name}'"
            self._unknown.append(self._template.problem(path, what, f"{remedy}; write $$ for a dollar"))
        if not missing:
            self._places.add(self._template.position(path))
        return VARIABLE.sub(lambda found: "$" if found[1] == "$" else cells.get(found[1], ""), value)
