"""Whether one recording holds another: by its sound and not by its time. All sound is at ``RATE``."""

import numpy as np

RATE = 16000
"""Hz: twice what telephones carry, for a short filter cannot shift sound that goes up to half its rate."""

PART = RATE // 5
"""Samples of a part that is looked for by itself."""

ASTRAY = RATE
"""Samples by which it may be away from its place: keys of two calls are not pressed at the same moment."""

AUDIBLE = 10 ** (-50 / 20)

TAPS = 64
"""Of the filter that may lie between the two: 4 ms, as those of resamplers."""

BLOCK = RATE // 100


def audible_parts(wanted):
    """Where its parts begin that can be heard."""
    starts = range(0, len(wanted) - PART, PART)
    return [start for start in starts if np.mean(wanted[start : start + PART] ** 2) > AUDIBLE**2]


def shifted(wanted):
    """``wanted`` once for each tap of the filter."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(wanted, TAPS // 2), TAPS)[: len(wanted)]


def fitted(columns, like):
    """The filter that makes ``columns`` most like ``like``."""
    square = columns.T @ columns
    return np.linalg.solve(square + 1e-9 * np.trace(square) * np.eye(TAPS), columns.T @ like)


def correlated(heard, wanted):
    """How alike ``wanted`` is to ``heard`` behind each of its samples."""
    size = len(heard) + len(wanted)
    return np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[: len(heard)]


def decibels(power, against):
    return 10 * np.log10(float(np.sum(power**2)) / max(1e-12, float(np.sum(against**2))) + 1e-12)


def place(heard, wanted):
    """Samples of ``heard`` in front of ``wanted``, as a whole."""
    return int(np.argmax(correlated(heard, wanted)))


def lacking(heard, wanted, residue, level=0.5):
    """The audible parts of ``wanted``, by their beginnings, that ``heard`` lacks, with what is wrong.

    ``residue``: dB that may be left; ``level``: dB by which it may be louder or softer.
    """
    heard, wanted = heard.astype(np.float64), wanted.astype(np.float64)
    shift, wrong = place(heard, wanted), {}
    for start in audible_parts(wanted):
        part = wanted[start : start + PART]
        nearby = heard[max(0, shift + start - ASTRAY) : shift + start + PART + ASTRAY]
        if len(nearby) < PART:
            wrong[start] = "not there"
            continue
        power = np.cumsum(np.pad(nearby**2, (1, 0)))
        energy = power[PART:] - power[:-PART]
        at = int(np.argmax(correlated(nearby, part)[: len(energy)] / np.sqrt(np.maximum(energy, 1e-3))))
        found = nearby[at : at + PART]
        columns = shifted(part)
        left = decibels(found - columns @ fitted(columns, found), found)
        louder = decibels(found, part)
        if left > residue or abs(louder) > level:
            wrong[start] = f"{left:.0f} dB are left, {louder:+.1f} dB louder"
    return wrong


def held_until(heard, wanted, sure):
    """The sample of ``heard`` up to which it goes on as ``wanted`` does, of whose first ``sure`` samples it is full."""
    shift = place(heard, wanted[:sure])
    heard = np.pad(heard, (0, len(wanted)))[shift : shift + len(wanted)].astype(np.float64)
    columns = shifted(wanted.astype(np.float64))
    error = heard - columns @ fitted(columns[:sure], heard[:sure])
    for start in range(sure, len(wanted) - BLOCK, BLOCK):
        block = wanted[start : start + BLOCK]
        if np.mean(block**2) > AUDIBLE**2 and decibels(error[start : start + BLOCK], block) > -6:
            return shift + start
    return shift + len(wanted)
