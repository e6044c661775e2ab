"""``python -m bench.joins [--amounts N] [--seed N] [--json]``: what is at the joins of amounts that fragments say?

Of each join between two fragments, and of the same place between the same two words in one synthesis: how long it is
quiet there, how much louder it goes on, and how far the samples jump there against those beside. All of it from 8 kHz
mu-law as a far end decodes it. Quiet is what lies 30 dB under the level of its sentence.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.recognition import Balance, amounts
from bench.spliced import RATE, Amount, assembled, drawn, fragments, speak
from ivr.media.clip import Clip, make_clip
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode
from ivr.media.level import gain_db
from ivr.media.loudness import loudness, ungated
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.media.seam import jump_ratio
from ivr.phrases.fragments import fragment_name
from ivr.pregen.cutting.quiet import Loudness
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.speech.synthesizer import SpeechChunk

BESIDE = 0.200
"""Seconds of words on either side whose levels are compared."""
NEAR = 0.060
"""Seconds from a word's beginning in one synthesis within which the quiet before it is looked for."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of many joins."""

    pauses: list[float] = field(default_factory=list)
    """Seconds."""
    steps: list[float] = field(default_factory=list)
    """LU by which it goes on louder."""
    jumps: list[float] = field(default_factory=list)
    """See ``ivr.media.seam.jump_ratio``."""
    edges: list[float] = field(default_factory=list)
    """dBFS of the louder one of the two samples at the join."""
    lengths: list[float] = field(default_factory=list)
    """Seconds of whole amounts."""
    levels: list[float] = field(default_factory=list)
    """LUFS of whole amounts."""

    def as_json(self) -> dict[str, float]:
        """What is printed."""
        return {
            "pause_median": _of(self.pauses, 50),
            "pause_p95": _of(self.pauses, 95),
            "pause_longest": _of(self.pauses, 100),
            "step_median": _of(np.abs(self.steps), 50),
            "step_p95": _of(np.abs(self.steps), 95),
            "jump_p95": _of(self.jumps, 95),
            "jump_largest": _of(self.jumps, 100),
            "edge_largest": _of(self.edges, 100),
            "seconds_median": _of(self.lengths, 50),
            "lufs_p5": _of(self.levels, 5),
            "lufs_median": _of(self.levels, 50),
            "lufs_p95": _of(self.levels, 95),
        }


def _of(values: Sequence[float], share: int) -> float:
    return round(float(np.percentile(values, share)), 4)


def measure(figures: Figures, sound: Samples, places: Sequence[int], *, searched: bool = False) -> None:
    """Enter one amount. ``places``: its joins, in samples; ``searched``: they are known to ``NEAR`` alone."""
    levels = Loudness(sound, RATE)
    figures.lengths.append(len(sound) / RATE)
    figures.levels.append(loudness(sound, RATE))
    pauses = levels.pauses(0.0)
    for place in places:
        at = place / RATE
        near = [pause for pause in pauses if pause.apart(at) <= (NEAR if searched else levels.seconds)]
        pause = max(near, key=lambda each: each.seconds, default=None)
        figures.pauses.append(0.0 if pause is None else pause.seconds)
        stop, start = (place, place) if pause is None else (round(pause.start * RATE), round(pause.stop * RATE))
        beside = round(BESIDE * RATE)
        before, behind = sound[max(0, stop - beside) : stop], sound[start : start + beside]
        figures.steps.append(ungated(behind, RATE) - ungated(before, RATE))
        figures.jumps.append(jump_ratio(sound[:place], sound[place:], RATE))
        edge = float(np.max(np.abs(sound[place - 1 : place + 1])))
        figures.edges.append(20 * float(np.log10(max(edge, 1e-6))))


def joins(made: Mapping[str, Clip], amount: Amount, locale: str) -> list[int]:
    """Where the fragments of an amount meet, in samples; a pause between them counts to the one before."""
    ends, total = [], 0
    for unit in amount.units[:-1]:
        total += made[fragment_name(locale, unit.text, unit.final)].samples + round(unit.pause * RATE)
        ends.append(total)
    return ends


def borders(amount: Amount, said: SpeechChunk) -> Iterator[int]:
    """Where the same words meet in one synthesis, in samples at ``RATE``."""
    offset = 0
    for unit in amount.units[:-1]:
        offset += len(unit.text) + 1
        begins = [word.sample for word in said.words if word.offset == offset]
        yield from (round(sample * RATE / said.rate) for sample in begins[:1])


def whole(said: SpeechChunk, target: float) -> Samples:
    """One synthesis as the far end decodes it, with its level set and nothing trimmed: times stay."""
    at_rate = resample(said.samples, said.rate, RATE)
    levelled = gain_db(at_rate, target - loudness(at_rate, RATE))
    return mulaw_decode(make_clip(levelled, MULAW_8K).payload)


def compared(balance: Balance, some: Sequence[Amount]) -> tuple[Figures, Figures]:
    """Those of fragments, and those of one synthesis."""
    settings = balance.project.settings
    made = asyncio.run(fragments(balance.project, some))
    said = asyncio.run(speak(balance.project, (f"{amount.text}." for amount in some)))
    spliced, one = Figures(), Figures()
    for amount in some:
        measure(spliced, assembled(made, amount.units, settings.locale), joins(made, amount, settings.locale))
        chunk = said[f"{amount.text}."]
        measure(one, whole(chunk, settings.loudness), list(borders(amount, chunk)), searched=True)
    return spliced, one


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.joins", description=__doc__)
    parser.add_argument("--amounts", type=int, default=500, help="different amounts (%(default)s)")
    parser.add_argument("--seed", type=int, default=2026, help="they are drawn from it (%(default)s)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    balance = Balance.of(load(starter_root(), {}))
    spliced, one = compared(balance, drawn(balance, amounts(args.amounts, args.seed)))
    rows = {"joins": len(spliced.pauses), "fragments": spliced.as_json(), "one synthesis": one.as_json()}
    if args.json:
        print(json.dumps(rows, indent=2))
    else:
        show(spliced, one)
    sys.exit(0 if max(spliced.jumps) <= 1.0 else 1)


def show(spliced: Figures, one: Figures) -> None:
    """Both beside each other."""
    table = Table(title=f"{len(spliced.pauses)} joins, 8 kHz mu-law", title_justify="left")
    for column in ("what", "fragments", "one synthesis"):
        table.add_column(column, justify="left" if column == "what" else "right")
    left, right = spliced.as_json(), one.as_json()
    units = {"pause": ("ms", 1000), "step": ("LU", 1), "edge": ("dBFS", 1), "seconds": ("s", 1), "lufs": ("LUFS", 1)}
    for name in left:
        unit, times = units.get(name.partition("_")[0], ("", 1))
        table.add_row(f"{name.replace('_', ' ')} {unit}", f"{times * left[name]:.2f}", f"{times * right[name]:.2f}")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
