"""The voice that a project names, opened."""

from __future__ import annotations

from urllib.parse import urlsplit

from ivr.errors import ConfigError
from ivr.speech.synthesizer import Synthesizer

PROVIDERS = ("embedded", "http")


def open_voice(
    provider: str,
    *,
    url: str = "",
    api_key: str = "",
    format: str = "pcm",
    rate: int = 24000,
    first_audio: float = 5.0,
    stall: float = 2.0,
    workers: int = 2,
) -> Synthesizer:
    """A voice that is not warm yet; only the module of ``provider`` is imported.

    ``first_audio`` and ``stall`` are seconds. Raises ``ConfigError`` for a provider that does not exist or lacks its
    settings, ``MissingExtra`` when the embedded voice is not installed.
    """
    match provider:
        case "embedded":
            from ivr.speech.espeak.pool import EspeakVoice

            return EspeakVoice(workers=workers)
        case "http":
            from ivr.speech.http import HttpVoice, HttpVoiceSettings

            if not url:
                raise ConfigError("the http voice has no url: set voice.url in prompts/ivr.yaml, or IVR_VOICE_URL")
            if not api_key:
                raise ConfigError("the http voice has no API key: set IVR_VOICE_API_KEY in the environment")
            return HttpVoice(
                HttpVoiceSettings(
                    url=url,
                    api_key=api_key,
                    format=format,
                    rate=rate,
                    first_byte_timeout=first_audio,
                    stall_timeout=stall,
                )
            )
        case _:
            raise ConfigError(f"voice provider '{provider}' is unknown: use one of {', '.join(PROVIDERS)}")


def made_by(name: str, provider: str, url: str = "") -> bool:
    """Whether a clip whose lock names the provider ``name`` (``espeak-ng/1.52``) may come from ``provider``.

    Only the version of the embedded voice is left open: a machine that merely plays clips need not have it installed.
    """
    if provider == "embedded":
        return name.partition("/")[0] == "espeak-ng"
    return name == f"http:{urlsplit(url).hostname}"
