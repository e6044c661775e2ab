"""The local speaker, for listening to what was made."""

from __future__ import annotations

from ivr.errors import ConfigError
from ivr.media.samples import Samples


def play(samples: Samples, rate: int) -> None:
    """Play to the end. Raises ``ConfigError`` where there is no PortAudio or no device, with what to do."""
    try:
        import sounddevice
    except OSError as error:
        raise ConfigError(f"the speaker needs PortAudio ({error}): on Debian, apt install libportaudio2") from None
    try:
        sounddevice.play(samples, rate)
        sounddevice.wait()
    except sounddevice.PortAudioError as error:
        raise ConfigError(f"no sound device can be played to ({error}); write a file with --out instead") from None
