"""What a language must know, so that every kind of value has words in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

Texts = list[str]
"""The texts of units in their order."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What is counted."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True, slots=True)
class Currency:
    """How an amount is said: its unit, and the hundredth of that."""

    unit: Noun
    hundredth: Noun


class Language(ABC):
    """The words of one language as one region says them. All answers are texts of units."""

    tag: ClassVar[str]
    digits: ClassVar[tuple[str, ...]]
    """``zero`` to ``nine``, said one by one."""
    letters: Mapping[str, str]
    """Names of letters; an accent that is no letter of its own is not in it."""
    marks: Mapping[str, str]
    """Names of ``+``, ``-``, ``'`` and the like."""
    minus: ClassVar[str]
    point: str
    """What stands between a number and its decimals."""
    and_: ClassVar[str]
    """Between the last two parts of a duration."""
    money_and: ClassVar[str]
    """Between an amount's whole part and its hundredths."""
    extension: ClassVar[str]
    """Before the digits that are dialled once a telephone number has answered."""
    pairs: bool = False
    """Whether telephone numbers are said as numbers of two digits."""
    spans: ClassVar[tuple[Noun, Noun, Noun, Noun]]
    """Days, hours, minutes and seconds."""

    def __init__(self, region: str) -> None:
        self.region = region

    @abstractmethod
    def cardinal(self, number: int) -> Texts:
        """A number from 0 to below ``LIMIT``, said by itself."""

    @abstractmethod
    def count(self, number: int, noun: Noun) -> Texts:
        """So many of what is counted."""

    @abstractmethod
    def currency(self, code: str) -> Currency:
        """The currency of one of the codes in ``money.CURRENCIES``."""

    @abstractmethod
    def ordinal(self, number: int) -> Texts:
        """A place in a row, from 1 to below 10,000."""

    @abstractmethod
    def day(self, day: date) -> Texts:
        """Day and month."""

    @abstractmethod
    def dated(self, day: Texts, year: Texts) -> Texts:
        """A day with its year."""

    @abstractmethod
    def year(self, year: int) -> Texts:
        """A year from 1000 to 2999."""

    @abstractmethod
    def time(self, hour: int, minute: int) -> Texts:
        """A time of day."""
