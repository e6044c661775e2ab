"""The voice detector of WebRTC: six bands of the spectrum against Gaussian models of voice and of noise.

By the package ``webrtcvad-wheels``; see docs/dependencies.md for its cost and what it takes for voice.
"""

from __future__ import annotations

import webrtcvad

RATES = (8000, 16000)
"""Hz. It takes 32 and 48 kHz too, and would bring them to 8 kHz itself."""

FRAMES = (0.010, 0.020, 0.030)
"""Seconds of a frame that it takes."""

MODE = 2
"""Of 0 to 3, how sure it must be. Mode 3 breaks words apart at 8 kHz; 0 and 1 hold on longer behind them."""


class WebRtcDetector:
    """See ``VoiceDetector``."""

    def __init__(self, rate: int, seconds: float = 0.020, mode: int = MODE) -> None:
        """``rate``: of the sound there is, Hz. Raises ``ValueError`` for frames other than ``FRAMES``."""
        if seconds not in FRAMES:
            raise ValueError(f"frames of {seconds:g} s: WebRTC's detector takes 10, 20 and 30 ms")
        self.rate = rate if rate in RATES else RATES[0]
        self.frame = round(self.rate * seconds)
        self._vad = webrtcvad.Vad(mode)

    def voiced(self, frame: bytes) -> bool:
        """See ``VoiceDetector.voiced``."""
        voiced: bool = self._vad.is_speech(frame, self.rate)
        return voiced
