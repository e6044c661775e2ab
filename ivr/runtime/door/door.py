"""The door: every request is answered, refused, or let in. Pure; time, randomness and files come from outside."""

from __future__ import annotations

import hmac
import http
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import ip_address
from urllib.parse import parse_qsl

from ivr.errors import RemoteGatewayError
from ivr.gateways.twilio_webhook import busy_answer, connect_answer, form_parameters, signed
from ivr.runtime.door.admission import Admission, Busy
from ivr.runtime.door.asks import Ask, Elsewhere, Enter, Moment, Reply
from ivr.runtime.door.moves import BACK, DIALED, NEXT, NOBODY_AWAY, RETURN, XML, Away, Moves
from ivr.runtime.door.packetdoor import AUDIOSOCKET
from ivr.runtime.door.passes import Pass, Passes
from ivr.runtime.door.refusal import Refusal
from ivr.runtime.door.tickets import NONCE, Ticket, Tickets

WEBHOOK = "answer"
"""The last part of the path at which a platform asks what to do with a call."""


Announce = Callable[[Ask, str, Moment], Reply]
"""Answers who announces a call, from an address, at a moment."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is asked here beside calls and webhooks."""

    announce: Announce | None = None
    """For AudioSocket's calls; None: there are none."""
    away: Away = NOBODY_AWAY
    """Calls that are being transferred."""


