"""Whether a recording may become a clip. Pure; docs/recordings.md lists the figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ivr.errors import Severity
from ivr.media.samples import Samples
from ivr.pregen.takes.clipping import check_clipping
from ivr.pregen.takes.finding import Finding, level
from ivr.pregen.takes.hum import check_hum
from ivr.pregen.takes.length import check_length
from ivr.pregen.takes.noise import check_noise
from ivr.pregen.takes.sound import LONGEST, Sound

LOWEST = 8000
"""Hz: what telephones carry."""
WIDE = 16000
"""Hz, from which nothing is said of a rate."""
APART = -20.0
"""dB of what differs between two channels against both of them: more is another sound, or another place."""


def check_sound(sound: Sound, text: str, *, locale: str = "en-US", clip_rate: int | None = None) -> list[Finding]:
    """Everything that is wrong with a recording of ``text``: its channels, then what ``check`` finds in their mean."""
    return [*check_channels(sound.channels), *check(sound.mono, sound.rate, text, locale=locale, clip_rate=clip_rate)]


def check(
    samples: Samples, rate: int, text: str, *, locale: str = "en-US", clip_rate: int | None = None
) -> list[Finding]:
    """The same of one channel, errors first. ``clip_rate``: Hz of the project's clips, None for the recording's own."""
    if len(samples) > LONGEST * rate:
        what = f"is longer than {LONGEST:g} s"
        return [Finding("long", Severity.ERROR, what, "cut it, or make two phrases of it")]
    found = [*_rate(rate, clip_rate), *check_noise(samples, rate)]
    if "silent" not in {each.code for each in found}:
        found += [*check_clipping(samples), *check_hum(samples, rate)]
        if "noise" not in {each.code for each in found}:  # in noise nobody knows where words begin
            found += check_length(samples, rate, text, locale)
    return sorted(found, key=lambda each: each.severity is not Severity.ERROR)


def _rate(rate: int, clip_rate: int | None) -> list[Finding]:
    if rate < LOWEST:
        what = f"has a rate of {rate:,} Hz, less than telephones carry ({LOWEST:,} Hz)"
        return [Finding("rate", Severity.ERROR, what, "record or export it at 48,000 Hz")]
    if rate < WIDE and clip_rate is not None and clip_rate > rate:
        lost = f"what lies over {rate // 2:,} Hz is lost"
        what = f"has a rate of {rate:,} Hz and the project's clips {clip_rate:,} Hz: {lost}"
        remedy = "record it at 48,000 Hz, or lower clip_rate in prompts/ivr.yaml"
        return [Finding("rate", Severity.WARNING, what, remedy)]
    return []


def check_channels(channels: Sequence[Samples]) -> list[Finding]:
    """Whether channels differ, so that mixing them down does harm. Look before they are mixed."""
    loud = [level(float(np.mean(np.square(each, dtype=np.float64)))) if len(each) else -100.0 for each in channels]
    if len(channels) < 2 or max(loud) < -80.0:
        return []
    if max(loud) - min(loud) > 40.0:
        what = f"has {len(channels)} channels and one of them is silent, so that it is mixed down to a quieter one"
        return [Finding("channels", Severity.WARNING, what, "export the channel with the speech alone, as mono")]
    first = channels[0].astype(np.float64)
    apart = max(float(np.mean((first - each) ** 2)) for each in channels[1:])
    differs = level(apart) - max(loud)
    if differs < APART:
        return []
    what = f"has {len(channels)} channels that differ: {differs:.0f} dB of their loudness, {APART:g} is the most"
    return [Finding("channels", Severity.WARNING, what, "export one of them as mono: mixed down they sound hollow")]
