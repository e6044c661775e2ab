"""A build of very many phrases of which nothing changed, and the start of a server with a thousand clips.

The clips bear the marks of a build, so that the first ``ivr render`` takes them up and no voice speaks; then one
phrase is changed, for which the embedded voice is asked once.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ivr.media.format import MULAW_8K
from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.pregen.files.mark import Mark, signed
from ivr.project.audio.clips import key_of, of_phrases
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.speech.voices import open_voice

PHRASES = 10_000
CLIPS = 1_000
SECONDS = 2.5
"""Of each clip."""
RENDER, START, MEMORY = 1.0, 1.0, 1.2
"""To hold: seconds of both, and bytes of memory for a byte on the wire."""
SETTLED = 2.5
"""Seconds after which a file's time tells that nobody changed it (``ivr.pregen.files.seen``)."""
DIALOG = "dialog: main\nstart: a\nstates:\n  a: {say: p1, hang_up: yes}\n"


def made(root: Path, phrases: int) -> None:
    """A project with a marked clip for each of so many phrases, and no lock."""
    for folder in ("prompts/dialogs", "prompts/phrases", "audio"):
        (root / folder).mkdir(parents=True)
    lines = "".join(f"  p{n}: This is sentence number {n} of a large project.\n" for n in range(phrases))
    (root / "prompts/phrases/en-US.yaml").write_text(f"locale: en-US\nphrases:\n{lines}")
    (root / "prompts/dialogs/main.yaml").write_text(DIALOG)
    (root / "prompts/ivr.yaml").write_text("cover: {filler: p0, hold: p0, fallback: p0}\n")
    sources = read_sources(root, {})
    provider = open_voice(**sources.settings.voice.options()).name
    voice = sources.settings.voice.name
    for number, clip in enumerate(of_phrases(sources.catalogues)):
        wav = write_wav([tone(300 + number % 400, SECONDS, 8000, -20)], 8000)
        mark = Mark(key_of(clip, sources.settings, provider), "rendered", provider, voice, -20.0, -20.0, -16.0)
        (root / "audio" / clip.file).write_bytes(signed(wav, mark))


def render(root: Path, caches: Path) -> tuple[float, dict[str, object]]:
    """Seconds of ``ivr render`` as a process, and its report."""
    environ = {**os.environ, "XDG_CACHE_HOME": str(caches)}
    began = time.perf_counter()
    words = [sys.executable, "-m", "ivr.cli.main", "render", str(root), "--json"]
    said = subprocess.run(words, env=environ, capture_output=True, text=True, check=True).stdout
    return time.perf_counter() - began, json.loads(said)


def started(root: Path) -> dict[str, float]:
    """In a process of its own: seconds to load the clips for one wire, and memory against their bytes there."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.building", "--start", str(root)], capture_output=True, text=True, check=True
    ).stdout
    figures: dict[str, float] = json.loads(said)
    return figures


def _start(root: Path) -> None:
    load(root, {}, clips=False)  # what a server has read and imported before it comes to its clips
    before = _resident()
    began = time.perf_counter()
    clips = load(root, {}).store.clips(MULAW_8K)
    taken = time.perf_counter() - began
    wire = sum(len(clip.payload) for clip in clips.values())
    print(json.dumps({"seconds": taken, "wire": wire, "memory": (_resident() - before) / wire}))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.building", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="builds of which nothing changed (%(default)s)")
    parser.add_argument("--phrases", type=int, default=PHRASES, help="%(default)s")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--start", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.start is not None:
        _start(args.start)
        return
    with tempfile.TemporaryDirectory() as directory:
        root, caches = Path(directory) / "large", Path(directory) / "caches"
        made(root, args.phrases)
        time.sleep(SETTLED)
        render(root, caches)
        time.sleep(SETTLED)
        taken = [render(root, caches)[0] for _ in range(args.rounds)]
        words = root / "prompts/phrases/en-US.yaml"
        words.write_text(words.read_text().replace("sentence number 7 ", "sentence number seven "))
        changed = render(root, caches)[1]["rendered"]
        small = Path(directory) / "small"
        made(small, CLIPS)
        render(small, caches)
        start = started(small)
    rows = {"render": statistics.median(taken), "best": min(taken), "changed": changed, "start": start}
    if args.json:
        print(json.dumps(rows))
    else:
        best = f"best of {args.rounds} {min(taken):.2f} s"
        print(
            f"ivr render, {args.phrases} phrases, nothing changed: {rows['render']:.2f} s, {best} (to hold {RENDER:g})"
        )
        print(f"one phrase changed: rendered {changed}")
        print(f"{CLIPS} clips ready for one wire after {start['seconds']:.2f} s (to hold {START:g})")
        print(f"memory: {start['memory']:.2f} × their {start['wire'] / 1e6:.1f} MB on the wire (to hold {MEMORY:g})")
    held = min(taken) <= RENDER and start["seconds"] <= START and start["memory"] <= MEMORY and changed == ["p7"]
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
