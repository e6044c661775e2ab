"""Which functions of a module are no dialogs by their text: not ``async``, nor handing the call on."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator


def plain_functions(tree: ast.Module) -> Iterator[str]:
    """The names of plain functions that return nothing that could be awaited.

    A function such as ``def pay(call): return _pay(call)`` may be a dialog, and so may one with a decorator.
    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.decorator_list and not _may_return_awaitable(node):
            yield node.name


def _may_return_awaitable(function: ast.FunctionDef) -> bool:
    """Whether it returns what another function gives that has to do with its first parameter."""
    positional = [*function.args.posonlyargs, *function.args.args]
    if not positional:
        return function.args.vararg is not None
    call = positional[0].arg
    inside = list(ast.walk(function))
    kept = {
        target.id
        for node in inside
        if isinstance(node, ast.Assign) and _has_to_do_with(node.value, call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    returned = [node.value for node in inside if isinstance(node, ast.Return) and node.value is not None]
    return any(
        each.id in kept if isinstance(each, ast.Name) else _has_to_do_with(each, call)
        for value in returned
        for each in _choices(value)
    )


def _choices(value: ast.expr) -> Iterator[ast.expr]:
    match value:
        case ast.IfExp(body=one, orelse=other):
            yield from (*_choices(one), *_choices(other))
        case ast.BoolOp(values=several):
            yield from several
        case ast.NamedExpr(value=one):
            yield one
        case _:
            yield value


def _has_to_do_with(value: ast.expr, call: str) -> bool:
    if not isinstance(value, ast.Call) or (isinstance(value.func, ast.Name) and hasattr(builtins, value.func.id)):
        return False
    return any(isinstance(node, ast.Name) and node.id == call for node in ast.walk(value))
