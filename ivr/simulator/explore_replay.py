"""One call of exploring: a path of choices is made again, and the call is left at the first choice beyond it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ivr.call.plan import CallPlan
from ivr.catalog.party import Kind as PartyKind
from ivr.catalog.party import TransferOutcome
from ivr.dialog.ladders import Event
from ivr.dialog.listen import Listen
from ivr.dialog.requests import Ask, Clock, Entered, Record, Say, Speak
from ivr.dialog.table import State
from ivr.dialog.ways import MOST_ERRORS
from ivr.dialog.web_step import lookups_over_http
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import EPOCH, Answer, Driver
from ivr.simulator.emulated import Emulated, Phone
from ivr.simulator.explore_behind import Behind, code_in
from ivr.simulator.explore_hasty import Hasty
from ivr.simulator.explore_values import Tried
from ivr.simulator.explore_watch import watched
from ivr.simulator.listening import NOBODY, Ear, Listened
from ivr.simulator.silence import unplanned
from ivr.simulator.simulation import simulate
from ivr.testing.ear import DeadAir
from ivr.testing.voices import SpeechScript, babble
from ivr.trace.events import (
    Listening,
    LocaleChosen,
    PromptSaid,
    RecordingStarted,
    StateEntered,
    TraceEvent,
    TransferStarted,
)

SILENT, WRONG, SPEAKS = "is silent", "answers wrongly", "speaks"
THINKING = 0.4
"""Seconds between the last word heard and the first key."""
BETWEEN = 0.25
"""Seconds between two keys."""
RINGS = 5.0
"""Seconds until something comes of a transfer."""
LONGEST = 900.0
"""Virtual seconds that one call may take; it stops at the next choice, so that no honest one comes near."""
ROUNDS = 3
"""Times that a place of a dialog in Python is gone through in a call: a loop of so many rounds comes to its end."""
_PROBES = "0123456789*#ABCD"


@dataclass(frozen=True, slots=True)
class Point:
    """Where the call could go on in several ways. ``place`` is what tells it from others; it ends in the round."""

    kind: str
    """``question``, ``recording``, ``lookup``, ``transfer`` or ``moment``."""
    state: str
    place: tuple[Any, ...]
    choices: tuple[str, ...]
    behind: Behind = ()
    """What the dialog goes on with: two that run the same dialog come to the same ``place`` in it."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """What is pressed, by those of the choices that are keys."""
    first: bool = False
    """A question or recording that nobody has answered wrongly yet."""
    prompt: str = ""
    """What was said last."""
    rounds: int = 0
    """How often the call had come to that place of a dialog in Python before; at a table's it is 0."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a path led to."""

    point: Point | None
    """None: the call came to its end by itself."""
    events: Sequence[TraceEvent]
    """Since the last choice of the path."""
    states: Sequence[str]
    """All that were entered, as ``Tried.shown`` names them."""
    since: int
    """How many of them came before ``events``."""
    rungs: Sequence[tuple[str, str, int]]
    """State or prompt, error, and which one in a row it was."""
    said: frozenset[str]
    dead: Sequence[DeadAir]
    """Since the last choice."""
    reason: str | None
    listened: Listened = NOBODY
    """Since the last choice; nothing where nobody listens."""
    differed: str = ""
    """How the call went otherwise than the same path did before; nothing behind that is known."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """That were said, by utterance."""


@dataclass
class Replay:
    """The caller, and whoever else decides. Makes one call.

    States are known from the dialog's requests: its code runs ahead of the trace.
    """

    tried: Tried
    path: Sequence[str]
    hasty: Hasty | None = None
    """Does something into the words behind the path."""
    driver: Driver | None = None
    phone: Phone | None = None
    point: Point | None = None
    _next: int = 0
    _since: int = 0
    _since_at: float = 0.0
    _cut: int | None = None
    _state: str = ""
    _within: State | None = None
    """The same state in its table; None for dialogs in Python."""
    _entered: list[str] = field(default_factory=list)
    _locale: str = ""
    _prompt: str = ""
    _waiting: tuple[str, tuple[str, ...]] | None = None
    """A question that is asked, until its words were heard: how, and the choices."""
    _behind: Behind = ()
    _asked: int = 0
    """Questions since the last choice."""
    _keys: Mapping[str, str] = field(default_factory=dict)
    _place: tuple[Any, ...] = ()
    _errors: tuple[tuple[Any, ...], str, int] = ((), "", 0)
    _failed: tuple[str, int] = ("", 0)
    """A lookup that has failed, and how often in a row: ladders count that."""
    _rounds: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    """How often the call has come to each place of a dialog in Python."""
    _differed: str = ""
    _told_time: bool = False
    _transfers: list[tuple[float, TransferOutcome | str]] = field(default_factory=list)
    _rungs: list[tuple[str, str, int]] = field(default_factory=list)
    _said: set[str] = field(default_factory=set)

    def make(
        self,
        plan: CallPlan,
        gateway: Emulated,
        voice: SpeechScript,
        parameters: Mapping[str, str],
        ear: Ear | None = None,
    ) -> Replayed:
        """From the beginning until the path has been made and the call comes to another choice, or ends."""
        everyone = replace(plan.capabilities, transfers=frozenset(PartyKind))
        plan = watched(replace(plan, capabilities=everyone), self.request)
        moments = self.tried.moments()
        started = next((moments[label] for label in self.path if label in moments), EPOCH)
        conditions = Conditions(voice, self._lookups(), self._transfers, started_at=started)
        made = simulate(plan, gateway, conditions, self, parameters, LONGEST)
        if self._cut is None and self._next < len(self.path):
            self._differed = self._otherwise(f"the call ended ({made.reason})", self.path[self._next])
        events = made.trace[: self._cut]
        dead = unplanned(made.phone.heard, made.trace, conditions.network, plan.capabilities.opening)
        until = made.trace[self._cut].at if self._cut is not None and self._cut < len(made.trace) else made.seconds
        return Replayed(
            self.point,
            events[self._since :],
            self._entered,
            sum(isinstance(event, StateEntered) for event in events[: self._since]),
            self._rungs,
            frozenset(self._said),
            [each for each in dead if self._since_at <= each.start < until],
            None if self.point is not None else made.reason,
            NOBODY if ear is None else ear.listen(made, since=self._since_at if self.path else -1.0),
            self._differed,
            {event.utterance: event.prompt for event in events if isinstance(event, PromptSaid)},
        )

    def begin(self, driver: Driver, phone: Phone) -> None:
        """See ``Caller``."""
        self.driver, self.phone = driver, phone

    def request(self, request: Any, behind: Behind) -> None:
        """The dialog asks something of its call."""
        if self._cut is not None:
            return
        self._behind = behind
        match request:
            case Say(prompt=prompt):
                self._prompt = prompt
                self._said.add(prompt)
                if self.hasty is not None:
                    self.hasty.says(request, self.tried.project, self._locale)
            case Entered(state=state, dialog=dialog):
                self._state = self.tried.shown(dialog, state)
                table = self.tried.project.tables.get(dialog)
                self._within = None if table is None else table.states.get(state)
                self._entered.append(self._state)
                self._failed = ("", 0)
            case Speak(locale=locale):
                self._locale = locale
            case Ask(listen=listen):
                self._ask("question", listen)
            case Record(listen=listen):
                self._ask("recording", listen)
            case Clock() if not self._told_time:
                self._told_time = True
                moments: Mapping[str, datetime] = self.tried.moments()
                if len(moments) > 1:
                    self._choose("moment", tuple(moments), ())
            case _:
                pass

    def see(self, event: TraceEvent, now: float) -> None:
        """See ``Caller``."""
        if self._cut is not None:
            return
        self._hasten(event, now)
        match event:
            case LocaleChosen(locale=locale):
                self._locale = locale
            case TransferStarted():
                outcomes = {f"the other end: {outcome}": outcome for outcome in TransferOutcome}
                chosen = self._choose("transfer", tuple(outcomes), ())
                if chosen is not None:
                    self._transfers.append((RINGS, outcomes[chosen]))
            case Listening() | RecordingStarted() if self._waiting is not None and not self._taken:
                kind, choices = self._waiting
                self._waiting = None
                self._answer(self._choose(kind, choices, self._place), now)
            case _:
                pass

    def _hasten(self, event: TraceEvent, now: float) -> None:
        """Let somebody who does not wait do so, once the path has been made."""
        hasty, driver, phone = self.hasty, self.driver, self.phone
        if hasty is None or driver is None or phone is None:
            return
        at = hasty.see(event)
        if at is None or hasty.at is not None or self._next < len(self.path):
            return
        when = max(at, now)
        hasty.at = when

        def press(key: str, number: int) -> None:
            driver.at(when + BETWEEN * number, partial(phone.press, key))

        driver.at(when, lambda now: hasty.act(now, len(self._entered), press, phone.hang_up))

    @property
    def _taken(self) -> bool:
        """The question that is waited for was answered before its time, by keys into the words before it."""
        return self.hasty is not None and self.hasty.at is not None and self._asked == 1

    def _ask(self, kind: str, listen: Listen) -> None:
        """Decided once the words were heard, so that they belong to the choice before."""
        self._asked += 1
        keys = self._answers(kind, listen)
        place = (listen, "" if self._state else self._prompt)
        same, error, count = self._errors
        if same != (self._state, *place):
            error, count = "", 0
        self._errors = ((self._state, *place), error, count)
        offered = [SILENT, *keys] if kind == "question" else [SPEAKS, SILENT, *keys]
        # Who has erred goes on to err: where right answers lead is known from the first time.
        choices = (error,) if count else tuple(dict.fromkeys(offered))
        self._keys, self._place = keys, (*place, error, count)
        self._waiting = (kind, choices)

    def _answers(self, kind: str, listen: Listen) -> dict[str, str]:
        commands = {f"presses {key}": key for key in sorted(listen.commands)}
        if kind == "recording":
            return {**{f"presses {key}": key for key in listen.end[:1]}, **commands, WRONG: ""}
        if listen.options:
            own = {f"presses {keys}": keys for keys in sorted(listen.options)}
            first = {keys[0] for keys in listen.options} | listen.commands
            wrong = next((key for key in _PROBES if key not in first), None)
        elif listen.most == 1:
            own = {f"presses {key}": key for key in "1234567890*#" if key not in listen.commands}
            wrong = None
        else:
            own = self.tried.entries(listen, self._within)
            wrong = listen.end[0] if listen.end else "1" if listen.least > 1 else None
        return {**own, **commands, **({WRONG: wrong} if wrong is not None else {})}

    def _answer(self, chosen: str | None, now: float) -> None:
        assert self.driver is not None and self.phone is not None
        if chosen is None:
            return
        where, error, count = self._errors
        if chosen in (SILENT, WRONG):
            count = count + 1 if error == chosen else 1
            self._errors = (where, chosen, count)
            self._rungs.append((self._state or self._prompt, "no_input" if chosen == SILENT else "no_match", count))
        else:
            self._errors = ((), "", 0)
        if chosen == SPEAKS or (chosen == WRONG and not self._keys[WRONG]):
            self.driver.say(now + THINKING, _speech(2.5 if chosen == SPEAKS else 0.4, self.phone.heard.rate))
            return
        for number, key in enumerate(self._keys.get(chosen, "")):
            self.driver.at(now + THINKING + BETWEEN * number, partial(self.phone.press, key))

    def _lookups(self) -> dict[str, Any]:
        project = self.tried.project
        return {name: partial(self._look_up, name) for name in (*project.functions, *lookups_over_http(project.tables))}

    def _look_up(self, name: str, *_: Any, **__: Any) -> Answer:
        answers = self.tried.answers(name)
        failures = min(self._failed[1], MOST_ERRORS) if self._failed[0] == name else 0
        chosen = None if self._cut is not None else self._choose("lookup", tuple(answers), (name, failures))
        if chosen is None:
            return Answer(error="nobody waits for it any more")
        answer = answers[chosen]
        failed = answer.error is not None or answer.status is not None
        self._failed = (name, failures + 1) if failed else ("", 0)
        if failed:
            self._rungs.append((self._state, Event.LOOKUP_FAILED, failures + 1))
        return answer

    def _choose(self, kind: str, choices: tuple[str, ...], place: tuple[Any, ...]) -> str | None:
        """The path's next choice; None where it has come to its end, and with it the call."""
        assert self.driver is not None and self.phone is not None
        if self._next < len(self.path):
            chosen = self.path[self._next]
            self._next += 1
            if chosen not in choices:
                self._differed = self._otherwise(f"it comes to a {kind} ({', '.join(choices)})", chosen)
                self._leave()
                return None
            self._come_to(kind, place)
            self._since, self._since_at = len(self.driver.trace), self.driver.now
            self._asked = 0
            return chosen
        if self.hasty is not None and self.hasty.gone:
            return choices[0]
        rounds = self._come_to(kind, place)
        where = (kind, self._state, self._locale, *place, min(rounds, ROUNDS - 1))
        asks = kind in ("question", "recording")
        keys, first = (self._keys, not self._errors[2] and not rounds) if asks else ({}, False)
        self.point = Point(kind, self._state, where, choices, self._behind, keys, first, self._prompt, rounds)
        self._leave()
        return None

    def _come_to(self, kind: str, place: tuple[Any, ...]) -> int:
        """Count a place of a dialog in Python; answers how often the call had come there before."""
        if code_in(self._behind) is None:
            return 0
        errors = {"question": 2, "recording": 2, "lookup": 1}.get(kind, 0)
        again = errors > 0 and place[-1] > 0
        key = (kind, self._state, *place[: len(place) - errors], self._behind)
        self._rounds[key] += not again
        return max(0, self._rounds[key] - 1)

    def _leave(self) -> None:
        """The caller hangs up, and nothing counts from now on."""
        assert self.driver is not None and self.phone is not None
        self._cut = len(self.driver.trace)
        phone = self.phone
        self.driver.at(self.driver.now, lambda now: phone.hang_up(now))

    def _otherwise(self, what: str, chosen: str) -> str:
        code = code_in(self._behind)
        dialog = f"state {self._state}" if self._state else self.tried.project.settings.start
        if code is not None:
            dialog = f"{code[1]} in prompts/{Path(code[0]).name}"
        return f"the dialog is not the same each time, {dialog}: {what} where an earlier call had '{chosen}' to choose"


def _speech(seconds: float, rate: int) -> Samples:
    """So much of what is voice to a detector, at -16 dBFS."""
    made = resample(babble("abcdefghijklmnopqrstuvwxyz" * (1 + round(seconds))), 22050, rate)[: round(seconds * rate)]
    loud: Samples = (made * (10 ** (-16 / 20) / np.sqrt(np.mean(made**2)))).astype(np.float32)
    return loud
