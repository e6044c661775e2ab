import ast

import pytest

from ivr.project.code.plain_functions import plain_functions


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return 5",
        "def f(a, b): return a == b",
        "def f(message):\n    file.write(message.wav())\n    return file.name",
        "def f(account): return str(account)",
        "def f(account): return other(5)",
        "def f(account):\n    found = 5\n    return found",
        "def f(account): ...",
    ],
)
def test_what_is_no_dialog(text):
    assert list(plain_functions(ast.parse(text))) == ["f"]


@pytest.mark.parametrize(
    "text",
    [
        "async def f(call): return 5",
        "def f(call): return pay(call)",
        "def f(call): return call.dialog('pay')",
        "def f(call): return pay(call) if late else other(call)",
        "def f(call):\n    coming = pay(call, 5)\n    return coming",
        "def f(*arguments): return pay(*arguments)",
        "@decorated\ndef f(call): return 5",
        "f = lambda call: pay(call)",
        "class F:\n    def f(self): return 5",
    ],
)
def test_what_may_be_one(text):
    assert list(plain_functions(ast.parse(text))) == []
