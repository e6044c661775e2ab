"""What annotations tell of values: each kind of them, and all that tells nothing."""

import collections.abc as abc
import enum
import functools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NewType, NotRequired, Optional, TypedDict, TypeVar, Union

import pytest
from pydantic import BaseModel

from ivr.dialog.returned import UNTOLD, field, returned, samples, shown

T = TypeVar("T")
Cents = NewType("Cents", int)
MAYBE, EITHER = Optional[bool], Union[bool, date, None]  # noqa: UP007, UP045 (projects may write them so)


class Bill(TypedDict):
    due: date
    paid: NotRequired[bool]


class Model(BaseModel):
    due: date


@dataclass
class Data:
    due: date


class Colour(enum.Enum):
    RED = "red"


class Word(enum.StrEnum):
    RED = "red"


class Money(Decimal):
    pass


class Unknown:
    pass


class Box(Generic[T]):
    pass


def kinds(hint):
    found = samples(hint)
    return None if found is None else {type(value).__name__ for value in found}


@pytest.mark.parametrize(
    ("hint", "names"),
    [
        (bool, {"bool"}),
        (int, {"int"}),
        (Cents, {"int"}),
        (Money, {"Decimal"}),
        (datetime, {"datetime"}),
        (date, {"date"}),
        (timedelta, {"timedelta"}),
        (list[str], {"list"}),
        (dict[str, int], {"dict"}),
        (abc.Mapping[str, int], {"dict"}),
        (tuple[int, ...], {"tuple"}),
        (Bill, {"dict"}),
        (None, {"NoneType"}),
        (MAYBE, {"bool"}),
        (EITHER, {"bool", "date"}),
        (bool | list[int], {"bool", "list"}),
        (Literal[1, "a"], {"int", "str"}),
        (Data, {"_Whole"}),
        (Model, {"_Whole"}),
        (Colour, {"_Whole"}),
    ],
)
def test_what_a_type_tells(hint, names):
    assert kinds(hint) == names


@pytest.mark.parametrize(
    "hint", [str, Word, Any, object, Unknown, Box[int], T, bool | str, abc.Sequence[str], abc.Callable]
)
def test_what_tells_nothing(hint):
    assert samples(hint) is None


def test_the_fields_that_expressions_read():
    assert (field(Bill, "due"), field(Bill, "paid"), field(dict[str, int], "any")) == (date, bool, int)
    assert field(Bill, "nowhere") is field(Model, "due") is field(Data, "due") is field(Any, "due") is UNTOLD


def test_of_functions():
    def plain() -> bool: ...
    async def later() -> Annotated[bool, "true"]: ...
    def unsaid(): ...
    def lost() -> "Nowhere": ...  # noqa: F821
    def several() -> abc.Iterator[int]:
        yield 1

    @functools.wraps(plain)
    def wrapped(): ...

    assert (returned(plain), returned(later)) == (bool, bool)
    others = (unsaid, lost, several, wrapped, functools.partial(plain), Unknown, None)
    assert [returned(each) for each in others] == [UNTOLD] * len(others)


def test_they_are_shown_as_they_are_written():
    hints = (bool, list[str], MAYBE, Bill, type(None))
    assert [shown(hint) for hint in hints] == ["bool", "list[str]", "Optional[bool]", "Bill", "None"]
