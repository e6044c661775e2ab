"""What dialogs in Python name by literals: prompts, dialogs, functions, calendars, locales, parties, covers.

A name counts where it is handed to the call for sure: to a parameter that is annotated as ``Line``, to the first one of
a function that is run as a dialog, or to a parameter that either of them is handed on as. Constants of a module are
looked up where they are written once.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
METHODS = {
    "say": ("prompt", "prompt"),
    "sayable": ("prompt", "prompt"),
    "choose": ("prompt", "prompt"),
    "collect": ("prompt", "prompt"),
    "confirm": ("prompt", "prompt"),
    "dialog": ("dialog", "name"),
    "run": ("function", "function"),
    "lookup": ("function", "function"),
    "open": ("calendar", "calendar"),
    "next_opening": ("calendar", "calendar"),
    "speak": ("locale", "locale"),
    "transfer": ("party", "to"),
}
"""Of ``Line``: what the first argument names, and what it is called."""
LADDERS = ("no_input", "no_match")
ROLES = ("filler", "hold", "still", "fallback")
_OURS = {"Line": "ivr.dialog.line", "Manners": "ivr.dialog.manners", "Cover": "ivr.dialog.cover"}


@dataclass(frozen=True, slots=True)
class Named:
    """One literal."""

    kind: str
    """``prompt``, ``dialog``, ``function``, ``calendar``, ``locale``, ``party``, or a role of covers."""
    name: str
    line: int
    column: int
    """In characters, from 1."""
    given: frozenset[str] | None = frozenset()
    """The values that are handed over with it; None: nobody knows."""
    once: bool = False
    """A prompt's first attempt alone."""


def named(tree: ast.Module, text: str, dialogs: Collection[str]) -> Iterator[Named]:
    """Of one module. ``dialogs``: its functions that are run as such."""
    return Module(tree, text, dialogs).named()


class Module:
    """One module, and which of its functions have the call."""

    def __init__(self, tree: ast.Module, text: str, dialogs: Collection[str]) -> None:
        self._tree = tree
        self._lines = re.split(r"\r\n|\r|\n", text)
        self._ours = _imported(tree)
        self._constants = _constants(tree)
        self._top = {node.name: node for node in tree.body if isinstance(node, Function)}
        self._calls: defaultdict[Function, set[str]] = defaultdict(set)
        """The parameters of functions that are the call."""
        self._waiting: list[Function] = []
        for node in ast.walk(tree):
            if isinstance(node, Function):
                for parameter in _parameters(node):
                    if self._is_line(parameter.annotation):
                        self._is_call(node, parameter.arg)
        for name in dialogs:
            function = self._top.get(name)
            if function is not None and (first := _parameters(function)[:1]) and first[0].annotation is None:
                self._is_call(function, first[0].arg)

    def named(self) -> Iterator[Named]:
        """Each literal once."""
        asked = [(node, method) for _, node, method in self.asked() if method in METHODS]
        found = dict.fromkeys(each for node, method in asked for each in self._asked(node, method))
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found |= dict.fromkeys(self._made(node, self._ours.get(node.func.id)))
        yield from found

    def _is_call(self, function: Function, parameter: str) -> None:
        if parameter not in self._calls[function] and parameter not in _bound(function):
            self._calls[function].add(parameter)
            self._waiting.append(function)

    def _is_line(self, annotation: ast.expr | None) -> bool:
        match annotation:
            case ast.Name(id=name) | ast.Constant(value=str() as name):
                return self._ours.get(name) == "Line"
        return False

    def _hand_on(self, function: Function) -> None:
        """Functions of the module that are handed the call get it too."""
        for node in _calls_in(function):
            target = self._top.get(node.func.id) if isinstance(node.func, ast.Name) else None
            if target is None or any(isinstance(each, ast.Starred) for each in node.args):
                continue
            names = [each.arg for each in (*target.args.posonlyargs, *target.args.args)]
            pairs = [*zip(names, node.args, strict=False), *((each.arg, each.value) for each in node.keywords)]
            for name, value in pairs:
                if name is not None and isinstance(value, ast.Name) and value.id in self._calls[function]:
                    self._is_call(target, name)

    def asked(self) -> Iterator[tuple[Function, ast.Call, str]]:
        """What is asked of the call: where, how, and the name of the method."""
        while self._waiting:
            self._hand_on(self._waiting.pop())
        for function in list(self._calls):
            yield from ((function, node, method) for node, method in self._in(function))

    def _in(self, function: Function) -> Iterator[tuple[ast.Call, str]]:
        for node in _calls_in(function):
            match node.func:
                case ast.Attribute(value=ast.Name(id=name), attr=method) if name in self._calls[function]:
                    yield node, method

    def _asked(self, node: ast.Call, method: str) -> Iterator[Named]:
        kind, parameter = METHODS[method]
        given = {each.arg for each in node.keywords}
        literal = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == parameter), None)
        says = method in ("say", "sayable")
        attempt = says and (len(node.args) > 1 or "attempt" in given)
        known = None if attempt or None in given else frozenset(name for name in given if name is not None)
        once = says and not attempt
        for where, text in self.texts(literal):
            yield self._at(where, kind, text, known, once=once)

    def _made(self, node: ast.Call, what: str | None) -> Iterator[Named]:
        """``Manners(no_input="…")`` and ``Cover(hold="…")``."""
        kinds = (
            dict.fromkeys(LADDERS, "prompt") if what == "Manners" else {r: r for r in ROLES} if what == "Cover" else {}
        )
        for keyword in node.keywords:
            if keyword.arg in kinds:
                for value in keyword.value.elts if isinstance(keyword.value, ast.Tuple | ast.List) else [keyword.value]:
                    for where, text in self.texts(value):
                        yield self._at(where, kinds[keyword.arg], text, frozenset())

    def texts(self, value: ast.expr | None) -> Iterator[tuple[ast.expr, str]]:
        """The texts that an expression can be, each with the expression that is it."""
        match value:
            case ast.Constant(value=str() as text):
                yield value, text
            case ast.Name(id=name) if name in self._constants:
                yield value, self._constants[name]
            case ast.IfExp(body=one, orelse=other):
                yield from (*self.texts(one), *self.texts(other))

    def _at(self, node: ast.expr, kind: str, text: str, given: frozenset[str] | None, *, once: bool = False) -> Named:
        return Named(kind, text, *self.place(node), given, once)

    def place(self, node: ast.expr) -> tuple[int, int]:
        """Line and column, in characters, from 1."""
        before = self._lines[node.lineno - 1].encode()[: node.col_offset]
        return node.lineno, len(before.decode(errors="replace")) + 1


def _imported(tree: ast.Module) -> dict[str, str]:
    """Our own names by what the module calls them, where nobody else's are called so."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=module, names=names):
                for alias in names:
                    ours = module == _OURS.get(alias.name)
                    found[alias.asname or alias.name].add(alias.name if ours else "")
            case ast.ClassDef(name=name):
                found[name].add("")
    return {name: each.pop() for name, each in found.items() if len(each) == 1}


def _parameters(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _bound(function: Function) -> set[str]:
    """Names that the body of a function binds, those of functions within it too."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node is not function:
                found.update(each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
            case ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name)):
                found.add(name)
    return found


def _calls_in(function: Function) -> Iterator[ast.Call]:
    """Those of functions within it too: they see its parameters."""
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module gives names which nothing else in it binds."""
    bound: Counter[str] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name) | ast.alias(asname=str(name)):
                bound[name] += 1
            case ast.alias(name=name) | ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name)):
                bound[name] += 1
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound[name] += 1
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name) and bound[target.id] == 1
    }
