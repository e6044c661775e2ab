"""What the project's own code names of its dialogs, read from the text of its modules."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from ivr.project.code.names import Named, named
from ivr.project.code.plain_functions import plain_functions
from ivr.project.code.values import Given, given
from ivr.project.disk.files import listed, read_text


@dataclass(slots=True)
class Mentioned:
    """By ``prompts/*.py``."""

    texts: set[str] = field(default_factory=set)
    """All constants that are texts: dialogs of such names may be run."""
    given: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By a dialog's name, the variables of calls such as ``call.dialog("pay", amount=5)``."""
    unnamed: bool = False
    """A dialog is run whose name no literal tells."""
    plain: set[str] = field(default_factory=set)
    """The functions, as ``module.function``, that are no dialogs by their text."""
    named: dict[str, list[Named]] = field(default_factory=dict)
    """By file, what is handed to the call as a literal."""
    given_to_slots: dict[str, list[Given]] = field(default_factory=dict)
    """By file, values of slots that the text tells."""


def mentioned(directory: Path, dialogs: Collection[str] = (), *, thorough: bool = False) -> Mentioned:
    """Of the modules in ``directory``; one that is not Python mentions nothing.

    ``dialogs``: functions, as ``module.function``, that somebody runs as such; ``thorough``: values of slots too.
    """
    found = Mentioned()
    for file in listed(directory, ".py")[0]:
        text = read_text(file)
        if not isinstance(text, str):
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found.plain.update(f"{file.stem}.{name}" for name in plain_functions(tree))
        run = [name.partition(".")[2] for name in dialogs if name.partition(".")[0] == file.stem]
        found.named[str(file)] = list(named(tree, text, run))
        if thorough:
            found.given_to_slots[str(file)] = list(given(tree, text, run))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.texts.add(node.value)
            if isinstance(node, ast.Call):
                _called(node, found)
    return found


def _called(node: ast.Call, found: Mentioned) -> None:
    name = node.args[0] if node.args else None
    named = isinstance(node.func, ast.Attribute) and node.func.attr == "dialog"
    if named and isinstance(name, ast.Constant) and isinstance(name.value, str):
        found.given[name.value].update(keyword.arg for keyword in node.keywords if keyword.arg is not None)
    elif named:
        found.unnamed = True
