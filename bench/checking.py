"""`ivr check` on a large project, and a decision of a large dialog: ``python -m bench.checking``.

The project has 500 states and 2,000 phrases, each with a rendered clip of half a second, and is made in a directory of
its own before anything is measured. A check is a process of its own, from its start to its end.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from ivr.call.plan import plan_calls
from ivr.dialog.engine import Engine
from ivr.dialog.line import Line
from ivr.dialog.listen import Ended, Typed
from ivr.dialog.requests import Ask, HangUp
from ivr.gateways.events import DigitReceived
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.media.tones import tone
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.simulator.driver import Driver
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.testing.twilio import TwilioFarEnd
from ivr.testing.voices import ScriptedVoice

STATES, PHRASES = 500, 2000
CHECK, DECISION = 1.0, 100e-6
"""Seconds that they may take."""


class Tones:
    """A voice that takes no time."""

    name = "espeak-ng/bench"

    async def synthesize(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        seconds = max(0.5, len(request.text) / 15)  # no build takes what is far too short for its words
        yield SpeechChunk(tone(300 + len(request.text) % 300, seconds, 8000, -20), 8000)

    async def warm(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def made(root: Path, states: int = STATES, phrases: int = PHRASES, seed: int = 1) -> None:
    """A project of menus that lead to one another, each with ladders and words of its own."""
    drawn = random.Random(seed)
    for folder in ("dialogs", "phrases"):
        (root / "prompts" / folder).mkdir(parents=True)
    (root / "prompts/ivr.yaml").write_text("cover: {filler: p0, hold: p0, fallback: p0}\n")
    words = "".join(f"  p{number}: This is sentence number {number} of a large project.\n" for number in range(phrases))
    (root / "prompts/phrases/en-US.yaml").write_text(f"locale: en-US\nphrases:\n{words}")
    text = "dialog: main\nstart: s0\nstates:\n"
    last = states - 1
    for number in range(last):
        ways = (number + 1, min(last, number + 1 + drawn.randrange(8)), drawn.randrange(states))
        options = ", ".join(f"{key}: s{state}" for key, state in enumerate(ways, 1))
        say = [drawn.randrange(phrases) for _ in range(2)]
        text += f"  s{number}:\n    say: p{number % phrases}\n    menu:\n      options: {{{options}}}\n"
        text += f"      first_digit: 5s\n      no_input: {{say: p{say[0]}, goto: s{last}, limit: 2}}\n"
        text += f"      no_match: {{say: p{say[1]}, goto: s{last}, limit: 2}}\n"
    (root / "prompts/dialogs/main.yaml").write_text(f"{text}  s{last}: {{say: p1, hang_up: yes}}\n")


def checks(root: Path, rounds: int) -> list[float]:
    """Seconds of each."""
    found: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "ivr.cli.main", "check", str(root)], check=True, capture_output=True)
        found.append(time.perf_counter() - began)
    return found


def decisions(root: Path, most: int = 20_000) -> list[float]:
    """Seconds from a key to the question that it leads to: the dialog's own work, without the audio."""
    repertoire = load(root, os.environ, clips=False).repertoire
    found: list[float] = []
    while len(found) < most:
        engine = Engine(repertoire.answer("main", Line()))
        request = engine.start()
        while not isinstance(request, HangUp):
            began = time.perf_counter()
            request = engine.resume(Typed("1", Ended.MATCH))
            while not isinstance(request, Ask | HangUp):
                request = engine.resume(None)
            found.append(time.perf_counter() - began)
        engine.close()
    return found


def menus(root: Path, most: int = 2_000) -> list[float]:
    """Seconds from ``Call.receive`` of a key to its effects drained, on a live call: the barge-in, the decision, the
    next prompt looked up, enqueued and its first messages on their way (as payloads, before a codec writes them)."""
    plan = plan_calls(load(root, os.environ), TWILIO, provider=Tones.name)
    found: list[float] = []
    while len(found) < most:
        driver = Driver(plan, TwilioCodec(), TwilioFarEnd(), ScriptedVoice())
        for press in range(50):
            driver.at(1.0 + press, lambda now, driver=driver: found.append(_pressed(driver, now)))
        driver.run(60)
    return found


def _pressed(driver: Driver, now: float) -> float:
    call = driver.call
    began = time.perf_counter()
    call.receive(DigitReceived("1"), now)
    effects = list(call.effects())
    taken = time.perf_counter() - began
    driver.perform(effects)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.checking", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="checks (%(default)s)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "large"
        made(root)
        asyncio.run(render(read_sources(root, os.environ), Tones()))
        taken, decided, pressed = checks(root, args.rounds), sorted(decisions(root)), sorted(menus(root))
    figures = {
        "check": statistics.median(taken),
        "check_best": min(taken),
        "decision_p50": decided[len(decided) // 2],
        "decision_p99": decided[len(decided) * 99 // 100],
        "menu_p50": pressed[len(pressed) // 2],
        "menu_p99": pressed[len(pressed) * 99 // 100],
    }
    if args.json:
        print(json.dumps(figures))
    else:
        best = f"best of {args.rounds} {figures['check_best']:.2f} s"
        print(
            f"ivr check, {STATES} states and {PHRASES} phrases: {figures['check']:.2f} s, {best} (to hold {CHECK:g} s)"
        )
        p50, p99 = figures["decision_p50"] * 1e6, figures["decision_p99"] * 1e6
        print(f"a key to the next question: p50 {p50:.0f} µs, p99 {p99:.0f} µs (to hold {DECISION * 1e6:g} µs)")
        p50, p99 = figures["menu_p50"] * 1e6, figures["menu_p99"] * 1e6
        print(f"a key on a call to the next prompt under way: p50 {p50:.0f} µs, p99 {p99:.0f} µs")
    sys.exit(0 if figures["check"] <= CHECK and figures["decision_p50"] <= DECISION else 1)


if __name__ == "__main__":
    main()
