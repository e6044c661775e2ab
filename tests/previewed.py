"""A project for the preview: two locales, phrases with slots, and clips in every state."""

from __future__ import annotations

from pathlib import Path

from directory import Directory, Voice

from ivr.media.tones import tone
from ivr.media.wave import write_wav

SETTINGS = """\
project: Harbour & Sons
voice: {locales: {es-US: {name: es-419}}}
cover: {filler: wait, hold: music, fallback: sorry}
"""
ENGLISH = """\
locale: en-US
phrases:
  hello: Hello and welcome.
  menu: For your balance, press one.
  menu_again: Press one.
  sum: You have {amount:money} left, {name:text}.
  name_only: "{name:text}"
  bye: Goodbye.
  deaf: I did not hear anything.
  wait: One moment.
  sorry: Sorry.
  music: {sound: music.wav}
prompts:
  main: {say: [[hello, menu], [menu_again]]}
  unsaid: {say: [bye, hello]}
"""
SPANISH = "locale: es-US\nphrases:\n  hello: Hola.\n  menu: Para su saldo, oprima uno.\n  bye: Adiós.\n"
DIALOG = """\
dialog: main
start: top
states:
  top:
    say: main
    menu: {options: {1: left}, no_input: {say: deaf, limit: 2, goto: end}}
  left:
    set: {name: "'Ann'"}
    lookup: {run: shop.left, as: amount}
    say: [sum, name_only]
    goto: end
  end: {say: bye, hang_up: yes}
"""


def whole(root: Path) -> Directory:
    """With all its clips."""
    directory = Directory(root)
    directory.write("prompts/ivr.yaml", SETTINGS)
    directory.write("prompts/phrases/en-US.yaml", ENGLISH)
    directory.write("prompts/phrases/es-US.yaml", SPANISH)
    directory.write("prompts/dialogs/main.yaml", DIALOG)
    directory.write("prompts/shop.py", "def left():\n    return 5\n")
    directory.write("audio/music.wav", write_wav([tone(440, 0.5, 8000, -31)], 8000))
    directory.render(Voice())
    return directory


def spoilt(root: Path) -> Directory:
    """The same with a clip that is stale, one missing, one damaged and one that nobody needs."""
    directory = whole(root)
    directory.replace("prompts/phrases/en-US.yaml", "menu_again: Press one.", "menu_again: Press one now.")
    directory.replace("prompts/phrases/es-US.yaml", "  bye: Adiós.\n", "")
    (root / "audio/deaf.wav").unlink()
    damaged = root / "audio/wait.wav"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    return directory
