"""Phrases that nobody says: neither a dialog, nor a prompt that is said, nor a setting, nor the project's own code."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ivr.catalog.phrase import Catalogue
from ivr.dialog.dialog_file import DialogSource, read_dialog_leniently
from ivr.errors import Problem, Severity
from ivr.project.checks.references import said_anywhere
from ivr.project.disk.files import listed, read_text
from ivr.project.disk.layout import PROMPTS
from ivr.project.sources import Sources

_HOLE = re.compile(r"%(?:\([^()]*\))?[-+ #0-9.]*[a-zA-Z]|\{[^{}]*\}")
"""What is filled in a text by ``%`` or ``format``."""
_TELLING = 2
"""Characters that a made name has for sure, or it could be any; the one that joins words is enough by itself."""


def unsaid(sources: Sources) -> tuple[list[Problem], str]:
    """Each such phrase as a problem at its place, sorted; or why that cannot be known.

    Code may make names: a text of which a part is filled in stands for all names that it could become. Names that come
    from elsewhere, such as a database, are seen where they stand in the code as texts.
    """
    if sources.problems or not sources.whole:
        return [], "the words or settings have mistakes"
    prompts = sources.root / PROMPTS
    dialogs, wrong = _dialogs(prompts / "dialogs")
    made, broken = _code(prompts)
    if wrong or broken:
        return [], f"{(wrong or broken)[0].file} has mistakes: `ivr check` tells them"
    settings = sources.settings.model_copy(update={"thresholds": ()})
    said = _phrases(said_anywhere(settings, dialogs), made, list(sources.catalogues.values()))
    found = [
        sources.words[locale]
        .source_of(name)
        .problem(("phrases", name), f"nobody says '{name}'", "say it in a dialog, or remove it", key=True, code="clip")
        for locale, catalogue in sources.catalogues.items()
        for name in catalogue.phrases
        if name not in said
    ]
    return sorted(found), ""


def _phrases(names: Collection[str], made: re.Pattern[str], catalogues: Collection[Catalogue]) -> set[str]:
    """The phrases of all prompts that are said in any locale, for one may borrow from another."""
    found: set[str] = set()
    for catalogue in catalogues:
        for name in [*catalogue.prompts, *catalogue.phrases]:
            prompt = catalogue.prompt(name) if name in names or made.fullmatch(name) else None
            if prompt is not None:
                found.update(phrase for variant in prompt.variants for phrase in variant)
    return found


def _dialogs(directory: Path) -> tuple[dict[str, DialogSource], list[Problem]]:
    if not os.path.lexists(directory):  # a project may have all its dialogs in Python
        return {}, []
    files, problems = listed(directory, ".yaml")
    dialogs: dict[str, DialogSource] = {}
    for file in files:
        text = read_text(file)
        dialog, wrong = (None, [text]) if isinstance(text, Problem) else read_dialog_leniently(text, str(file))
        problems += [problem for problem in wrong if problem.severity is Severity.ERROR]
        if dialog is not None:
            dialogs[dialog.table.name] = dialog
    return dialogs, problems


def _code(prompts: Path) -> tuple[re.Pattern[str], list[Problem]]:
    """The names that the project's modules have as texts or could make, and the modules that are not Python."""
    files, problems = listed(prompts, ".py")
    made: set[str] = set()
    for file in files:
        text = read_text(file)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problems.append(Problem(str(file), getattr(error, "lineno", None) or 1, 1, "this is no Python", "mend it"))
            continue
        made.update(pattern for node in _outermost(tree) for pattern in _patterns(node))
    return re.compile("|".join(sorted(made)) or r"(?!)"), problems


def _outermost(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, but of ``a + b + c`` the whole alone."""
    inner: set[ast.AST] = set()
    for node in ast.walk(tree):  # what stands around comes first
        if node not in inner:
            yield node
        if isinstance(node, ast.BinOp):
            inner.update(side for side in (node.left, node.right) if isinstance(side, ast.BinOp))


def _patterns(node: ast.AST) -> Iterator[str]:
    """Patterns of the names that one text of the code is, or could become."""
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
            if _HOLE.search(text):
                yield from _joined(_HOLE.split(text))
        case ast.JoinedStr(values=parts):
            yield from _joined([part.value if isinstance(part, ast.Constant) else None for part in parts])
        case ast.BinOp(op=ast.Add()):
            yield from _joined(list(_added(node)))


def _joined(parts: Sequence[object]) -> Iterator[str]:
    """Of texts with gaps between them, or None for a gap. Gaps alone are anything, which tells nothing."""
    sure = "".join(part for part in parts if isinstance(part, str))
    if len(sure) >= _TELLING or sure == "_":
        yield ".*".join(re.escape(part) if isinstance(part, str) else "" for part in parts)


def _added(node: ast.expr) -> Iterator[object]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _added(left)
            yield from _added(right)
        case ast.Constant(value=str(text)):
            yield text
        case _:
            yield None
