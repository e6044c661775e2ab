"""``ivr token new | list | revoke``"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from ivr.errors import ConfigError
from ivr.project.disk.layout import PROMPTS, command
from ivr.runtime.calls import GATEWAYS
from ivr.runtime.door.packetdoor import AUDIOSOCKET
from ivr.runtime.door.passes import ENTROPY, Pass, Passes, digest, token_of, written_time
from ivr.runtime.door.passfile import TOKENS, PassFile

_UNITS = {"h": 3600.0, "d": 86400.0, "w": 604800.0}
_LONGEST = 3650 * 86400.0


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.description = "Tokens with which a gateway may open streams: the last part of the stream's URL."
    parser.epilog = (
        "Only a hash of each token is kept, in DIR/ivr.tokens. A change counts from the next stream on; calls in\n"
        "progress go on.\n\n"
        "examples:\n  ivr token new office-pbx harbour --expires 90d --gateway twilio\n"
        "  ivr token list harbour\n  ivr token revoke office-pbx harbour"
    )
    below = parser.add_subparsers(title="what to do", metavar="new|list|revoke", required=True, parser_class=_Mixed)
    new = _below(below, "new", "make a token and print it, this once")
    new.add_argument("name", metavar="NAME", help="to list and revoke it by: letters, digits and . _ -")
    _directory(new)
    new.add_argument(
        "--expires", type=_lifetime, metavar="90d", help="how long it is good: h, d or w; else until revoked"
    )
    new.add_argument("--gateway", choices=[*GATEWAYS, AUDIOSOCKET], help="the only gateway that may use it")
    new.epilog = (
        "The token goes to standard output, alone; what to do with it, to standard error.\n\n"
        "examples:\n  ivr token new office-pbx\n  ivr token new trial harbour --expires 12h --gateway twilio"
    )
    new.set_defaults(act=_new)
    listed = _below(below, "list", "name the tokens that were made, never the tokens themselves")
    _directory(listed)
    listed.add_argument("--json", action="store_true", help="the answer as JSON")
    listed.epilog = "example:\n  ivr token list harbour --json"
    listed.set_defaults(act=_list)
    revoke = _below(below, "revoke", "let nobody in with it any more; its name is not used again")
    revoke.add_argument("name", metavar="NAME", help="as given to `ivr token new`")
    _directory(revoke)
    revoke.epilog = "example:\n  ivr token revoke office-pbx harbour"
    revoke.set_defaults(act=_revoke)


def run(args: argparse.Namespace) -> int:
    """Do one of the three."""
    status: int = args.act(args, time.time())
    return status


def _new(args: argparse.Namespace, now: float) -> int:
    root = _root(args)
    file = PassFile(root / TOKENS)
    token = token_of(secrets.token_bytes(ENTROPY))
    expires = None if args.expires is None else now + args.expires
    file.change(lambda passes: passes.with_new(Pass(args.name, digest(token), now, expires, gateway=args.gateway)))
    print(token, flush=True)
    until = f"until {written_time(expires)}" if expires is not None else "until it is revoked"
    for line in (
        f"This token is shown once. It is good {until}.",
        _where(args.gateway),
        f"Take it back with `{command(f'token revoke {args.name}', root)}`.",
    ):
        print(line, file=sys.stderr)
    return 0


def _where(gateway: str | None) -> str:
    """What to do with the token."""
    if gateway == AUDIOSOCKET:
        return f"Announce calls at https://HOST/{AUDIOSOCKET}/TOKEN, with the token in place of TOKEN"
    url = f"Stream URL: wss://HOST/{gateway or 'GATEWAY'}/TOKEN, with the token in place of TOKEN"
    return url if gateway else f"{url} and one of {', '.join(GATEWAYS)} for GATEWAY"


def _list(args: argparse.Namespace, now: float) -> int:
    root = _root(args)
    made = PassFile(root / TOKENS).current().all
    rows = [
        {
            "name": each.name,
            "state": _state(each, now),
            "gateway": each.gateway,
            "made": written_time(each.made),
            "expires": None if each.expires is None else written_time(each.expires),
            "revoked": None if each.revoked is None else written_time(each.revoked),
        }
        for each in made
    ]
    if args.json:
        print(json.dumps(rows, indent=2))
    elif not rows:
        print(f"no tokens; make one with `{command('token new NAME', root)}`")
    else:
        table = [tuple(rows[0]), *(tuple(value or "-" for value in row.values()) for row in rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for line in table:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return 0


def _revoke(args: argparse.Namespace, now: float) -> int:
    file = PassFile(_root(args) / TOKENS)
    before: list[Pass | None] = []

    def edit(passes: Passes) -> Passes:
        before.append(passes.named(args.name))
        return passes.with_revoked(args.name, now)

    file.change(edit)
    was = before[0]
    if was is not None and was.revoked is not None:
        print(f"{args.name} was revoked before, {written_time(was.revoked)}")
    else:
        print(f"{args.name} is revoked; calls in progress go on")
    return 0


def _state(each: Pass, now: float) -> str:
    if each.revoked is not None:
        return "revoked"
    return "expired" if each.expires is not None and now >= each.expires else "good"


def _root(args: argparse.Namespace) -> Path:
    """Never the starter: its tokens would be everybody's who uses this installation."""
    root = Path(args.directory or "")
    if not (root / PROMPTS).is_dir():
        what = root if args.directory else "the current directory"
        raise ConfigError(
            f"{what} holds no project (there is no {root / PROMPTS}): name one, or make it with `ivr init`"
        )
    return root


class _Mixed(argparse.ArgumentParser):
    """Takes ``NAME --expires 90d DIR`` too, where argparse's own way ends DIR at the option."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """See ``argparse.ArgumentParser``; the mixing way calls this one for its two passes."""
        if self._mixing:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False


def _directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", nargs="?", help="the project; left out: the current directory")


def _below(below: argparse._SubParsersAction[_Mixed], name: str, summary: str) -> argparse.ArgumentParser:
    description = f"{summary[0].upper()}{summary[1:]}."
    return below.add_parser(
        name, help=summary, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def _lifetime(text: str) -> float:
    """``12h``, ``90d`` or ``8w``, in seconds."""
    written = re.fullmatch(r"([0-9]{1,6}) ?([hdw])", text)
    if written is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no lifetime: write hours, days or weeks as 12h, 90d or 8w")
    lifetime = int(written[1]) * _UNITS[written[2]]
    if not 0 < lifetime <= _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is out of range: give 1h to 3650d")
    return lifetime
