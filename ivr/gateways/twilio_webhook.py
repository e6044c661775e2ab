"""Twilio's webhook: who signed a request, and what is answered to it.

Source: Twilio's documentation, "Webhooks Security", "TwiML Voice: <Stream>", "<Connect>" and "<Dial>", and the request
validator of its SDK.
The upgrade of a media stream is signed as a webhook without parameters is, over the ``wss`` URL of the TwiML.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qs, parse_qsl
from xml.sax.saxutils import escape, quoteattr

from ivr.catalog.party import Kind, Party, TransferOutcome
from ivr.errors import ConfigError, LocalGatewayError, RemoteGatewayError

MAX_PARAMETER = 500
"""Characters of a ``<Parameter>``'s name and value together must be fewer."""

MAX_FIELDS = 1000
"""Fields of a form; a call's webhook has some thirty."""

_DIALED = {
    "completed": TransferOutcome.ANSWERED_AND_ENDED,
    "answered": TransferOutcome.ANSWERED_AND_ENDED,
    "busy": TransferOutcome.BUSY,
    "no-answer": TransferOutcome.NO_ANSWER,
    "failed": TransferOutcome.FAILED,
    "canceled": TransferOutcome.FAILED,
}
_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""What ``CallStatus`` says of a call that is over."""

_HEADER = '<?xml version="1.0" encoding="UTF-8"?>'
_PUBLIC = re.compile(r"(https?|wss?)://([^/?#\s]+?)(?::([0-9]{1,5}))?(/[^?#\s]*)?")
_TWINS = {"https": ("https", "wss"), "wss": ("https", "wss"), "http": ("http", "ws"), "ws": ("http", "ws")}
_PORTS = {"https": "443", "wss": "443", "http": "80", "ws": "80"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def signature(auth_token: str, url: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
    """``X-Twilio-Signature`` of a request: base64 of HMAC-SHA1 over the URL and the sorted form.

    A field that comes twice with one value counts once. Raises ``ConfigError`` for an empty token.
    """
    if not auth_token:
        raise ConfigError("Twilio's auth token is empty: without it no request can be told from a forged one")
    signed_text = url + "".join(name + value for name, value in sorted(set(parameters)))
    # Lone surrogates must neither raise nor become the same bytes as something else.
    mac = hmac.new(auth_token.encode(), signed_text.encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode("ascii")


def signed(
    given: str,
    auth_token: str,
    public_url: str,
    target: str,
    parameters: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> bool:
    """Whether ``given`` is Twilio's signature of a request that came for ``target``, its path and query as sent.

    ``public_url`` is how Twilio reaches this server, as configured; nothing that the request says of its host counts.
    ``parameters`` are the fields of a form, ``body`` is one that is no form; the query's ``bodySHA256`` must name it.
    Raises ``ConfigError`` for a ``public_url`` or token that cannot be.
    """
    if not target.startswith("/"):
        return False
    form = tuple(parameters)
    wanted = given.encode("utf-8", "surrogatepass")
    # No short cut: how long it takes must not tell which spelling came near.
    matches = [
        hmac.compare_digest(signature(auth_token, url, form).encode("ascii"), wanted)
        for url in _spellings(public_url, target)
    ]
    return any(matches) and _covered(target, form, body)


def check_public_url(public_url: str) -> str:
    """``public_url`` itself. Raises ``ConfigError`` unless it is scheme, host, perhaps a port and a path, no query."""
    if _PUBLIC.fullmatch(public_url) is None:
        # It is not shown: it may hold a password.
        raise ConfigError("the public URL cannot be read: write it as 'https://voice.example.com', without a query")
    return public_url


def form_parameters(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form in their order, empty ones too. Raises ``RemoteGatewayError``."""
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise RemoteGatewayError("a webhook's form that cannot be read") from None


def connect_answer(stream_url: str, parameters: Mapping[str, str], action: str = "") -> str:
    """TwiML that connects the call to ``stream_url``; the parameters come back in the stream's first message.

    A parameter that is too long is left out, since Twilio would refuse the whole answer and with it the call; see
    ``too_long``. Characters that XML cannot hold are left out too. ``action`` is asked what to do when we have closed
    the stream; without it the call ends then. Raises ``LocalGatewayError`` for a URL that is no
    websocket's or has a query, which Twilio would drop.
    """
    if not re.fullmatch(r"wss?://[^?#\s]+", stream_url):
        raise LocalGatewayError("a media stream needs the URL of a websocket, without a query")
    left_out = too_long(parameters)
    inner = "".join(
        f"<Parameter name={_quoted(name)} value={_quoted(value)}/>"
        for name, value in parameters.items()
        if name not in left_out
    )
    connect = f"<Connect action={_quoted(action)}>" if action else "<Connect>"
    return f"{_HEADER}<Response>{connect}<Stream url={_quoted(stream_url)}>{inner}</Stream></Connect></Response>"


def dial_answer(to: Party, timeout: float, most: float, action: str) -> str:
    """TwiML that calls another party for the caller, and asks ``action`` what to do when that is over.

    ``timeout``: seconds of ringing; ``most``: seconds that they may talk. Raises ``LocalGatewayError`` for an
    extension.
    """
    noun = {Kind.NUMBER: "Number", Kind.SIP: "Sip"}.get(to.kind)
    if noun is None:
        raise LocalGatewayError(f"Twilio calls no {to.kind}: give a number or a SIP address")
    limits = f'timeout="{round(timeout)}" timeLimit="{max(1, round(most))}"'
    return (
        f"{_HEADER}<Response><Dial {limits} action={_quoted(action)}>"
        f"<{noun}>{escape(to.address)}</{noun}></Dial></Response>"
    )


def hang_up_answer() -> str:
    """TwiML that ends the call."""
    return f"{_HEADER}<Response><Hangup/></Response>"


def dialed(fields: Mapping[str, str]) -> TransferOutcome | None:
    """What came of a ``<Dial>``, by the form that its action gets; None where the caller has hung up meanwhile."""
    if fields.get("CallStatus", "") in _OVER:
        return None
    return _DIALED.get(fields.get("DialCallStatus", ""), TransferOutcome.FAILED)


def too_long(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The names of those that ``connect_answer`` leaves out because Twilio takes fewer than 500 characters of one."""
    return tuple(name for name, value in parameters.items() if len(name) + len(value) >= MAX_PARAMETER)


def busy_answer() -> str:
    """TwiML that refuses the call; the caller hears the busy tone and nobody pays for the call."""
    return f'{_HEADER}<Response><Reject reason="busy"/></Response>'


def _spellings(public_url: str, target: str) -> Iterator[str]:
    written = _PUBLIC.fullmatch(check_public_url(public_url))
    assert written is not None
    scheme, host, port, base = written.groups()
    path, mark, query = target.partition("?")
    bare = (base or "").rstrip("/") + path.rstrip("/")
    for twin in _TWINS[scheme]:
        for place in (host, f"{host}:{port or _PORTS[scheme]}"):
            for end in ("", "/"):
                yield f"{twin}://{place}{bare}{end}{mark}{query}"


def _covered(target: str, form: tuple[tuple[str, str], ...], body: bytes) -> bool:
    """A form is signed itself; any other body only through its hash in the signed URL."""
    named = parse_qs(target.partition("?")[2]).get("bodySHA256", [])
    if form:
        return not body
    if not named:
        return not body
    return hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), named[0].encode("utf-8", "surrogatepass"))


def _quoted(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))
