"""``python -m bench.first_frame``: from a value that is known to the first frame of its fragments on the socket.

Callers on real websockets press a key; a lookup returns an amount of its own for each, and its fragments are all that
is said. Beside it, without a socket and by the processor's time alone, which others at work do not lengthen: the same
calls in virtual time, and an amount put together from fragments.
"""

import argparse
import asyncio
import os
import random
import sys
import time
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from statistics import median
from typing import Any

from bench.table import Row, tell
from ivr.call.plan import plan_calls
from ivr.catalog.phrase import Phrase, Slot
from ivr.catalog.readback import units
from ivr.cli.loop import run
from ivr.dialog.line import Line
from ivr.errors import HungUp, IvrError
from ivr.media.format import MULAW_8K
from ivr.phrases.fragments import Fragments
from ivr.playout.segments import Span
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.starter import starter_root
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.server import Server
from ivr.simulator.driver import Answer, Driver
from ivr.simulator.emulated import EMULATED, Network
from ivr.speech.voices import open_voice
from ivr.testing.dialer import Dialer
from ivr.testing.spliced import spliced
from ivr.testing.twilio import TwilioFarEnd
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import FirstAudio, FirstFrame, TraceEvent

HOLD = 5.0
"""Milliseconds to the first frame, at the most."""
EVERY = 0.4
"""Seconds between two keys of one caller; the value before is cut off."""
VALUE = "bench_value"
SLOT = Slot("amount", "money", ".")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.first_frame", description=__doc__)
    parser.add_argument("--lines", type=int, default=20, help="callers at once (%(default)s)")
    parser.add_argument("--keys", type=int, default=25, help="keys of each caller (%(default)s)")
    parser.add_argument("--json", action="store_true")
    parser.epilog = "Exit status 0: every figure holds; 1: one is over; 2: not measured; 3: nothing was seen."
    args = parser.parse_args()
    try:
        project = _with_value(spliced(load(starter_root(), os.environ), "fragments"))
        seen = run(_lines(project, args.lines, args.keys))
    except IvrError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)
    found = _rows(assembled(project), worked(project), seen)
    title = f"{len(seen)} values from fragments, {args.lines} lines at once"
    tell(found, title, as_json=args.json)


def assembled(project: Project, count: int = 5000) -> list[float]:
    """Microseconds from an amount to its clip, each."""
    fragments = Fragments(project.store.clips(MULAW_8K), MULAW_8K)
    chance, took = random.Random(1), []
    for _ in range(count):
        amount = Decimal(chance.randrange(10**11)) / 100
        began = time.thread_time()
        clip = fragments.assemble(units("amount", "money", amount, "en-US"), "en-US")
        took.append((time.thread_time() - began) * 1e6)
        assert clip is not None
    return took


class _Timed(Driver):
    """Notes the processor's time from each value to the first frame of it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.took: list[float] = []
        self._began: float | None = None

    def _returned(self, id: str, answer: Answer, now: float) -> None:
        self._began = time.thread_time()
        super()._returned(id, answer, now)

    def _play(self, span: Span) -> None:
        super()._play(span)
        if self._began is not None:
            self.took.append((time.thread_time() - self._began) * 1000)
            self._began = None


def worked(project: Project, calls: int = 20, keys: int = 25) -> list[float]:
    """Milliseconds of the processor from each value to its first frame."""
    there, chance, took = EMULATED["twilio"], random.Random(3), list[float]()
    plan = plan_calls(project, there.capabilities, provider="nobody", dialog=_answers)
    for _ in range(calls):
        phone = there.far_end({"from": "+15550100"}, Network())
        lookups = {"bank.balance": lambda: Answer(Decimal(chance.randrange(10**11)) / 100, 0.01)}
        driver = _Timed(plan, there.codec(), phone, ScriptedVoice(), lookups)
        for number in range(keys):
            driver.at(1 + EVERY * number, lambda now, phone=phone: phone.press("1", now))
        driver.run(1 + EVERY * keys)
        took += driver.took
    return took


def _with_value(project: Project) -> Project:
    """A phrase that is nothing but an amount."""
    own = project.settings.locale
    catalogue = project.catalogues[own]
    phrase = Phrase(VALUE, own, "{amount:money}.", (SLOT,))
    catalogue = replace(catalogue, phrases={**catalogue.phrases, VALUE: phrase})
    return replace(project, catalogues={**project.catalogues, own: catalogue})


async def _answers(line: Line) -> None:
    with suppress(HungUp):
        while True:
            await line.ask(first=60.0)
            await line.say(VALUE, amount=await line.run("bank.balance"))


async def _lines(project: Project, lines: int, keys: int) -> list[float]:
    """Milliseconds to the first frame of each value."""
    chance, seen = random.Random(2), list[float]()
    spoken: set[str] = set()

    def watch(call: str, event: TraceEvent) -> None:
        match event:
            case FirstAudio(strategy="fragments"):
                spoken.add(call)
            case FirstFrame(took=took) if call in spoken:
                spoken.discard(call)
                seen.append(took * 1000)

    async def amount() -> Decimal:
        return Decimal(chance.randrange(10**11)) / 100

    async def one(number: int, port: int) -> None:
        far_end = TwilioFarEnd(f"MZ{number}", f"CA{number}", {"from": "+15550100"})
        async with Dialer(f"ws://127.0.0.1:{port}/twilio", far_end) as dialer:
            await asyncio.sleep(EVERY * number / lines)
            for _ in range(keys):
                await dialer.press("1")
                await asyncio.sleep(EVERY)

    voice = open_voice(**project.settings.voice.options())
    desk = LookupDesk({"bank.balance": amount})
    try:
        async with Server(project, voice, port=0, dialog=_answers, lookups=desk, watch=watch) as server:
            await asyncio.gather(*(one(number, server.port) for number in range(lines)))
    finally:
        await voice.aclose()
    return seen


def _rows(assembling: list[float], working: list[float], seen: list[float]) -> list[Row]:
    return [
        Row("amount → one clip, processor, p50", "µs", None, median(assembling)),
        Row("amount → one clip, processor, p99", "µs", None, _percent(assembling, 99)),
        Row("value known → first frame, processor, p50", "ms", None, median(working)),
        Row("value known → first frame, processor, p99", "ms", HOLD, _percent(working, 99)),
        Row("value known → first frame, processor, longest", "ms", HOLD, max(working)),
        Row("value known → first frame on the socket, p50", "ms", None, median(seen) if seen else None),
        Row("value known → first frame on the socket, p99", "ms", HOLD, _percent(seen, 99)),
        Row("value known → first frame on the socket, longest", "ms", None, max(seen, default=None)),
    ]


def _percent(figures: list[float], percent: int) -> float | None:
    return sorted(figures)[min(len(figures) - 1, len(figures) * percent // 100)] if figures else None


if __name__ == "__main__":
    main()
