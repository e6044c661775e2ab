"""``voice:`` of the settings: who speaks, and where a hosted voice is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr

from ivr.catalog.durations import DURATION, Seconds, between, seconds
from ivr.catalog.mistakes import refuse, shown
from ivr.catalog.schema_marks import Also, Written
from ivr.catalog.source import Path, Source
from ivr.dialog.languages import Tag
from ivr.errors import Problem
from ivr.speech.breaker import FAILURES
from ivr.speech.region import HEDGE, Steering

API_KEY = "IVR_VOICE_API_KEY"
MOST_REGIONS = 8
MOST_AT_ONCE = 64
"""Requests of a build."""


def _url(value: str) -> str:
    # The value is not shown: what is wrong with it may be a password that stands in it.
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
        secret = parts.username is not None or parts.password is not None
    except ValueError:
        sound, secret = False, False
    if secret:
        raise refuse("the url carries a user or password", f"take it out and set {API_KEY} in the environment")
    if not sound:
        raise refuse("the url is not http(s)://host[:port][/path]", "write the root of the speech service")
    return value


def _urls(value: object) -> object:
    if isinstance(value, str):
        return [url.strip() for url in value.split(",")]
    if not isinstance(value, list):
        raise refuse(f"'url' is {shown(value)}", "write one url, or a list of them")
    return value


def _regions(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise refuse("the list of urls is empty", "give it one, or remove it")
    if len(value) > MOST_REGIONS:
        raise refuse(f"these are {len(value)} urls", f"keep the {MOST_REGIONS} best: a request may go to each of them")
    if len({url.rstrip("/") for url in value}) < len(value):
        raise refuse("the same url stands there twice", "give each region once: what fails there fails there again")
    return value


def _hedge(value: object) -> float | None:
    if value in ("off", "no"):
        return None
    written = seconds(value)
    if not 0.05 <= written <= 60:
        raise refuse(f"{written:g} s is out of range", "give 0.05 s to 60 s, or off")
    return written


class Section(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True, hide_input_in_errors=True)


class Speaker(Section):
    """One voice of the provider."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "en-us"
    """The provider's own name for the voice."""
    speed: Annotated[float, Field(ge=0.5, le=2.5)] = 1.0
    """1.0 is the voice's own pace."""
    model: Annotated[str, Field(max_length=200)] = ""
    """The provider's own name for the model that speaks; empty: its usual one."""
    style: Annotated[str, Field(max_length=200)] = ""
    """The provider's own name for a way of speaking, such as ``cheerful``; empty: its usual one."""


class LocaleSpeaker(Speaker):
    """The voice of one locale; its name has no default."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class VoiceSettings(Speaker):
    """``voice:``, who speaks."""

    provider: Literal["embedded", "http"] = "embedded"
    """embedded: espeak-ng in processes of our own. http: a hosted service."""
    locales: dict[Tag, LocaleSpeaker] = Field(default_factory=dict)
    """Who says the phrases of other locales; one that is not named is said by ``name``."""
    url: Annotated[
        tuple[Annotated[str, AfterValidator(_url)], ...],
        BeforeValidator(_urls),
        AfterValidator(_regions),
        Also({"type": "string"}),
    ] = ()
    """Root of the hosted service, or a list of its regions, the preferred one first; needed with http.

    Clips go by the host of the first one. In the environment commas stand between them.
    """
    prefer: Literal["listed", "nearest"] = "listed"
    """listed: the regions in their order. nearest: by their round trips, measured at the start."""
    hedge: Annotated[
        float | None, BeforeValidator(_hedge), Written({"anyOf": [DURATION, {"enum": ["off", "no", False]}]})
    ] = HEDGE
    """Seconds without sound after which the next region is asked too, and the first to answer is heard; None: never."""
    breaker: Annotated[int, Field(ge=1, le=1000)] = FAILURES
    """Failures in a row after which a region is left alone, for 1 s at first and 10 s at the most."""
    format: Literal["pcm", "wav", "mulaw", "alaw", "mp3"] = "pcm"
    """What the hosted service is asked for. pcm needs no decoder and gives the earliest first sample."""
    rate: Annotated[int, Field(ge=8000, le=48000)] = 24000
    """Hz of pcm, mulaw and alaw, whose bytes do not tell it; only pcm is asked for by it."""
    retries: Annotated[int, Field(ge=0, le=5)] = 1
    """How often a synthesis that failed before its first sound is tried again while a cover plays; in a build too."""
    most: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Characters that the provider takes in one request; longer phrases are told before it is asked. 0: not known."""
    at_once: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 4
    """Requests that a build makes at once, at the most; fewer while the provider says that they are too many."""
    first_audio: Annotated[Seconds, between(0.1, 60)] = 5.0
    """Seconds that the hosted service may take to its first sound."""
    stall: Annotated[Seconds, between(0.1, 60)] = 2.0
    """Seconds that it may pause between two pieces of sound."""
    _api_key: SecretStr = PrivateAttr(SecretStr(""))

    @property
    def api_key(self) -> SecretStr:
        """From ``IVR_VOICE_API_KEY`` alone; empty where that is not set."""
        return self._api_key

    @property
    def sent(self) -> str:
        """How the hosted service sends its sound: the format, with its rate where the bytes do not tell it."""
        if self.provider != "http":
            return ""
        return self.format if self.format in ("wav", "mp3") else f"{self.format}/{self.rate}"

    def options(self) -> dict[str, Any]:
        """Arguments for ``ivr.speech.voices.open_voice``, with the bare key among them."""
        return {
            "provider": self.provider,
            "url": self.url,
            "api_key": self._api_key.get_secret_value(),
            "format": self.format,
            "rate": self.rate,
            "first_audio": self.first_audio,
            "stall": self.stall,
            "steering": Steering(self.hedge, self.prefer == "nearest", self.breaker),
        }


def needless(voice: VoiceSettings, source: Source) -> Iterator[Problem]:
    """Models and styles that are asked of the embedded voice, which has none."""
    speakers: dict[Path, Speaker] = {("locales", tag): each for tag, each in voice.locales.items()}
    speakers[()] = voice
    for below, speaker in speakers.items():
        for name in ("model", "style"):
            if getattr(speaker, name):
                remedy = "remove it; a voice's name may carry one, such as en-us+f3"
                yield source.problem(("voice", *below, name), f"the embedded voice has no {name}", remedy, key=True)
