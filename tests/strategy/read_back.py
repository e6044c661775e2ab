"""The starter with values that are read back, called by many."""

import shutil

from directory import Directory
from pregen.reading import Speaker
from said_turns import said_turns

from ivr.project.starter import copy_starter, starter_root
from ivr.simulator.many import Order
from ivr.strategy.plan import make_plan

PHRASES = "prompts/phrases/en-US.yaml"
BALANCE = "Thank you. The current balance of your account is {amount:money}."
BALANCE_KEY = ("balance", "balance", 1)


def rendered(root, mode, changes=()):
    """A project in that mode, with its fragments; ``changes``: file, old and new text."""
    copy_starter(root)
    shutil.copytree(starter_root() / "audio", root / "audio", dirs_exist_ok=True)
    directory = Directory(root)
    directory.replace("prompts/ivr.yaml", "  mode: stream", f"  mode: {mode}")
    for file, old, new in changes:
        directory.replace(file, old, new)
    assert directory.render(Speaker()).failed == {}
    return directory


def called(directory, profile, calls, environ=None):
    """Its plan's turns by state and first prompt, and what as many calls did."""
    file = directory.write("prompts/profiles/tried.yaml", profile)
    made, found = said_turns(Order(directory.root, environ or {}, calls, seed=7, profile=str(file)))
    plan = make_plan(made.project, made.world.profile)
    return {(turn.key.state, *turn.key.prompts[0]): turn for turn in plan.turns}, found
