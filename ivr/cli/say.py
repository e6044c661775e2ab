"""``ivr say TEXT``"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

from ivr.catalog.locales import TAG
from ivr.catalog.normalise import normalise
from ivr.cli.arguments import writing
from ivr.cli.directory import directory
from ivr.cli.loop import run as run_loop
from ivr.cli.say_fragments import as_dict, assembled
from ivr.cli.speaker import play
from ivr.errors import ConfigError
from ivr.media.format import L16_8K, L16_16K, L16_24K, MULAW_8K, AudioFormat
from ivr.media.loudness import loudness
from ivr.media.pcm import decode
from ivr.media.samples import Samples
from ivr.media.wave import write_wav
from ivr.playout.live import LiveSpeech
from ivr.project.load import load
from ivr.project.project import Project
from ivr.speech.synthesizer import SpeechRequest, Synthesizer
from ivr.speech.voices import open_voice

FORMATS = {"mulaw8": MULAW_8K, "l16-8": L16_8K, "l16-16": L16_16K, "l16-24": L16_24K}


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("text", help="what to say")
    parser.add_argument(
        "--project", dest="directory", metavar="DIR", help="whose voice and level (as for DIR elsewhere)"
    )
    parser.add_argument("--locale", metavar="TAG", type=_locale, help="by the voice of that locale (the project's own)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write a WAV file instead of playing it")
    parser.add_argument("--format", choices=sorted(FORMATS), default="mulaw8", help="as heard through (%(default)s)")
    parser.add_argument(
        "--fragments", action="store_true", help="TEXT is values, put together from the project's fragments"
    )
    parser.add_argument("--json", action="store_true", help="the timing, and the fragments, as JSON")
    parser.epilog = (
        'examples:\n  ivr say "Your parcel arrives tomorrow." --out tomorrow.wav\n'
        '  ivr say "Buenos días." --locale es-US\n'
        '  ivr say --fragments "{1234.56:money}" --out amount.wav'
    )


def run(args: argparse.Namespace) -> int:
    """Say it through the same chain as live speech in a call."""
    text = normalise(args.text)
    if not text:
        raise ConfigError("there is nothing to say: give a text with words in it")
    project = load(directory(args), os.environ, clips=False)
    if args.fragments:
        return _say_fragments(project, text, args)
    return run_loop(_say(project, text, args))


def _say_fragments(project: Project, text: str, args: argparse.Namespace) -> int:
    format = FORMATS[args.format]
    made = assembled(project, text, args.locale, format)
    samples = decode(made.clip.payload, format)
    _write(samples, format, args)
    heard = _heard(samples, format)
    if args.json:
        print(json.dumps(as_dict(made) | {key: round(value, 4) for key, value in heard.items()}, ensure_ascii=False))
    else:
        said = " · ".join(unit.text + (f", {unit.pause:g} s" if unit.pause else "") for unit, _ in made.units)
        print(f"{said}\nput together in {made.took * 1000:.2f} ms from {len(made.units)} fragments")
        _tell(heard, format, args)
    _play(samples, format, args)
    return 0


async def _say(project: Project, text: str, args: argparse.Namespace) -> int:
    voice = open_voice(**project.settings.voice.options())
    format = FORMATS[args.format]
    try:
        await voice.warm()
        live, timing = await _timed(voice, project, text, format, args.locale)
    finally:
        await voice.aclose()
    samples = decode(live.take(live.available()).payload, format)
    timing |= _heard(samples, format)
    _write(samples, format, args)
    if args.json:
        print(json.dumps({key: round(value, 4) for key, value in timing.items()}))
    else:
        print(f"first audio after {timing['first_audio'] * 1000:.1f} ms, all after {timing['all_audio'] * 1000:.1f} ms")
        _tell(timing, format, args)
    _play(samples, format, args)
    return 0


def _heard(samples: Samples, format: AudioFormat) -> dict[str, float]:
    return {"seconds": len(samples) / format.rate, "loudness": loudness(samples, format.rate)}


def _tell(heard: Mapping[str, float], format: AudioFormat, args: argparse.Namespace) -> None:
    print(f"{heard['seconds']:.2f} s of speech at {heard['loudness']:.1f} LUFS, as {format}")
    if args.out is not None:
        print(f"written to {args.out}")


def _write(samples: Samples, format: AudioFormat, args: argparse.Namespace) -> None:
    if args.out is not None:
        with writing(args.out):
            args.out.write_bytes(write_wav([samples], format.rate))


def _play(samples: Samples, format: AudioFormat, args: argparse.Namespace) -> None:
    if args.out is None:
        play(samples, format.rate)


async def _timed(
    voice: Synthesizer, project: Project, text: str, format: AudioFormat, locale: str | None
) -> tuple[LiveSpeech, dict[str, float]]:
    settings = project.settings
    locale = project.spoken_for(locale)
    speaker = settings.speaker(locale)
    gain = project.lock.gain(voice.name, speaker.name)
    live = LiveSpeech(format, settings.loudness, gain)
    request = SpeechRequest(text, speaker.name, locale, speaker.speed, speaker.model, speaker.style)
    clock = asyncio.get_running_loop().time
    began = clock()
    first: float | None = None
    async with aclosing(voice.synthesize(request)) as chunks:
        async for chunk in chunks:
            first = clock() if first is None else first
            live.push(chunk.samples, chunk.rate)
    live.finish()
    ended = clock()
    return live, {"first_audio": (first or ended) - began, "all_audio": ended - began}


def _locale(text: str) -> str:
    if not TAG.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no locale: write a language tag such as en-US")
    return text
