"""Performs lookups over HTTP: one pool of connections for all calls of a process.

* Nothing of a request but its name and nothing of an answer but its status gets into an error, and so into no log.
* Redirects are followed within the same scheme, host and port alone; proxies of the environment are not used.
* Cookies are neither kept nor sent: they would tell one caller's answers to another's requests.
* An answer is read up to ``MOST_BYTES``, as it was sent: nothing is unpacked.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpx

from ivr.dialog import jsonpath
from ivr.dialog.web import BACKOFF, IDEMPOTENT, Env, HttpRequest, again, env_fault, in_the_clear, parameters, target
from ivr.errors import LookupFailed, WrongValue
from ivr.media.private import Private
from ivr.speech.http import retry_after

MOST_BYTES = 256 * 1024
"""Of one answer: what a dialog says of it fits into a hundredth, and reading it must not delay other calls' sound."""
MOST_REDIRECTS = 3
CONNECT = 3.0
"""Seconds for a connection; a host that takes longer is tried again rather than waited for."""
CONNECTIONS = 100


@dataclass(eq=False)
class _Failed(Exception):
    """One attempt."""

    why: str
    status: int | None = None
    sent: bool = True
    """The request may have arrived."""
    passing: bool = True
    """It may be another answer the next time."""
    wait: float | None = None
    """Seconds that the service asks for before the next attempt."""


class FetchDesk:
    """Where all calls of a process ask over HTTP."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """``environ`` holds the secrets that headers name; left out, the process's own."""
        self._environ = os.environ if environ is None else environ
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def fetch(self, request: HttpRequest) -> Any:
        """The value that the answer has at ``request.path``; numbers with a point are ``Decimal``.

        Raises ``LookupFailed``, with the status of the last answer where that is why.
        """
        clock = asyncio.get_running_loop().time
        client = await self._opened()
        until = clock() + request.timeout
        for attempt in range(request.retries + 1):
            # Only what may be sent again after silence leaves time for that.
            shares = request.retries + 1 - attempt if request.method in IDEMPOTENT else 1
            try:
                return await self._attempt(client, request, (until - clock()) / shares)
            except _Failed as failed:
                wait = max(BACKOFF * 2**attempt, failed.wait or 0.0)
                more = failed.passing and again(request.method, failed.status, sent=failed.sent)
                if attempt == request.retries or not more or clock() + wait >= until:
                    raise LookupFailed(request.name, failed.why, failed.status) from None
                await asyncio.sleep(wait)
        raise AssertionError

    async def aclose(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _attempt(self, client: httpx.AsyncClient, request: HttpRequest, share: float) -> Any:
        try:
            async with asyncio.timeout(share):
                return await self._follow(client, request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _Failed(f"no connection ({type(error).__name__})", sent=False) from None
        except (TimeoutError, httpx.TimeoutException):
            raise _Failed(f"no answer within {share:.3g} s") from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise _Failed(f"the connection broke ({type(error).__name__})") from None

    async def _follow(self, client: httpx.AsyncClient, request: HttpRequest) -> Any:
        try:
            url, query, headers = httpx.URL(target(request)), parameters(request), self._headers(request)
        except WrongValue as error:
            raise _Failed(str(error), sent=False, passing=False) from None
        content = None if request.body is None else _written(request.body)
        url = url.copy_merge_params(query)
        for _ in range(MOST_REDIRECTS + 1):
            message = client.build_request(request.method, url, headers=headers, content=content)
            response = await client.send(message, stream=True)
            try:
                if not response.has_redirect_location:
                    return await _value(response, request)
                url = _elsewhere(response, request)
            finally:
                await response.aclose()
        raise _Failed(f"more than {MOST_REDIRECTS} redirects", passing=False)

    def _headers(self, request: HttpRequest) -> dict[str, str]:
        secret = any(isinstance(value, Env) for value in request.headers.values())
        if secret and in_the_clear(request.url):
            raise WrongValue("a secret would be sent in the clear")
        found = {name: self._header(value) for name, value in request.headers.items()}
        return found if request.body is None else {**found, "Content-Type": "application/json"}

    def _header(self, value: str | Env) -> str:
        if isinstance(value, str):
            return value
        if (wrong := env_fault(value.name)) is not None:
            raise WrongValue(f"{value.name} is not sent to anybody: {wrong}")
        secret = self._environ.get(value.name, "").strip()
        if not secret:
            raise WrongValue(f"the environment has no {value.name}, which a header needs")
        if not secret.isascii() or not secret.isprintable():
            raise WrongValue(f"{value.name} in the environment has characters that no header may have")
        return f"{value.before}{secret}{value.after}"

    async def _opened(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                # Reading the authorities' certificates takes tens of milliseconds, in which calls want their sound.
                self._client = await asyncio.to_thread(_open)
            return self._client


def _open() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(None, connect=CONNECT),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )


def _written(body: Any) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError, RecursionError):
        raise _Failed("the body is no JSON", sent=False, passing=False) from None


def _plain(value: Any) -> Any:
    """What a dialog in Python may put into a body beside what JSON has."""
    match value:
        case Private(value=inner):
            return inner
        case Decimal():
            return float(value)
    raise TypeError


def _elsewhere(response: httpx.Response, request: HttpRequest) -> httpx.URL:
    """Where a redirect leads, if it may be followed."""
    status, old = response.status_code, response.url
    if request.method != "GET" and status not in (307, 308):
        raise _Failed(f"a redirect ({status}) of a {request.method}", status, passing=False)
    new = old.join(response.headers["location"])
    if (new.scheme, new.host, new.port) != (old.scheme, old.host, old.port):
        raise _Failed(f"a redirect ({status}) to another host", status, passing=False)
    return new


async def _value(response: httpx.Response, request: HttpRequest) -> Any:
    """What an answer says. Raises ``_Failed``."""
    status, headers = response.status_code, response.headers
    if not response.is_success:
        wait = retry_after(headers.get("retry-after"), headers.get("date"), time.time())
        raise _Failed(f"it answered {status}", status, wait=wait)
    body = await _body(response)
    if not body:
        if request.path == "$":
            return None
        raise _Failed(f"it answered {status} with nothing", passing=False)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise _Failed("it answered with something else than JSON", passing=False)
    try:
        document = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError):
        raise _Failed("it answered with JSON that cannot be read", passing=False) from None
    try:
        return jsonpath.at(document, request.path)
    except (LookupError, ValueError) as error:
        raise _Failed(str(error) if isinstance(error, LookupError) else "the path is none", passing=False) from None


async def _body(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise _Failed("it answered packed, which nobody asked for", passing=False)
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MOST_BYTES:
            raise _Failed(f"it answered with more than {MOST_BYTES:,} bytes", passing=False)
    return bytes(body)


def _no_number(word: str) -> Any:
    raise ValueError(word)


def host_of(request: HttpRequest) -> str:
    """Whom a request goes to, for logs."""
    return urlsplit(request.url).hostname or ""
