"""Speech over HTTP: one pooled client, audio handed on as it arrives, every failure a ``SpeechError``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import numpy as np
import orjson

from ivr.errors import ConfigError, SpeechBroken, SpeechEmpty, SpeechError, SpeechRefused, SpeechTimeout
from ivr.media.samples import Samples
from ivr.speech.decode import AUDIO, Audio, Decoder, decoder_for, decoder_for_content, is_audio
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest

STREAM_PATH = "/v1/tts/stream"
WHOLE_PATH = "/v1/tts"
MOST_REASON = 4096
"""Bytes of a refusal's body that are read."""
LONGEST_WAIT = 1e9
"""Seconds that ``Retry-After`` may ask for; a number of any length is one."""
SHOWN_REASON = 300
"""Characters of them that go into the error."""


@dataclass(frozen=True, slots=True)
class HttpVoiceSettings:
    """Where the speech comes from, and how long it may take."""

    url: str
    """Root of the service, such as ``https://api.speekoapp.com``; the paths under /v1 are added."""
    api_key: str = field(repr=False)
    """Sent as ``X-API-Key`` with requests for speech and with nothing else."""
    format: str = "pcm"
    """pcm, wav, mulaw, alaw or mp3. pcm needs no decoder and gives the earliest first sample."""
    rate: int = 24000
    """Hz. Asked for as ``sample_rate`` with pcm, whose bytes do not tell it; mulaw and alaw are taken to be at it."""
    name: str = ""
    """What traces and cache keys call this provider; empty: ``http:`` and the host."""
    connect_timeout: float = 2.0
    """Seconds for TCP and TLS."""
    first_byte_timeout: float = 5.0
    """Seconds from the request to the first byte of streamed audio, connecting included."""
    stall_timeout: float = 2.0
    """Seconds between two pieces of audio."""
    render_timeout: float = 60.0
    """As ``first_byte_timeout``, for ``render``: there the whole text is spoken before the first byte."""
    keepalive: float = 120.0
    """Seconds that an idle connection is kept: longer than a caller speaks, or each turn pays for a handshake."""
    max_connections: int = 100
    """Open connections, idle ones included; further requests wait within their time-out."""
    trust_env: bool = False
    """Whether HTTP_PROXY and its like may route requests, and with them the key."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ConfigError("the speech url must be http(s)://host[:port][/path]: set it to the service's root")
        if parts.username is not None or parts.password is not None:
            raise ConfigError("the speech url carries a user or password: take them out and set the API key instead")
        if not self.api_key or not all("!" <= letter <= "~" for letter in self.api_key):
            raise ConfigError("the speech API key must be printable ASCII without blanks: is it set, and set whole?")
        if not is_audio(self.format):
            raise ConfigError(f"speech format '{self.format}' is unknown: use one of {', '.join(AUDIO)}")
        numbers = ("rate", "connect_timeout", "first_byte_timeout", "stall_timeout", "render_timeout", "keepalive")
        for setting in (*numbers, "max_connections"):
            if not getattr(self, setting) > 0:
                raise ConfigError(f"speech setting {setting} is {getattr(self, setting)}: it must be more than 0")

    @property
    def audio(self) -> Audio:
        """``format``, checked."""
        assert is_audio(self.format)
        return self.format


class HttpVoice:
    """A hosted voice. One object per process: its connections and TLS context are shared by all calls.

    Raises ``MissingExtra`` when the format that is to be asked for cannot be decoded here.
    """

    def __init__(self, settings: HttpVoiceSettings) -> None:
        decoder_for(settings.audio, settings.rate)
        self._settings = settings
        self._root = settings.url.rstrip("/")
        self._closed = False
        self._client = httpx.AsyncClient(
            headers={"Accept": "audio/*", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(None, connect=settings.connect_timeout),
            limits=httpx.Limits(
                max_connections=settings.max_connections,
                max_keepalive_connections=settings.max_connections,
                keepalive_expiry=settings.keepalive,
            ),
            follow_redirects=False,
            trust_env=settings.trust_env,
        )

    @property
    def name(self) -> str:
        """What traces and keys call this provider."""
        return self._settings.name or f"http:{urlsplit(self._root).hostname}"

    def synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Yield one chunk for each piece of audio that the network hands over, at the provider's rate.

        Closing the iterator drops the connection at once, so the provider can stop. Raises ``SpeechRefused`` for any
        answer but 2xx (redirects are not followed), ``SpeechTimeout`` before the first byte or between two,
        ``SpeechEmpty`` for no audio, ``SpeechBroken`` for what is no audio or is not all of it.
        """
        return self._receive(STREAM_PATH, request, self._settings.first_byte_timeout)

    async def render(self, request: SpeechRequest) -> SpeechChunk:
        """The whole speech at once, for rendering ahead of time. Raises as ``synthesize``."""
        parts: list[Samples] = []
        rate = self._settings.rate
        async with aclosing(self._receive(WHOLE_PATH, request, self._settings.render_timeout)) as chunks:
            async for chunk in chunks:
                parts.append(chunk.samples)
                rate = chunk.rate
        return SpeechChunk(np.concatenate(parts), rate)

    async def warm(self) -> None:
        """Open a connection and put it into the pool: a HEAD of the root, without the key, its answer ignored.

        Raises ``SpeechTimeout`` or ``SpeechBroken`` when the service cannot be reached.
        """
        self._require_open()
        with self._failures(f"did not answer within {self._settings.first_byte_timeout:g} s"):
            async with asyncio.timeout(self._settings.first_byte_timeout):
                await self._client.head(self._root + "/")

    async def aclose(self) -> None:
        """Close all connections; running syntheses end with ``SpeechBroken``."""
        self._closed = True
        await self._client.aclose()

    def _body(self, request: SpeechRequest) -> bytes:
        """The documented fields, text, voice and format, and no other unless it changes what is heard.

        ``sample_rate`` goes along with pcm because nothing in raw samples tells their rate; ``speed``,
        ``model`` and ``style`` only when they are not the voice's own, so that a service without them refuses, rather
        than speak otherwise than was asked.
        The locale is part of a voice's name (``en-US-neural-1``).
        """
        fields: dict[str, object] = {"text": request.text, "voice": request.voice, "format": self._settings.format}
        if self._settings.audio == "pcm":
            fields["sample_rate"] = self._settings.rate
        if request.speed != 1.0:
            fields["speed"] = request.speed
        if request.model:
            fields["model"] = request.model
        if request.style:
            fields["style"] = request.style
        return orjson.dumps(fields)

    async def _receive(self, path: str, request: SpeechRequest, patience: float) -> AsyncGenerator[SpeechChunk, None]:
        """Post ``request`` and decode the answer; ``patience`` in seconds until its first byte."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        awaited = f"sent no audio within {patience:g} s of the request"
        response = await self._post(path, request, until, awaited)
        try:
            if not response.is_success:
                raise await self._refusal(response, until)
            decoder = decoder_for_content(
                response.headers.get("content-type"), self._settings.audio, self._settings.rate
            )
            received, heard, pieces = 0, 0, response.aiter_bytes()
            while piece := await self._next(pieces, until, awaited):
                if not received:
                    refuse_text(piece)
                received += len(piece)
                samples = decoder.push(piece)
                if chunk := _chunk(samples, decoder):
                    heard += len(samples)
                    yield chunk
                until = loop.time() + self._settings.stall_timeout
                awaited = f"sent nothing for {self._settings.stall_timeout:g} s after {heard} samples"
            rest = decoder.finish()
            if chunk := _chunk(rest, decoder):
                heard += len(rest)
                yield chunk
            if not heard:
                raise SpeechEmpty(f"{self.name} answered {response.status_code} with no audio: check text and voice")
        finally:
            await response.aclose()

    async def _post(self, path: str, request: SpeechRequest, until: float, awaited: str) -> httpx.Response:
        self._require_open()
        headers = {"X-API-Key": self._settings.api_key, "Content-Type": "application/json"}
        with self._failures(awaited):
            async with asyncio.timeout_at(until):
                message = self._client.build_request(
                    "POST", self._root + path, headers=headers, content=self._body(request)
                )
                return await self._client.send(message, stream=True)

    async def _next(self, pieces: AsyncIterator[bytes], until: float, awaited: str) -> bytes:
        """The next bytes; none at the end."""
        with self._failures(awaited):
            async with asyncio.timeout_at(until):
                async for piece in pieces:
                    if piece:
                        return piece
        return b""

    async def _refusal(self, response: httpx.Response, until: float) -> SpeechRefused:
        """What an answer other than 2xx says, the key taken out of it."""
        body = b""
        if "html" not in response.headers.get("content-type", ""):
            pieces = response.aiter_bytes()
            try:
                while len(body) < MOST_REASON and (piece := await self._next(pieces, until, "sent no reason")):
                    body += piece
            except SpeechError:
                body += b" [cut off]"
        why = " ".join(body.decode(errors="replace").split())
        if response.is_redirect:
            why = f"a redirect to {response.headers.get('location')}, which is not followed: set the url to it"
        why = self._hide(why or response.reason_phrase or "no reason given")[:SHOWN_REASON]
        wait = retry_after(response.headers.get("retry-after"), response.headers.get("date"), time.time())
        return SpeechRefused(response.status_code, why, wait)

    def _require_open(self) -> None:
        if self._closed:
            raise SpeechBroken(f"{self.name} was closed: make a new HttpVoice", free=True)

    @contextmanager
    def _failures(self, awaited: str) -> Iterator[None]:
        """Turn the client's errors into ours."""
        try:
            yield
        except httpx.ConnectTimeout as error:
            limit = self._settings.connect_timeout
            raise SpeechTimeout(
                f"{self.name} could not be reached within {limit:g} s: check url and network", free=True
            ) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise SpeechTimeout(f"{self.name} {awaited}") from error
        except httpx.ConnectError as error:
            what = self._hide(f"{self.name} cannot be reached: {error}: check url and network")
            raise SpeechBroken(what, free=True) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            what = str(error) or type(error).__name__
            raise SpeechBroken(self._hide(f"{self.name} broke the connection: {what}")) from error

    def _hide(self, text: str) -> str:
        """``text`` without the key, which services like to quote."""
        return text.replace(self._settings.api_key, "***")


