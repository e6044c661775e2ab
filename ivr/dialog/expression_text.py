"""An expression as its words, for what its library does not tell before a call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Sort(StrEnum):
    """What a word is."""

    TEXT = "text"
    """With its quotes."""
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Word:
    """One of them."""

    sort: Sort
    text: str
    at: int
    """Where in the expression it begins."""


_QUOTED = r"\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_RAW = r"\"\"\".*?\"\"\"|'''.*?'''|\"[^\"]*\"|'[^']*'"
_WORD = re.compile(
    rf"(?P<text>(?:[bB]?[rR]|[rR][bB])(?:{_RAW})|[bB]?(?:{_QUOTED}))"
    r"|(?P<number>0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[uU]?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|//[^\n]*|\s+|(?P<sign>&&|\|\||[=!<>]=|.)",
    re.DOTALL,
)
END = Word(Sort.SIGN, "", -1)
"""Stands before the first word and behind the last one."""


@lru_cache(maxsize=4096)
def words(source: str) -> tuple[Word, ...]:
    """Those of a correct expression (CEL's lexis), between two ``END``."""
    found = (Word(Sort(m.lastgroup), m[0], m.start()) for m in _WORD.finditer(source) if m.lastgroup is not None)
    return (END, *found, END)
