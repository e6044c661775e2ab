"""A lookup over HTTP as a state has it: the same as ``HttpRequest``, with expressions in place of values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.dialog.table import Condition, Table
from ivr.dialog.web import Env, HttpRequest, Method
from ivr.media.private import reveal


@dataclass(frozen=True, slots=True)
class HttpStep:
    """What is asked."""

    method: Method
    url: str
    slots: Mapping[str, Condition] = field(default_factory=dict)
    headers: Mapping[str, str | Env] = field(default_factory=dict)
    query: Mapping[str, Condition] = field(default_factory=dict)
    body: Any = None
    """Mappings and lists with a ``Condition`` at each of their ends."""
    path: str = "$"
    retries: int = 1

    @property
    def name(self) -> str:
        """See ``HttpRequest.name``."""
        return f"{self.method} {self.url}"

    async def request(self, evaluate: Callable[[Condition], Awaitable[Any]], timeout: float) -> HttpRequest:
        """With the values that the expressions have now."""

        async def made(tree: Any) -> Any:
            match tree:
                case Condition():
                    return reveal(await evaluate(tree))
                case Mapping():
                    return {key: await made(value) for key, value in tree.items()}
                case list():
                    return [await made(value) for value in tree]
            return tree

        return HttpRequest(
            self.method,
            self.url,
            await made(self.slots),
            self.headers,
            await made(self.query),
            await made(self.body),
            self.path,
            timeout,
            self.retries,
        )


def conditions(tree: Any) -> Iterator[Condition]:
    """The expressions at the ends of mappings and lists, such as ``slots``, ``query`` and ``body`` of a step."""
    match tree:
        case Condition():
            yield tree
        case Mapping():
            yield from conditions(list(tree.values()))
        case list() | tuple():
            for each in tree:
                yield from conditions(each)


def lookups_over_http(tables: Mapping[str, Table]) -> frozenset[str]:
    """The names of all lookups over HTTP, by which simulations answer them."""
    states = (state for table in tables.values() for state in table.states.values())
    return frozenset(s.lookup.run for s in states if s.lookup is not None and s.lookup.http is not None)
