"""Loudness and true peak as others measure them: ffmpeg, the filter that BS.1770 prints, the whole spectrum at once."""

from __future__ import annotations

import re
import shutil
import subprocess

import numpy as np

from ivr.media.wave import write_wav

FFMPEG = shutil.which("ffmpeg")

# BS.1770-4 annex 2, phases 0 and 1 of the interpolating filter; phases 2 and 3 are these reversed.
_PRINTED = [
    [0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
     0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500],
    [-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
     0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375],
]  # fmt: skip


def decibels(amplitude):
    return 20 * np.log10(amplitude + 1e-12)


def printed_peak(samples):
    """dBFS by the four phases of the standard's own filter."""
    phases = _PRINTED + [row[::-1] for row in _PRINTED]
    return decibels(max(np.abs(np.convolve(samples.astype(np.float64), row)).max() for row in phases))


def exact_peak(samples, times=16):
    """dBFS of the band-limited waveform, by one transform of the whole."""
    padded = np.pad(samples.astype(np.float64), 256)
    spectrum = np.zeros(len(padded) * times // 2 + 1, dtype=complex)
    few = np.fft.rfft(padded)
    spectrum[: len(few)] = few
    return decibels(np.abs(np.fft.irfft(spectrum, len(padded) * times) * times).max())


def ffmpeg_measures(samples, rate):
    """Integrated loudness (LUFS) and true peak (dBFS), each to a tenth, by the filter ``ebur128``.

    At 48 kHz, for which the standard prints its weighting: a lower rate bends that filter's own near half of it.
    """
    chain = "aresample=48000:filter_size=128,ebur128=peak=true"
    asked = [FFMPEG, "-hide_banner", "-nostdin", "-i", "pipe:0", "-af", chain, "-f", "null", "-"]
    told = subprocess.run(asked, input=write_wav([samples], rate), capture_output=True, check=True).stderr.decode()
    summary = told[told.rindex("Summary:") :]
    return tuple(float(re.search(rf"{name}:\s+(\S+)", summary)[1]) for name in ("I", "Peak"))
