"""What a lookup over HTTP looks like in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from ivr.catalog.durations import Seconds, between
from ivr.catalog.mistakes import Mistake, YesNo, nearest, refuse, refuse_all, shown
from ivr.catalog.schema_marks import SCALAR, Written
from ivr.dialog.conditions import fault
from ivr.dialog.fields import Expression, StateName, Variable, lenient
from ivr.dialog.jsonpath import steps
from ivr.dialog.web import MOST_RETRIES, SLOT, Env, Method, env_fault, in_the_clear, url_fault

METHODS = ("get", "post", "put")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_ENV = re.compile(r"\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRETS = re.compile(r"authori[sz]ation|cookie|token|secret|password|api-?key", re.IGNORECASE)
_OURS = frozenset(["host", "content-length", "transfer-encoding", "connection", "accept-encoding", "content-type"])
_STATUS = re.compile(r"[2-5](?:[0-9]{2}|xx)")


def _url(value: str, info: ValidationInfo[Any]) -> str:
    if (wrong := url_fault(value)) is not None:
        raise refuse(wrong, "write it as https://api.example.com/accounts/{account}")
    slots = [] if lenient(info) else [(slot.start(1), fault(slot[1])) for slot in SLOT.finditer(value)]
    if mistakes := [replace(found, offset=start + found.offset) for start, found in slots if found is not None]:
        raise refuse_all(mistakes)
    return value


def _headers(value: dict[str, str]) -> dict[str, str | Env]:
    made: dict[str, str | Env] = {}
    mistakes: list[Mistake] = []
    for name, written in value.items():
        match _header(name, written):
            case Mistake() as mistake:
                mistakes.append(replace(mistake, below=(name,)))
            case header:
                made[name] = header
    if mistakes:
        raise refuse_all(mistakes)
    return made


def _header(name: str, written: str) -> str | Env | Mistake:
    if not _HEADER.fullmatch(name):
        return Mistake(f"{shown(name)} is no name of a header", "write one such as X-Branch", key=True)
    if name.lower() in _OURS:
        return Mistake(f"the header '{name}' is set by the runtime", "remove it", key=True)
    if any(ord(char) < 32 or ord(char) > 126 for char in written):
        return Mistake(f"the value of '{name}' has characters that no header may have", "keep to ASCII")
    parts = _ENV.split(written)
    if len(parts) == 1:
        if _SECRETS.search(name):
            remedy = f"take it out, replace it where it was issued, and write '{name}: \"{{env:NAME}}\"'"
            return Mistake(f"a secret stands in the file (the header '{name}')", remedy)
        if "{" in written or "}" in written:
            return Mistake(f"the header '{name}' has braces", "a header takes {env:NAME} and nothing else")
        return written
    if len(parts) > 3:
        return Mistake(f"the header '{name}' has two secrets", "keep one {env:NAME}")
    if (wrong := env_fault(parts[1])) is not None:
        return Mistake(f"'{parts[1]}' is not sent to anybody: {wrong}", "name a variable of your own")
    return Env(parts[1], parts[0], parts[2])


def _body(value: Any, info: ValidationInfo[Any]) -> Any:
    if mistakes := list(_wrong_ends(value, ())):
        if not lenient(info):
            raise refuse_all(mistakes)
    return value


def _wrong_ends(value: Any, below: tuple[str | int, ...]) -> Iterator[Mistake]:
    """Every end of the tree is an expression."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _wrong_ends(inner, (*below, key))
        case list():
            for index, inner in enumerate(value):
                yield from _wrong_ends(inner, (*below, index))
        case str():
            if (mistake := fault(value)) is not None:
                yield replace(mistake, below=below)
        case _:
            yield Mistake("a value in the body is empty", "write an expression, or null in quotes", below=below)


def _path(value: str) -> str:
    try:
        steps(value)
    except ValueError as error:
        offset = error.args[0]
        remedy = "write $.name, $['any name'], $[0] or $[-1], one behind the other"
        raise refuse(f"{shown(value)} is no place in JSON", remedy, offset) from None
    return value


def _statuses(value: dict[str, str]) -> dict[str, str]:
    remedy = "write 404, or 5xx for all from 500 to 599"
    wrong = [status for status in value if not _STATUS.fullmatch(status)]
    if wrong:
        raise refuse_all(
            [Mistake(f"{shown(s)} is no status of an answer", remedy, below=(s,), key=True) for s in wrong]
        )
    return value


Url = Annotated[str, AfterValidator(_url)]


class LookupBase(BaseModel):
    """What every lookup has."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Variable = Field(alias="as")
    timeout: Annotated[Seconds, between(0.1, 120)] = 8.0
    private: YesNo = True
    failed: StateName | None = None


class HttpLookupShape(LookupBase):
    """``lookup:`` of a state that asks over HTTP."""

    get: Url | None = None
    post: Url | None = None
    put: Url | None = None
    headers: Annotated[dict[str, Annotated[str, Written(SCALAR)]], AfterValidator(_headers)] = Field(
        default_factory=dict
    )
    query: dict[str, Expression] = Field(default_factory=dict)
    body: Annotated[Any, BeforeValidator(_body)] = None
    path: Annotated[str, AfterValidator(_path)] = Field(alias="json", default="$")
    retries: Annotated[int, Field(ge=0, le=MOST_RETRIES)] = 1
    on: Annotated[dict[str, StateName], AfterValidator(_statuses)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        mistakes: list[Mistake] = []
        methods = [method for method in METHODS if getattr(self, method) is not None]
        for extra in methods[1:]:
            what = f"the lookup has both {methods[0]} and {extra}"
            mistakes.append(Mistake(what, "keep one", below=(extra,), key=True))
        if methods[:1] == ["get"] and self.body is not None:
            remedy = "write what is asked for under 'query', or use post"
            mistakes.append(Mistake("a get has no body", remedy, below=("body",), key=True))
        if any(isinstance(value, Env) for value in self.headers.values()) and in_the_clear(self.url):
            what, remedy = "a secret would be sent in the clear", "write https:// in the url"
            mistakes.append(Mistake(what, remedy, below=tuple(methods[:1])))
        if mistakes:
            raise refuse_all(mistakes)
        return self

    @property
    def method(self) -> Method:
        """Which of the three."""
        return "GET" if self.get is not None else "POST" if self.post is not None else "PUT"

    @property
    def url(self) -> str:
        """Whom it asks."""
        return self.get or self.post or self.put or ""


def lookup_kind(value: Any) -> str:
    """The tag of a lookup, by its keys."""
    written = [key for key in value if key not in _KEYS] if isinstance(value, dict) else []
    meant = {nearest(key, [*METHODS, "run"]) for key in written} - {None}
    asked = isinstance(value, dict) and any(key in METHODS for key in value)
    return "(http)" if asked or (meant and "run" not in value and meant <= set(METHODS)) else "(run)"


_KEYS = frozenset(field.alias or name for name, field in HttpLookupShape.model_fields.items())
