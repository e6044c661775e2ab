import ast

import pytest

from ivr.project.code.names import METHODS, named

OURS = "from ivr.dialog.line import Line\nfrom ivr.dialog.manners import Manners\nfrom ivr.dialog.cover import Cover\n"


def found(text, *dialogs):
    text = OURS + text
    return [f"{each.kind} {each.name}" for each in named(ast.parse(text), text, dialogs)]


@pytest.mark.parametrize(
    "text",
    [
        "async def f(c: Line): await c.say('x')",
        "async def f(c: 'Line'): await c.say(prompt='x')",
        "async def f(*, c: Line): await c.choose('x', '12')",
        "def f(c: Line): return c.confirm('x')",
        "async def answer(c): await c.collect('x', 4)",
        "async def answer(c): await g(1, c)\nasync def g(n, told): await told.say('x')",
        "async def answer(c): await g(told=c)\nasync def g(*, told): await told.say('x')",
        "async def f(c: Line):\n    async def g(n): await c.say('x')\n    await g(1)",
        "X = 'x'\nasync def f(c: Line): await c.say(X)",
    ],
)
def test_prompts_that_are_said_to_the_call(text):
    assert found(text, "answer") == ["prompt x"]


@pytest.mark.parametrize(
    "text",
    [
        "async def f(call): await call.say('x')",
        "async def f(robot: Robot): await robot.say('x')",
        "from theirs import Line\nasync def f(c: Line): await c.say('x')",
        "async def f(c: Line):\n    c = Robot()\n    await c.say('x')",
        "async def f(c: Line):\n    for c in robots: await c.say('x')",
        "async def f(c: Line):\n    async def g(c): await c.say('x')\n    await g(Robot())",
        "async def answer(robot: Robot): await robot.say('x')",
        "async def answer(c): await g(*c)\nasync def g(told): await told.say('x')",
        "async def f(c: Line, name): await c.say(name)",
        "async def f(c: Line): await c.say('x' + name)",
        "async def f(c: Line): await c.say(f'x{1}')",
        "X = 'x'\nasync def f(c: Line, X): await c.say(X)",
        "X = 'x'\nX = 'y'\nasync def f(c: Line): await c.say(X)",
        "async def f(c: Line): await c.whatever('x')",
        "class Robot:\n    async def answer(self, c): await c.say('x')",
    ],
)
def test_what_is_no_name_for_sure(text):
    assert found(text, "answer") == []


def test_names_of_all_kinds():
    text = """
async def f(c: Line):
    await c.dialog("pay", amount=5)
    await c.run("bank.balance")
    await c.lookup(balance)
    await c.open("desk")
    await c.speak("es-US")
    await c.transfer("200")
    await c.cover(Cover(hold="music", still=""))
    await c.choose("a" if late else "b", "1", Manners(no_input=("c", "d"), no_match="e", tries=2))
"""
    assert sorted(found(text)) == sorted(
        "dialog pay|function bank.balance|calendar desk|locale es-US|party 200|hold music|still |prompt a|prompt b|"
        "prompt c|prompt d|prompt e".split("|")
    )


def test_what_is_given_with_it_and_where_it_stands():
    text = 'async def f(c: Line):\n    "ß"; await c.say("x", amount=5)\n    await c.say("y", 2, **values)\n'
    one, two = named(ast.parse(OURS + text), OURS + text, ())
    assert (one.line, one.column, one.given, one.once) == (5, 22, {"amount"}, True)
    assert (two.given, two.once) == (None, False)


def test_the_call_has_these_methods_with_these_parameters():
    import inspect

    from ivr.dialog.line import Line

    for method, (_, parameter) in METHODS.items():
        assert list(inspect.signature(getattr(Line, method)).parameters)[1] == parameter
