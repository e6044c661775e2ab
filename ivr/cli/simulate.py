"""``ivr simulate [DIR]``"""

from __future__ import annotations

import argparse

from ivr.cli import simulate_explore
from ivr.cli.directory import add_directory, directory
from ivr.cli.simulate_listen import add_listening
from ivr.cli.simulate_many import add_many, run_many
from ivr.cli.simulate_scenarios import add_scenarios, run_scenarios
from ivr.errors import ConfigError
from ivr.project.disk.layout import CALLS

_MANY, _SCENARIOS, _EXPLORING = "very many calls", "scenarios", "exploring"
_BELONGS = {
    "names": (_SCENARIOS,),
    "explore": (_EXPLORING,),
    "values": (_EXPLORING,),
    "most": (_EXPLORING,),
    "caller": (_EXPLORING,),
    "calls": (_MANY,),
    "only": (_MANY,),
    "profile": (_MANY, _SCENARIOS),
    "mix": (_MANY,),
    "no_covers": (_MANY,),
    "jobs": (_MANY,),
    "baseline": (_MANY,),
    "write_baseline": (_MANY,),
    "seed": (_MANY, _SCENARIOS),
    "trace": (_MANY, _SCENARIOS),
    "junit": (_MANY, _SCENARIOS),
    "voice": (_SCENARIOS, _EXPLORING),
    "listen": (_SCENARIOS, _EXPLORING),
    "pronounce": (_SCENARIOS, _EXPLORING),
}
"""What an argument is for; those that are not here are for all."""

_ASKED_BY = {_MANY: "--calls N", _SCENARIOS: "a scenario's name", _EXPLORING: "--explore"}


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    add_scenarios(parser)
    parser.add_argument("--explore", action="store_true", help="go through every branch of the dialogs")
    parser.add_argument("--gateway", metavar="NAME", help="the gateway that calls come by")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    add_listening(parser)
    add_many(parser)
    simulate_explore.add_arguments(parser)
    parser.set_defaults(unasked={name: parser.get_default(name) for name in _BELONGS} | {"names": []})
    many = parser.epilog
    parser.epilog = (
        "Without --calls the scenarios of prompts/calls/*.yaml are played, once each (docs/scenarios.md); --trace is\n"
        "a directory then. A project without any is explored, as with --explore: every branch once\n"
        "(docs/exploring.md), and each question once more with a key and a hang-up into its words. Exit status 1 when\n"
        "an expectation fails or a caller would wait in silence; with --listen also when words are not understood.\n\n"
        "examples:\n  ivr simulate harbour\n  ivr simulate harbour balance --gateway asterisk/alaw --trace traces\n"
        "  ivr simulate harbour --explore --listen\n  ivr simulate harbour --calls 10000"
        + (f"\n\n{many}" if many else "")
    )


def run(args: argparse.Namespace) -> int:
    """Play scenarios, explore, or make very many calls."""
    root = directory(args)
    if args.calls is not None or args.only is not None:
        kind = _MANY
    elif args.explore or args.values is not None:
        kind = _EXPLORING
    elif args.names or any((root / CALLS).glob("*.yaml")):
        kind = _SCENARIOS
    else:
        kind = _EXPLORING
    _refuse_strangers(args, kind)
    if kind == _MANY:
        return run_many(args, root)
    return run_scenarios(args, root) if kind == _SCENARIOS else simulate_explore.run(args)


def _refuse_strangers(args: argparse.Namespace, kind: str) -> None:
    """Raises ``ConfigError`` where an argument is given that this kind of run would pass over."""
    for name, kinds in _BELONGS.items():
        if kind in kinds or getattr(args, name) == args.unasked.get(name):
            continue
        word = f"the name {args.names[0]}" if name == "names" else f"--{name.replace('_', '-')}"
        remedy = f"add {' or '.join(_ASKED_BY[each] for each in kinds)}, or leave it out"
        if name == "names":
            remedy = "leave it out" + (", or say --mix NAME=1" if kind == _MANY else "")
        elif name == "explore":
            remedy = "leave either out"
        raise ConfigError(f"{word} is for {' and '.join(kinds)}, and this is {kind}: {remedy}")
