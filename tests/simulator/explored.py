"""Small projects to explore, and the exploring of them."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.call.plan import plan_calls
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.simulator.emulated import EMULATED
from ivr.simulator.explore import Explorer
from ivr.simulator.explore_found import Explored
from ivr.simulator.explore_values import Tried
from ivr.speech.synthesizer import SpeechChunk
from ivr.testing.voices import ScriptedVoice, babble

EXAMPLES = Path(__file__).parents[2] / "examples"
ENVIRON = {"IVR_VOICE_PROVIDER": "http", "IVR_VOICE_URL": "http://127.0.0.1:9", "IVR_VOICE_API_KEY": "key"}


class Tones:
    """A voice in memory, for clips that nobody listens to."""

    name = "http:127.0.0.1"

    async def synthesize(self, request):
        yield SpeechChunk(babble(request.text), 22050)

    async def warm(self):
        pass

    async def aclose(self):
        pass


@contextmanager
def forgotten() -> Iterator[None]:
    """Projects have modules of the same names."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("bank", "book", "parcel"):
            del sys.modules[name]


def explore(root: Path, given=None, most: int = 1000, by: str = "twilio", thorough: bool = False) -> Explored:
    report = asyncio.run(render(read_sources(root, ENVIRON), Tones()))
    assert report.ok, report
    project = load(root, ENVIRON)
    gateway = EMULATED[by]
    plan = plan_calls(project, gateway.capabilities, provider=Tones.name)
    tried = Tried(project, given or {})
    return Explorer(project, plan, gateway, ScriptedVoice(), {"from": "+15550100"}, tried, most).run()


def copied(source: Path, to: Path) -> Path:
    for part in ("prompts", "audio"):
        shutil.copytree(source / part, to / part, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def little(root: Path, states: str, phrases: str = "", code: str = "") -> Path:
    files = {
        "ivr.yaml": "project: Little\ncover: {enabled: no}\n",
        "phrases/en-US.yaml": f"locale: en-US\nphrases:\n  hello: Hello.\n  bye: Goodbye.\n{phrases}",
        "dialogs/main.yaml": f"dialog: main\nstart: a\nstates:\n{states}",
        "bank.py": code,
    }
    for name, text in files.items():
        (root / "prompts" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "prompts" / name).write_text(text)
    return root


def wrongs(found: Explored) -> list[str]:
    return [wrong for branch in found.branches() for wrong in branch.wrong]
