"""A project whose phrases are said by a provider on loopback, and a process that runs `ivr render` again and again."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager

import numpy as np
from directory import Directory

from ivr.testing.provider import FakeProvider

RATE = 8000
KEY = "test-key"
_RUNS = """
import os, resource, signal, sys
from ivr.cli.main import main, parser
import anyio._backends._asyncio, anyio.streams.tls, certifi, httpcore, httpx, numpy.fft  # what they import late
import ivr.pregen.files.saving, ivr.pregen.making, ivr.speech.http, ivr.speech.regions
parser(["render"])
ivr.pregen.files.saving.SAVE_EVERY = 0.05  # so that builds are killed while they write the lock, too

def die_at(number):
    left = [number]
    def hook(event, args):
        change = event in ("os.rename", "os.remove", "os.mkdir", "os.truncate")
        change = change or (event == "open" and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR))
        if change and "audio" in str(args[0]):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

def die_beyond(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit(size)

for line in sys.stdin:
    how, number, *words = line.split()
    child = os.fork()
    if not child:
        os.dup2(os.open(words[0] + ".out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(os.open(words[0] + ".err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        if how != "as-usual":
            {"die-at": die_at, "die-beyond": die_beyond, "limit": limit}[how](int(number))
        os._exit(main(["render", *words]))
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
AS_USUAL = ("as-usual", 0)


def hum(text: str):
    """A short tone that depends on the text, as long as its letters take at the quickest."""
    pitch = 200 + sum(map(ord, text)) % 1500
    return (0.3 * np.sin(2 * np.pi * pitch * np.arange(max(RATE // 10, RATE * len(text) // 30)) / RATE)).astype(
        np.float32
    ), RATE


def hosted(root, url: str, phrases: dict[str, str], voice: str = "") -> Directory:
    """A project of those phrases; ``voice``: more settings of the voice."""
    project = Directory(root)
    project.write(
        "prompts/ivr.yaml",
        f"voice: {{provider: http, url: '{url}', name: v, rate: {RATE}, stall: 200ms{voice}}}\n"
        "prices: {'http:127.0.0.1': {price: 0.03, per: 1000}}\n"
        "cover: {enabled: no}\n",
    )
    lines = "".join(f"  {name}: '{text}'\n" for name, text in phrases.items())
    project.write("prompts/phrases/en-US.yaml", f"locale: en-US\nphrases:\n{lines}")
    return project


class Runs:
    """``ivr render`` in processes of their own, without the time that Python takes to import it."""

    def __init__(self, process) -> None:
        self._process = process
        self.pid = 0

    async def begin(self, *words, how=AS_USUAL) -> None:
        """The first word is the project, beside which ``.out`` and ``.err`` are what it says.

        ``how``: ``die-at`` the change of the disk of that number, ``die-beyond`` so many bytes of one file, or have so
        many as the ``limit`` of every file.
        """
        self._process.stdin.write(" ".join(map(str, (*how, *words, "\n"))).encode())
        self.pid = int(await self._process.stdout.readline())

    async def end(self) -> int:
        """The exit status, or minus the signal that ended it."""
        return os.waitstatus_to_exitcode(int(await self._process.stdout.readline()))

    async def once(self, *words, how=AS_USUAL) -> int:
        await self.begin(*words, how=how)
        return await self.end()

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert await self.end() == -signal.SIGKILL


@asynccontextmanager
async def runs():
    """Who runs them; ends with the test."""
    pipe = asyncio.subprocess.PIPE
    environ = {**os.environ, "IVR_VOICE_API_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _RUNS, stdin=pipe, stdout=pipe, env=environ)
    try:
        yield Runs(process)
    finally:
        process.stdin.close()
        await process.wait()


def provider(speak=hum, **options) -> FakeProvider:
    return FakeProvider(speak, api_key=KEY, **options)
