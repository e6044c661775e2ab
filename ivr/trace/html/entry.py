"""What the page keeps of a call: figures and finished pieces, so that no thousand recordings are in memory at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.media.samples import Samples, empty
from ivr.trace.events import TraceEvent
from ivr.trace.html.detail import detail
from ivr.trace.html.packed import packed
from ivr.trace.html.strip import strip
from ivr.trace.jsonl import unmasked
from ivr.trace.picture import draw
from ivr.trace.rate import rate
from ivr.trace.row import Page
from ivr.trace.slack import slacks
from ivr.trace.stretches import stretches
from ivr.trace.worst import CallFigures


@dataclass(frozen=True, slots=True)
class Recording:
    """Both sides of a call, from zero of its clock on."""

    caller: Samples
    ours: Samples
    rate: int


SILENT = Recording(empty(), empty(), 8000)
"""Where there is none."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What there is to hear of a call."""

    about: str = ""
    """How much it is, or why there is none."""
    wav: str = ""
    """The recording, packed; empty where the page has none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One call of the page."""

    name: str
    """What its trace is called; no two of a page are alike."""
    figures: CallFigures
    strip: str
    """The whole call in a line, SVG."""
    detail: str
    """What is shown when it is opened, packed."""
    sound: Sound


def seen(events: Sequence[TraceEvent], figures: CallFigures, recording: Recording = SILENT) -> Page:
    """What the picture of a call shows. Texts stay as they stand in the trace: what is the caller's is masked there."""
    found = stretches(events, rate(events))
    sides = (recording.caller, recording.ours, recording.rate)
    return Page(events, figures.turns, found, *sides, 0.0, unmasked, slacks=slacks(events, found.bars))


def entry(name: str, figures: CallFigures, page: Page, sound: Sound) -> Entry:
    """Draws the call."""
    told = detail(figures, draw(page, name, styles=""), sound.about)
    return Entry(name, figures, strip(page), packed(told.encode()), sound)
