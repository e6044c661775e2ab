"""A lookup over HTTP, as a value: what is asked, and what of the answer counts. Whoever asks stands in the shell.

* Slots of the URL stand in its path and are percent-encoded: no value leads to another path, let alone another host.
* Secrets are named and not held: ``Env`` is put in by whoever asks, and by nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from ivr.errors import WrongValue
from ivr.media.private import reveal

Method = Literal["GET", "POST", "PUT"]
IDEMPOTENT = frozenset(["GET", "PUT"])
"""Asked twice they do the same as once (RFC 9110 §9.2.2); a POST is sent again only if it was never done."""
MOST_RETRIES = 5
BACKOFF = 0.25
"""Seconds before the second attempt; each further one waits twice as long."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")

SLOT = re.compile(r"\{([^{}]+)\}")
_ROOT = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?=/|$)")
_PATH = re.compile(r"(?:/[^?#\s\\]*)?")
_OWN = "IVR_"


@dataclass(frozen=True, slots=True)
class Env:
    """A header's value from a variable of the environment, which no log and no trace shows."""

    name: str
    before: str = ""
    """Such as ``Bearer ``."""
    after: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """One lookup."""

    method: Method
    url: str
    """With slots in its path: ``https://api.example.com/accounts/{account}``."""
    slots: Mapping[str, Any] = field(default_factory=dict)
    """By what stands in the braces."""
    headers: Mapping[str, str | Env] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    """What is None is left out."""
    body: Any = None
    """JSON; None: there is none."""
    path: str = "$"
    """Where in the answer the value stands: see ``ivr.dialog.jsonpath``."""
    timeout: float = 8.0
    """Seconds in all; each attempt of a GET or PUT gets an equal share of what is left, a POST all of it."""
    retries: int = 1
    """Further attempts at what may pass by itself."""

    @property
    def name(self) -> str:
        """What traces, logs and simulations call it; nothing of the caller's is in it."""
        return f"{self.method} {self.url}"

    def __repr__(self) -> str:
        return f"HttpRequest({self.name})"


def url_fault(url: str) -> str | None:
    """What is wrong with a URL as it is written; it is not shown, since it may hold a password."""
    root = _ROOT.match(url)
    path = SLOT.sub("x", url[root.end() :]) if root is not None else ""
    if root is None or not _PATH.fullmatch(path) or not _port_is_one(url):
        return "the url is not http(s)://host[:port]/path, with slots in its path and neither ? nor #"
    if set(path) & set("{}"):
        return "a brace in the url has no other half"
    if _dots(path):
        return "the url has a '.' or '..' between slashes"
    return None


def _port_is_one(url: str) -> bool:
    try:
        return urlsplit(SLOT.sub("x", url)).port != 0
    except ValueError:
        return False


def env_fault(name: str) -> str | None:
    """Why a variable of the environment may not be sent."""
    return "IVR_… are this server's own secrets" if name.startswith(_OWN) else None


def in_the_clear(url: str) -> bool:
    """Whether others on the way could read what is sent there."""
    parts = urlsplit(SLOT.sub("x", url))
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


def target(request: HttpRequest) -> str:
    """The URL with its slots filled, without the query. Raises ``WrongValue``, which shows no value."""
    if (wrong := url_fault(request.url)) is not None:
        raise WrongValue(wrong)

    def filled(found: re.Match[str]) -> str:
        written = found[1]
        if written not in request.slots:
            raise WrongValue(f"the slot '{written}' of the url has no value")
        text = as_text(f"the slot '{written}' of the url", request.slots[written])
        if not text:
            raise WrongValue(f"the slot '{written}' of the url is empty")
        return quote(text, safe="")

    made = SLOT.sub(filled, request.url)
    if _dots(urlsplit(made).path):
        raise WrongValue("a slot would make '.' or '..' a part of the url")
    return made


def parameters(request: HttpRequest) -> dict[str, str]:
    """The query as texts. Raises ``WrongValue``."""
    given = {name: value for name, value in request.query.items() if value is not None}
    return {name: as_text(f"'{name}' of the query", value) for name, value in given.items()}


def fault(request: HttpRequest) -> str | None:
    """Why it cannot be sent; shows no value."""
    try:
        target(request)
        parameters(request)
    except WrongValue as error:
        return str(error)
    return None


def as_text(what: str, value: Any) -> str:
    """A plain value as an URL has it. Raises ``WrongValue``."""
    match reveal(value):
        case bool() as flag:
            return "true" if flag else "false"
        case str() as text:
            return text
        case Decimal() as number:
            return format(number, "f")
        case int() | float() as number:
            return str(number)
    raise WrongValue(f"{what} is neither a text nor a number")


def again(method: str, status: int | None, *, sent: bool) -> bool:
    """Whether it makes sense to ask once more; ``status`` None: there was no answer, ``sent``: it may have arrived."""
    if status is None:
        return not sent or method in IDEMPOTENT
    if status in (429, 503):  # the service says that it did nothing
        return True
    return method in IDEMPOTENT and (status == 408 or status >= 500)


def led_to(on: Mapping[str, str], status: int | None) -> str | None:
    """The state for an answer's status: of ``404`` before that of ``4xx``."""
    return None if status is None else on.get(str(status), on.get(f"{status // 100}xx"))


def _dots(path: str) -> bool:
    return any(unquote(part) in (".", "..") for part in path.split("/"))
