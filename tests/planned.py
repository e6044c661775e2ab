"""Small projects that are written as text and planned."""

from directory import Directory

from ivr.project.profiles.profile import load_profile
from ivr.strategy.plan import make_plan

PHRASES = """\
locale: en-US
phrases:
  hello: Welcome to the bank.
  menu: Press one, or two.
  sum: You have {amount:money}.
  bare: "{amount:money}"
  code: You typed {typed:digits}, and {typed:digits}.
  bye: Goodbye.
  wait: One moment.
  sorry: I am sorry.
  hold: {sound: hold.wav}
prompts:
  again: {say: [[hello, menu], [menu]]}
"""
SETTINGS = "project: Tried\nlocale: en-US\ncover: {filler: wait, hold: hold, fallback: sorry}\n"
BANK = "def balance(): return 5\n"


def project(root, dialog, settings=SETTINGS, phrases=PHRASES, **more):
    """A directory; ``more``: other dialogs by name."""
    directory = Directory(root)
    directory.write("prompts/ivr.yaml", settings)
    directory.write("prompts/phrases/en-US.yaml", phrases)
    directory.write("prompts/bank.py", BANK)
    for name, text in {"main": dialog, **more}.items():
        directory.write(f"prompts/dialogs/{name}.yaml", text)
    return directory


def planned(directory, profile="", environ=None):
    """Its plan by the text of a profile."""
    file = directory.write("prompts/profiles/tried.yaml", profile or "{}")
    loaded = directory.load(environ)
    return make_plan(loaded, load_profile(loaded, str(file)))


def turns(plan):
    """By dialog, state and cause, in the project's own locale."""
    return {(turn.key.dialog, turn.key.state, turn.key.cause): turn for turn in plan.turns if turn.locale == "en-US"}
