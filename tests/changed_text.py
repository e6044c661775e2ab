"""Files that somebody broke: a good text, changed in a few places."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = ["", " ", "\n", ":", "{", "}", "{{", "[", "]", "'", '"', "- ", "#", "&a ", "*a", "!", "~", "yes", "0", "\t"]
"""What means something in YAML, or to us."""


def changed(good: str, *pieces: str) -> st.SearchStrategy[str]:
    """The text with up to four places taken out or written over, by ``PIECES`` and ``pieces`` among others."""
    new = st.sampled_from([*PIECES, *pieces]) | st.text(max_size=4)
    change = st.tuples(st.integers(0, len(good)), st.integers(0, 12), new)

    def made(changes: list[tuple[int, int, str]]) -> str:
        text = good
        for at, gone, put in changes:
            text = text[:at] + put + text[at + gone :]
        return text

    return st.lists(change, min_size=1, max_size=4).map(made)
