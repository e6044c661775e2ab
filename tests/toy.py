"""A small bank in memory: its words, its dialog, and ``drive``, which runs one call of it in virtual time."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from ivr.call.effects import CancelSpeech, Effect, Play, Send, Synthesize
from ivr.call.plan import CallPlan, Dialog, VoiceChoice
from ivr.catalog.bargein import NEVER
from ivr.catalog.party import Allowed
from ivr.catalog.phrase import Catalogue, Literal, Phrase, Prompt, Slot
from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.dialog.listen import Listen
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import Branch, Branches, Condition, Goto, HangUp, LookupStep, Menu, Question, State, Table
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.media.clip import Clip, make_clip
from ivr.media.edges import trim
from ivr.media.format import MULAW_8K
from ivr.media.level import level
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.phrases.dynamic import DynamicClips
from ivr.playout.covers import Covers
from ivr.playout.pacing import Schedule
from ivr.simulator.driver import Answer, Driver
from ivr.testing.ear import DeadAir, dead_air
from ivr.testing.heard import Heard
from ivr.testing.line import Path
from ivr.testing.twilio import Faults, TwilioFarEnd
from ivr.testing.voices import ScriptedVoice, SpeechScript, babble
from ivr.trace.events import StateEntered, TraceEvent
from ivr.trace.sound import SegmentStarted, Strategy

FRAME = MULAW_8K.frame
PHRASES = {
    "greeting": "Thank you for calling.",
    "main": "Press one or two.",
    "balance": "You have {amount:money}.",
    "else": "Is there more?",
    "rich": "{score:number} points are many.",
    "poor": "You are poor.",
    "news": "The news: {headline:text}",
    "no_news": "No news today.",
    "legal": "Calls are recorded.",
    "still_there": "Are you there?",
    "not_known": "That is no choice.",
    "bye": "Good bye.",
    "connecting": "We connect you.",
    "busy": "All are busy.",
    "one_moment": "One moment.",
    "sorry": "I am sorry.",
}
HOLD = "hold"


def make_words(text: str, name: str = "") -> Clip:
    """A clip of ``text``, trimmed and levelled as a build does it."""
    samples = resample(babble(text), 22050, 8000)
    return make_clip(level(trim(samples, 8000), 8000, -20.0), MULAW_8K, name)


def make_tone(seconds: float, name: str = "") -> Clip:
    """A clip without a quiet edge."""
    wave = 0.1 * np.sin(np.arange(round(8000 * seconds)) / 8000 * 2 * np.pi * 300)
    return make_clip(wave.astype(np.float32), MULAW_8K, name)


def _parts(name: str, text: str) -> tuple[Literal | Slot, ...]:
    parts: list[Literal | Slot] = []
    for found in re.finditer(r"\{(\w+):(\w+)\}|([^{}]+)", text):
        slot, kind, words = found.groups()
        if slot:
            parts.append(Slot(slot, kind))
        elif re.search(r"\w", words):
            words = words.strip(" :") + ("," if found.end() < len(text) else "")
            parts.append(Literal(f"{name}.{len(parts)}" if parts else name, words))
    return tuple(parts)


@cache
def catalogue() -> Catalogue:
    phrases = {name: Phrase(name, "en-US", text, _parts(name, text)) for name, text in PHRASES.items()}
    return Catalogue("en-US", phrases, {"legal": Prompt("legal", (("legal",),), NEVER)})


@cache
def clips() -> Mapping[str, Clip]:
    made = {
        part.clip: make_words(part.text, part.clip)
        for phrase in catalogue().phrases.values()
        for part in phrase.parts
        if isinstance(part, Literal)
    }
    return {**made, HOLD: make_tone(2.0, HOLD)}


def covers(**changes: Any) -> Covers:
    made = Covers(clips()["one_moment"], "One moment.", clips()[HOLD], clips()["sorry"], "I am sorry.")
    return replace(made, **changes)


def condition(source: str) -> Condition:
    return Condition(source, "toy.yaml:1:1")


def menu(options: Mapping[str, str], first: float, **rungs: tuple[Rung, ...]) -> Menu:
    """A menu whose ladders are given by event."""
    handlers = Handlers({Event(event): ladder for event, ladder in rungs.items()})
    return Menu(options, Question(Listen(options=frozenset(options), first=first), handlers))


def table_dialog(table: Table) -> Dialog:
    """The dialog that a table is."""
    repertoire = Repertoire({table.name: table})
    return lambda line: repertoire.answer(table.name, line)


BANK = Table(
    "main",
    "welcome",
    {
        "welcome": State("welcome", Goto("menu"), say=("greeting",)),
        "menu": State(
            "menu",
            say=("main",),
            exit=menu(
                {"1": "balance", "2": "score", "3": "news", "4": "legal", "9": "bye"},
                3.0,
                no_input=(Rung(1, ("still_there",)), Rung(2, leave=Target("bye"))),
                no_match=(Rung(1, ("not_known",)), Rung(2, leave=Target("bye"))),
            ),
        ),
        "balance": State(
            "balance", lookup=LookupStep("bank.balance", "amount"), say=("balance", "else"), exit=Goto("menu")
        ),
        "score": State(
            "score",
            lookup=LookupStep("bank.score", "score"),
            exit=Branches((Branch("rich", condition("score > 5")), Branch("poor"))),
        ),
        "rich": State("rich", say=("rich",), exit=Goto("menu")),
        "poor": State("poor", say=("poor",), exit=Goto("menu")),
        "news": State(
            "news",
            lookup=LookupStep("bank.news", "headline", timeout=4.0, private=False),
            say=("news",),
            handlers=Handlers({Event.LOOKUP_FAILED: (Rung(leave=Target("no_news")),)}),
            exit=Goto("menu"),
        ),
        "no_news": State("no_news", say=("no_news",), exit=Goto("menu")),
        "legal": State("legal", say=("legal",), exit=Goto("menu")),
        "bye": State("bye", say=("bye",), exit=HangUp()),
    },
)
ANSWERS = {
    "bank.balance": Answer(12.5, 0.3),
    "bank.score": Answer(7, 0.3),
    "bank.news": Answer("Rates are up", 0.3),
}
TABLE = object()
AS_USUAL = Schedule()


def make_plan(
    dialog: Dialog | Table = BANK,
    covers: Covers | object | None = TABLE,
    *,
    retries: int = 1,
    schedule: Schedule = AS_USUAL,
    functions: Iterable[str] = tuple(ANSWERS),
    dynamic: DynamicClips | None = None,
    allow: Iterable[str] = (),
) -> CallPlan:
    """``covers`` left out: all of them."""
    return CallPlan(
        TWILIO,
        table_dialog(dialog) if isinstance(dialog, Table) else dialog,
        catalogue(),
        clips(),
        globals()["covers"]() if covers is TABLE else covers,
        schedule,
        VoiceChoice("scripted", "x", "en-US", 1.0, -20.0, 0.0, retries),
        {name: (lambda: None) for name in functions},
        dynamic if dynamic is not None else DynamicClips(),
        allowed=Allowed.of(allow),
    )


class Recorder(Driver):
    """A driver that notes each effect with its time, and whose timers wake late where it is told so."""

    late: Callable[[], float] | None = None

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.done: list[tuple[float, Effect]] = []
        self.played_at: dict[int, int] = {}
        self._armed: float | None = None
        self._wake: float | None = None

    def perform(self, effects: Iterable[Effect]) -> None:
        found = list(effects)
        self.done += [(self.now, effect) for effect in found]
        Driver.perform(self, found)

    def run(self, until: float = 600.0) -> list[TraceEvent]:
        if self.late is None:
            return Driver.run(self, until)
        self.begin()
        while not self.call.ended:
            self._arm()
            times = [self.far_end.next_timer(), self._wake, self._heap[0][0] if self._heap else None]
            due = min((time for time in times if time is not None), default=None)
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self._late_step()
        return self.trace

    def _arm(self) -> None:
        due = self.call.next_timer(self.now)
        if due != self._armed:
            self._armed = due
            self._wake = None if due is None else max(due, self.now) + self.late()

    def _late_step(self) -> None:
        call, self.call = self.call, _Asleep(self.call)
        try:
            self.step(self.now)
        finally:
            self.call = call
        if self._wake is not None and self._wake <= self.now:
            self._armed = self._wake = None
            call.handle_timer(self.now)
            self._drain()


class _Asleep:
    """A call whose timer does not fire."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def handle_timer(self, now: float) -> None:
        pass


