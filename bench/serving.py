"""A server in a process of its own, with a project whose one prompt is as long as is asked for; its log and figures."""

import asyncio
import os
import re
import signal
import sys
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.pregen.render import render
from ivr.project.sources import read_sources
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest

SOUNDS = ("words", "wait", "music", "sorry")
PHRASES = "locale: en-US\nphrases:\n" + "".join(f"  {name}: {{sound: {name}.wav}}\n" for name in SOUNDS)
SETTINGS = "project: Siege\ncover: {filler: wait, hold: music, fallback: sorry}\n"
DIALOG = "dialog: main\nstart: top\nstates:\n  top: {say: words, hang_up: yes}\n"
ENVIRON = {"IVR_VOICE_PROVIDER": "http", "IVR_VOICE_URL": "http://127.0.0.1:9", "IVR_VOICE_API_KEY": "none"}


class Mute:
    """A voice that is never asked."""

    name = "http:127.0.0.1"

    async def synthesize(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        raise AssertionError("nothing here is synthesised")
        yield

    async def warm(self) -> None: ...

    async def aclose(self) -> None: ...


async def write_project(root: Path, seconds: float) -> Path:
    """A call of it is ``seconds`` of sound without a pause, then the dialog hangs up."""
    texts = {"ivr.yaml": SETTINGS, "phrases/en-US.yaml": PHRASES, "dialogs/main.yaml": DIALOG}
    for name, text in texts.items():
        (root / "prompts" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "prompts" / name).write_text(text)
    (root / "audio").mkdir()
    for name in SOUNDS:
        length = seconds if name == "words" else 0.5
        (root / "audio" / f"{name}.wav").write_bytes(write_wav([tone(440, length, 8000, -20)], 8000))
    report = await render(read_sources(root, ENVIRON), Mute())
    assert report.ok, report
    return root


class Served:
    """``ivr serve`` as a process."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.said: list[str] = []
        self._log = log
        self.metrics_url = self.url = ""

    @property
    def log(self) -> list[str]:
        """What it has logged."""
        return self._log.read_text().splitlines()

    @property
    def port(self) -> int:
        """The port for calls."""
        return int(self.url.split(":")[2].partition("/")[0])

    async def ready(self) -> None:
        """Wait until it answers."""
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            while not (self.url and self.metrics_url):
                line = (await self.process.stdout.readline()).decode()
                if not line:
                    status = await self.process.wait()
                    raise SystemExit(f"the server ended with status {status}:\n" + "\n".join(self.log))
                self.said.append(line)
                if found := re.search(r"(wss?|http)://\S+", line):
                    if found[1].startswith("ws"):
                        self.url = found[0] if "/twilio" in found[0] else self.url
                    elif "metrics" in line:
                        self.metrics_url = found[0]

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        """To the process that was started."""
        self.process.send_signal(number)

    async def ended(self, within: float = 30.0) -> int:
        """Its status."""
        return await asyncio.wait_for(self.process.wait(), within)

    async def metrics(self) -> dict[str, float]:
        """Samples by name and labels, as they stand in the text."""

        def get() -> str:
            with urllib.request.urlopen(self.metrics_url, timeout=10) as answer:
                body: str = answer.read().decode()
                return body

        text = await asyncio.to_thread(get)
        return {
            key: float(value)
            for key, _, value in (line.rpartition(" ") for line in text.splitlines())
            if key[:4] == "ivr_"
        }

    def memory(self) -> float:
        """Resident megabytes."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0

    def processor(self) -> float:
        """Seconds of processor time so far."""
        user, system = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def logged(self) -> tuple[Counter[str], Counter[str]]:
        """Refusals and complaints: lines, and what the counts behind lines add, each by cause."""
        lines: Counter[str] = Counter()
        more: Counter[str] = Counter()
        for line in self.log:
            if found := re.search(r"(?:refused|saw) (\d+) \w+ more for '(.*)' in the last minute", line):
                more[found[2]] += int(found[1])
            elif "refused a request from" in line:
                lines["refused"] += 1
            elif " WARNING " in line and re.search(r"call \S+: (ended|the gateway)", line):
                lines["ended"] += 1
        return lines, more


@asynccontextmanager
async def served(
    root: Path, *arguments: object, log: Path | None = None, start_new_session: bool = False, **environ: str
) -> AsyncIterator[Served]:
    """``ivr serve root`` on free ports, killed at the end if it still runs. Raises ``SystemExit`` if it ends before."""
    log = log or root / "serve.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr.cli.main", "serve", str(root), "--port", "0", "--metrics-port", "0"),
            *map(str, arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **ENVIRON, "RUNTIME_DIRECTORY": str(log.parent / "run"), **environ},
            start_new_session=start_new_session,
        )
    it = Served(process, log)
    try:
        await it.ready()
        yield it
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
