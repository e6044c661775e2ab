"""docs/dialog.md as a whole: each row has its tests, each test of a number its row, and no number is there twice."""

import re
from collections import Counter
from pathlib import Path

HERE = Path(__file__)
DOCUMENT = HERE.parents[2] / "docs" / "dialog.md"


def test_every_row_of_the_document_has_its_test():
    rows = Counter(re.findall(r"^\| ([A-Z]\d+) \|", DOCUMENT.read_text(), re.M))
    texts = [file.read_text() for file in sorted(HERE.parent.glob("test_manners*.py"))]
    tested = {row for text in texts for row in re.findall(r"^(?:async )?def test_([A-Z]\d+)_", text, re.M)}
    assert [row for row, times in rows.items() if times > 1] == []
    assert tested == rows.keys()
    assert len({row[0] for row in rows}) >= 13, "each table is found"
