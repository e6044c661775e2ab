"""What the page knows of a clip: plain values, so that it stands apart from how clips are made."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.catalog.phrase import Literal, Slot

NEAR = 0.5
"""LU that a clip may lie off the target."""
HIGHEST = -1.0
"""dBFS under which the peaks of a clip are to stay."""

STATES = {
    "ready": "the clip is right",
    "entered": "the clip is right, and the lock does not have it yet",
    "stale": "made from other words, another voice or other settings",
    "missing": "there is no file",
    "corrupt": "not the file that the lock names",
    "blocked": "nothing can be done about it by rendering",
    "orphaned": "no phrase uses it any more",
    "live": "all of it is said as the call runs, so there is no clip",
}
"""What each state means. The first two are good."""
GOOD = ("ready", "entered", "live")
ORIGINS = {
    "rendered": "spoken by a voice",
    "recorded": "spoken by a person",
    "own": "a sound of the project's own",
    "live": "spoken as the call runs",
}


Parts = tuple[Literal | Slot, ...]
"""Of a phrase, in the order in which they are said."""


def clips_of(parts: Parts) -> list[str]:
    """The names of a phrase's clips."""
    return [part.clip for part in parts if isinstance(part, Literal)]


@dataclass(frozen=True, slots=True)
class Sound:
    """What is in a clip's file, and how it is to be heard on the page."""

    seconds: float
    level: float | None
    """LUFS of the file; None where it is silent."""
    peak: float | None
    """dBFS: the true peak after mu-law where the lock has it, else the file's largest sample; None where silent."""
    bars: tuple[int, ...]
    """Its waveform from the beginning to the end, in hundredths of full scale."""
    packed: str = ""
    """What a caller hears of it, packed; empty where the page has no room for it."""


@dataclass(frozen=True, slots=True)
class Card:
    """One clip, or a phrase that has none because all of it is live."""

    clip: str
    """Its name, which no other has; of a phrase without clips the phrase's with its locale."""
    phrase: str
    locale: str
    parts: Parts
    """The whole phrase; the words of this clip are those whose ``clip`` is its name."""
    state: str
    """One of ``STATES``."""
    origin: str
    """One of ``ORIGINS``."""
    file: str = ""
    """Below ``audio/``, with forward slashes; empty for live phrases."""
    voice: str = ""
    """Who speaks it; empty for sounds of the project's own."""
    why: str = ""
    """What is wrong, where more is known than the state says."""
    warnings: tuple[str, ...] = ()
    """What is to be looked at in a clip that can be used."""
    sound: Sound | None = None
    """None where there is no file that can be heard."""
    levelled: bool = True
    """Whether the file itself is to be at the target; other sounds are brought to it when the project is loaded."""
    link: str = ""
    """Where the file is, seen from the page, for sounds that are not in it."""

    def off(self, target: float) -> float | None:
        """LU over the target (negative: under it), where that is too far off; else None."""
        if self.sound is None or self.sound.level is None or not self.levelled:
            return None
        found = self.sound.level - target
        return found if abs(found) > NEAR else None

    @property
    def high(self) -> bool:
        """Whether its peaks are too high."""
        peak = None if self.sound is None else self.sound.peak
        return self.levelled and peak is not None and peak > HIGHEST


@dataclass(frozen=True, slots=True)
class Take:
    """What is said in one go: words, and what they answer."""

    label: str
    """``first``, ``no input 1`` …, or the number of the attempt."""
    phrases: tuple[tuple[str, Parts], ...]
    """By id, in the order in which they are said."""


@dataclass(frozen=True, slots=True)
class Turn:
    """All that is said at one place, by attempt."""

    dialog: str
    """Empty for a prompt that no table says."""
    name: str
    """Of the state, or of the prompt."""
    locale: str
    prompts: tuple[str, ...]
    takes: tuple[Take, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """All that the page shows."""

    project: str
    target: float
    """LUFS."""
    cards: tuple[Card, ...]
    turns: tuple[Turn, ...]
    dialogs: dict[str, frozenset[str]]
    """The phrases that each dialog says; ``covers`` are those of the project's covers."""
    prompts: dict[str, frozenset[str]]
    """The same of each prompt that has a name of its own."""
    notes: tuple[str, ...] = ()
    """What is not shown, and why."""
    left_out: int = 0
    """Clips whose sound is not in the page for lack of room."""
    limit: int = 0
    """Bytes of sound that it has room for."""
