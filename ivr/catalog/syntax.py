"""What the YAML parser says, in plain words and at the place that must be mended."""

from __future__ import annotations

import re
import sys

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from ivr.errors import Problem

_LONG = re.compile(r"\\U([0-9a-fA-F]{8})")
_QUOTES = "put the whole text in quotes"
# What the parser's message contains, whether the construct's beginning is the better place, what is wrong, remedy.
_WORDS = (
    ("mapping values are not allowed", False, "a ':' stands where none may", f"{_QUOTES}, or mend the indentation"),
    ("'\\t' that cannot start", False, "a tab stands where none may", "indent with spaces"),
    ("that cannot start any token", False, "a text cannot begin with this character", _QUOTES),
    ("found undefined alias", False, "an alias names no anchor", "put a text that begins with '*' in quotes"),
    ("scanning an alias", False, "an alias has no name", "put '*' in quotes"),
    ("scanning an anchor", False, "an anchor has no name", "put '&' in quotes"),
    ("scanning a quoted scalar", True, "a quoted text is not closed", "add the closing quote"),
    ("unknown escape character", False, "there is no such escape", "use single quotes, or write the backslash twice"),
    ("scanning a double-quoted scalar", False, "an escape is wrong", "use single quotes, or write the backslash twice"),
    ("expected ',' or '}'", True, "a '{' is not closed", f"add '}}', or {_QUOTES}"),
    ("expected ',' or ']'", True, "a '[' is not closed", f"add ']', or {_QUOTES}"),
    ("parsing a flow node", False, "a value is missing in brackets", f"close the brackets, or {_QUOTES}"),
    (
        "expected <block end>",
        False,
        "this does not belong to what stands before it",
        "indent alike what belongs together, and put a text that begins with '{', '[' or a quote wholly in quotes",
    ),
    ("could not find expected ':'", True, "a key has no ':'", f"write 'key: value', or {_QUOTES}"),
    ("but found another document", False, "a second document begins here", "keep one document, without '---'"),
    ("expected '<document start>'", False, "this does not belong to what stands before it", _QUOTES),
    ("incompatible YAML document", False, "this YAML version is not known", "remove the %YAML line"),
)


def syntax_problem(error: Exception, text: str, file: str) -> Problem:
    """The problem that stopped the parser."""
    match error:
        case ReaderError():
            line, column = counted(text, error.position)
            number = ord(error.character) if isinstance(error.character, str) else int(error.character)
            return Problem(
                file, line, column, f"the character U+{number:04X} is not allowed", "remove it", code="syntax"
            )
        case MarkedYAMLError():
            return _marked(error, file)
        case RecursionError():
            return Problem(file, 1, 1, "values are nested too deep", "write it flatter", code="syntax")
        case _:
            return _too_large(error, text, file)


def _too_large(error: Exception, text: str, file: str) -> Problem:
    """An escape is all that the parser takes and Python does not."""
    large = (found for found in _LONG.finditer(text) if int(found[1], 16) > sys.maxunicode)
    found = next(large, None)
    what = f"the YAML cannot be read ({error})" if found is None else f"the escape '{found[0]}' is no character"
    place = (1, 1) if found is None else counted(text, found.start())
    return Problem(file, *place, what, "mend or remove the escape", code="syntax")


def _marked(error: MarkedYAMLError, file: str) -> Problem:
    said = f"{error.context or ''}: {error.problem or ''}"
    mark, what, remedy = error.problem_mark, error.problem or "the YAML is broken", "mend the quotes or the indentation"
    for part, at_beginning, words, mend in _WORDS:
        if part in said:
            mark = error.context_mark if at_beginning and error.context_mark is not None else mark
            what, remedy = words, mend
            break
    mark = mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(file, line, column, what, remedy, code="syntax")


def counted(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character, both from 1."""
    before = text[:index]
    return before.count("\n") + 1, index - before.rfind("\n")


def twice(key: str) -> str:
    """What is said of a key that a mapping has more than once."""
    return f"key '{key}' is there twice"
