"""Passes: long-lived tokens for gateways that cannot be handed a ticket. Only the SHA-256 of a token is kept.

The file, version 1, is JSON: ``{"version": 1, "passes": [...]}`` with one pass to a line: ``name``, ``sha256`` of the
token's ASCII bytes (hexadecimal), ``gateway`` or null, and ``made``, ``expires``, ``revoked`` as RFC 3339 in UTC,
or null.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from ivr.errors import ConfigError, Problem, ProjectError
from ivr.runtime.door.refusal import Refusal

PREFIX = "ivr_"
"""A token begins with it, so that people and scanners of secrets know one when they see it."""

ENTROPY = 20
"""Random bytes in a token."""

VERSION = 1
REMEDY = "mend the line, or remove the file and make new tokens with `ivr token new`"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_TOKEN = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * ENTROPY}}}")


@dataclass(frozen=True, slots=True)
class Pass:
    """One token that was made. Times are seconds of wall time."""

    name: str
    sha256: str = field(repr=False)
    made: float
    expires: float | None = None
    revoked: float | None = None
    gateway: str | None = None
    """The only gateway that it is for; None for any."""

    def refusal(self, gateway: str, now: float) -> Refusal | None:
        """Why it lets nobody in, or None if it does."""
        if self.revoked is not None:
            return Refusal.REVOKED
        if self.expires is not None and now >= self.expires:
            return Refusal.EXPIRED
        return None if self.gateway in (None, gateway) else Refusal.OTHER_GATEWAY


@dataclass(frozen=True, slots=True)
class Passes:
    """All that were made, in their order. A change makes another one."""

    all: tuple[Pass, ...] = ()

    def check(self, token: str, gateway: str, now: float) -> Pass | Refusal:
        """The pass that ``token`` is, or why it is none. ``now`` in seconds of wall time."""
        if not _TOKEN.fullmatch(token):
            return Refusal.MALFORMED
        wanted = digest(token)
        found = None
        for each in self.all:
            if hmac.compare_digest(each.sha256, wanted):
                found = each  # no break: how long it takes must not tell which it was
        if found is None:
            return Refusal.UNKNOWN
        return found.refusal(gateway, now) or found

    def named(self, name: str) -> Pass | None:
        """The one called ``name``."""
        return next((each for each in self.all if each.name == name), None)

    def with_new(self, new: Pass) -> Passes:
        """These and ``new``. Raises ``ConfigError`` for a name that is taken, or cannot be one."""
        _refuse_token(new.name)
        if not re.fullmatch(_NAME, new.name):
            raise ConfigError(f"{new.name!r} is no name: write up to 64 of A-Z a-z 0-9 . _ -, a letter or digit first")
        if (taken := self.named(new.name)) is not None:
            why = "and revoked; its name stays its own" if taken.revoked is not None else "already"
            raise ConfigError(f"a token '{new.name}' was made {why}: choose another name")
        return Passes((*self.all, new))

    def with_revoked(self, name: str, now: float) -> Passes:
        """These, ``name`` being revoked at ``now`` unless it was before. Raises ``ConfigError`` for an unknown name."""
        _refuse_token(name)
        if self.named(name) is None:
            raise ConfigError(f"no token is called '{name}': `ivr token list` names them")
        return Passes(
            tuple(
                replace(each, revoked=now) if each.name == name and each.revoked is None else each for each in self.all
            )
        )


def _refuse_token(name: str) -> None:
    if name.startswith(PREFIX):  # and it must not be shown
        raise ConfigError(f"a name does not begin with '{PREFIX}': that is a token; `ivr token list` tells the names")


def token_of(entropy: bytes) -> str:
    """A token of 20 random bytes. Raises ``ConfigError`` for fewer or more."""
    if len(entropy) != ENTROPY:
        raise ConfigError(f"a token needs {ENTROPY} random bytes, not {len(entropy)}")
    return PREFIX + entropy.hex()


def digest(token: str) -> str:
    """What is kept of a token: the hexadecimal SHA-256. Its 160 random bits make a slow hash needless."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def dump(passes: Passes) -> str:
    """The file, one pass to a line."""
    lines = ",\n".join(_line(each) for each in passes.all)
    return f'{{"version": {VERSION}, "passes": [\n{lines}\n]}}\n'


def parse(text: str, file: str) -> Passes:
    """Read what ``dump`` wrote. Raises ``ProjectError`` that names ``file`` and the line of the damage."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _damaged(file, error.lineno, error.colno, f"the tokens are damaged ({error.msg})") from None
    except (RecursionError, ValueError):
        raise _damaged(file, 1, 1, "the tokens are damaged (nested too deep, or a number too long)") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        found = data.get("version") if isinstance(data, dict) else None
        raise _damaged(file, 1, 1, f"the tokens have version {found!r}, this ivr reads version {VERSION}")
    try:
        # From text again: only as JSON does strict pydantic take a time from a string.
        written = _WRITTEN.validate_json(json.dumps(data.get("passes")), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        line = 2 + first["loc"][0] if first["loc"] and isinstance(first["loc"][0], int) else 1
        raise _damaged(file, line, 1, f"the tokens are damaged ({where or 'passes'}: {first['msg']})") from None
    for one in ("name", "sha256"):
        twice = _twice(getattr(each, one) for each in written)
        if twice is not None:
            raise _damaged(file, 2 + twice, 1, f"the tokens are damaged (a {one} stands twice)")
    return Passes(tuple(each.read() for each in written))


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(pattern=f"^{_NAME}$")]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    gateway: str | None
    made: AwareDatetime
    expires: AwareDatetime | None
    revoked: AwareDatetime | None

    def read(self) -> Pass:
        expires = self.expires.timestamp() if self.expires is not None else None
        revoked = self.revoked.timestamp() if self.revoked is not None else None
        return Pass(self.name, self.sha256, self.made.timestamp(), expires, revoked, self.gateway)


_WRITTEN = TypeAdapter(list[_Written])


def written_time(seconds: float) -> str:
    """RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(each: Pass) -> str:
    times = {"made": each.made, "expires": each.expires, "revoked": each.revoked}
    facts = {"name": each.name, "sha256": each.sha256, "gateway": each.gateway}
    return json.dumps(facts | {name: None if at is None else written_time(at) for name, at in times.items()})


def _twice(values: Iterable[str]) -> int | None:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            return index
        seen.add(value)
    return None


def _damaged(file: str, line: int, column: int, what: str) -> ProjectError:
    return ProjectError([Problem(file, line, column, what, REMEDY)])
