import functools
from decimal import Decimal

import pytest

from ivr.dialog.line import Line
from ivr.dialog.signatures import is_dialog, may_be_dialog, misfits
from ivr.media.recording import Recording


def pin_ok(card, pin, bank="own"): ...


def keep(message: Recording): ...


def none(): ...


def handed_on(call): ...


async def place(code: "str | None") -> str: ...


async def answer(call): ...


async def asked(who: Line, amount: Decimal, *, twice=False): ...


async def of_theirs(caller: "Protocol"): ...  # noqa: F821


async def by_place(call, text, /): ...


def wrapped(function):
    @functools.wraps(function)
    def wrapper(*arguments, **names):
        return function("own", *arguments, **names)

    return wrapper


class Callable:
    async def __call__(self, call, x=1): ...


PLAIN = ["x.pin_ok", "x.keep", "x.none", "x.wrapped"]


@pytest.mark.parametrize(
    ("name", "function", "expected"),
    [
        ("x.pin_ok", pin_ok, False),
        ("x.keep", keep, False),
        ("x.none", none, False),
        ("x.handed_on", handed_on, True),
        ("x.place", place, False),
        ("x.answer", answer, True),
        ("x.asked", asked, True),
        ("x.of_theirs", of_theirs, True),
        ("x.wrapped", wrapped(pin_ok), True),
        ("x.callable", Callable(), True),
        ("x.max", max, True),
    ],
)
def test_which_functions_may_be_dialogs(name, function, expected):
    assert may_be_dialog(name, function, PLAIN) is expected


@pytest.mark.parametrize(
    ("function", "given", "expected"),
    [
        (answer, (), True),
        (answer, ("call",), False),
        (asked, (), True),
        (place, (), False),
        (handed_on, (), False),
        (of_theirs, (), False),
        (none, (), False),
        (wrapped(answer), (), False),
    ],
)
def test_which_functions_are_dialogs_for_sure(function, given, expected):
    assert is_dialog(function, given) is expected


@pytest.mark.parametrize(
    ("function", "given", "dialog", "said"),
    [
        (pin_ok, ("card", "pin"), False, []),
        (pin_ok, ("car", "pin"), False, ["takes no 'car', did you mean 'card'?", "needs 'card', and is not given it"]),
        (none, ("x",), False, ["takes no 'x', it takes none"]),
        (asked, ("amount", "twice"), True, []),
        (asked, ("who",), True, ["takes no 'who', it takes amount, twice", "needs 'amount', and is not given it"]),
        (by_place, ("text",), True, ["takes no 'text'", "takes 'text' by its position alone, remove the '/'"]),
        (wrapped(pin_ok), ("anything",), False, []),
        (Callable(), ("x",), True, []),
        (max, ("x",), False, []),
    ],
)
def test_arguments_too_many_or_too_few(function, given, dialog, said):
    found = [f"{each.what}, {each.remedy}" for each in misfits("x.f", function, given, dialog=dialog)]
    assert len(found) == len(said)
    assert all(part in text for part, text in zip(said, found, strict=True)), found


@pytest.mark.parametrize("function", [pin_ok, keep, none, place, asked, by_place, wrapped(pin_ok)])
@pytest.mark.parametrize(
    "given", [(), ("card", "pin"), ("message",), ("code",), ("amount",), ("who", "amount"), ("x",)]
)
@pytest.mark.parametrize("dialog", [False, True])
def test_a_misfit_is_told_where_python_would_raise(function, given, dialog):
    """By what Python itself says of such a call."""
    import inspect

    first = (object(),) if dialog else ()
    try:
        inspect.signature(function, follow_wrapped=False).bind(*first, **dict.fromkeys(given))
        fits = True
    except TypeError:
        fits = False
    told = list(misfits("x.f", function, given, dialog=dialog))
    takes_call = not dialog or function is not none
    assert fits is not bool(told) if takes_call else not fits
