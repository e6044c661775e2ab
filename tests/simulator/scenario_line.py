"""A project in which a caller can interrupt by voice, leave a message and be put through, and scenarios of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from directory import Directory, Voice

from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.simulator.scenario.file import read_scenario
from ivr.simulator.scenario.report import Report
from ivr.simulator.scenario.run import Stage

FILES = {
    "prompts/ivr.yaml": """\
project: Line
cover: {filler: wait, hold: music, fallback: sorry}
transfer: {allow: ["200", "+1*"]}
""",
    "prompts/phrases/en-US.yaml": """\
locale: en-US
phrases:
  hello: Hello, and welcome to the line.
  menu: Press one to leave a message, two for the desk, three for a number, or nine to leave us.
  open: Tell us how we can help you today, or wait for somebody to answer.
  speak: Speak now.
  kept: It is kept.
  connecting: We connect you.
  busy: The desk is busy.
  nobody: Nobody answers.
  failed: That did not work.
  back: You are back.
  bye: Good bye.
  wait: One moment.
  sorry: Sorry.
  music: {sound: music.wav}
prompts:
  top: {say: [hello, menu]}
  asked: {say: [open], bargein: speech}
""",
    "prompts/dialogs/main.yaml": """\
dialog: main
start: top
states:
  top:
    say: top
    menu:
      options: {1: leave, 2: desk, 3: number, 4: ask, 9: end}
      no_input: {limit: 5, goto: end}
      no_match: {limit: 9, goto: end}
  ask:
    say: asked
    menu: {options: {9: end}, no_input: {limit: 5, goto: end}}
  leave:
    say: speak
    record: {as: message, longest: 20s, silence: 1s, beep: no, goto: keep, no_input: {goto: end, limit: 0}}
  keep:
    lookup: {run: shop.keep, as: done, with: {message: message}, failed: end}
    say: kept
    goto: top
  desk:
    say: connecting
    transfer: {to: "200", busy: busy, no_answer: nobody, failed: failed, goto: back}
  number:
    say: connecting
    transfer: {to: "+15550123", busy: busy, no_answer: nobody, failed: failed, goto: back}
  busy: {say: busy, goto: end}
  nobody: {say: nobody, goto: end}
  failed: {say: failed, goto: end}
  back: {say: back, goto: end}
  end: {say: bye, hang_up: yes}
""",
    "prompts/shop.py": "def keep(message):\n    return True\n",
}


def stage(root: Path) -> Stage:
    """The project, rendered below ``root`` and ready to play."""
    directory = Directory(root)
    for file, text in FILES.items():
        directory.write(file, text)
    directory.write("audio/music.wav", write_wav([tone(440, 0.5, 8000, -20)], 8000))
    assert asyncio.run(render(read_sources(root, {}), Voice())).ok
    return Stage(load(root, {}))


def play(stage: Stage, text: str, gateway: str | None = None, *, file: Path | None = None, **options) -> Report:
    """One call of a scenario that is right."""
    (scenario,), problems = read_scenario(text, str(file or "x.yaml"), stage.project)
    assert problems == []
    return stage.run(scenario, gateway=gateway, **options)


def of(report: Report, kind: type) -> list:
    """The events of one kind."""
    return [event for event in report.made.trace if isinstance(event, kind)]
