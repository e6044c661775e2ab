"""``python -m bench.talk [--minutes N] [--device NAME]``: underruns of a call that never stops talking, and of silence.

Both play to the same device at the same time, in a process each, so that whatever the machine does happens to both.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict

from ivr.media.format import L16_8K
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.speaker.devices import find
from ivr.runtime.speaker.player import Player
from ivr.runtime.speaker.sound_device import SoundDevice
from ivr.runtime.speaker.talk import Talk
from ivr.speech.voices import open_voice
from ivr.trace.sound import Underrun

ODD = 5.0
"""Seconds in which a device runs in and does not count."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.talk")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--device")
    parser.add_argument("--part", choices=("call", "silence"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part == "call":
        print(json.dumps(asyncio.run(call(args.minutes * 60, args.device))))
    elif args.part == "silence":
        print(json.dumps(silence(args.minutes * 60, args.device)))
    else:
        words = [sys.executable, "-m", "bench.talk", *sys.argv[1:], "--part"]
        both = [subprocess.Popen([*words, part], stdout=subprocess.PIPE) for part in ("call", "silence")]
        answers = [json.loads(process.communicate()[0]) for process in both]
        print(json.dumps({"call": answers[0], "silence": answers[1]}, indent=2))


async def call(length: float, device: str | None) -> dict[str, float]:
    gaps = 0

    def watch(_: str, event: object) -> None:
        nonlocal gaps
        gaps += isinstance(event, Underrun)

    async def talkative(line: object) -> None:
        until = time.monotonic() + length
        while time.monotonic() < until:
            await line.say("main")  # type: ignore[attr-defined]
            await line.say("hours")  # type: ignore[attr-defined]
            await line.heard()  # type: ignore[attr-defined]

    project = load(starter_root(), os.environ)
    voice = open_voice(**project.settings.voice.options())
    try:
        talk = Talk(project, voice, LookupDesk(), watch, "", dialog=talkative)
        ended = await talk.at_device(device, None, microphone=False)
    finally:
        await voice.aclose()
    return asdict(ended.figures) | {"gaps": gaps}


def silence(length: float, device: str | None) -> dict[str, float]:
    output = find(device, "output")
    player = Player(L16_8K, output.rate)
    stream = SoundDevice(player, None)
    stream.open(output, None)
    time.sleep(ODD)
    stream.settled()
    time.sleep(length)
    figures = {"underruns": stream.underruns, "late": stream.late, "played": player.played / player.rate}
    stream.close()
    stream.wait_closed(3.0)
    return figures


if __name__ == "__main__":
    main()
