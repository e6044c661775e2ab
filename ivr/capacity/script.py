"""What simulated callers do: how long they stay, and which keys they press when. Pure; randomness enters as a seed."""

from __future__ import annotations

import random  # noqa: TID251 - a generator made from a seed; nothing is drawn from the global one
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """One call. Times are seconds after its stream began."""

    seconds: float
    """When the caller hangs up, unless the dialog did before."""
    keys: tuple[tuple[float, str], ...] = ()
    """When which key is pressed."""


def scripts(seed: int, keys: Sequence[str], seconds: float) -> Iterator[Script]:
    """Endless calls of about ``seconds`` each that differ in what is pressed and when.

    The first key falls into the first prompt, so that it interrupts; a second one into what follows.
    """
    generator = random.Random(seed)
    while True:
        length = seconds * generator.uniform(0.8, 1.2)
        pressed = []
        if keys:
            pressed.append((generator.uniform(0.15, 0.35) * length, generator.choice(keys)))
            if generator.random() < 0.5:
                pressed.append((generator.uniform(0.55, 0.8) * length, generator.choice(keys)))
        yield Script(length, tuple(pressed))