@dataclass
class Run:
    """One call that was driven to its end."""

    driver: Recorder
    far: TwilioFarEnd
    path: float
    trace: list[TraceEvent] = field(default_factory=list)

    @property
    def heard(self) -> Heard:
        return self.far.heard

    @property
    def done(self) -> list[tuple[float, Effect]]:
        return self.driver.done

    @property
    def pauses(self) -> list[float]:
        """The pauses that the project planned, in order."""
        return [pause for event in self.trace for pause in getattr(event, "pauses", ())]

    @property
    def sent(self) -> bytes:
        """All audio that left, in order."""
        return b"".join(effect.span.payload for _, effect in self.done if isinstance(effect, Play))

    def of(self, *kinds: type) -> list[Any]:
        """The events of those kinds, in order."""
        return [event for event in self.trace if isinstance(event, kinds)]

    def sends(self, part: str) -> list[float]:
        """When a message with that part was sent."""
        return [at for at, effect in self.done if isinstance(effect, Send) and part in str(effect.message)]

    def syntheses(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """(segment, attempt) of those begun, and of those cancelled."""
        begun = [(e.segment, e.attempt) for _, e in self.done if isinstance(e, Synthesize)]
        return begun, [(e.segment, e.attempt) for _, e in self.done if isinstance(e, CancelSpeech)]

    def said(self) -> list[str]:
        """The prompts that were enqueued, in order."""
        return [event.prompt for event in self.trace if type(event).__name__ == "PromptSaid"]

    def dead_air(self, threshold: float = 0.2) -> list[DeadAir]:
        return dead_air(self.heard, self.trace, threshold=threshold, path=self.path)

    @property
    def ended(self) -> str | None:
        """Why the call ended; None when it did not."""
        last = self.trace[-1] if self.trace else None
        return last.reason if type(last).__name__ == "CallEnded" else None


def ways(path_out: float, path_in: float, jitter: float, seed: int, messages: int) -> tuple[Path, Path]:
    """There and back, with up to ``jitter`` seconds more for each of so many messages."""
    chance = random.Random(seed)
    there, back = ([chance.uniform(0, jitter) for _ in range(messages)] if jitter else () for _ in range(2))
    return Path(path_out, there), Path(path_in, back)


def caller(
    driver: Recorder, far: Any, keys: Iterable[tuple[float, str]], hang_up_at: float | None, **pressing: Any
) -> None:
    """Presses those keys, and hangs up."""
    for at, key in keys:
        driver.at(at, lambda now, key=key: far.press(key, now, **pressing))
    if hang_up_at is not None:
        driver.at(hang_up_at, far.hang_up)


def to_its_end(driver: Recorder, far: Any, longest: float, until: float, rest: float = 0.001) -> Run:
    """The call to its end, and what was on its way then: it still arrives, so that the far end's account is complete.

    ``longest``: seconds of the longer way; ``rest``: of what the far end may have in hand besides.
    """
    run = Run(driver, far, longest)
    run.trace = driver.run(until)
    far.handle_timer(driver.now + longest + rest)
    return run


def drive(
    plan: CallPlan | None = None,
    *,
    keys: Iterable[tuple[float, str]] = (),
    says: Iterable[tuple[float, Samples]] = (),
    inbound: Samples | None = None,
    voice: SpeechScript | None = None,
    lookups: Mapping[str, Any] | None = None,
    path_out: float | Path = 0.0,
    path_in: float | Path = 0.0,
    jitter: float = 0.0,
    faults: Faults | None = None,
    hang_up_at: float | None = None,
    late: Callable[[], float] | None = None,
    watch: Callable[[TraceEvent, float], None] | None = None,
    setup: Callable[[Recorder], None] | None = None,
    transfers: Sequence[tuple[float, Any]] = (),
    seed: int = 0,
    until: float = 120.0,
) -> Run:
    """One call; ``keys`` are (seconds, digit) of the caller's presses, ``says`` what is said and when.

    ``jitter`` is the most that a way may add.
    """
    if jitter:
        path_out, path_in = ways(path_out, path_in, jitter, seed, 2000)
    far = TwilioFarEnd(
        "MZ1", "CA1", {"from": "+1555"}, path_out=path_out, path_in=path_in, inbound=inbound, faults=faults
    )
    answers = ANSWERS if lookups is None else {**ANSWERS, **lookups}
    driver = Recorder(plan or make_plan(), TwilioCodec(), far, voice or ScriptedVoice(), answers, watch)
    driver.transfers = transfers
    driver.late = late
    caller(driver, far, keys, hang_up_at)
    for at, samples in says:
        driver.say(at, samples)
    if setup is not None:
        setup(driver)
    longest = max(p.delay if isinstance(p, Path) else p for p in (path_out, path_in)) + jitter
    return to_its_end(driver, far, longest, until)


def states(run: Run) -> list[str]:
    """The states that the dialog entered, in order."""
    return [event.state for event in run.of(StateEntered)]


def strategies(run: Run) -> list[str]:
    """How each segment was made to sound, in order; without pauses."""
    return [event.strategy.value for event in run.of(SegmentStarted) if event.strategy is not Strategy.SILENCE]
