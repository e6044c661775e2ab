"""``ivr talk [DIR]``"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.catalog.durations import seconds
from ivr.catalog.party import TransferOutcome
from ivr.cli.arguments import writable, writing
from ivr.cli.demo import CALLER
from ivr.cli.demo_show import Show, print_turns
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.cli.talk_show import Meter
from ivr.errors import BadAudioFile, ConfigError, DeviceError
from ivr.gateways.speaker import DIGITS
from ivr.media.private import stand_in
from ivr.media.samples import Samples
from ivr.media.wave import read_wav, write_wav
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.starter import starter_root
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.oplog import setup
from ivr.runtime.speaker.asking import asked
from ivr.runtime.speaker.devices import WITHOUT, listed
from ivr.runtime.speaker.hurry import HurriedLoop
from ivr.runtime.speaker.keyboard import Keyboard
from ivr.runtime.speaker.line import SpeakerLine
from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import Player
from ivr.runtime.speaker.talk import HANG_UP, Ended, Press, Talk
from ivr.speech.voices import open_voice
from ivr.trace.events import TraceEvent, TransferEnded, TransferStarted
from ivr.trace.jsonl import Mask, unmasked
from ivr.trace.report import as_dict, turns
from ivr.trace.sound import Underrun


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--list", action="store_true", help="list the sound devices, and make no call")
    parser.add_argument("--device", metavar="NAME|INDEX", help="play to this one")
    parser.add_argument("--input", metavar="NAME|INDEX", help="listen to this one")
    parser.add_argument("--no-mic", action="store_true", help="do not open a microphone")
    parser.add_argument("--wav", type=Path, metavar="FILE", help="no device: write what would have been played")
    parser.add_argument("--mic", type=Path, metavar="FILE", help="with --wav: what the microphone hears, a WAV file")
    parser.add_argument("--real-time", action="store_true", help="with --wav: take as long as the call would")
    parser.add_argument("--keys", type=_keys, default=(), metavar="1@2s,9@8s", help="press these, q hangs up")
    parser.add_argument("--rate", type=int, choices=(8000, 16000, 24000), help="of the words (that of the clips)")
    parser.add_argument(
        "--transfer",
        type=TransferOutcome,
        choices=tuple(TransferOutcome),
        default=TransferOutcome.ANSWERED_AND_ENDED,
        help="what comes of transfers; nobody is called (%(default)s)",
    )
    parser.add_argument("--caller", default=CALLER, help="the caller's number, as the dialog sees it (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON and nothing else")
    parser.epilog = (
        "The keyboard's 0-9 * # and A-D are the telephone's keys; q or Ctrl-C hangs up.\n\n"
        "examples:\n  ivr talk mybank\n  ivr talk mybank --device headset --no-mic\n"
        '  ivr talk mybank --wav call.wav --keys "1@2s,9@8s"\n'
        "  ivr talk mybank --wav call.wav --mic said.wav"
    )


def run(args: argparse.Namespace) -> int:
    """Have the call."""
    if args.list:
        return _list(args.json)
    _check(args)
    setup(False)
    project = load(directory(args), os.environ)
    if args.wav is not None:
        writable(args.wav, "--wav")
    if args.wav is None or args.real_time:
        return run_loop(_talk(project, args))
    with asyncio.Runner(loop_factory=HurriedLoop) as runner:
        return runner.run(_talk(project, args))


def _check(args: argparse.Namespace) -> None:
    if args.wav is None and args.real_time:
        raise ConfigError("--real-time goes with --wav; a call at a device always takes its time")
    if args.wav is None and args.mic is not None:
        raise ConfigError("--mic goes with --wav; a call at a device has its microphone")
    if args.no_mic and args.input is not None:
        raise ConfigError("--input names a microphone and --no-mic wants none; leave one of them out")
    if args.wav is not None and (args.device is not None or args.input is not None):
        raise ConfigError("--wav has the call without a device; leave out --device and --input")


async def _talk(project: Project, args: argparse.Namespace) -> int:
    shown = project.settings.trace.private == "show" or project.root == starter_root()
    mask = unmasked if shown else stand_in
    seat = _Seat(Show(quiet=args.json, mask=mask))
    voice = open_voice(**project.settings.voice.options())
    talk = Talk(project, voice, LookupDesk(), seat.watch, args.caller, keys=args.keys, rate=args.rate, at=seat.sit)
    talk.transfer = args.transfer
    try:
        if args.wav is not None:
            seat.files = True
            ended, sound = await talk.to_file(*_microphone(args.mic))
            with writing(args.wav, "--wav"):
                args.wav.write_bytes(write_wav([sound], ended.figures.rate))
        else:
            ended = await talk.at_device(args.device, args.input, microphone=not args.no_mic)
    finally:
        await voice.aclose()
    _report(ended, seat.events, args, mask)
    if ended.lost:
        raise DeviceError(f"the call was cut off: {ended.lost}; `ivr talk --list` tells what there is now")
    return 0


@dataclass(slots=True)
class _Seat:
    """Who sits at the terminal: sees the call, and has keys for it."""

    show: Show
    files: bool = False
    """The call goes to a file: there is nothing to press or to watch."""
    events: list[TraceEvent] = field(default_factory=list)

    def watch(self, call: str, event: TraceEvent) -> None:
        """See ``Watch``."""
        self.events.append(event)
        self.show.event(event)
        if isinstance(event, TransferStarted):
            self.show.console.print("           nobody is called from here; --transfer says what comes of it")

    @contextmanager
    def sit(self, line: SpeakerLine, player: Player, ears: Microphone | None) -> Iterator[None]:
        """While the call goes on."""
        loop = asyncio.get_running_loop()
        with ExitStack() as stack:
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                with suppress(AttributeError, NotImplementedError):  # Windows: Ctrl-C ends the command as any other
                    loop.add_signal_handler(getattr(signal, name), line.hang_up)
                    stack.callback(loop.remove_signal_handler, getattr(signal, name))
            if not self.files:
                keyboard = stack.enter_context(Keyboard(line.press, line.hang_up))
                stack.enter_context(Meter(self.show.console, player, ears, keyboard.usable))
            yield


def _microphone(file: Path | None) -> tuple[Samples | None, int]:
    if file is None:
        return None, 8000
    try:
        return read_wav(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"--mic: {file} cannot be read ({error.strerror or error}): name a WAV file") from None
    except BadAudioFile as error:
        raise ConfigError(f"--mic: {file}: {error}") from None


def _report(ended: Ended, events: list[TraceEvent], args: argparse.Namespace, mask: Mask) -> None:
    figures = ended.figures
    found = turns(events, mask)
    gaps = sum(isinstance(event, Underrun) for event in events)
    if args.json:
        answer: dict[str, Any] = as_dict(found)
        answer["ended"] = ended.reason
        answer["device"] = {name: round(value, 4) for name, value in asdict(figures).items()} | {"gaps": gaps}
        answer["transfers"] = _transfers(events, mask)
        answer["wav"] = None if args.wav is None else str(args.wav)
        print(json.dumps(answer, indent=2))
        return
    console = Console(highlight=False)
    print_turns(console, found)
    if args.wav is not None:
        console.print(f"{figures.played:.1f} s written to {escape(str(args.wav))}", soft_wrap=True)
    else:
        console.print(
            f"device at {figures.rate} Hz, latency {figures.latency * 1000:.0f} ms, "
            f"{figures.underruns + figures.starved} underruns and {gaps} gaps in {figures.played:.0f} s",
            soft_wrap=True,
        )


def _transfers(events: list[TraceEvent], mask: Mask) -> list[dict[str, str]]:
    """Who would have been called, and what was made of it."""
    begun = [event for event in events if isinstance(event, TransferStarted)]
    ended = [event.outcome for event in events if isinstance(event, TransferEnded)]
    return [
        {"to": mask(one.to) if one.private else one.to, "kind": one.kind, "outcome": outcome}
        for one, outcome in zip(begun, ended, strict=True)
    ]


def _list(as_json: bool) -> int:
    found = run_loop(asked(listed))
    if as_json:
        print(json.dumps([asdict(device) for device in found], indent=2))
        return 0
    if not found:
        raise DeviceError(f"PortAudio sees no sound device on this machine; {WITHOUT}")
    table = Table(title="sound devices", title_justify="left")
    for column in ("", "name", "system", "in", "out", "Hz", "default"):
        table.add_column(column, justify="left" if column in ("name", "system", "default") else "right")
    for device in found:
        channels = (str(device.inputs or ""), str(device.outputs or ""))
        row = (str(device.index), escape(device.name), escape(device.api), *channels, str(device.rate), device.default)
        table.add_row(*row)
    Console(highlight=False).print(table)
    return 0


def _keys(text: str) -> tuple[Press, ...]:
    return tuple(_key(part.strip()) for part in text.split(","))


def _key(text: str) -> Press:
    found = re.fullmatch(r"(.)@(.+)", text)
    if found is None or (found[1].upper() not in DIGITS and found[1] != HANG_UP):
        raise argparse.ArgumentTypeError(f"{text!r}: write keys and when they are pressed, such as 1@2s,9@8s")
    try:
        at = seconds(found[2])
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return (found[1] if found[1] == HANG_UP else found[1].upper(), at)