NOTHING = Beside()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door goes by."""

    gateways: Collection[str]
    guarded: bool
    """Whether a call needs a ticket or a pass."""
    public_url: str = ""
    """What the outside world calls this server; empty where it is not known."""
    twilio_auth_token: str = field(default="", repr=False)
    """Signs webhooks; empty: there is no webhook."""
    metrics_token: str = field(default="", repr=False)
    """Opens /metrics; empty: it is open where calls are."""
    proxies: Collection[str] = ()
    """Addresses whose X-Forwarded-For is believed."""


class Door:
    """One process's door."""

    def __init__(
        self,
        rules: Rules,
        admission: Admission,
        tickets: Tickets,
        passes: Callable[[], Passes],
        *,
        nonce: Callable[[int], bytes],
        metrics: Callable[[], tuple[str, bytes]] | None,
        refused: Callable[[str, str, str], None],
        beside: Beside = NOTHING,
    ) -> None:
        """``metrics``: type and body of /metrics; None: there are none.

        ``refused`` is told a cause, the address, and what may be logged.
        """
        self._rules = rules
        self._admission = admission
        self._tickets = tickets
        self._passes = passes
        self._nonce = nonce
        self._metrics = metrics
        self._refused = refused
        self._announce = beside.announce
        self._away = beside.away
        self._moves = Moves(rules.public_url, tickets, nonce, beside.away)

    def ask(self, ask: Ask, at: Moment) -> Reply | Enter | Elsewhere:
        """Answer one request."""
        address = self._address(ask)
        parts = ask.path.strip("/").split("/")
        if parts == ["healthz"]:
            return self._health()
        if not self._rules.guarded and ask.forwarded:
            return self._refuse_forwarded(address)
        if not self._rules.guarded and ask.from_a_page:
            self._refused("token", address, "a page of another site opened it, and no token is asked for")
            return Reply(
                http.HTTPStatus.FORBIDDEN, "Calls need no token here, so that no page of another site may come.\n"
            )
        match parts:
            case ["metrics"]:
                return self._show_metrics(ask, address)
            case ["twilio", word] if word in (WEBHOOK, NEXT, DIALED):
                return self._webhook(word, ask, address, at)
            case ["twilio", word, token] if word == BACK:
                return self._return(ask, token, address, at)
            case ["asterisk", word, *token] if word in (NEXT, DIALED) and len(token) < 2:
                return self._dialplan(word, ask, "".join(token), address, at)
            case [gateway, *rest] if gateway == AUDIOSOCKET and self._announce is not None and len(rest) <= 1:
                return self._may_announce(ask, "".join(rest), address, at) or self._announce(ask, address, at)
            case [gateway] if gateway in self._rules.gateways:
                return self._call(ask, gateway, "", address, at)
            case [gateway, token] if gateway in self._rules.gateways:
                return self._call(ask, gateway, token, address, at)
        self._refused("path", address, "no gateway is at that path")
        known = ", ".join(f"/{name}" for name in self._rules.gateways)
        return Reply(http.HTTPStatus.NOT_FOUND, f"No gateway here; there is {known} and /healthz.\n")

    def _refuse_forwarded(self, address: str) -> Reply:
        self._refused("token", address, "it came by a proxy, and no token is asked for: set serve.public_url")
        why = "A proxy brings the world here, and calls need no token: set serve.public_url or serve.proxies.\n"
        return Reply(http.HTTPStatus.FORBIDDEN, why)

    def _call(self, ask: Ask, gateway: str, token: str, address: str, at: Moment) -> Reply | Enter | Elsewhere:
        misfit = ask.misfit()
        if misfit is not None:
            self._refused("request", address, "no handshake of a websocket")
            return misfit
        found = self._show(ask, gateway, token, address, at)
        if isinstance(found, Reply):
            return found
        back = ask.query.get(BACK, "")
        if back and gateway == "asterisk":
            if not ask.handed and (worker := self._away.holder(back)) is not None:
                return Elsewhere(worker)
            if self._away.awaits(back):
                return Enter(gateway, address, query=ask.query, back=back)
        ticket = found if isinstance(found, Ticket) else None
        busy = self._admission.busy(address, at.late, at.now, announced=ticket is not None)
        if busy is not None:
            return self._turn_away(busy, address)
        if ticket is None:
            return Enter(gateway, address, query=ask.query)
        # Used up last: who was turned away may try again, here or at another worker.
        spent = self._tickets.burn(ticket, at.wall)
        if spent is not None:
            return self._refuse_token(spent, address)
        self._admission.came(ticket.id)
        return Enter(gateway, address, partial(self._tickets.is_for, ticket), ask.query)

    def _may_announce(self, ask: Ask, token: str, address: str, at: Moment) -> Reply | None:
        """The answer to who may not announce a call; None for who may."""
        found = self._show(ask, AUDIOSOCKET, token, address, at)
        return found if isinstance(found, Reply) else None

    def _show(self, ask: Ask, gateway: str, token: str, address: str, at: Moment) -> Pass | Ticket | Reply | None:
        """What the request shows of itself, or the answer to one that shows nothing good; None where it need not."""
        token = token or ask.password
        if not token and self._rules.guarded:
            self._refused("token", address, f"/{gateway} without a token")
            why = "A token belongs at the end of this path, or in Basic authentication as its password.\n"
            return Reply(http.HTTPStatus.UNAUTHORIZED, why, headers={"WWW-Authenticate": 'Basic realm="ivr"'})
        found = self._read(token, gateway, at) if token else None
        return self._refuse_token(found, address) if isinstance(found, Refusal) else found

    def _return(self, ask: Ask, token: str, address: str, at: Moment) -> Reply | Enter | Elsewhere:
        """A stream that brings a call of Twilio's back. Its call has its place already."""
        misfit = ask.misfit()
        if misfit is not None:
            self._refused("request", address, "no handshake of a websocket")
            return misfit
        ticket = self._tickets.read(token, RETURN, at.wall)
        if isinstance(ticket, Refusal):
            return self._refuse_token(ticket, address)
        if not ask.handed and (worker := self._away.holder(ticket.id)) is not None:
            return Elsewhere(worker)
        if not self._away.awaits(ticket.id):
            return self._refuse_token(Refusal.REPLAYED, address)
        spent = self._tickets.burn(ticket, at.wall)
        if spent is not None:
            return self._refuse_token(spent, address)
        return Enter("twilio", address, partial(self._tickets.is_for, ticket), back=ticket.id)

    def _dialplan(self, word: str, ask: Ask, token: str, address: str, at: Moment) -> Reply | Elsewhere:
        """What is refused has no body: ``CURL()`` would take it for an answer."""
        found = self._show(ask, "asterisk", token, address, at)
        if isinstance(found, Ticket):
            self._refused("token", address, "a dialplan with a ticket of a stream")
            found = Reply(http.HTTPStatus.FORBIDDEN)
        if isinstance(found, Reply):
            return replace(found, body="")
        worker = None if ask.handed else self._away.elsewhere("asterisk", ask.query.get("call", ""))
        return self._moves.asterisk(word, ask.query) if worker is None else Elsewhere(worker)

    def _refuse_token(self, why: Refusal, address: str) -> Reply:
        self._refused("token", address, why.value)
        return Reply(http.HTTPStatus.FORBIDDEN, "This token is not good here.\n")

    def _read(self, token: str, gateway: str, at: Moment) -> Pass | Ticket | Refusal:
        found = self._passes().check(token, gateway, at.wall)
        if found is not Refusal.MALFORMED:
            return found
        return self._tickets.read(token, gateway, at.wall)

    def _webhook(self, word: str, ask: Ask, address: str, at: Moment) -> Reply | Elsewhere:
        fields = self._signed(ask, address)
        if isinstance(fields, Reply):
            return fields
        if word != WEBHOOK:
            worker = None if ask.handed else self._away.elsewhere("twilio", fields.get("CallSid", ""))
            return self._moves.twilio(word, fields, at.wall) if worker is None else Elsewhere(worker)
        busy = self._admission.busy(address, at.late, at.now)
        if busy is not None:
            self._refused(busy.cause, address, busy.value)
            return Reply(http.HTTPStatus.OK, busy_answer(), XML)
        return self._connect(fields, at)

    def _signed(self, ask: Ask, address: str) -> dict[str, str] | Reply:
        """The fields of a request that Twilio has signed."""
        rules = self._rules
        if not rules.twilio_auth_token or not rules.public_url:
            why = "No webhook here: it needs IVR_TWILIO_AUTH_TOKEN and serve.public_url.\n"
            return Reply(http.HTTPStatus.NOT_FOUND, why)
        if ask.method not in ("GET", "POST"):
            return Reply(http.HTTPStatus.METHOD_NOT_ALLOWED, "GET or POST.\n", headers={"Allow": "GET, POST"})
        posted: list[tuple[str, str]] = []
        is_form = ask.method == "POST" and ask.is_form
        try:
            posted = form_parameters(ask.body) if is_form else []
        except RemoteGatewayError as error:
            self._refused("signature", address, str(error))
            return Reply(http.HTTPStatus.BAD_REQUEST, f"{error}.\n")
        given = ask.headers.get("x-twilio-signature", "")
        rest = b"" if is_form else ask.body
        if not signed(given, rules.twilio_auth_token, rules.public_url, ask.target, posted, rest):
            self._refused("signature", address, "a webhook whose signature is wrong" if given else "a webhook unsigned")
            return Reply(http.HTTPStatus.FORBIDDEN, "The signature is wrong.\n")
        return dict(posted or parse_qsl(ask.target.partition("?")[2]))

    def _connect(self, fields: dict[str, str], at: Moment) -> Reply:
        nonce = self._nonce(NONCE)
        call = fields.get("CallSid", "")
        ticket = self._tickets.mint("twilio", at.wall, nonce, call)
        self._admission.keep(nonce.hex(), at.now, call)
        url = f"wss{self._rules.public_url.removeprefix('https')}/twilio/{ticket}"
        parameters = {name: fields[key] for name, key in (("from", "From"), ("to", "To")) if fields.get(key)}
        answer = connect_answer(url, parameters, self._moves.action)
        return Reply(http.HTTPStatus.OK, answer, XML, {"Cache-Control": "no-store"})

    def _turn_away(self, busy: Busy, address: str) -> Reply:
        self._refused(busy.cause, address, busy.value)
        return Reply(http.HTTPStatus.SERVICE_UNAVAILABLE, f"Busy: {busy.value}.\n", headers={"Retry-After": "5"})

    def _health(self) -> Reply:
        draining = self._admission.draining
        status = http.HTTPStatus.SERVICE_UNAVAILABLE if draining else http.HTTPStatus.OK
        body = json.dumps({"status": "draining" if draining else "ok", "calls": self._admission.calls}) + "\n"
        return Reply(status, body, "application/json", {"Cache-Control": "no-store"})

    def _show_metrics(self, ask: Ask, address: str) -> Reply:
        token = self._rules.metrics_token
        given = ask.headers.get("authorization", "")
        if token:
            wanted = f"Bearer {token}".encode()
            allowed = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted)
        else:
            allowed = not self._rules.guarded
        if self._metrics is None:
            return Reply(http.HTTPStatus.NOT_FOUND, "This server keeps no metrics.\n")
        if not allowed:
            self._refused("metrics", address, "/metrics without its token")
            why = "Metrics need IVR_METRICS_TOKEN as a bearer token, or a port of their own: --metrics-port.\n"
            return Reply(http.HTTPStatus.UNAUTHORIZED, why, headers={"WWW-Authenticate": "Bearer"})
        kind, body = self._metrics()
        return Reply(http.HTTPStatus.OK, body.decode(), kind)

    def _address(self, ask: Ask) -> str:
        """The nearest address that is no proxy of ours; a proxy adds the one it was called from at the end."""
        address = ask.address
        hops = [hop.strip() for hop in ask.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        while address in self._rules.proxies and hops and _is_address(hops[-1]):
            address = hops.pop()
        return address


def _is_address(text: str) -> bool:
    """Anything else may be a caller's own words, which belong into no log and no count."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text  # a scope is free text
