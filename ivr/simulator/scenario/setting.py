"""What surrounds a call that a test leads, to be set before it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.party import TransferOutcome
from ivr.errors import ConfigError
from ivr.project.project import Project
from ivr.project.reading.readable import looked_up
from ivr.project.settings.hours import zone
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import EPOCH, Answer
from ivr.simulator.scenario.model import Line, Scenario
from ivr.simulator.scenario.run import in_turn
from ivr.testing.voices import ScriptedVoice, SpeechScript

_USUAL = Scenario("", ())
_KINDS: Mapping[str, type] = {
    "number": str,
    "called": str,
    "parameters": Mapping,
    "lookups": Mapping,
    "transfers": list,
    "line": Line,
    "started_at": datetime,
}
"""What can be assigned; a voice is any function of that shape."""


@dataclass
class Setting:
    """Who telephones, and what answers. Once the call has begun nothing of it can be assigned any more."""

    number: str = _USUAL.caller
    called: str = _USUAL.called
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What else the stream begins with."""
    lookups: Mapping[str, Any] = field(default_factory=dict)
    """By name: a value, an ``Answer``, a list of ``Answer`` in turn, an exception, or a function that returns one."""
    transfers: list[tuple[float, TransferOutcome | str]] = field(default_factory=list)
    """See ``Driver.transfers``."""
    voice: SpeechScript = field(default_factory=ScriptedVoice)
    line: Line = field(default_factory=Line)
    """The way to the caller; its ``gateway`` is not read."""
    started_at: datetime = EPOCH
    """Wall time of the beginning; without a zone, in that of the project."""
    begun: bool = field(default=False, init=False)

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__dataclass_fields__:
            known = [each for each in self.__dataclass_fields__ if each != "begun"]
            raise ConfigError(f"nothing of a call is named '{name}': {meant(name, known, listing(known))}")
        if getattr(self, "begun", False):
            raise ConfigError(f"the call has begun: set its {name} before the first step")
        kind = _KINDS.get(name)
        if kind is not None and not isinstance(value, kind):
            raise ConfigError(f"{name} is {value!r}: give it a {kind.__name__}")
        object.__setattr__(self, name, value)

    def scenario(self, name: str, file: str) -> Scenario:
        """What of it a scenario tells."""
        number, called, parameters = self.number, self.called, dict(self.parameters)
        return Scenario(name, (), line=self.line, caller=number, called=called, parameters=parameters, file=file)

    def conditions(self, project: Project) -> Conditions:
        """The rest. Raises ``ConfigError`` for a lookup that the project does not have."""
        known = {*project.functions, *looked_up(project.tables.values())}
        for name in self.lookups:
            if name not in known:
                remedy = meant(name, known, f"there are {listing(sorted(known)) or 'none'}")
                raise ConfigError(f"nothing looks up '{name}': {remedy}")
        given: Sequence[object] = self.transfers
        for each in given:
            if not isinstance(each, tuple) or len(each) != 2 or not isinstance(each[1], str):
                remedy = "write (seconds, TransferOutcome.BUSY), or why it is refused in the place of the outcome"
                raise ConfigError(f"a transfer is {each!r}: {remedy}")
        return Conditions(
            voice=self.voice,
            lookups={name: _answers(given) for name, given in self.lookups.items()},
            transfers=tuple(self.transfers),
            started_at=self.aware(project),
        )

    def aware(self, project: Project) -> datetime:
        """When it begins, with its zone."""
        when = self.started_at
        return when if when.tzinfo else when.replace(tzinfo=zone(project.settings.timezone))


def _answers(given: Any) -> Answer | Callable[..., Answer]:
    if isinstance(given, list | tuple) and given and all(isinstance(each, Answer) for each in given):
        return in_turn(tuple(given))
    if callable(given) and not isinstance(given, type):
        return lambda *arguments, **keywords: _answer(given(*arguments, **keywords))
    return _answer(given)


def _answer(given: Any) -> Answer:
    if isinstance(given, BaseException):
        return Answer(error=str(given) or type(given).__name__)
    return given if isinstance(given, Answer) else Answer(given)
