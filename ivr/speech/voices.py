"""The voice that a project names, opened."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from ivr.errors import ConfigError
from ivr.speech.region import Steering
from ivr.speech.synthesizer import Synthesizer

PROVIDERS = ("embedded", "http")


def open_voice(
    provider: str,
    *,
    url: str | Sequence[str] = (),
    api_key: str = "",
    format: str = "pcm",
    rate: int = 24000,
    first_audio: float = 5.0,
    stall: float = 2.0,
    steering: Steering | None = None,
) -> Synthesizer:
    """A voice that is not warm yet; only the module of ``provider`` is imported.

    ``url``: one, or the regions of one service in order of preference, and ``steering`` the choice between them.
    ``first_audio`` and ``stall`` are seconds. Raises ``ConfigError`` for a provider that does not exist or lacks its
    settings, ``MissingExtra`` when the embedded voice is not installed.
    """
    match provider:
        case "embedded":
            from ivr.speech.espeak.pool import EspeakVoice

            return EspeakVoice()
        case "http":
            from ivr.speech.http import HttpVoice, HttpVoiceSettings
            from ivr.speech.regions import Regions

            urls = _urls(url)
            if not urls:
                raise ConfigError("the http voice has no url: set voice.url in prompts/ivr.yaml, or IVR_VOICE_URL")
            if not api_key:
                raise ConfigError("the http voice has no API key: set IVR_VOICE_API_KEY in the environment")
            regions = [
                HttpVoiceSettings(
                    url=one,
                    api_key=api_key,
                    format=format,
                    rate=rate,
                    first_byte_timeout=first_audio,
                    stall_timeout=stall,
                )
                for one in urls
            ]
            return Regions([HttpVoice(region) for region in regions], steering)
        case _:
            raise ConfigError(f"voice provider '{provider}' is unknown: use one of {', '.join(PROVIDERS)}")


def made_by(name: str, provider: str, url: str | Sequence[str] = ()) -> bool:
    """Whether a clip whose lock names the provider ``name`` (``espeak-ng/1.52``) may come from ``provider``.

    A service with several regions goes by the host of its first one.
    Only the version of the embedded voice is left open: a machine that merely plays clips need not have it installed.
    """
    if provider == "embedded":
        return name.partition("/")[0] == named(provider)
    return bool(_urls(url)) and name == named(provider, url)


def named(provider: str, url: str | Sequence[str] = ()) -> str:
    """What a lock calls ``provider``, without its version: ``espeak-ng``, ``http:api.example.com``."""
    if provider == "embedded":
        return "espeak-ng"
    urls = _urls(url)
    return f"http:{urlsplit(urls[0]).hostname if urls else ''}"


def _urls(url: str | Sequence[str]) -> Sequence[str]:
    return [url] * bool(url) if isinstance(url, str) else url
