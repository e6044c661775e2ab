"""The table of a scenario: what is wrong with it, and what it fills in."""

import pytest

from ivr.catalog.source import read
from ivr.simulator.scenario.rows import MOST_ROWS, Filled, Row, read_rows


def rows(folder, table):
    (folder / "t.csv").write_text(table)
    found, problems = read_rows(read("rows: t.csv\n", str(folder / "x.yaml")))
    return found, [str(each).replace(str(folder), "DIR") for each in problems]


def test_rows_know_their_lines(tmp_path):
    found, problems = rows(tmp_path, '\ufeffname, key\n\nAnn,1\n"Bob,\nJr.", 2\n\nC,\n')
    assert problems == []
    assert [(row.cells["name"], row.cells["key"], row.where) for row in found] == [
        ("Ann", "1", "line 3 of t.csv"),
        ("Bob,\nJr.", "2", "line 5 of t.csv"),
        ("C", "", "line 7 of t.csv"),
    ]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "DIR/t.csv:1:1: there are no rows"),
        ("name\n", "DIR/t.csv:1:1: there are no rows"),
        ("name,key\na,1\nb\n", "DIR/t.csv:3:1: the row has 1 cells, of 2"),
        ("a b\n1\n", "DIR/t.csv:1:1: 'a b' is no name for a column"),
        ("a,a\n1,2\n", "DIR/t.csv:1:1: 'a' is no name for a column"),
        ("$\n1\n", "DIR/t.csv:1:1: '$' is no name for a column"),
        ('a\n"b', "DIR/t.csv:1:1: this is no table (unexpected end of data)"),
        ("a\n" * (MOST_ROWS + 2), f"DIR/t.csv:1:1: there are more than {MOST_ROWS:,} rows"),
    ],
)
def test_what_is_wrong_with_a_table(tmp_path, table, told):
    _, problems = rows(tmp_path, table)
    assert [each for each in problems if not each.startswith(told)] == []
    assert problems


def test_as_many_rows_as_may_be(tmp_path):
    found, problems = rows(tmp_path, "a\n" * (MOST_ROWS + 1))
    assert (len(found), problems) == (MOST_ROWS, [])


def test_cells_stand_for_their_names_and_two_dollars_for_one(tmp_path):
    source = read("rows: $name\nabout: $name pays $$5, $key$name\nsteps: [{press: $key}, {hear: $other}]\n", "x.yaml")
    filled = Filled(source, Row({"name": "Ann", "key": "7"}, "line 2 of t.csv"))
    assert filled.source.data["rows"] == "$name"
    assert filled.source.data["about"] == "Ann pays $5, 7Ann"
    assert filled.source.data["steps"][0] == {"press": "7"}
    at_cell, at_name, beside = (
        source.problem(path, "wrong", "mend it") for path in (("steps", 0, "press"), ("steps", 1, "hear"), ("steps",))
    )
    assert [str(each) for each in filled.told([at_cell, at_name, beside])] == [
        "x.yaml:3:31: there is no column 'other', the columns are name, key; write $$ for a dollar",
        "x.yaml:3:17: wrong (line 2 of t.csv), mend it",
        "x.yaml:3:8: wrong, mend it",
    ]
