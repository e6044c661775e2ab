"""``ivr``: one command, one module, imported when it is called."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from ivr import __version__
from ivr.cli.collector import uncollected
from ivr.errors import IvrError

COMMANDS = (
    ("init", "ivr.cli.init", "copy the starter project to a directory"),
    ("check", "ivr.cli.check", "tell everything that is wrong with a project"),
    ("graph", "ivr.cli.graph", "draw the dialogs of a project"),
    ("schema", "ivr.cli.schema", "print the JSON Schema of a project's files, for editors"),
    ("plan", "ivr.cli.plan", "tell what is fixed and what is live, how long callers wait for it, and what it costs"),
    ("render", "ivr.cli.render", "render the clips that a project lacks"),
    ("gc", "ivr.cli.gc", "remove clips that no phrase needs any more"),
    ("script", "ivr.cli.script", "list what a person is to record, in the order in which callers hear it"),
    ("preview", "ivr.cli.preview", "one page of all clips to look and listen through"),
    ("serve", "ivr.cli.serve", "answer calls"),
    ("talk", "ivr.cli.talk", "the same call at this machine's speaker"),
    ("token", "ivr.cli.token", "make, list and revoke the tokens of gateways"),
    ("capacity", "ivr.cli.capacity", "find how many calls this machine holds"),
    ("simulate", "ivr.cli.simulate", "make calls in virtual time: scripted ones, every branch, or very many"),
    ("demo", "ivr.cli.demo", "one call on loopback, shown as it happens"),
    ("timeline", "ivr.cli.timeline", "draw recorded calls, the worst first"),
    ("replay", "ivr.cli.replay", "run a recorded call again through this build, and tell what differs"),
    ("latency", "ivr.cli.latency", "how long callers of recorded calls waited for the first audio"),
    ("say", "ivr.cli.say", "say one sentence with the voice of a project"),
)
"""Name, module, and what ``ivr --help`` says. A module has ``add(parser)`` and ``run(args) -> int``."""


PASSING = ("check", "graph", "schema", "render")
"""Commands that end at once and answer no call: pydantic's plugins (such as a project's tracer) have nothing to watch
there, and looking for them goes through every installed package, which takes a tenth of a check."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit status: 0 good, 1 something is wrong with the project, 2 it failed."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        args = parser(words).parse_args(words)
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except IvrError as error:
        print(f"ivr: {error}" if "\n" not in str(error) else f"ivr: the project has mistakes\n{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser with the arguments of that command alone which ``words`` calls; the others are only named."""
    top = _Parser(
        prog="ivr",
        description="An IVR voice-agent runtime: phrases from memory, live speech spliced onto them.",
        epilog="DIR is the current directory when left out, or the starter project where that has no prompts/.",
    )
    top.add_argument("--version", action="version", version=f"ivr {__version__}")
    below = top.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Command)
    called = next((word for word in words if not word.startswith("-")), None)
    for name, module, summary in COMMANDS:
        command = below.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", formatter_class=_Formatter
        )
        if name == called:
            if name in PASSING:
                os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
                atexit.register(gc.freeze)  # or all that was read is searched for cycles once more before it ends
            with uncollected():
                loaded = import_module(module)
            loaded.add(command)
            command.set_defaults(run=loaded.run)
    return top


class _Parser(argparse.ArgumentParser):
    """Says where the help is, behind what was wrong."""

    def error(self, message: str) -> NoReturn:
        super().error(f"{message} (see `{self.prog} --help`)")


class _Command(_Parser):
    """Refuses words that it does not know itself: ``argparse`` leaves that to the parser above, with its usage."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        found, unknown = super().parse_known_args(args, namespace)
        if isinstance(names := getattr(found, "names", None), list):  # argparse takes none behind an option
            names += [word for word in unknown if not word.startswith("-")]
            unknown = [word for word in unknown if word.startswith("-")]
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of examples."""


if __name__ == "__main__":
    sys.exit(main())
