"""What CEL's parser says of an expression that it cannot read, in plain words and at the place to mend."""

from __future__ import annotations

import re

from ivr.catalog.mistakes import Mistake

_SAID = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")
_HAS = "mend it: CEL has == != < <= > >= && || ! in ( ) [ ] ? : and 'texts'"
_EARLY = ("the expression ends too early", "complete it")
_WORDS = (
    (
        re.compile(r".*Recursion limit of \d+ exceeded.*"),
        "the expression is nested too deep",
        "write it flatter, or set a variable before",
    ),
    (
        re.compile(r"token recognition error at: '\s*['\"][^'\"]*\\.*"),
        "an escape in this text is wrong, or it is not closed",
        "write a backslash twice, and close the text",
    ),
    (re.compile(r"token recognition error at: '\s*(?P<it>['\"]).*"), "a text is not closed", "add the closing {it}"),
    (re.compile(r"token recognition error at: '\s*(?P<it>\S+).*'"), "'{it}' means nothing in CEL", _HAS),
    (re.compile(r"(?:mismatched|extraneous) input '<EOF>'.*|no viable alternative at input '<EOF>'.*"), *_EARLY),
    (re.compile(r"missing '(?P<it>.+)' at '<EOF>'"), "a '{it}' is missing", "add it"),
    (re.compile(r"missing '(?P<it>.+)' at '(?P<at>.+)'"), "a '{it}' is missing before '{at}'", "add it"),
    (
        re.compile(r"(?:mismatched|extraneous) input '(?P<it>.+?)'(?: expecting .*)?"),
        "'{it}' does not belong here",
        _HAS,
    ),
    (re.compile(r"no viable alternative at input '(?P<it>.+)'"), "'{it}' does not belong here", _HAS),
    (
        re.compile(r"reserved identifier: \.?(?P<it>\w+)"),
        "'{it}' is a word of CEL's own",
        "choose another name for what it means here",
    ),
    (re.compile(r"invalid (?:u?int|double) literal"), "this number is too large", "write it with .0, or as a text"),
    (re.compile(r"invalid argument to has\(\) macro"), "has() takes the field of a mapping", "write has(order.total)"),
    (
        re.compile(r"argument must be a simple name"),
        "the first argument here must be a name",
        "write it such as list.all(entry, entry > 1)",
    ),
)
_OPERATORS = {"and": "&&", "or": "||", "not": "!", "is": "=="}


def syntax(source: str, message: str) -> Mistake:
    """The first thing that is wrong; ``message`` is the library's own."""
    if not source.strip():
        return Mistake("the expression is empty", "write a condition such as amount < 0.0")
    found = [
        (int(line), int(column), words) for line, column, said in _SAID.findall(message) if (words := _plain(said))
    ]
    line, column, (what, remedy) = min(found, default=(1, 1, ("the expression cannot be read", _HAS)))
    if word := re.search(r"(?<![\w.])(and|or|not|is)(?!\w)", source):
        remedy = f"write {_OPERATORS[word[1]]} for '{word[1]}'"
    elif re.search(r"(?<![=!<>])=(?!=)", source):
        remedy = "compare with =="
    if line > 1:
        return Mistake(f"{what} (line {line}, column {column} of the expression)", remedy)
    return Mistake(what, remedy, max(0, column - 1))  # it counts from 0 where an argument is missing


def _plain(said: str) -> tuple[str, str] | None:
    """What is wrong and the remedy; None for what the library says of its own workings."""
    for pattern, what, remedy in _WORDS:
        if found := pattern.fullmatch(said.strip()):
            return what.format(**found.groupdict()), remedy.format(**found.groupdict())
    return None