def _chunk(samples: Samples, decoder: Decoder) -> SpeechChunk | None:
    if not len(samples) or decoder.rate is None:
        return None
    return SpeechChunk(samples, decoder.rate)


def refuse_text(first: bytes) -> None:
    """Raises ``SpeechBroken`` when the first bytes of what is labelled audio are HTML or JSON.

    Eight printable characters behind a bracket do not begin speech: linear silence is near 0, G.711 silence is not
    ASCII.
    """
    start = first[:64].lstrip()
    if len(start) < 8 or start[:1] not in (b"<", b"{") or not start.isascii():
        return
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start):
        kind = "HTML or XML" if start[:1] == b"<" else "JSON"
        raise SpeechBroken(
            f"the provider sent {kind} in place of audio: check its url and what it says about the voice"
        )


def retry_after(value: str | None, date: str | None, now: float) -> float | None:
    """Seconds to wait by a ``Retry-After`` header, either form of RFC 9110 §10.2.3; None when there is none to read.

    A moment is measured from the answer's own ``Date``, so that the two clocks need not agree; from ``now``
    (seconds since 1970) when that is missing.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    moment, answered = _instant(value), _instant(date or "")
    if moment is None:
        return None
    return max(moment - (now if answered is None else answered), 0.0)


def _instant(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
