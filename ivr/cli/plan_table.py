"""A table of ``ivr plan`` for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

Rows = Sequence[Sequence[str]]
LONGEST_WORD = 24
"""Characters; a longer one is broken."""


def table(title: str, folded: Sequence[str], left: Sequence[str], right: Sequence[str], rows: Rows) -> Table:
    """What is ``folded`` gives way where the terminal is narrow, between words; the other columns are never cut."""
    made = Table(title=f"[bold]{title}[/bold]", title_justify="left", title_style="", box=None, pad_edge=False)
    for place, name in enumerate(folded):
        longest = max((len(word) for row in rows for word in row[place].split()), default=0)
        made.add_column(name, overflow="fold", min_width=min(longest, LONGEST_WORD))
    for name in left:
        made.add_column(name, no_wrap=True)
    for name in right:
        made.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        made.add_row(*map(escape, row))
    return made
