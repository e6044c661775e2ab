"""What is measured: our server with one of its listeners, and the floor."""

import os
import sys

from ivr.capacity.measure import Target, unlimited
from ivr.project.starter import starter_root

LISTENERS = ("websockets", "picows", "asyncio")
"""The two that ship, and the asyncio server of ``websockets`` behind the same seam."""


def ours(listener: str, cores: tuple[int, ...]) -> Target:
    """The starter on ``ivr serve``, or on a script of ours for a listener that does not ship."""
    if listener == "asyncio":
        words = ["bench.asyncio_listener"]
    else:
        words = ["ivr.cli.main", "serve", str(starter_root()), "--port", "0", "--drain", "1s", "--listener", listener]
    return Target((sys.executable, "-m", *words), unlimited(os.environ), cores)


def floor(cores: tuple[int, ...]) -> Target:
    """``bench.floor``."""
    return Target((sys.executable, "-m", "bench.floor"), dict(os.environ), cores)
