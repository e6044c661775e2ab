"""``ivr demo [DIR]``"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ivr.cli.arguments import duration, writing
from ivr.cli.demo_call import DemoCall, Recording
from ivr.cli.demo_show import Show, report
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.cli.speaker import play
from ivr.dialog.web_step import lookups_over_http
from ivr.errors import ConfigError
from ivr.media.private import stand_in
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.starter import starter_root
from ivr.runtime.looking_up import LookupDesk
from ivr.speech.synthesizer import Synthesizer
from ivr.speech.voices import open_voice
from ivr.testing.faulty import FaultyVoice, Trouble
from ivr.trace.audio import stereo
from ivr.trace.jsonl import Mask, header, line, unmasked
from ivr.trace.picture import picture

CALLER = "+15550100"
"""From the range that the North American plan keeps for fiction."""

BREAKS_AFTER = 3.0
"""Seconds of live audio before ``--fault``: longer than the slack, so that words are sounding when it happens.

Fewer words than that break off at their end, most often before they are due.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument(
        "--keys", type=_keys, default="129", help="what the caller presses, one key a question (%(default)s)"
    )
    parser.add_argument("--caller", default=CALLER, help="the caller's number, as the dialog sees it (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("demo-out"), metavar="DIR", help="where the files go")
    parser.add_argument(
        "--answer", action="append", type=_answer, default=[], metavar="NAME=VALUE", help="what a lookup returns"
    )
    parser.add_argument("--lookup-delay", type=duration, metavar="TIME", help="make every lookup take so much longer")
    parser.add_argument("--fault", choices=("die", "stall", "empty"), help="break the live voice, in mid-word")
    parser.add_argument("--no-covers", action="store_true", help="let lateness be heard as silence")
    parser.add_argument("--speaker", action="store_true", help="play the call when it is over")
    parser.add_argument("--json", action="store_true", help="print the report as JSON and nothing else")
    parser.epilog = (
        "One call in real time: the server, a telephone gateway and its caller on this machine.\n\n"
        "examples:\n  ivr demo\n  ivr demo --lookup-delay 4s        hear the filler and the hold loop\n"
        "  ivr demo --fault die               hear the fallback\n  ivr demo --answer bank.balance=77.10"
    )


def run(args: argparse.Namespace) -> int:
    """Make the call and show it."""
    environ = dict(os.environ)
    if args.no_covers:
        environ["IVR_COVER_ENABLED"] = "no"
    answers = dict(args.answer)
    project = load(directory(args), environ)
    asked = {*project.functions, *lookups_over_http(project.tables)}
    if unknown := sorted(answers.keys() - asked):
        known = ", ".join(sorted(asked)) or "none"
        raise ConfigError(f"--answer {unknown[0]}: the project has no such function; it has: {known}")
    with writing(args.out):
        args.out.mkdir(parents=True, exist_ok=True)
    return run_loop(_demo(project, answers, args))


async def _demo(project: Project, answers: Mapping[str, Any], args: argparse.Namespace) -> int:
    # What the starter's own lookups return is made up; what a project's return is its callers'.
    shown = project.settings.trace.private == "show" or project.root == starter_root()
    mask = unmasked if shown else stand_in
    show = Show(quiet=args.json, mask=mask)
    voice: Synthesizer = open_voice(**project.settings.voice.options())
    faulty: FaultyVoice | None = None
    if args.fault is not None:
        voice = faulty = FaultyVoice(voice, Trouble(fault=args.fault, after=BREAKS_AFTER, pace=1.0))
    lookups = LookupDesk(_functions(project, answers, args.lookup_delay or 0.0))
    try:
        call = DemoCall(project, voice, lookups, keys=args.keys, caller=args.caller, tell=show.event)
        recording = await call.make()
    finally:
        await voice.aclose()
    with writing(args.out):
        files = write(recording, args.out, project.settings.project, mask)
    struck = None if faulty is None else faulty.struck
    report(recording, files, as_json=args.json, mask=mask, struck=struck)
    if args.speaker:
        play(recording.ours, recording.rate)
    return 0 if recording.ended else 1


def write(recording: Recording, out: Path, title: str, mask: Mask) -> Mapping[str, Path]:
    """The sound, the trace and the picture of a call."""
    files = {"sound": out / "call.wav", "trace": out / "call.jsonl", "picture": out / "call.svg"}
    files["sound"].write_bytes(stereo(recording.caller, recording.ours, recording.rate))
    lines = [line(event, mask) for event in recording.events]
    files["trace"].write_bytes(header(recording.call, mask) + b"".join(lines))
    drawn = picture(
        recording.events,
        recording.caller,
        recording.ours,
        recording.rate,
        title=title,
        offset=recording.offset,
        mask=mask,
    )
    files["picture"].write_text(drawn, encoding="utf-8")
    return files


def _functions(project: Project, answers: Mapping[str, Any], delay: float) -> dict[str, Callable[..., Any]]:
    functions: dict[str, Callable[..., Any]] = {}
    for name, function in project.functions.items():
        functions[name] = _slowed(function, delay) if delay else function
    for name, value in answers.items():
        functions[name] = _returning(value, delay)
    return functions


def _slowed(function: Callable[..., Any], delay: float) -> Callable[..., Any]:
    async def slowed(*arguments: Any, **keywords: Any) -> Any:
        await asyncio.sleep(delay)
        if asyncio.iscoroutinefunction(function):
            return await function(*arguments, **keywords)
        return await asyncio.to_thread(function, *arguments, **keywords)

    return slowed


def _returning(value: Any, delay: float) -> Callable[..., Any]:
    async def answered(*_: Any, **__: Any) -> Any:
        await asyncio.sleep(0.6 + delay)
        return value

    return answered


def _keys(text: str) -> str:
    if not text or not set(text) <= set("0123456789*#ABCD"):
        raise argparse.ArgumentTypeError(f"{text!r}: write the keys of a telephone, 0-9 * # A-D, such as 129")
    return text


def _answer(text: str) -> tuple[str, Any]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=VALUE, such as bank.balance=77.10")
    try:
        return name, Decimal(value)
    except InvalidOperation:
        return name, value
