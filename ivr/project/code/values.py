"""What dialogs in Python put into slots, where their text tells: literals, what is typed, and what is looked up.

A value is followed to a name that its function binds once, and no further.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ivr.dialog.sayable import Constant, Held, Keys
from ivr.project.code.names import Function, Module

SAYING = ("say", "choose", "collect", "confirm")
_OWN = frozenset("prompt attempt bargein options manners digits end valid yes no".split())
"""Parameters of those that are no slots."""
_LOOKING = ("run", "lookup")


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a function of the project returns."""

    function: str
    """As ``module.function``; of the same module without one."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value of a slot."""

    prompt: str
    slot: str
    value: Held | LookedUp
    line: int
    column: int
    """In characters, from 1."""


def given(tree: ast.Module, text: str, dialogs: Collection[str]) -> Iterator[Given]:
    """Of one module. ``dialogs``: its functions that are run as such."""
    module = Module(tree, text, dialogs)
    imported = _imported(tree)
    asked = list(module.asked())
    methods = {id(node): method for _, node, method in asked}
    for function, node, method in asked:
        if method not in SAYING or any(isinstance(each, ast.Starred) for each in node.args):
            continue
        first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "prompt"), None)
        prompts = [name for _, name in module.texts(first)]
        followed = _Followed(function, methods, imported)
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in _OWN:
                continue
            value = followed.value(keyword.value)
            texts = [Constant(said) for _, said in module.texts(keyword.value)] if value is None else []
            for each in [*texts[:1]] if len(texts) == 1 else [value] if value is not None else []:
                yield from (Given(name, keyword.arg, each, *module.place(keyword.value)) for name in prompts)


class _Followed:
    """Values of one function."""

    def __init__(self, function: Function, methods: Mapping[int, str], imported: Mapping[str, str]) -> None:
        self._methods = methods
        self._imported = imported
        bound: Counter[str] = Counter()
        assigned: dict[str, ast.expr] = {}
        for node in ast.walk(function):
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                    bound[name] += 1
                case ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name)) | ast.alias(name=name):
                    bound[name] += 1
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    bound.update({name: 2 for name in names})
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    assigned[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    assigned[name] = value
        self._assigned = {name: value for name, value in assigned.items() if bound[name] == 1}
        self._bound = bound

    def value(self, node: ast.expr, deep: int = 0) -> Held | LookedUp | None:
        """None where the text does not tell."""
        match node:
            case ast.Name(id=name) if name in self._assigned and deep < 5:
                return self.value(self._assigned[name], deep + 1)
            case ast.Await(value=ast.Call() as call) if self._methods.get(id(call)) in _LOOKING:
                return self._looked_up(call)
            case ast.Await(value=ast.Call() as call) if self._methods.get(id(call)) == "collect":
                return _typed(call)
            case ast.Await(value=ast.Name() as handle):
                found = self.value(handle, deep + 1)
                return found if isinstance(found, LookedUp) else None
        try:
            return Constant(ast.literal_eval(node))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None

    def _looked_up(self, call: ast.Call) -> LookedUp | None:
        first = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "function"), None)
        match first:
            case ast.Constant(value=str(name)):
                return LookedUp(name)
            case ast.Name(id=name) if name not in self._bound:
                return LookedUp(self._imported.get(name, name))
            case ast.Attribute(value=ast.Name(id=name), attr=function) if name not in self._bound:
                return LookedUp(f"{self._imported[name]}.{function}") if name in self._imported else None
        return None


def _typed(call: ast.Call) -> Keys | None:
    wanted = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "digits"), None)
    judged = len(call.args) > 2 or any(k.arg in (None, "valid") for k in call.keywords)
    match wanted:
        case ast.Constant(value=int(size)):
            return Keys(size, size, judged)
        case ast.Tuple(elts=[ast.Constant(value=int(least)), ast.Constant(value=int(most))]):
            return Keys(least, most, judged)
    return None


def _imported(tree: ast.Module) -> dict[str, str]:
    """Modules of the project and their functions, by what this module calls them."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            for alias in node.names:
                name = alias.name if node.module is None else f"{node.module}.{alias.name}"
                found[alias.asname or alias.name] = name
    return found
